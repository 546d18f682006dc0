"""Drag a path through a plane of the latent space and see what its points decode to."""

import html
import re
from collections.abc import Mapping
from pathlib import Path

import ipywidgets
import numpy as np
import traitlets
from matplotlib.figure import Figure

from aelatent._checks import check_whole, subsample
from aelatent._files import replacing
from aelatent.latent.core import HeldOutCore
from aelatent.latent.paths import LatentPath, between
from aelatent.latent.planes import Plane
from aelatent.plots.strips import film_strip
from aelatent.widgets._explorer import Explorer
from aelatent.widgets._front import module
from aelatent.widgets._parts import ErrorLine
from aelatent.widgets._path_scene import Scene
from aelatent.widgets._plane_menu import PlaneMenu

CLOUD = 5000  # z-points drawn at most
DPI = 150  # of what is saved
FEWEST, MOST = 2, 12  # points of a path


class PathCanvas(Explorer):
    """A plane, a path that the reader drags in it, and the strip of what its points decode to."""

    kind = "path"
    _esm = module("path")
    scene = traitlets.Dict().tag(sync=True)  # of `Scene.message`
    # "start" and "end" in the plane, "n" points, and an "epoch" that Python counts: a late move in
    # the plane of before, or of a path that Python has replaced meanwhile, is void.
    path = traitlets.Dict().tag(sync=True, echo_update=False)
    equal = traitlets.Bool(False).tag(sync=True)  # both axes have one scale
    whole = traitlets.Bool(False).tag(sync=True)  # the view holds the whole core

    def __init__(self, run, n: int):
        self._placed = {"epoch": 0, "n": n}
        super().__init__(run, path=self._placed)

    def enter(self, scene: Scene) -> None:
        """Show a plane, with the first path in it."""
        self.seen = scene
        with self.hold_sync():
            self.scene = scene.message()
            self.place(scene.first_ends(), self.path["n"])

    def place(self, ends: np.ndarray, n: int) -> None:
        """Show another path, from start to end in the plane, float (2, 2)."""
        start, end = np.asarray(ends, float).tolist()
        epoch = self._placed["epoch"] + 1
        self._placed = {"epoch": epoch, "start": start, "end": end, "n": int(n)}
        self.path = self._placed

    @traitlets.validate("path")
    def _not_void(self, proposal) -> dict:
        asked = proposal["value"]
        return asked if asked["epoch"] == self._placed["epoch"] else self._placed

    def latent(self, path: dict) -> LatentPath:
        """Return a path of the plane shown as latent vectors."""
        ends = path["start"], path["end"]
        return between(self.seen.plane, self.seen.middle, *map(np.array, ends), path["n"])

    def _vectors(self, path: dict) -> np.ndarray:
        return self.latent(path).z

    def _still(self):
        path = self.latent(self.path)
        says = f"{len(path)} points of a path in the plane {self.seen.plane.name}"
        return self._run.decode(path.z), len(path), says


class PathExplorer(ipywidgets.VBox):
    """Drag a straight path in a plane; the strip of decoded points follows.

    Whatever the plane does not hold stays as it is at the center, the mean z-point. In each plane
    the path starts along its first axis, two standard deviations of the z-points to each side.

    Parameters
    ----------
    run : aelatent.Run
        The run, for which a core can be found; no store is needed.
    planes : mapping of str to aelatent.latent.Plane
        Planes to choose from by the role that they play, first one first; see `seed_planes`.
    n : int
        Number of points of the path, 2 to 12.
    seed : int
        Of the z-points drawn as the cloud, 5,000 at most.
    folder : path
        Where "Save PNG" writes; it is made when needed.

    Attributes
    ----------
    path : aelatent.latent.LatentPath
        The path as it is now, ``path.z`` float32 (n, d).
    kept : list of aelatent.latent.LatentPath
        The paths that "Keep path" has kept.
    images : float32 (n, height, width, 3)
        The path's pictures, decoded anew, in 0..1.
    """

    def __init__(
        self,
        run,
        planes: Mapping[str, Plane],
        *,
        n: int = 8,
        seed: int = 0,
        folder: str | Path = ".",
    ):
        self._run, self._core = run, run.core
        self._folder = Path(folder)
        self._drawn = subsample(run.z, CLOUD, seed)
        self.kept: list[LatentPath] = []
        self._canvas = PathCanvas(run, _count(n))
        self._lock = self._canvas.lock  # nothing moves while the page is answered
        self._build(PlaneMenu(planes, run.axes, self._enter))
        self._enter(*self._menu.first)

    @property
    def path(self) -> LatentPath:
        """The path as it is now."""
        return self._canvas.latent(self._canvas.path)

    @property
    def images(self) -> np.ndarray:
        """Its pictures, float32 (n, height, width, 3)."""
        return self._run.decode(self.path.z)

    @property
    def ends(self) -> np.ndarray:
        """Start and end in the plane, float64 (2, 2), in units of z, a copy; set it to move."""
        return np.array([self._canvas.path["start"], self._canvas.path["end"]])

    @ends.setter
    def ends(self, places: np.ndarray) -> None:
        self._move(places, self.n_points)

    @property
    def n_points(self) -> int:
        """Number of points of the path, 2 to 12; set it to change it."""
        return self._canvas.path["n"]

    @n_points.setter
    def n_points(self, n: int) -> None:
        self._move(self.ends, n)

    @property
    def plane(self) -> str:
        """The role of the plane shown, or ``"own axes"``; set it, and the path starts anew."""
        return self._role

    @plane.setter
    def plane(self, role: str) -> None:
        self._menu.choose(role)

    def reset(self) -> None:
        """Move back to the plane's first path; the number of points stays."""
        self._move(self._canvas.seen.first_ends(), self.n_points)

    def keep(self) -> None:
        """Append the path to `kept`, and say so below the buttons."""
        self.kept.append(self.path)
        lines = [f"kept[{i}]: {html.escape(_words(path))}" for i, path in enumerate(self.kept)]
        self._log.value = "<br>".join(lines[::-1])

    def save(self) -> list[Path]:
        """Write plane and strip as PNG files whose number is above all in the folder; return them.

        OSError where the folder cannot be written to.
        """
        with self._lock:
            self._saved.value = ""
            path, canvas = self.path, self._canvas
            scene, images = canvas.seen, self._run.decode(path.z)
            places = scene.plane.project(path.z)
            figures = {
                "plane": scene.figure(places, equal=canvas.equal, whole=canvas.whole),
                "strip": _strip(images, path, self._core),
            }
        files = save(self._folder, figures)
        names = " and ".join(file.name for file in files)
        self._saved.value = html.escape(f"Saved {names} in {self._folder.resolve()}")
        return files

    def _move(self, places: np.ndarray, n: int) -> None:
        places = np.array(places, dtype=float)
        if places.shape != (2, 2):
            raise ValueError(
                f"ends must be start and end in the plane, shape (2, 2); got {places.shape}. "
                "For instance [[-1, 0], [1, 0]]."
            )
        between(self._canvas.seen.plane, self._run.axes.mean, *places, n := _count(n))
        self._canvas.place(places, n)

    def _enter(self, role: str, plane: Plane) -> None:
        """Show another plane, with its first path; nothing changes where that fails."""
        with self._lock:
            middle = self._run.axes.mean
            scene = Scene.of(plane, self._core, len(self._run.z), self._drawn, middle)
            self._canvas.enter(scene)
            self._role = role

    def _build(self, menu: PlaneMenu) -> None:
        self._menu = menu
        self._log, self._saved = ipywidgets.HTML(), ipywidgets.HTML()
        self._log.layout = {"max_height": "7em", "overflow": "auto"}
        pressing = ErrorLine()
        buttons = [
            pressing.button("Keep path", self.keep, "append it to explorer.kept"),
            pressing.button("Save PNG", self.save, "write plane and strip as pictures"),
            pressing.button("Reset", self.reset, "back to the first path of this plane"),
        ]
        line = ipywidgets.HBox(buttons)
        super().__init__([menu, self._canvas, line, pressing, self._saved, self._log])

    def _repr_mimebundle_(self, **asked):
        return {**super()._repr_mimebundle_(**asked), "text/html": self._canvas.still()}


def _count(n: int) -> int:
    return check_whole("n, the number of points,", n, FEWEST, MOST, hint="For instance 8.")


def _strip(images: np.ndarray, path: LatentPath, core: HeldOutCore) -> Figure:
    tall = images.shape[1] / images.shape[2]
    figure = Figure(figsize=(max(1.2 * len(path), 8.0), 1.2 * tall + 0.65), layout="constrained")
    labels = [f"{i}: D² {d2:.0f}" for i, d2 in enumerate(core.axes.d2(path.z), 1)]
    title = f"{_words(path)}; in the core D² is at most {core.border:.0f}"
    film_strip(images, labels=labels, title=title, ax=figure.subplots())
    return figure


def _words(path: LatentPath) -> str:
    """Return what a path of the explorer is: plane, number of points, ends."""
    start, end = (", ".join(f"{x:.3g}" for x in path.made[end]) for end in ("start", "end"))
    return f"{path.made['plane']}: {len(path)} points from ({start}) to ({end})"


def save(folder: Path, figures: Mapping[str, Figure]) -> list[Path]:
    """Write figures as ``path-001-NAME.png`` under the first number above all in the folder."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = (re.fullmatch(r"path-(\d+)-.*", file.name) for file in folder.iterdir())
        number = 1 + max((int(match[1]) for match in taken if match), default=0)
        files = [folder / f"path-{number:03d}-{name}.png" for name in figures]
        for file, figure in zip(files, figures.values(), strict=True):
            with replacing(file) as temporary:  # whole or absent
                figure.savefig(temporary, format="png", dpi=DPI)
    except OSError as error:
        raise OSError(
            f"cannot write to {folder}: {error.strerror or error}. Make the explorer with "
            "folder=..., a folder of yours with room."
        ) from error
    return files
