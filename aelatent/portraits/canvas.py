"""What is painted on: the light of each pixel and, where asked for, whose light it is."""

import numpy as np

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
        self.light = light
        self.shares = None
        if shares:
            self.shares = np.zeros_like(self.light)
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
