"""Drawings that explain: shapes and ideas, and what the layers make of one picture."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Polygon

from aelatent.model.config import ModelConfig
from aelatent.plots import style
from aelatent.plots.planes import draw_spots


@style.drawn
def hourglass(config: ModelConfig, *, ax: Axes | None = None) -> Axes:
    """Draw the shapes that a picture takes on its way through Encoder and Decoder."""
    # A block's height stands for the side of its feature maps, its width for their number, both
    # compressed: true to scale, the latent vector could not be seen.
    sides = [config.size // 2**k for k in range(len(config.filters) + 1)]
    way_in = list(zip(sides, (3, *config.filters), strict=True))
    blocks = [*way_in, None, *way_in[::-1]]
    ax = style.axes_or_new(ax, 2.6, width=7.0)
    ax.set_axis_off()
    blue, ink = style.seen(ax, style.Z_POINTS, style.TEXT), style.ink(ax)
    half = (len(blocks) - 1) / 2
    for place, block in enumerate(blocks):
        if block is None:
            _block(ax, place, 0.12, 0.55, blue)
            ax.text(place, -0.62, f"z\n{config.z_dim}", color=blue, **_UNDER)
            continue
        side, maps = block
        height = np.sqrt(side / config.size)
        width = 0.1 + 0.42 * np.log(maps / 3) / np.log(max(config.filters) / 3 + 1)
        _block(ax, place, width, height, "0.75" if maps == 3 else "0.55")
        ax.text(place, -0.62, f"{side} x {side}\nx {maps}", color=ink, **_UNDER)
    for middle, text in ((half / 2, "Encoder"), (1.5 * half, "Decoder")):
        ends = {"xy": (middle + half / 4, 0.85), "xytext": (middle - half / 4, 0.85)}
        ax.annotate("", **ends, arrowprops={"arrowstyle": "->", "color": ink})
        ax.text(middle, 0.88, text, ha="center", va="bottom", fontsize=10, color=ink)
    ax.set(xlim=(-0.6, len(blocks) - 0.4), ylim=(-0.95, 1.05))
    return ax


@style.drawn
def feature_maps(encoder, picture: np.ndarray, *, count: int = 8, ax: Axes | None = None) -> Axes:
    """Draw the first maps that each layer of an Encoder makes of a picture, float (s, s, 3)."""
    layers = [layer.output for layer in encoder.layers if layer.name.endswith("_act")]
    seen = type(encoder)(encoder.input, layers)(picture[np.newaxis].astype(np.float32))
    side, gap = 48, 4  # pixels of a map on the page, and white between maps
    page = np.ones((len(layers) * (side + gap) - gap, count * (side + gap) - gap))
    for row, maps in enumerate(seen if len(layers) > 1 else [seen]):
        maps = np.asarray(maps)[0, :, :, :count]
        low, high = maps.min(axis=(0, 1)), maps.max(axis=(0, 1))
        maps = (maps - low) / np.where(high > low, high - low, 1)  # each from black to white
        pick = np.arange(side) * len(maps) // side
        for column in range(maps.shape[2]):
            top, left = row * (side + gap), column * (side + gap)
            page[top : top + side, left : left + side] = maps[pick][:, pick, column]
    ax = style.axes_or_new(ax, 7.0 * page.shape[0] / page.shape[1], width=7.0)
    ax.imshow(page, cmap="gray", vmin=0, vmax=1, origin="upper")
    shapes = [f"{layer.shape[1]} x {layer.shape[2]}" for layer in layers]
    ax.set_yticks(np.arange(len(layers)) * (side + gap) + side / 2, shapes, fontsize=9)
    ax.tick_params(length=0)
    ax.set_xticks([])
    ax.spines[:].set_visible(False)
    return ax


@style.drawn
def sheet(ax: Axes | None = None) -> Axes:
    """Draw a thin tilted sheet beside the origin: its shadows on both axes hide that it is off."""
    ax = style.axes_or_new(ax, 4.2, width=5.0)
    ax.set_axis_off()
    blue, red = (style.seen(ax, color, style.TEXT) for color in (style.Z_POINTS, style.PATH))
    ink = style.ink(ax)
    middle, long, thin = np.array([1.1, -1.1]), 3.4, 0.16
    around = np.linspace(0, 2 * np.pi, 200)
    oval = np.column_stack([long * np.cos(around), thin * np.sin(around)])
    turn = np.array([[1, 1], [-1, 1]]) / np.sqrt(2)  # rows: along the sheet, across it
    ax.add_patch(Polygon(oval @ turn + middle, color=blue, alpha=0.7, lw=0))
    ball = np.column_stack([np.cos(around), np.sin(around)]) * 0.55
    ax.add_patch(Polygon(ball, color=red, alpha=0.35, lw=0))
    reach, low = np.hypot(long, thin) / np.sqrt(2), -4.0
    for shade, at, half, place in (
        (blue, middle, reach, low), (red, (0, 0), 0.55, low - 0.25),
    ):  # fmt: skip
        ax.plot([at[0] - half, at[0] + half], [place] * 2, color=shade, lw=5, alpha=0.7)
        ax.plot([place] * 2, [at[1] - half, at[1] + half], color=shade, lw=5, alpha=0.7)
    ax.annotate("", middle, (0, 0), arrowprops={"arrowstyle": "<->", "color": ink, "lw": 1})
    draw_spots(ax, (0, 0), middle)
    beside = {"fontsize": 9, "va": "center"}
    ax.text(-0.75, 0.95, "N(0, I) about\nthe origin", color=red, ha="right", **beside)
    ax.text(2.6, 1.9, "the cloud:\na thin sheet", color=blue, **beside)
    ax.text(1.5, -1.45, "center of the cloud", color=ink, **beside)
    ax.text(0.1, -1.0, "across the sheet:\nmany sd", color=ink, ha="right", **beside)
    ax.text(middle[0], low - 0.75, "shadows on component 0: they overlap", ha="center", **beside)
    ax.text(low - 0.75, middle[1], "shadows on component 1", rotation=90, ha="center", **beside)
    ax.set(xlim=(low - 1.2, 4.6), ylim=(low - 1.2, 2.8), aspect="equal")
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
        ax.add_patch(Polygon(corners, facecolor=shade, edgecolor=style.seen(ax, "0.55"), lw=0.6))


@style.drawn
def torn_sheet(*, ax: Axes | None = None) -> Axes:
    """Draw why t-SNE tears an even sheet of points: near ones attract, all repel, voids open."""
    ax = style.axes_or_new(ax, 2.9, width=7.0)
    ax.set_axis_off()
    rng = np.random.default_rng(1)
    grid = np.indices((17, 17)).reshape(2, -1).T / 16 * 2 - 1
    sheet = grid + rng.uniform(-0.05, 0.05, grid.shape)
    # A void opens round each of some places: every point goes most of the way to where two of
    # them are equally far, and thus to a filament between two voids.
    holes = np.array([(x + 0.25 * (row % 2), y) for row, y in enumerate((-0.9, -0.3, 0.3, 0.9))
                      for x in (-1.0, -0.45, 0.1, 0.65)])  # fmt: skip
    holes += rng.uniform(-0.07, 0.07, holes.shape)
    apart = np.linalg.norm(sheet[:, None] - holes, axis=2)
    first, second = np.argsort(apart, axis=1)[:, :2].T
    way = holes[second] - holes[first]
    ends = np.sum((holes[first] + holes[second] - 2 * sheet) * way, axis=1) / 2
    torn = sheet + 0.8 * (ends / np.sum(way**2, axis=1))[:, None] * way
    pale, gray = style.seen(ax, "0.7"), style.seen(ax, style.SURROGATE)
    for places in (sheet, 1.1 * torn + np.array([3.4, 0])):
        for near in ((0, 1), (1, 0)):  # springs to the right and upward
            at = places.reshape(17, 17, 2)
            start, end = at[: 17 - near[0], : 17 - near[1]], at[near[0] :, near[1] :]
            ends = np.stack([start, end], axis=2).reshape(-1, 2, 2)
            short = np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1) < 0.19
            ax.plot(*ends[short].transpose(2, 1, 0), color=pale, lw=0.7, zorder=1)
        ax.plot(*places.T, ls="", marker="o", ms=2.2, mew=0, color=gray)
    for turn in np.arange(8) * np.pi / 4:
        way = np.array([np.cos(turn), np.sin(turn)])
        way /= np.abs(way).max()
        pull = {"arrowstyle": "->", "color": style.seen(ax, style.PATH), "lw": 1.4}
        ax.annotate("", xy=1.4 * way, xytext=1.1 * way, arrowprops=pull)
    arrow = {"arrowstyle": "-|>", "color": style.ink(ax)}
    ax.annotate("", xy=(2.0, 0), xytext=(1.55, 0), arrowprops=arrow)
    below = {"ha": "center", "va": "top", "fontsize": 9}
    ax.text(0, -1.5, "gray: attraction to near points\nred: repulsion from all points", **below)
    ax.text(3.4, -1.5, "what gives way:\nvoids with filaments between them", **below)
    ax.set(xlim=(-1.6, 4.8), ylim=(-2.05, 1.5), aspect="equal")
    return ax


@style.drawn
def shadow_and_slice(*, ax: Axes | None = None) -> Axes:
    """Draw what a plane shows of a tilted cloud, and how far a path within the plane may go."""
    ax = style.axes_or_new(ax, 3.0, width=7.0)
    ax.set_axis_off()
    blue, red = (style.seen(ax, color) for color in (style.Z_POINTS, style.PATH))
    angle, long, short = np.deg2rad(32), 3.2, 0.62
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = np.random.default_rng(0).normal(size=(260, 2)) * [long / 2.4, short / 2.4] @ turn.T
    t = np.linspace(0, 2 * np.pi, 181)
    outline = np.column_stack([long * np.cos(t), short * np.sin(t)]) @ turn.T
    # Where the ellipse x' S^-1 x = 1 ends along x, and where the line y = 0 leaves it.
    spread = turn @ np.diag([long**2, short**2]) @ turn.T
    shadow, section = np.sqrt(spread[0, 0]), np.linalg.inv(spread)[0, 0] ** -0.5
    floor = -2.6
    ax.fill(*outline.T, color=blue, alpha=0.12, lw=0)
    ax.plot(*points.T, ".", ms=3, mew=0, color=blue, alpha=0.6)
    gray = style.seen(ax, "0.6")
    for side in (-1, 1):
        ax.plot([side * shadow] * 2, [floor, side * spread[0, 1] / shadow], "--", color=gray, lw=1)
    ax.plot([-shadow, shadow], [floor] * 2, color=blue, lw=6, solid_capstyle="butt")
    ax.plot([-shadow, shadow], [0, 0], color=red, lw=1.2, ls=":")
    ax.plot([-section, section], [0, 0], color=style.ink(ax), lw=4, solid_capstyle="butt", zorder=4)
    draw_spots(ax, None, (0, 0))
    beside = {"fontsize": 9, "va": "center"}
    ax.text(shadow + 0.3, floor, "shadow (projection):\nwhere z-points are seen", **beside)
    ax.text(shadow + 0.3, 0, "slice (section), thick: as far as\na path through the center stays "
            "in the cloud;\nred dots: above the shadow, yet outside", **beside)  # fmt: skip
    ax.text(-shadow - 0.3, 0, "the plane\nof a path", ha="right", **beside)
    ax.set(xlim=(-shadow - 1.7, shadow + 6), ylim=(floor - 0.5, 2.1), aspect="equal")
    return ax
