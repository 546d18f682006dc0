"""A plane with z-points and a path as SVG: its text has the page's color, light or dark."""

import html

import numpy as np
from matplotlib.ticker import MaxNLocator

from aelatent.plots.planes import _numbered, _sideways
from aelatent.plots.style import CENTER, ORIGIN, PATH, Z_POINTS
from aelatent.widgets._path_scene import MARGIN, Scene

# Units of the drawing, two to a pixel: whole numbers are short, and half a pixel is fine enough.
WIDE, HIGH = 920, 690
LEFT, RIGHT, TOP, BOTTOM = 112, 902, 12, 604  # of the plane's frame
LAYERS = 4  # of the cloud: strokes of one path do not add up, those of several paths do
TEXT = 25
BESIDE = 26  # between a dot and its number


def plane_still(scene: Scene, path: np.ndarray) -> tuple[str, np.ndarray, str]:
    """Draw a plane with z-points, core, center and a path; return SVG, marks and a note."""
    message = scene.message()
    low, high = _view(np.transpose(message["box"]), path)
    at = _placing(low, high)

    note = f"{scene.plane.name}. Blue: {len(scene.cloud):,} of {scene.total:,} z-points"
    parts = [_cloud(at(scene.cloud))]
    if len(scene.section):
        parts.append(_closed(at(scene.section)))
        note += "; dashed, where it fits into the view: the core's section through the center"
    for what, place, color in (
        ("yellow: the origin", scene.origin, ORIGIN),
        ("orange: the center", scene.center, CENTER),
    ):
        if ((low <= place) & (place <= high)).all():
            parts.append(_spot(at(place), color))
            note += f"; {what}"
    parts.append(_path(at(path)))
    # An inner svg clips what it holds, and needs no id to be unique on the page.
    inner = f'x="{LEFT}" y="{TOP}" width="{RIGHT - LEFT}" height="{BOTTOM - TOP}"'
    box = f'viewBox="{LEFT} {TOP} {RIGHT - LEFT} {BOTTOM - TOP}"'
    name = (
        f"plane {scene.plane.name}: {len(scene.cloud):,} of {scene.total:,} z-points and the "
        f"{len(path)} points of the path"
    )
    svg = (
        f'<svg role="img" aria-label="{html.escape(name)}" width="{WIDE // 2}" '
        f'height="{HIGH // 2}" viewBox="0 0 {WIDE} {HIGH}"><svg {inner} {box}>{"".join(parts)}'
        f"</svg>{_axes(at, low, high, message['labels'])}</svg>"
    )
    # Marks, float64 (m, 2), are where the path's points are, from the left and top, in 0..1.
    return svg, at(path) / (WIDE, HIGH), f"{note}; red: the path."


def _view(box: np.ndarray, path: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower left and upper right corner of what shows cloud and path."""
    seen = np.vstack([box, path])
    room = MARGIN * (seen.max(axis=0) - seen.min(axis=0))
    around = np.vstack([box, path - room, path + room])
    return around.min(axis=0), around.max(axis=0)


def _placing(low, high):
    """Return the function that takes places in the plane, float (k, 2), to the drawing."""
    corner, far = np.array([LEFT, BOTTOM]), np.array([RIGHT, TOP])
    return lambda places: corner + (places - low) / (high - low) * (far - corner)


def _cloud(places: np.ndarray) -> str:
    style = f'fill="none" stroke="{Z_POINTS}" stroke-opacity="0.55" stroke-width="5"'
    whole = np.rint(places).astype(int)
    layers = ("".join(f"M{x} {y}h0" for x, y in whole[k::LAYERS].tolist()) for k in range(LAYERS))
    return "".join(f'<path {style} stroke-linecap="round" d="{layer}"/>' for layer in layers)


def _closed(places: np.ndarray) -> str:
    style = 'fill="none" stroke="currentColor" stroke-width="2.5" stroke-dasharray="10 7"'
    return f'<polygon {style} points="{_points(places)}"/>'


def _spot(place: np.ndarray, color: str) -> str:
    x, y = place
    style = f'fill="{color}" stroke="#222" stroke-width="2"'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="10" {style}/>'


def _path(places: np.ndarray) -> str:
    line = f'fill="none" points="{_points(places)}"'
    drawn = f'<polyline {line} stroke="#fff" stroke-width="8" stroke-opacity="0.7"/>'
    drawn += f'<polyline {line} stroke="{PATH}" stroke-width="3.5"/>'
    drawn += "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{PATH}"/>' for x, y in places)
    away = BESIDE * _sideways(places * [1, -1]) * [1, -1]  # upward is less on the page
    taken: list[np.ndarray] = []
    for i in _numbered(len(places)):
        x, y = spot = places[i] + away[i]
        if all(np.hypot(*(spot - other)) > BESIDE for other in taken):
            taken.append(spot)
            drawn += (
                f'<text x="{x:.0f}" y="{y + 9:.0f}" font-size="{TEXT}" text-anchor="middle" '
                f'fill="{PATH}" stroke="#fff" stroke-width="5" paint-order="stroke">{i + 1}</text>'
            )
    return drawn


def _axes(at, low: np.ndarray, high: np.ndarray, labels: list[str]) -> str:
    """Return frame, ticks and labels, in the color of the page's text."""
    size = f'width="{RIGHT - LEFT}" height="{BOTTOM - TOP}"'
    drawn = f'<rect x="{LEFT}" y="{TOP}" {size} fill="none" stroke="currentColor"/>'
    text = f'font-size="{TEXT}" fill="currentColor"'
    across, up = (MaxNLocator(5).tick_values(*ends) for ends in zip(low, high, strict=True))
    for value in across[(low[0] <= across) & (across <= high[0])]:
        x = at(np.array([value, low[1]]))[0]
        drawn += f'<path stroke="currentColor" d="M{x:.0f} {BOTTOM}v8"/>'
        drawn += f'<text x="{x:.0f}" y="{BOTTOM + 36}" text-anchor="middle" {text}>{value:g}</text>'
    for value in up[(low[1] <= up) & (up <= high[1])]:
        y = at(np.array([low[0], value]))[1]
        drawn += f'<path stroke="currentColor" d="M{LEFT} {y:.0f}h-8"/>'
        drawn += f'<text x="{LEFT - 14}" y="{y + 9:.0f}" text-anchor="end" {text}>{value:g}</text>'
    right, upward = map(html.escape, labels)
    middle = (TOP + BOTTOM) // 2
    drawn += f'<text x="{(LEFT + RIGHT) // 2}" y="{HIGH - 10}" text-anchor="middle" {text}>{right}'
    turned = f'transform="translate(26 {middle}) rotate(-90)"'
    return drawn + f'</text><text {turned} text-anchor="middle" {text}>{upward}</text>'


def _points(places: np.ndarray) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
