"""What a plot shows."""

import numpy as np
from matplotlib.collections import QuadMesh
from matplotlib.legend import Legend


def lines(ax):
    return {line.get_label(): line for line in ax.lines}


def title(ax):
    return ax.get_title(loc="left")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def scales(ax):
    """Return the lengths on the page of a unit along x and y."""
    box = ax.get_window_extent()
    x, y = ax.get_xlim(), ax.get_ylim()
    return box.width / abs(x[1] - x[0]), box.height / abs(y[1] - y[0])


def overlap(boxes):
    """Tell whether any two boxes on the page overlap."""
    return any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def holds(figure, boxes):
    """Tell whether the page holds all boxes, half a pixel aside."""
    page = figure.bbox.padded(0.5)
    return all(page.contains(box.x0, box.y0) and page.contains(box.x1, box.y1) for box in boxes)


def shown(figure):
    """What stands on a figure: it, the color behind it, its own (fill and edge; one must stand out)
    and the contrast that WCAG asks for. A cloud's dots count as opaque."""
    paper = figure.get_facecolor()
    for legend in figure.findobj(Legend):
        beside = legend.axes is None or legend._bbox_to_anchor is not None
        ground = paper if beside else legend.axes.get_facecolor()
        yield from _words(ground, [*legend.texts, legend.get_title()])
    yield from _words(paper, figure.texts)
    for ax in (ax for ax in figure.axes if ax.get_label() != "<colorbar>"):
        ground = ax.get_facecolor() if ax.axison else paper
        labels = [*ax.get_xticklabels(), *ax.get_yticklabels(), ax.xaxis.label, ax.yaxis.label]
        yield from _words(paper, [ax.title, ax._left_title, *(labels if ax.axison else [])])
        mesh = any(isinstance(drawn, QuadMesh) for drawn in ax.collections)
        yield from _words(ground, [] if mesh else ax.texts)
        marks = [*map(_line, ax.lines), *map(_patch, ax.patches), *map(_collected, ax.collections)]
        for mark in marks:
            yield from ((mark, ground, colors, 3) for colors in mark if len(colors))


def _words(ground, texts):
    return [(text.get_text(), ground, [text.get_color()], 4.5) for text in texts]


def _line(line):
    """Of a line's two parts the colors that it may be seen by."""
    dots = [line.get_markerfacecolor(), line.get_markeredgecolor()]
    dots = [color for color in dots if str(color) != "none"]
    drawn, marked = line.get_linestyle() != "None", line.get_marker() not in ("None", "", None)
    return [[line.get_color()] * drawn, dots if marked else []]


def _patch(patch):
    edge = [patch.get_edgecolor()] * (patch.get_linewidth() > 0)
    return [[patch.get_facecolor()] * patch.get_fill() + edge] if patch.get_visible() else []


def _collected(drawn):
    """Of each mark its color; a map's ramp is viridis on white, whatever stands out there."""
    drawn.update_scalarmappable()
    measured = drawn.get_array() is not None
    if isinstance(drawn, QuadMesh) or (measured and np.mean(drawn.axes.get_facecolor()) > 0.5):
        return []
    edged = len(drawn.get_edgecolor()) and drawn.get_linewidth()[0] > 0
    return [[color] for color in (drawn.get_edgecolor() if edged else drawn.get_facecolor())]


def meaning(axes):
    """What a reader takes from a figure: limits, scales, words, places, lines and pictures."""
    figure = np.ravel(axes)[0].figure
    words = [[text.get_text() for text in legend.texts] for legend in figure.findobj(Legend)]
    return [_meaning(ax) for ax in figure.axes], words, texts(figure)


def _meaning(ax):
    return {
        "limits": (ax.get_xlim(), ax.get_ylim(), ax.get_aspect(), ax.get_xscale(), ax.get_yscale()),
        "words": (ax.get_title(), title(ax), ax.get_title(loc="right"), texts(ax)),
        "sides": [_side(axis) for axis in (ax.xaxis, ax.yaxis)],
        "frame": [spine.get_visible() for spine in ax.spines.values()],
        "legend": ax.get_legend() and (ax.get_legend()._loc, ax.get_legend().markerscale),
        "lines": [(one.get_xydata().tolist(), one.get_marker(), one.get_markersize(),
                   one.get_linestyle(), one.get_linewidth(), one.get_markerfacecolor(),
                   one.get_markeredgewidth(), one._dash_pattern) for one in ax.lines],
        "marks": [(one.get_offsets().tolist(), [path.vertices.tolist() for path in one.get_paths()],
                   one.get_linewidth(), one.get_edgecolor().tolist()) for one in ax.collections],
        "patches": [(one.get_path().vertices.tolist(), one.get_linewidth(), one.get_edgecolor())
                    for one in ax.patches],
        "images": [(one.get_array().tolist(), one.get_extent(), one.origin, one.get_cmap().N,
                    one.get_resample(), one.get_cmap().name, one.get_interpolation())
                   for one in ax.images],
    }  # fmt: skip


def _side(axis):
    """Whether an axis has ticks and words, how large and where; which ones, the room decides."""
    ticks = {(tick.label1.get_visible(), tick.label2.get_visible(), tick.tick1line.get_visible(),
              tick.label1.get_fontsize()) for tick in axis.get_major_ticks()}  # fmt: skip
    offset = axis.get_major_formatter().get_offset()
    return axis.label.get_text(), axis.label.get_size(), axis.get_label_position(), ticks, offset
