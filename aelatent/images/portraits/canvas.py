"""What is painted on: the light of each pixel and, where asked for, whose light it is."""

import numpy as np

from .fields import over

#: Order of the shares that `regions` returns; what is left to 1 is neck and clothes.
REGIONS = ("face", "hair", "background")

FACE, HAIR, OTHER = (
    np.array(share, np.float32)[None, :, None, None] for share in ((1, 0, 0), (0, 1, 0), (0, 0, 0))
)


class Canvas:
    """Pictures being painted, layer over layer.

    Parameters
    ----------
    light : numpy.ndarray
        The background, float32 (n, 3, size, size); painted over in place.
    shares : bool
        Whether to keep account of the regions.

    Attributes
    ----------
    light : numpy.ndarray
        Linear light, float32 (n, 3, size, size).
    shares : numpy.ndarray or None
        Share of each of `REGIONS` in each pixel, float32 (n, 3, size, size).
    """

    def __init__(self, light, shares=False):
        self.light = light
        self.shares = None
        if shares:
            self.shares = np.zeros_like(light)
            self.shares[:, REGIONS.index("background")] = 1

    def lay(self, color, mask, region, rows=None, window=None):
        """Lay a color over some pictures.

        Parameters
        ----------
        color : numpy.ndarray
            Light, (m, 3, 1, 1) or (m, 3, h, w).
        mask : numpy.ndarray
            How much of it covers what was there, 0..1, (m, h, w).
        region : numpy.ndarray
            `FACE`, `HAIR` or `OTHER`.
        rows : numpy.ndarray, optional
            The m pictures; default: all.
        window : Window, optional
            A rectangle of each of these pictures; default: all of it.
        """
        _lay(self.light, color, mask, rows, window)
        if self.shares is not None:
            _lay(self.shares, region, mask, rows, window)


def _lay(field, color, mask, rows, window):
    part = field if rows is None else field[rows]
    place = part if window is None else window.cut(part)
    over(place, color, mask)
    if window is not None:
        window.paste(part, place)
    if rows is not None:
        field[rows] = part
