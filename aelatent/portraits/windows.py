"""Rectangles of the pictures, so that a layer is worked out only where it can be seen."""

import numpy as np

_ANYWHERE = 1 << 30, 1 << 30  # room without an end
_TOGETHER = 24  # pictures of 96 x 96 pixels to work on at once


class Window:
    """A rectangle of pixels, equally large in every picture but placed in each on its own."""

    # `first` and `stop`, (2, n): the rows and columns where it begins and ends in each picture. Its
    # `shape`, (2,), is cut to the `room` (height and width of the pictures), and it is moved inward
    # where it would stick out.
    def __init__(self, first, shape, room):
        self.shape = np.minimum(shape, room)
        self.first = np.clip(first, 0, np.subtract(room, self.shape)[:, None]).astype(np.intp)
        self.stop = self.first + self.shape[:, None]

    def cut(self, field, rows=None):
        """Return a copy of it out of some (all) pictures of `field` (n, [c,] height, width)."""
        return self._view(field)[self._where(field, rows)]

    def paste(self, field, values, rows=None):
        """Write `values` (n, [c,] h, w) there into `field`, in place."""
        self._view(field)[self._where(field, rows)] = values

    def pixels(self, grid):
        """Return the rows (n, h, 1) and columns (n, 1, w) of a coordinate that both share."""
        rows, columns = self._places()
        return grid[rows][:, :, None], grid[columns][:, None, :]

    def around(self, other, size):
        """Return the smallest window that covers this one and an `other` in each picture."""
        first = np.minimum(self.first, other.first)
        shape = (np.maximum(self.stop, other.stop) - first).max(1)
        return Window(first, shape, (size, size))

    def meet(self, other):
        """Return the part of this window that covers what it shares with an `other`."""
        start = np.maximum(self.first, other.first)
        shape = np.clip((np.minimum(self.stop, other.stop) - start).max(1), 1, self.shape)
        start = np.clip(start, self.first, self.stop - shape[:, None])
        return Window(start, shape, _ANYWHERE)

    def of(self, some):
        """Return the window of some of the pictures."""
        return Window(self.first[:, some], self.shape, _ANYWHERE)

    def within(self, outer):
        """Return this window as one of the pictures that `outer` cuts out."""
        return Window(self.first - outer.first, self.shape, outer.shape)

    def shared(self, wanted, outer):
        """Tell which pixels, (n, h, w), are in the `wanted` window too, which `within` moved."""
        rows, columns = (
            (places >= first[:, None]) & (places < stop[:, None])
            for places, first, stop in zip(
                self._places(), wanted.first - outer.first, wanted.stop - outer.first, strict=True
            )
        )
        return rows[:, :, None] & columns[:, None, :]

    def _places(self):
        """Return its rows (n, h) and its columns (n, w)."""
        (top, left), (height, width) = self.first, self.shape
        return top[:, None] + np.arange(height), left[:, None] + np.arange(width)

    def _where(self, field, rows):
        pictures = np.arange(self.first.shape[1]) if rows is None else rows
        channels = (slice(None),) * (field.ndim - 3)
        return (pictures, *channels, *self.first)

    def _view(self, field):
        """Return all windows of a contiguous field, without a copy: (n, [c,] top, left, h, w)."""
        places = np.subtract(field.shape[-2:], self.shape) + 1
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
    return Window(np.stack([top, left]), shape, (size, size))


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


def rows_above(field, level):
    """Return a slice from the first row on in which any value of (n, h, w) is above a level."""
    return slice(np.argmax(field.max(0).max(1) > level), None)


def rows_below(field, level):
    """Return a slice up to the last row in which any value of (n, h, w) is below a level."""
    return slice(0, field.shape[1] - np.argmax(field.min(0).min(1)[::-1] < level))
