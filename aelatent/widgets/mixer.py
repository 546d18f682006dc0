"""Mix a face: sliders along the principal axes, random draws, and the nearest real pictures."""

import numpy as np
import traitlets

from aelatent._checks import check_one_of, check_vector, check_whole
from aelatent.latent.neighbors import Nearest
from aelatent.latent.samplers import SAMPLERS
from aelatent.widgets._explorer import SD, Answer, Explorer
from aelatent.widgets._front import module
from aelatent.widgets._parts import jpeg, log

NEAREST = 3  # pictures below the face
BATCH = 500  # vectors of one call: fitting a sampler takes seconds, a mixture minutes
SAMPLER = "multivariate normal"  # chosen at first
ROWS = 3  # of a still, an axis each


class FaceMixer(Explorer):
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
        The face, decoded anew.
    nearest : int64 (3,)
        Rows of ``run.z`` nearest to it, nearest first.
    """

    kind = "mixer"
    _esm = module("mixer")
    # Coordinates along all principal axes, in standard deviations.
    y = traitlets.List(traitlets.Float()).tag(sync=True, echo_update=False)
    sampler = traitlets.Unicode(SAMPLER).tag(sync=True)
    samplers = traitlets.List(list(SAMPLERS)).tag(sync=True)
    explained = traitlets.List().tag(sync=True)  # share of the variance along each slider's axis

    def __init__(self, run, *, axes: int = 8, seed: int = 0):
        axes = check_whole("axes", axes, 1, hint="Use for instance axes=8.")
        rank = run.axes.rank
        explained = run.axes.explained[: min(axes, rank)].tolist()
        super().__init__(run, y=[0.0] * rank, explained=explained)
        self._search = Nearest(run.z)
        self._rng = np.random.default_rng(seed)
        self._drawn: dict[str, list[np.ndarray]] = {}
        self._answers |= {"draw": self._draw, "nearest": self._near}
        try:
            self._pictures = run.store.images  # uint8 (n, height, width, 3)
        except (OSError, ValueError) as error:
            self._pictures = None
            log.info("no pictures below the face: %s", error)

    @property
    def coordinates(self) -> np.ndarray:
        """Coordinates along all principal axes in standard deviations, float64 (rank,), a copy.

        Set them to move; sliders show them to the nearest 0.1, and grow if needed.
        """
        return np.array(self.y)

    @coordinates.setter
    def coordinates(self, values: np.ndarray) -> None:
        hint = "Change a copy: c = mixer.coordinates; c[0] = 1; mixer.coordinates = c."
        self.y = check_vector("coordinates", values, len(self.y), hint).tolist()

    @property
    def z(self) -> np.ndarray:
        """The latent vector at `coordinates`, float32 (d,)."""
        return self._vectors(self.y)[0]

    @property
    def image(self) -> np.ndarray:
        """The face, float32 (height, width, 3)."""
        return self._run.decode(self.z[None])[0]

    @property
    def nearest(self) -> np.ndarray:
        """Rows of the nearest z-points, int64 (3,)."""
        return self._search.find(self.z, NEAREST)[0]

    @traitlets.validate("sampler")
    def _known(self, proposal) -> str:
        check_one_of("sampler", proposal["value"], SAMPLERS)
        return proposal["value"]

    def random_face(self) -> None:
        """Move to a latent vector drawn from `sampler`; the first one of a sampler takes long."""
        with self.lock:
            if not self._drawn.get(self.sampler):
                draw, seed = SAMPLERS[self.sampler], int(self._rng.integers(2**31))
                self._drawn[self.sampler] = list(draw(self._run.z, BATCH, seed=seed))
            vector = self._drawn[self.sampler].pop(0)
            self.coordinates = self._run.axes.whiten(vector[None])[0]

    def center(self) -> None:
        """Move to the mean z-point."""
        self.y = [0.0] * len(self.y)

    def _draw(self) -> Answer:
        self.random_face()
        return {}, []

    def _near(self, y: list) -> Answer:
        rows, distances = self._search.find(self._vectors(y)[0], NEAREST)
        answer = {"rows": rows.tolist(), "distances": distances.tolist()}
        found = [] if self._pictures is None else [jpeg(np.concatenate(self._pictures[rows]))]
        return {**answer, "among": len(self._run.z)}, found

    def _vectors(self, y: list) -> np.ndarray:
        return self._run.axes.unwhiten(np.array(y)[None]).astype(np.float32)

    def _still(self):
        count = min(ROWS, len(self.explained))
        places = np.zeros((count, len(SD), len(self.y)))
        places[:] = self.y
        for axis in range(count):
            places[axis, :, axis] += SD
        z = self._run.axes.unwhiten(places.reshape(-1, len(self.y))).astype(np.float32)
        rows = "principal axis 1" if count == 1 else f"principal axes 1 to {count}, a row each"
        says = f"Steps along {rows}: {SD[0]} to {SD[-1]} standard deviations from the middle"
        return self._run.decode(z), len(SD), says
