"""Mix a face: sliders along the principal axes, random draws, and the nearest real pictures."""

import html
import threading
from functools import partial

import ipywidgets
import numpy as np

from aelatent._checks import check_one_of, check_vector, check_whole
from aelatent.latent.neighbors import Nearest
from aelatent.latent.samplers import SAMPLERS
from aelatent.widgets._parts import FACE, ErrorLine, jpeg, log

REACH = 3.0  # standard deviations that a slider spans to each side of the center
STEP = 0.1  # standard deviations
NEAREST = 3  # pictures below the face
STRIP = {"width": FACE["width"], "height": "96px", "object_fit": "contain", "flex": "none"}
GAP = 2  # pixels between them, gray
GAPS = ((0, 0), (0, 0), (0, GAP), (0, 0))  # of (k, height, width, 3)
BATCH = 500  # vectors of one call: fitting a sampler takes seconds, a mixture minutes
SAMPLER = "multivariate normal"  # chosen at first


class FaceMixer(ipywidgets.HBox):
    """Drag the coordinates of a latent vector along the principal axes and see it decoded.

    Below the face are the pictures whose z-points are nearest to the latent vector, by plain
    distance: where they look like the face, it may be remembered, not new. D² and whether the
    vector lies in the core are those of ``run.core``.

    Parameters
    ----------
    run : aelatent.Run
        The run; without its store there are no pictures below the face.
    axes : int
        Number of sliders, at least 1; fewer where the z-points vary along fewer axes.

    Attributes
    ----------
    image : float32 (height, width, 3)
        The last face decoded.
    nearest : int64 (3,)
        Rows of ``run.z`` nearest to it, nearest first.
    """

    def __init__(self, run, *, axes: int = 8, seed: int = 0):
        axes = check_whole("axes", axes, 1, hint="Use for instance axes=8.")
        self._run = run
        self._search = Nearest(run.z)
        self._rng = np.random.default_rng(seed)
        self._drawn: dict[str, list[np.ndarray]] = {}
        self._coordinates = np.zeros(run.axes.rank)
        # JupyterLab runs callbacks in a thread beside the one that runs the cells.
        self._lock = threading.RLock()
        self._build(min(axes, run.axes.rank))
        self._show()

    @property
    def coordinates(self) -> np.ndarray:
        """Coordinates along all principal axes in standard deviations, float64 (rank,), a copy.

        Set them to move and decode once; sliders show them to the nearest 0.1, and grow if needed.
        """
        return self._coordinates.copy()

    @coordinates.setter
    def coordinates(self, values: np.ndarray) -> None:
        hint = "Change a copy: c = mixer.coordinates; c[0] = 1; mixer.coordinates = c."
        values = check_vector("coordinates", values, len(self._coordinates), hint)
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
        return self._run.axes.unwhiten(self._coordinates[None])[0].astype(np.float32)

    @property
    def sampler(self) -> str:
        """The name in `aelatent.latent.SAMPLERS` that random faces are drawn from; set it."""
        return self._pick.value

    @sampler.setter
    def sampler(self, name: str) -> None:
        check_one_of("sampler", name, self._pick.options)
        self._pick.value = name

    def random_face(self) -> None:
        """Move to a latent vector drawn from `sampler`; the first one of a sampler takes long."""
        with self._lock:
            name = self.sampler
            if not self._drawn.get(name):
                self._drawn[name] = list(self._draw(name))
            vector = self._drawn[name].pop(0)
            self.coordinates = self._run.axes.whiten(vector[None])[0]

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
        z = self.z
        self._reading.value = self._where(z)
        self.image = self._run.decode(z[None])[0]
        self._face.value = jpeg(self.image)
        self.nearest, distances = self._search.find(z, NEAREST)
        if self._pictures is not None:
            page = np.pad(self._pictures[self.nearest], GAPS, constant_values=128)
            self._strip.value = jpeg(np.hstack(page)[:, :-GAP])
        named = zip(self.nearest, distances, strict=True)
        rows = ", ".join(f"row&nbsp;{row}&nbsp;({distance:.1f})" for row, distance in named)
        text = f"nearest of {len(self._run.z):,} pictures: {rows}"
        self._caption.value = f'<div style="line-height: 18px">{text}</div>'

    def _where(self, z: np.ndarray) -> str:
        """Say whether a latent vector, float32 (d,), lies in the core."""
        try:
            core = self._run.core
        except ValueError as error:  # too few z-points, as a reader's own pictures may give
            return html.escape(f"No core: {error}")
        d2 = core.axes.d2(z[None])[0]
        side = "in" if d2 <= core.border else "outside"
        return (
            f"D² = {d2:.0f}, {side} the core: {core.level:.0%} of {len(core.d2):,} held-out "
            f"z-points lie below {core.border:.0f}."
        )

    def _build(self, count: int) -> None:
        error, explained = ErrorLine(), self._run.axes.explained
        self._show_or_say_why_not = error.guard(self._show)
        self._sliders = []
        for i in range(count):
            slider = ipywidgets.FloatSlider(
                min=-REACH, max=REACH, step=STEP, description=f"PC {i + 1}", readout_format=".1f"
            )
            along = f"standard deviations along principal axis {i + 1}, which carries"
            slider.tooltip = f"{along} {explained[i]:.1%} of the variance"
            slider.observe(partial(self._slide, i), "value")
            self._sliders.append(slider)
        self._pick = ipywidgets.Dropdown(
            options=list(SAMPLERS),
            value=SAMPLER,
            description="sampler",
            tooltip="what the random faces are drawn from",
        )
        buttons = [
            error.button("Random face", self.random_face, "draw all coordinates from the sampler"),
            error.button("Center", self.center, "back to the mean z-point"),
        ]
        self._reading = ipywidgets.HTML()
        controls = [*self._sliders, self._pick, ipywidgets.HBox(buttons), self._reading, error]
        right = ipywidgets.VBox(controls, layout={"max_width": "420px"})
        # No tooltips here: with one, ipywidgets 8.1 fails to show an image.
        self._face = ipywidgets.Image(format="jpeg", layout=FACE)
        self._strip = ipywidgets.Image(format="jpeg", layout=STRIP)
        # As high as its longest text, or the page would move.
        self._caption = ipywidgets.HTML(layout={"width": FACE["width"], "min_height": "60px"})
        try:
            # uint8 (n, height, width, 3)
            self._pictures, strip = self._run.store.images, [self._strip]
        except (OSError, ValueError) as error:
            self._pictures, strip = None, []
            log.info("no pictures below the face: %s", error)
        left = ipywidgets.VBox([self._face, *strip, self._caption], layout={"flex": "none"})
        super().__init__([left, right])
