"""Mix a face: sliders along the principal axes, random draws, and the nearest real pictures."""

import threading
from functools import partial

import ipywidgets
import numpy as np

from aelatent.latent.neighbors import Nearest
from aelatent.latent.principal import PrincipalAxes
from aelatent.latent.samplers import SAMPLERS
from aelatent.widgets._parts import ErrorLine, jpeg, log

REACH = 3.0  # standard deviations that a slider spans to each side of the center
STEP = 0.1  # standard deviations
SIDE = "288px"  # of the face on the page, whatever the picture's own size
NEAREST = 3  # pictures below the face
STRIP = {"width": SIDE, "height": "96px", "object_fit": "contain", "flex": "none"}
GAP = 2  # pixels between them
BATCH = 500  # vectors of one call: fitting a sampler takes seconds, a mixture minutes
SAMPLER = "multivariate normal"  # chosen at first
CORE = 0.95  # share of the z-points that the core's border encloses


class FaceMixer(ipywidgets.HBox):
    """Drag the coordinates of a latent vector along the principal axes and see it decoded.

    Below the face are the pictures whose z-points are nearest to the latent vector, by plain
    distance: where they look like the face, it may be remembered, not new.

    Parameters
    ----------
    run : aelatent.Run
        Anything with ``z``, float (n, d), and ``decode(z)``, float32 (n, height, width, 3) in
        0..1; to see the nearest pictures also ``store.images``, uint8 (n, height, width, 3).
    principal : aelatent.latent.PrincipalAxes, optional
        Principal axes of ``run.z``; default: computed.
    axes : int
        Number of sliders, at least 1; fewer where the z-points vary along fewer axes.

    Attributes
    ----------
    border : float
        95 % quantile of D² of the run's z-points, those that the axes were computed from.
    image : float32 (height, width, 3)
        The last face decoded.
    nearest : int64 (3,)
        Rows of ``run.z`` nearest to it, nearest first.
    """

    def __init__(
        self,
        run,
        *,
        principal: PrincipalAxes | None = None,
        axes: int = 8,
        seed: int = 0,
    ):
        if axes < 1:
            raise ValueError(f"axes must be at least 1; got {axes}. Use for instance axes=8.")
        self.principal = PrincipalAxes.fit(run.z) if principal is None else principal
        self.border = float(np.quantile(self.principal.d2(run.z), CORE))
        self._run = run
        self._search = Nearest(run.z)
        self._rng = np.random.default_rng(seed)
        self._drawn: dict[str, list[np.ndarray]] = {}
        self._coordinates = np.zeros(self.principal.rank)
        # JupyterLab runs callbacks in a thread beside the one that runs the cells.
        self._lock = threading.RLock()
        self._build(min(axes, self.principal.rank))
        self._show()

    @property
    def coordinates(self) -> np.ndarray:
        """Coordinates along all principal axes in standard deviations, float64 (rank,), a copy.

        Set them to move and decode once; sliders show them to the nearest 0.1, and grow if needed.
        """
        return self._coordinates.copy()

    @coordinates.setter
    def coordinates(self, values: np.ndarray) -> None:
        values = np.array(values, dtype=float)
        if values.shape != self._coordinates.shape or not np.isfinite(values).all():
            raise ValueError(
                f"expected {self._coordinates.size} finite coordinates; got shape {values.shape}"
                f"{'' if np.isfinite(values).all() else ' with NaN or infinities'}. "
                "Change a copy: c = mixer.coordinates; c[0] = 1; mixer.coordinates = c."
            )
        with self._lock:
            self._coordinates = values
            for slider, value in zip(self._sliders, values.tolist(), strict=False):
                reach = max(REACH, STEP * np.ceil(abs(value) / STEP))
                # One message each, in this order: the browser cuts a value to the range it knows.
                slider.min, slider.max = min(slider.min, -reach), max(slider.max, reach)
                slider.value = value
                slider.min, slider.max = -reach, reach
            self._show()

    @property
    def z(self) -> np.ndarray:
        """The latent vector at `coordinates`, float32 (d,)."""
        return self.principal.unwhiten(self._coordinates[None])[0].astype(np.float32)

    @property
    def sampler(self) -> str:
        """The name in `aelatent.latent.SAMPLERS` that random faces are drawn from; set it."""
        return self._pick.value

    @sampler.setter
    def sampler(self, name: str) -> None:
        if name not in self._pick.options:
            raise ValueError(f"sampler must be one of {list(self._pick.options)}; got {name!r}.")
        self._pick.value = name

    def random_face(self) -> None:
        """Move to a latent vector drawn from `sampler`; the first one of a sampler takes long."""
        with self._lock:
            name = self.sampler
            if not self._drawn.get(name):
                self._drawn[name] = list(self._draw(name))
            vector = self._drawn[name].pop(0)
            self.coordinates = self.principal.whiten(vector[None])[0]

    def center(self) -> None:
        """Move to the mean z-point."""
        self.coordinates = np.zeros_like(self._coordinates)

    def _draw(self, name: str) -> np.ndarray:
        """Return a new batch of a sampler, float32 (BATCH, d), and say so meanwhile."""
        reading = self._reading.value
        self._reading.value = f"drawing {BATCH} latent vectors: {name} ..."
        try:
            return SAMPLERS[name](self._run.z, BATCH, seed=int(self._rng.integers(2**31)))
        finally:
            self._reading.value = reading

    def _slide(self, axis: int, _) -> None:
        with self._lock:
            value = self._sliders[axis].value  # it may have moved on while this waited
            # A slider that follows `coordinates` snaps to its steps in the browser, which then
            # reports that back: nobody moved it. Taken for a move, a random face would be decoded
            # nine times.
            if abs(self._coordinates[axis] - value) > 0.501 * STEP:
                self._coordinates[axis] = value
                self._show_or_say_why_not()

    def _show(self) -> None:
        d2 = np.sum(self._coordinates**2)
        where = "inside" if d2 <= self.border else "outside"
        self._reading.value = (
            f"D² = {d2:.0f}, {where}: {CORE:.0%} of the {len(self._run.z):,} z-points lie below "
            f"{self.border:.0f}."
        )
        z = self.z
        self.image = np.asarray(self._run.decode(z[None]))[0]
        self._face.value = jpeg(self.image)
        self.nearest, distances = self._search.find(z, NEAREST)
        if self._pictures is not None:
            self._strip.value = jpeg(_side_by_side(self._pictures[self.nearest]))
        named = zip(self.nearest, distances, strict=True)
        rows = ", ".join(f"row&nbsp;{row}&nbsp;({distance:.1f})" for row, distance in named)
        text = f"nearest of {len(self._run.z):,} pictures: {rows}"
        self._caption.value = f'<div style="line-height: 18px">{text}</div>'

    def _build(self, count: int) -> None:
        self._error = ErrorLine()
        self._show_or_say_why_not = self._error.guard(self._show)
        self._sliders = [
            ipywidgets.FloatSlider(
                min=-REACH,
                max=REACH,
                step=STEP,
                description=f"PC {i + 1}",
                tooltip=f"standard deviations along principal axis {i + 1}, which carries "
                f"{self.principal.explained[i]:.1%} of the variance",
                readout_format=".1f",
                continuous_update=True,
            )
            for i in range(count)
        ]
        for i, slider in enumerate(self._sliders):
            slider.observe(partial(self._slide, i), "value")
        self._pick = ipywidgets.Dropdown(
            options=list(SAMPLERS),
            value=SAMPLER,
            description="sampler",
            tooltip="what the random faces are drawn from",
        )
        random, center = (
            self._button("Random face", self.random_face, "draw all coordinates from the sampler"),
            self._button("Center", self.center, "back to the mean z-point"),
        )
        buttons = ipywidgets.HBox([random, center])
        self._reading = ipywidgets.HTML()
        controls = [*self._sliders, self._pick, buttons, self._reading, self._error]
        right = ipywidgets.VBox(controls, layout={"max_width": "420px"})
        super().__init__([self._pictures_below_the_face(), right])

    def _pictures_below_the_face(self) -> ipywidgets.VBox:
        # No tooltips here: with one, ipywidgets 8.1 fails to show an image.
        fixed = {"width": SIDE, "height": SIDE, "flex": "none"}
        self._face = ipywidgets.Image(format="jpeg", layout=fixed)
        self._strip = ipywidgets.Image(format="jpeg", layout=STRIP)
        # As high as its longest text, or the page would move.
        self._caption = ipywidgets.HTML(layout={"width": SIDE, "min_height": "60px"})
        self._pictures = _pictures_of(self._run)
        strip = [] if self._pictures is None else [self._strip]
        return ipywidgets.VBox([self._face, *strip, self._caption], layout={"flex": "none"})

    def _button(self, text: str, act, tooltip: str) -> ipywidgets.Button:
        button = ipywidgets.Button(description=text, tooltip=tooltip)
        button.on_click(self._error.guard(act))
        return button


def _pictures_of(run) -> np.ndarray | None:
    """Return the pictures of a run's store, uint8 (n, height, width, 3), or None without it."""
    try:
        return run.store.images
    except (AttributeError, OSError, ValueError) as error:
        log.info("no pictures below the face: %s", error)
        return None


def _side_by_side(pictures: np.ndarray) -> np.ndarray:
    """Return pictures, uint8 (k, height, width, 3), as one, with gray between them."""
    page = np.pad(pictures, ((0, 0), (0, 0), (0, GAP), (0, 0)), constant_values=128)
    return np.hstack(page)[:, :-GAP]
