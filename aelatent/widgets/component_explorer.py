"""Walk along one component: its density, the value's place in it, and the decoded face."""

import threading
from collections.abc import Sequence

import ipywidgets
import numpy as np
import pandas as pd

from aelatent._checks import check_vector, check_whole
from aelatent.latent.components import Densities
from aelatent.plots.style import CENTER, PATH, Z_POINTS
from aelatent.widgets._curves import STEPS, span_of
from aelatent.widgets._parts import FACE, ErrorLine, jpeg

WIDE, HIGH, FOOT = 420, 150, 18  # of the density, and of the numbers below it, pixels


class ComponentExplorer(ipywidgets.HBox):
    """Pick a component, move along it, and see the face and where the value lies.

    All other components rest at `base`: the mean z-point, or the z-point of a picture.

    Parameters
    ----------
    run : aelatent.Run
        The run; no store is needed.
    components : sequence of int, optional
        Those to choose from, first one first; default: all, widest first.

    Attributes
    ----------
    image : float32 (height, width, 3)
        The last face decoded.
    """

    def __init__(self, run, *, components: Sequence[int] | None = None, seed: int = 0):
        self._run = run
        self._described = run.described
        self._densities = densities_of(run)
        widest = self._described["fwhm"].sort_values(ascending=False, kind="stable").index
        choice = check_components(widest if components is None else components, run.z.shape[1])
        self._base = self._described["mean"].to_numpy()
        self._rng = np.random.default_rng(seed)
        self._quiet = False  # while the program moves the slider itself
        # JupyterLab runs callbacks in a thread beside the one that runs the cells.
        self._lock = threading.RLock()
        self._build(choice)
        self._choose()

    @property
    def component(self) -> int:
        """The component chosen; set it to choose another one."""
        return self._pick.value

    @component.setter
    def component(self, value: int) -> None:
        self._pick.value = value

    @property
    def value(self) -> float:
        """The coordinate along it, in units of the latent space; set it within the slider."""
        return self._slider.value

    @value.setter
    def value(self, value: float) -> None:
        low, high = self._slider.min, self._slider.max
        if not low <= value <= high:
            raise ValueError(f"value must lie in {low:.4g}..{high:.4g}; got {value!r}.")
        self._slider.value = float(value)

    @property
    def base(self) -> np.ndarray:
        """Where the other components rest, float64 (d,), a copy; set it to a latent vector."""
        return self._base.copy()

    @base.setter
    def base(self, z: np.ndarray) -> None:
        self._base = check_vector("base", z, len(self._base))
        self._show()

    @property
    def z(self) -> np.ndarray:
        """The latent vector shown, float32 (d,)."""
        z = self._base.astype(np.float32)
        z[self.component] = self.value
        return z

    def random_picture(self) -> None:
        """Let the other components rest at the z-point of a random picture."""
        self.base = self._run.z[self._rng.integers(len(self._run.z))]

    def center(self) -> None:
        """Let the other components rest at the mean z-point."""
        self.base = self._described["mean"]

    def _choose(self) -> None:
        """Fit the slider to the component chosen, and start at its center."""
        with self._lock:
            center, low, high = span_of(self._described.loc[self.component])
            self._values = np.array(self._run.z[:, self.component])
            self._quiet = True
            try:
                # The browser cuts a value to the range it knows of: widen it first.
                self._slider.min = min(self._slider.min, low)
                self._slider.max = max(self._slider.max, high)
                self._slider.value = center
                self._slider.min, self._slider.max = low, high
                self._slider.step = (high - low) / STEPS
            finally:
                self._quiet = False
            self._show()

    def _show(self) -> None:
        with self._lock:
            if self._quiet:
                return
            component, value = self.component, self.value
            row = self._described.loc[component]
            self._reading.value = place_of(self._values, component, row, value)
            self._curve.value = density_svg(self._densities, component, row, value)
            self.image = self._run.decode(self.z[None])[0]
            self._face.value = jpeg(self.image)

    def _build(self, choice: list[int]) -> None:
        error = ErrorLine()
        options = [(f"component {c}", c) for c in choice]
        self._pick = ipywidgets.Dropdown(options=options, description="along")
        self._slider = ipywidgets.FloatSlider(
            min=-1, max=1, description="value", readout_format=".2f", layout={"width": f"{WIDE}px"}
        )
        self._curve, self._reading = ipywidgets.HTML(), ipywidgets.HTML()
        self._face = ipywidgets.Image(format="jpeg", layout=FACE)
        self._pick.observe(error.guard(self._choose), "value")
        self._slider.observe(error.guard(self._show), "value")
        buttons = [
            error.button("Random picture", self.random_picture, "the others: those of a picture"),
            error.button("Center", self.center, "the others: those of the mean z-point"),
        ]
        controls = [self._pick, self._curve, self._slider, ipywidgets.HBox(buttons)]
        controls += [self._reading, error]
        super().__init__([self._face, ipywidgets.VBox(controls, layout={"max_width": "460px"})])


def check_components(components: Sequence[int], d: int) -> list[int]:
    """Return components to choose from, refused unless they are some of `d`, each once."""
    choice = [check_whole("a component", c, 0, d - 1) for c in components]
    if not choice or len(set(choice)) < len(choice):
        raise ValueError(f"components must name some of 0 to {d - 1}, each once; got {choice}.")
    return choice


def densities_of(run) -> Densities:
    """Return densities in bins at which the narrowest tenth of them still has a shape."""
    widths = run.described["fwhm"]
    widths = widths[widths > 0]
    return Densities.of(run.z, float(widths.quantile(0.1) / 8) if len(widths) else 0.25)


def place_of(values: np.ndarray, component: int, row: pd.Series, value: float) -> str:
    """Say where a value lies among a component's `values`, float (n,)."""
    widths = (value - row["median"]) / row["fwhm"] if row["fwhm"] else 0.0
    # The sum makes of -0.0, the center in float32, a plain zero.
    return (
        f"component {component}: {value:.2f}, {round(widths, 2) + 0.0:+.2f} widths off its center "
        f"{row['median']:.2f}; {np.mean(values < value):.1%} of the {len(values):,} z-points lie "
        "below."
    )


def density_svg(
    densities: Densities, component: int, row: pd.Series, value: float | None = None
) -> str:
    """Return the density along a component as SVG: blue, center orange, the value red."""
    density, edges = densities.density[component], densities.edges
    center, low, high = span_of(row)
    across = lambda x: WIDE * (np.asarray(x) - low) / (high - low)  # noqa: E731
    shown = (edges[1:] > low) & (edges[:-1] < high)
    left, right = across(edges[:-1][shown]), across(edges[1:][shown])
    up = HIGH - (HIGH - 12) * density[shown] / max(density.max(), 1e-12)
    corners = np.column_stack([left, up, right, up]).reshape(-1, 2)
    corners = np.vstack([[0, HIGH], corners, [WIDE, HIGH]])
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    lines = "".join(
        f'<line x1="{across(x):.1f}" x2="{across(x):.1f}" y1="0" y2="{HIGH}" stroke="{color}" '
        f'stroke-width="{width}"/>'
        for x, color, width in ((center, CENTER, 2), (value, PATH, 3))
        if x is not None
    )
    name = f"density along component {component}, from {low:.2f} to {high:.2f}"
    ticks = "".join(
        f'<text x="{across(x):.0f}" y="{HIGH + 14}" font-size="11" fill="currentColor" '
        f'text-anchor="{anchor}">{x:.2f}</text>'
        for x, anchor in ((low, "start"), (center, "middle"), (high, "end"))
    )
    return (
        f'<svg role="img" aria-label="{name}" width="{WIDE}" height="{HIGH + FOOT}" '
        f'viewBox="0 0 {WIDE} {HIGH + FOOT}">'
        f'<polygon points="{points}" fill="{Z_POINTS}" fill-opacity="0.4" stroke="{Z_POINTS}"/>'
        f"{lines}{ticks}</svg>"
    )
