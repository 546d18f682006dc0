"""Drawings that explain: no data, only the idea."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Polygon

from aelatent.model.config import ModelConfig
from aelatent.plots import style


def hourglass(config: ModelConfig, *, ax: Axes | None = None) -> Axes:
    """Draw the shapes that a picture takes on its way through Encoder and Decoder."""
    # A block's height stands for the side of its feature maps, its width for their number, both
    # compressed: true to scale, the latent vector could not be seen.
    sides = [config.size // 2**k for k in range(len(config.filters) + 1)]
    way_in = list(zip(sides, (3, *config.filters), strict=True))
    blocks = [*way_in, None, *way_in[::-1]]
    ax = style.axes_or_new(ax, 2.6, width=7.0)
    half = (len(blocks) - 1) / 2
    for place, block in enumerate(blocks):
        if block is None:
            _block(ax, place, 0.12, 0.55, style.Z_POINTS)
            ax.text(place, -0.62, f"z\n{config.z_dim}", color=style.Z_POINTS, **_UNDER)
            continue
        side, maps = block
        height = np.sqrt(side / config.size)
        width = 0.1 + 0.42 * np.log(maps / 3) / np.log(max(config.filters) / 3 + 1)
        _block(ax, place, width, height, "0.75" if maps == 3 else "0.55")
        ax.text(place, -0.62, f"{side} x {side}\nx {maps}", color="0.1", **_UNDER)
    for middle, text in ((half / 2, "Encoder"), (1.5 * half, "Decoder")):
        ends = {"xy": (middle + half / 4, 0.85), "xytext": (middle - half / 4, 0.85)}
        ax.annotate("", **ends, arrowprops={"arrowstyle": "->", "color": "0.3"})
        ax.text(middle, 0.88, text, ha="center", va="bottom", fontsize=10)
    ax.set(xlim=(-0.6, len(blocks) - 0.4), ylim=(-0.95, 1.05))
    ax.set_axis_off()
    return ax


_UNDER = {"ha": "center", "va": "top", "fontsize": 8, "linespacing": 1.3}


def _block(ax, x, width, height, color):
    """Draw a box seen from the right and above, its front about (x, 0)."""
    left, right, low, high = x - width / 2, x + width / 2, -height / 2, height / 2
    back = np.array([0.22, 0.12]) * height
    front = np.array([(left, low), (right, low), (right, high), (left, high)])
    top = np.array([front[3], front[2], front[2] + back, front[3] + back])
    flank = np.array([front[1], front[2], front[2] + back, front[1] + back])
    for corners, light in ((front, 0.0), (top, 0.45), (flank, 0.25)):
        shade = np.array(to_rgb(color)) * (1 - light) + light
        ax.add_patch(Polygon(corners, facecolor=shade, edgecolor="white", lw=0.6))
