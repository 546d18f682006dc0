"""Rectangles of the pictures, so that a layer is worked out only where it can be seen."""

import numpy as np

_ANYWHERE = 1 << 30, 1 << 30  # room without an end
_TOGETHER = 24  # pictures of 96 x 96 pixels to work on at once


class Window:
    """A rectangle of pixels, equally large in every picture but placed in each on its own."""

    # Its `shape` is cut to the `room` (height and width of the pictures); first rows `top` and
    # columns `left`, (n,), are moved inward where it would stick out.
    def __init__(self, top, left, shape, room):
        self.shape = height, width = min(shape[0], room[0]), min(shape[1], room[1])
        self.top = top.clip(0, room[0] - height).astype(np.intp)
        self.left = left.clip(0, room[1] - width).astype(np.intp)

    def cut(self, field, rows=None):
        """Return a copy of it out of some (all) pictures of `field` (n, [c,] height, width)."""
        return self._view(field)[self._where(field, rows)]

    def paste(self, field, values, rows=None):
        """Write `values` (n, [c,] h, w) there into `field`, in place."""
        self._view(field)[self._where(field, rows)] = values

    def pixels(self, grid):
        """Return the rows (n, h, 1) and columns (n, 1, w) of a coordinate that both share."""
        rows = self.top[:, None] + np.arange(self.shape[0])
        columns = self.left[:, None] + np.arange(self.shape[1])
        return grid[rows][:, :, None], grid[columns][:, None, :]

    def around(self, other, size):
        """Return the smallest window that covers this one and an `other` in each picture."""
        first, last = [], []
        for name, k in (("top", 0), ("left", 1)):
            one, two = getattr(self, name), getattr(other, name)
            first.append(np.minimum(one, two))
            last.append(np.maximum(one + self.shape[k], two + other.shape[k]))
        shape = [int((b - a).max()) for a, b in zip(first, last, strict=True)]
        return Window(*first, shape, (size, size))

    def meet(self, other):
        """Return the part of this window that covers what it shares with an `other`."""
        shape, starts = [], []
        for name, k in (("top", 0), ("left", 1)):
            one, two = getattr(self, name), getattr(other, name)
            start = np.maximum(one, two)
            stop = np.minimum(one + self.shape[k], two + other.shape[k])
            shape.append(int(np.clip((stop - start).max(), 1, self.shape[k])))
            starts.append(np.clip(start - one, 0, self.shape[k] - shape[k]) + one)
        return Window(*starts, shape, _ANYWHERE)

    def of(self, some):
        """Return the window of some of the pictures."""
        return Window(self.top[some], self.left[some], self.shape, _ANYWHERE)

    def within(self, outer):
        """Return this window as one of the pictures that `outer` cuts out."""
        return Window(self.top - outer.top, self.left - outer.left, self.shape, outer.shape)

    def shared(self, wanted, outer):
        """Tell which pixels, (n, h, w), are in the `wanted` window too, which `within` moved."""
        rows, columns = (
            (first[:, None] + np.arange(count) >= start[:, None])
            & (first[:, None] + np.arange(count) < start[:, None] + size)
            for first, count, start, size in (
                (self.top, self.shape[0], wanted.top - outer.top, wanted.shape[0]),
                (self.left, self.shape[1], wanted.left - outer.left, wanted.shape[1]),
            )
        )
        return rows[:, :, None] & columns[:, None, :]

    def _where(self, field, rows):
        pictures = np.arange(len(self.top)) if rows is None else rows
        channels = (slice(None),) * (field.ndim - 3)
        return (pictures, *channels, self.top, self.left)

    def _view(self, field):
        """Return all windows of a contiguous field, without a copy: (n, [c,] top, left, h, w)."""
        places = [field.shape[-2] - self.shape[0] + 1, field.shape[-1] - self.shape[1] + 1]
        shape = (*field.shape[:-2], *places, *self.shape)
        return np.ndarray(shape, field.dtype, field, strides=field.strides + field.strides[-2:])


class Lower:
    """The pixels of every picture from a row `first` on, used as a `Window` is."""

    def __init__(self, first):
        self.first = first

    def cut(self, field, rows=...):
        """Return a view of some pictures, a slice, of `field` (n, [channels,] size, size)."""
        return field[rows][..., self.first :, :]

    def paste(self, field, values, rows):
        """Do nothing: `values` are a view of `field`."""


def centered(row, column, shape, size):
    """Return a window about wanted centers in pixels, (n, 1, 1) each."""
    height, width = (min(side, size) for side in shape)
    top, left = np.rint(row - height / 2).ravel(), np.rint(column - width / 2).ravel()
    return Window(top, left, shape, (size, size))


def cover(g, x, y, half_width, half_height):
    """Return a window that covers an upright rectangle about x and y in every picture."""
    # All in head units from the head's center, (n, 1, 1).
    half = g.size / 2
    tall, wide = (2 * half * g.unit * part for part in (half_height, half_width))
    shape = [int(np.ceil(part.max())) + 2 for part in (tall, wide)]  # whole pixels, and one more
    row, column = (g.cy + g.unit * y + 1) * half, (g.cx + g.unit * x + 1) * half
    return centered(row, column, shape, g.size)


def parts(n, size):
    """Cut n pictures into slices whose fields fit into the processor's cache."""
    step = together(size)
    return [slice(start, start + step) for start in range(0, n, step)]


def together(size):
    """Return how many pictures of a size to work on at once."""
    return max(round(_TOGETHER * (96 / size) ** 2), 1)


def groups(g, extent):
    """Return numbers of pictures to work on at once: about equally large is what `cover` covers."""
    area = g.unit * g.unit * extent[2] * extent[3]
    order = np.argsort(area.ravel(), kind="stable")
    return [order[rows] for rows in parts(len(order), g.size)]
