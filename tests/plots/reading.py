"""What a plot shows."""


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
