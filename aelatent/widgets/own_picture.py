"""The reader's own picture: encoded, decoded, and where its z-point lies."""

import base64
import io

import numpy as np
import traitlets
from PIL import Image

from aelatent._checks import subsample
from aelatent.latent.planes import Plane
from aelatent.widgets._bundle import core_of
from aelatent.widgets._explorer import Answer, Explorer
from aelatent.widgets._front import module
from aelatent.widgets._parts import jpeg, log
from aelatent.widgets._path_scene import Scene

CLOUD = 4000  # z-points drawn at most
SAMPLES = 6  # pictures of the store to begin with


class OwnPicture(Explorer):
    """Choose or drop a picture; see it decoded from its z-point, and where that lies.

    Parameters
    ----------
    run : aelatent.Run
        The run; without its store there are no samples to choose.
    plane : aelatent.latent.Plane, optional
        Where the z-point is shown; default: the two leading principal axes.
    seed : int
        Of the samples, and of the z-points drawn as the cloud.

    Attributes
    ----------
    z : list of float
        The z-point of the last picture, empty before.
    """

    kind = "photo"
    _esm = module("photo")
    z = traitlets.List(traitlets.Float()).tag(sync=True, echo_update=False)
    scene = traitlets.Dict().tag(sync=True)
    size = traitlets.Int().tag(sync=True)
    samples = traitlets.List().tag(sync=True)  # addresses of pictures, "data:..."
    equal, whole = traitlets.Bool(False).tag(sync=True), traitlets.Bool(False).tag(sync=True)

    def __init__(self, run, *, plane: Plane | None = None, seed: int = 0):
        plane = plane or Plane.principal(run.axes, 1, 2)
        drawn = subsample(run.z, CLOUD, seed)
        core = run.core if "border" in core_of(run) else None
        scene = Scene.of(plane, core, len(run.z), drawn, run.axes.mean)
        samples = samples_of(run, seed)
        super().__init__(run, scene=scene.message(), size=run.config.size, samples=samples)
        self._answers["encode"] = self._encode

    def _encode(self, data: bytes) -> Answer:
        rgba = np.frombuffer(data, np.uint8).reshape(1, self.size, self.size, 4)
        z = self._run.encode(rgba[..., :3])
        image = self._run.decode(z)[0]
        error = float(np.mean((image - rgba[0, ..., :3] / 255) ** 2))
        answer = {"z": z[0].tolist(), "n": 1, "d2": self._d2(z), "error": error}
        return answer, [jpeg(image)]

    def _still(self):
        z = self._run.z[: SAMPLES // 2]
        says = "Pictures decoded from their z-points; a picture of yours can be taken to one, too"
        return self._run.decode(z), len(z), says


def samples_of(run, seed: int = 0) -> list[str]:
    """Return some pictures of the run's store as addresses, "data:image/png;base64,..."."""
    try:
        images = run.store.images
    except (OSError, ValueError) as error:
        log.info("no samples: %s", error)
        return []
    rng, found = np.random.default_rng(seed), []
    rows = np.sort(rng.choice(len(images), min(SAMPLES, len(images)), replace=False))
    for row in rows:
        out = io.BytesIO()
        Image.fromarray(images[row]).save(out, "PNG")
        found.append("data:image/png;base64," + base64.b64encode(out.getvalue()).decode("ascii"))
    return found
