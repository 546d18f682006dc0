"""What paints: colors, dyes, random numbers by key, the canvas, and tiles of noise."""

from bisect import bisect_left, bisect_right
from functools import cache
from types import SimpleNamespace

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.special import ndtri

from aelatent.portraits.fields import REACH


def over(picture, color, mask):
    """Lay `color` (n, 3, 1, 1), or (n, 3, h, w) to be used up, over `picture`, in place."""
    change = np.subtract(color, picture, out=color if color.shape == picture.shape else None)
    change *= mask[:, None]
    picture += change


def dye(picture, absorbance, amount):
    """Multiply channel c by about exp(-absorbance[c] * amount), as a thin layer of dye does."""
    for channel, strength in enumerate(absorbance):
        if strength:
            left = amount * (-0.5 * strength)
            left += 1
            left.clip(0, 1, out=left)
            left *= left
            picture[:, channel] *= left


def mixed(first, second, share):
    """Return ``first`` at share 0, ``second`` at 1, and straight in between."""
    return first + (second - first) * share


def srgb(*levels):
    """Return display levels 0..255 as light (display = square root of light), (1, k, 1, 1)."""
    light = (np.array(levels, np.float32) / 255) ** 2
    return light[None, :, None, None]


def hue_color(hue, saturation):
    """Return a color of `hue` (n, 1, 1) degrees, brightest channel 1; light, (n, 3, 1, 1)."""
    turns = hue[:, None] / 60 + np.array([0, 4, 2], np.float32)[None, :, None, None]
    saturation = saturation.reshape(-1, 1, 1, 1)
    pure = np.clip(np.abs(turns % 6 - 3) - 1, 0, 1)
    return (1 - saturation + saturation * pure) ** 2


def keyed(key, count):
    """Return `count` numbers in 0..1 per picture, made from its integer key (n,)."""
    # (n,) -> float32 (n, count, 1, 1), the same for the same key on any machine
    state = key.astype(np.uint64)[:, None] * np.uint64(1024) + np.arange(count, dtype=np.uint64)
    state = (state + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)  # SplitMix64
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    state ^= state >> np.uint64(31)
    return ((state >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-24))[:, :, None, None]


def pick(thing, rows):
    """Return some pictures of a namespace, list or array; what all pictures share stays."""
    if isinstance(thing, np.ndarray):
        return thing if len(thing) == 1 else thing[rows]
    if isinstance(thing, SimpleNamespace):
        return SimpleNamespace(**{name: pick(part, rows) for name, part in vars(thing).items()})
    if isinstance(thing, (list, tuple)):
        return [pick(part, rows) for part in thing]
    return thing


class Surface:
    """Part of the head's surface in all pictures; features can be kept to the rows they reach."""

    # `u` and `v` are x and y in the head frame of each pixel, (n, h, w); `side` is abs(u).
    def __init__(self, u, v):
        self.u, self.v, self.side = u, v, np.abs(u)
        # The largest v up to each row, the smallest from it on: both never fall.
        self._up_to = np.maximum.accumulate(v.max(0).max(1)).tolist()
        self._from = np.minimum.accumulate(v.min(0).min(1)[::-1])[::-1].tolist()

    def rows(self, low, high):
        """Return an index of the rows in which pictures have a `v` between two numbers."""
        first, stop = bisect_left(self._up_to, low), bisect_right(self._from, high)
        return ..., slice(first, max(first, stop)), slice(None)

    def add(self, field, height, across, along):
        """Add bells of some height to `field` (n, h, w), in place, where they are not 0."""
        # `across` is a coordinate, (n, h, w), the bell's middle and width there; `along` its
        # middle and width along `v`. All but the latter width may be (n, 1, 1).
        (x, right, wide), (down, tall) = across, along
        ends = (down, down) if isinstance(down, float) else (down.min(), down.max())
        rows = self.rows(ends[0] - REACH * tall, ends[1] + REACH * tall)
        bells = x[rows] - right
        bells /= 2 * wide
        bells *= bells
        away = self.v[rows] - down
        away /= 2 * tall
        away *= away
        bells += away
        np.subtract(1, bells, out=bells)  # from here on as in `bell`
        bells.clip(0, 1, out=bells)
        bells *= bells
        bells *= bells
        bells *= height
        field[rows] += bells


#: Order of the shares that `regions` returns; ears, beard and glasses are of the face, and what
#: is left to 1 is neck, clothes and hats.
REGIONS = ("face", "hair", "background")
FACE, HAIR, OTHER = (
    np.array(share, np.float32)[None, :, None, None] for share in ((1, 0, 0), (0, 1, 0), (0, 0, 0))
)


class Canvas:
    """Pictures being painted, layer over layer."""

    # `light` is linear, float32 (n, 3, size, size); the background goes first, over all of it.
    # `shares`, as large, is the share of each of `REGIONS` in each pixel; None if not asked for.
    def __init__(self, light, shares=False):
        self.light, self.shares = light, np.zeros_like(light) if shares else None
        if shares:
            self.shares[:, REGIONS.index("background")] = 1

    def lay(self, color, mask, region, window, rows, shade=None):
        """Lay a color, (m, 3, 1, 1) or (m, 3, h, w), times `shade` over a part of some pictures."""
        # `mask` (m, h, w) tells how much of it covers what was there; `region` is `FACE` or the
        # like, `window` a rectangle of each of the m pictures `rows`.
        lit = mask if shade is None else shade * mask
        _lay(self.light, color, lit, mask, window, rows)
        if self.shares is not None:
            _lay(self.shares, region, mask, mask, window, rows)


def _lay(field, color, lit, mask, window, rows):
    part, rest = window.cut(field, rows), 1 - mask
    part *= rest[:, None]
    part += color * lit[:, None]
    window.paste(field, part, rows)


STRANDS = 1024, 128  # tile of strands: across and along them
_SCENE = 1024  # side of the tile of shapes
_GRAIN = 512  # side of the tile of noise


def _normal(key, *shape):
    """Return normal noise, float64, the same on any machine."""
    bits = np.random.Philox(key=key).random_raw(int(np.prod(shape))) >> np.uint64(11)
    return ndtri((bits + 0.5) * 2.0**-53).reshape(shape)


@cache
def grain():
    """Return sensor noise of standard deviation 1, float32 (3, side, side)."""
    return _normal(0, 3, _GRAIN, _GRAIN).astype(np.float32)


@cache
def strand_tile():
    """Return strands of hair in two thicknesses, flat float32 of `STRANDS`, mostly within -1..1."""
    tile = 0
    for key, thick, weight in ((1, 3.0, 0.75), (2, 9.0, 0.75), (3, 40.0, 0.4)):
        layer = gaussian_filter(_normal(key, *STRANDS), (thick, 7), mode="wrap")
        tile = tile + weight * layer / layer.std()
    return np.clip(0.5 * tile, -1.2, 1.2).astype(np.float32).ravel()


@cache
def scene():
    """Return two layers of blurred discs and posts, float32 (2, side, side) within -1..1."""
    layers = []
    grid = np.arange(_SCENE)
    for key in (4, 5):
        free = np.random.Generator(np.random.Philox(key=key)).random((240, 6))
        layer = np.zeros((_SCENE, _SCENE), np.float32)
        for x, y, wide, high, form, level in free:
            dx = np.abs((grid - x * _SCENE + _SCENE / 2) % _SCENE - _SCENE / 2)
            dy = np.abs((grid - y * _SCENE + _SCENE / 2) % _SCENE - _SCENE / 2)[:, None]
            half = 12 + 80 * wide * wide
            if form < 0.45:
                shape = dx**2 + dy**2 < half**2
            else:
                tall = 40 + 300 * high
                if form > 0.85:  # a shelf, a horizon
                    half, tall = tall, half
                shape = (dx < half) & (dy < tall)
            layer[shape] = 2 * level - 1
        soft = gaussian_filter(layer, 8, mode="wrap") + gaussian_filter(layer, 24, mode="wrap")
        soft -= soft.mean()
        layers.append(np.clip(soft / (2.2 * soft.std()), -1, 1))
    return np.stack(layers)


def window_of_scene(layer, row, column, step):
    """Return a window of a layer (0 or 1) of `scene` per picture, float32 (n, size, size)."""
    # `row`, `column` (n, 1): the window's corner, in pixels of the tile; `step` (n, size): from
    # there to each pixel of the picture.
    down = np.mod(row + step, _SCENE).astype(np.intp) * _SCENE
    right = np.mod(column + step, _SCENE).astype(np.intp)
    return scene()[layer].take(down[:, :, None] + right[:, None, :], mode="wrap")
