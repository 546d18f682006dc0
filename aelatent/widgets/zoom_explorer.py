"""Zoom into a plane of the latent space: all z-points, or a surrogate; lasso some and see them."""

import html
from collections.abc import Mapping, Sequence

import ipywidgets
import numpy as np

from aelatent._checks import check_finite, check_one_of, check_whole
from aelatent.latent.planes import Plane
from aelatent.plots.style import SURROGATE, Z_POINTS
from aelatent.widgets._parts import WRAPPED, ErrorLine, check_planes, jpeg
from aelatent.widgets._scatter import Coloring, Scatter, colorable, coloring, one_color

SHOWN = 10  # pictures in the strip
GAP = 2  # pixels between them
STRIP = {"width": "800px", "height": "160px", "object_fit": "contain", "flex": "none"}
MARGIN = 1.05  # of the axes round the z-points
ORIGINAL = "z-points"  # what the run's own cloud is called
HINT = "Wheel: zoom. Drag: move. To see points, choose the lasso at the left and draw round them."


class ZoomExplorer(ipywidgets.VBox):
    """Pan and zoom in a plane, color the points, lasso some and see their pictures and faces.

    Both axes have one scale. A surrogate is shown on the axes of the z-points, at the same zoom.

    Parameters
    ----------
    run : aelatent.Run
        The run, with its store.
    planes : mapping of str to aelatent.latent.Plane
        Planes to choose from by the role that they play, first one first; see `seed_planes`.
    surrogates : mapping of str to float (m, d), optional
        Draws of null models by name, to be looked at in place of the z-points.
    height : int
        Of the plot, 200 to 2000 pixels.
    """

    def __init__(
        self,
        run,
        planes: Mapping[str, Plane],
        *,
        surrogates: Mapping[str, np.ndarray] | None = None,
        height: int = 480,
    ):
        height = check_whole("height", height, 200, 2000)
        self._run, d = run, run.z.shape[1]
        self._planes = check_planes(planes, d)
        drawn = {name: check_finite(cloud, d) for name, cloud in (surrogates or {}).items()}
        if ORIGINAL in drawn:
            raise ValueError(f"a surrogate cannot be called {ORIGINAL!r}; give it another name.")
        self._clouds = {ORIGINAL: run.z, **drawn}
        self._projected: dict[tuple[str, str], np.ndarray] = {}
        self._build(height)
        self._draw()
        run.decode(run.z[:1])  # TensorFlow's first call takes seconds: not at the lasso
        self._show()

    @property
    def plane(self) -> str:
        """The role of the plane shown; set it to choose another one. The selection stays."""
        return self._plane.value

    @plane.setter
    def plane(self, role: str) -> None:
        _choose(self._plane, role)

    @property
    def shown(self) -> str:
        """What is shown, ``"z-points"`` or a surrogate's name; setting it empties the selection."""
        return self._cloud.value

    @shown.setter
    def shown(self, name: str) -> None:
        _choose(self._cloud, name)

    @property
    def color_by(self) -> str | None:
        """The column of ``run.index`` that colors the z-points, or None; set it to choose."""
        return self._color.value or None

    @color_by.setter
    def color_by(self, column: str | None) -> None:
        _choose(self._color, column or "")

    @property
    def selection(self) -> np.ndarray:
        """The points selected, int64 (k,), ascending: rows of what is shown; set it to select."""
        return np.sort(self._scatter.plot.selection()).astype(np.int64)

    @selection.setter
    def selection(self, rows: Sequence[int]) -> None:
        rows, n = np.unique(rows), len(self._clouds[self.shown])
        if rows.size and not (rows.dtype.kind in "iu" and rows[0] >= 0 and rows[-1] < n):
            raise ValueError(
                f"selection must be whole numbers from 0 to {n - 1}; got {rows!s:.60} of "
                f"{rows.dtype}. Of a mask, pass np.flatnonzero(mask)."
            )
        self._scatter.plot.selection(rows.astype(np.int64))

    def _project(self, cloud: str) -> np.ndarray:
        """Return the coordinates of a cloud in the plane shown, float64 (n, 2), kept."""
        key = (cloud, self.plane)
        if key not in self._projected:
            self._projected[key] = self._planes[self.plane].project(self._clouds[cloud])
        return self._projected[key]

    def _ranges(self) -> list[tuple[float, float]]:
        """Return what the axes span: round the z-points, and both the same length."""
        own = self._project(ORIGINAL)
        low, high = own.min(axis=0), own.max(axis=0)
        reach = MARGIN * (high - low).max() / 2 or 1.0
        return [(center - reach, center + reach) for center in ((low + high) / 2).tolist()]

    def _paint(self) -> Coloring:
        if self.shown != ORIGINAL:
            return one_color(len(self._clouds[self.shown]), SURROGATE, f"surrogate: {self.shown}")
        if not self.color_by:
            return one_color(len(self._run.z), Z_POINTS, ORIGINAL)
        return coloring(self._run.index[self.color_by])

    def _draw(self) -> None:
        paint = self._paint()
        labels = [f"{label} (units of z)" for label in self._planes[self.plane].labels]
        here = self._project(self.shown)
        self._scatter.draw(here, paint.codes, paint.colors, labels, self._ranges())
        self._legend.value = paint.legend

    def _change_plane(self) -> None:
        self._draw()
        self._scatter.widget.reset_view()
        self._count()

    def _change_cloud(self) -> None:
        self._scatter.plot.selection([])  # its rows were those of the other cloud
        self._color.disabled = self.shown != ORIGINAL
        self._draw()
        self._count()

    def _count(self) -> None:
        """Say how many points are selected, and how many lie within the window on the plane."""
        here = self._project(self.shown)
        kind = ORIGINAL if self.shown == ORIGINAL else f"points of the surrogate {self.shown}"
        text = f"{len(self.selection):,} of {len(here):,} {kind} selected"
        window = self._scatter.window.domain
        if window:
            (left, right), (low, high) = np.sort(np.reshape(window, (2, 2)))
            inside = (here >= [left, low]) & (here <= [right, high])
            text += (
                f"; {inside.all(axis=1).sum():,} in view, in {right - left:.3g} x "
                f"{high - low:.3g} units of z"
            )
        self._reading.value = html.escape(f"{text}. Both axes have one scale.")

    def _show(self) -> None:
        """Show pictures and decoded faces of some of the points selected, evenly spread."""
        self._count()
        rows, own = self.selection, self.shown == ORIGINAL
        if not len(rows):
            self._caption.value = HINT
            self._strip.value = jpeg(_sheet([], self._run.store.images.shape[1:]))
            return
        few = rows[np.linspace(0, len(rows) - 1, min(SHOWN, len(rows))).round().astype(int)]
        decoded = self._run.decode(self._clouds[self.shown][few])
        lines = [self._run.store.images[few] / np.float32(255), decoded] if own else [decoded]
        what = "the pictures, and below them what their z-points decode to" if own else "decoded"
        self._strip.value = jpeg(_sheet(lines, decoded.shape[1:]))
        self._caption.value = f"{len(few)} of {len(rows):,} shown: {what}."

    def _build(self, height: int) -> None:
        self._error = ErrorLine()
        self._reading, self._caption, self._legend = (ipywidgets.HTML() for _ in range(3))
        # No tooltip here: with one, ipywidgets 8.1 fails to show the image.
        self._strip = ipywidgets.Image(format="jpeg", layout=STRIP)
        clouds = [(n if n == ORIGINAL else f"surrogate: {n}", n) for n in self._clouds]
        colors = colorable(self._run.index)
        columns = [("none", ""), *((c, c) for c in colors)]  # None shows as blank
        roles = [(role, role) for role in self._planes]
        self._plane = ipywidgets.Dropdown(options=roles, description="plane")
        self._cloud = ipywidgets.Dropdown(options=clouds, description="show")
        self._color = ipywidgets.Dropdown(options=columns, description="color by")
        self._scatter = Scatter(height)
        guard = self._error.guard
        self._plane.observe(guard(self._change_plane), "value")
        self._cloud.observe(guard(self._change_cloud), "value")
        self._color.observe(guard(self._draw), "value")
        self._scatter.window.observe(guard(self._count), "domain")
        self._scatter.widget.observe(guard(self._show), "selection")
        menus = ipywidgets.HBox([self._plane, self._cloud, self._color], layout=WRAPPED)
        below = [self._legend, self._reading, self._strip, self._caption, self._error]
        super().__init__([menus, self._scatter.widget, *below])


def _sheet(lines: list[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    """Return two lines of up to `SHOWN` pictures as one picture, white where there are none."""
    high, wide = shape[0] + GAP, shape[1] + GAP
    page = np.ones((2 * high - GAP, SHOWN * wide - GAP, 3), np.float32)
    for y, line in enumerate(lines):
        for x, picture in enumerate(line):
            page[y * high :, x * wide :][: shape[0], : shape[1]] = picture
    return page


def _choose(menu: ipywidgets.Dropdown, value: str) -> None:
    check_one_of(menu.description, value, [known for _, known in menu.options])
    menu.value = value
