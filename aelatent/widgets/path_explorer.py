"""Drag a path through a plane of the latent space and see what its points decode to."""

import html
import re
import threading
from collections.abc import Mapping
from pathlib import Path

import ipywidgets
import numpy as np
from matplotlib.figure import Figure

from aelatent._checks import check_whole, subsample
from aelatent._files import replacing
from aelatent.latent.core import HeldOutCore
from aelatent.latent.paths import LatentPath, between
from aelatent.latent.planes import Plane
from aelatent.plots.strips import film_strip
from aelatent.widgets._parts import ErrorLine, jpeg
from aelatent.widgets._path_canvas import FEWEST, MOST, PathCanvas
from aelatent.widgets._path_scene import Scene
from aelatent.widgets._plane_menu import PlaneMenu

CLOUD = 5000  # z-points drawn at most
DPI = 150  # of what is saved


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
        The pictures last decoded, in 0..1.
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
        self._n, self._folder = n, Path(folder)
        self._drawn = subsample(run.z, CLOUD, seed)
        self.kept: list[LatentPath] = []
        # JupyterLab runs callbacks in a thread beside the one that runs the cells.
        self._lock = threading.RLock()
        self._build(PlaneMenu(planes, run.axes, self._change_plane))
        self._enter(*self._menu.first)
        self._show()

    @property
    def ends(self) -> np.ndarray:
        """Start and end in the plane, float64 (2, 2), in units of z, a copy; set it to move."""
        return self._ends.copy()

    @ends.setter
    def ends(self, places: np.ndarray) -> None:
        self._move(places, self._n)

    @property
    def n_points(self) -> int:
        """Number of points of the path, 2 to 12; set it to change it."""
        return self._n

    @n_points.setter
    def n_points(self, n: int) -> None:
        self._move(self._ends, n)

    @property
    def plane(self) -> str:
        """The role of the plane shown, or ``"own axes"``; set it, and the path starts anew."""
        return self._role

    @plane.setter
    def plane(self, role: str) -> None:
        self._menu.choose(role)

    def reset(self) -> None:
        """Move back to the plane's first path; the number of points stays."""
        self._move(self._scene.first_ends(), self._n)

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
            places = self._scene.plane.project(path.z)
            images = self._run.decode(path.z)  # the page may show those of before
            figures = {
                "plane": self._scene.figure(places, equal=canvas.equal, whole=canvas.whole),
                "strip": _strip(images, path, self._core),
            }
        files = save(self._folder, figures)
        names = " and ".join(file.name for file in files)
        self._saved.value = html.escape(f"Saved {names} in {self._folder.resolve()}")
        return files

    def _move(self, places: np.ndarray, n: int) -> None:
        with self._lock:
            self._place(places, n)
            self._canvas.place(self._ends, self._n)
            self._show()

    def _follow(self, _) -> None:
        """Go where the reader has moved the path in the browser."""
        with self._lock:
            if self._canvas.moved:
                self._go_or_say_why_not()

    def _go(self) -> None:
        asked = self._canvas.asked
        self._place([asked["start"], asked["end"]], asked["n"])
        self._show()

    def _change_plane(self, role: str, plane: Plane) -> None:
        with self._lock:
            self._enter(role, plane)
            self._show_or_say_why_not()

    def _enter(self, role: str, plane: Plane) -> None:
        """Show another plane, with its first path; nothing changes where that fails."""
        scene = Scene.of(plane, self._core, len(self._run.z), self._drawn, self._run.axes.mean)
        self._role, self._scene = role, scene
        self._place(scene.first_ends(), self._n)
        self._canvas.place(self._ends, self._n, scene.message())

    def _place(self, places: np.ndarray, n: int) -> None:
        places = np.array(places, dtype=float)
        if places.shape != (2, 2):
            raise ValueError(
                f"ends must be start and end in the plane, shape (2, 2); got {places.shape}. "
                "For instance [[-1, 0], [1, 0]]."
            )
        n = check_whole("n, the number of points,", n, FEWEST, MOST, hint="For instance 8.")
        self.path = between(self._scene.plane, self._run.axes.mean, *places, n)
        self._ends, self._n = places, n

    def _show(self) -> None:
        """Decode the path in one call, and show it."""
        images = self._run.decode(self.path.z)
        middle = self._scene.plane.lift(self._ends.mean(axis=0)[None], self._run.axes.mean)
        *d2, halfway = self._core.axes.d2(np.vstack([self.path.z, middle])).tolist()
        inside = [value <= self._core.border for value in d2]
        # The faces go first: they are what the reader waits for.
        self._canvas.show(jpeg(np.concatenate(list(images), axis=1)), d2, inside)
        self._reading.value = (
            f"D² is {d2[0]:.0f} at the start, {halfway:.0f} in the middle and {d2[-1]:.0f} at the "
            f"end; {sum(inside)} of {len(d2)} points lie in the core, where it is at most "
            f"{self._core.border:.0f}."
        )
        self.images = images
        self._error.value = ""

    def _build(self, menu: PlaneMenu) -> None:
        self._menu, self._canvas = menu, PathCanvas()
        self._reading, self._log, self._saved = (ipywidgets.HTML() for _ in range(3))
        self._log.layout = {"max_height": "7em", "overflow": "auto"}
        self._error, pressing = ErrorLine(), ErrorLine()
        self._show_or_say_why_not = self._error.guard(self._show)
        self._go_or_say_why_not = self._error.guard(self._go)
        self._canvas.observe(self._follow, "asked")
        keep = pressing.button("Keep path", self.keep, "append it to explorer.kept")
        save = pressing.button("Save PNG", self.save, "write plane and strip as pictures")
        reset = self._error.button("Reset", self.reset, "back to the first path of this plane")
        line = ipywidgets.HBox([keep, save, reset])
        super().__init__(
            [menu, self._canvas, self._reading, self._error, line, pressing, self._saved, self._log]
        )


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
