"""Frames decoded beforehand, scrubbed in any page: no kernel behind it, and no widget."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from aelatent._checks import check_points as checked_points
from aelatent._checks import check_whole
from aelatent.latent.components import Densities, describe_components, dominant_components
from aelatent.latent.core import HeldOutCore, core_border
from aelatent.latent.paths import LatentPath
from aelatent.latent.planes import Plane
from aelatent.widgets._parts import jpeg
from aelatent.widgets._path_scene import Scene
from aelatent.widgets._plane_still import plane_still
from aelatent.widgets._scrubber_page import Track, page_part
from aelatent.widgets.component_explorer import FOOT, HIGH, REACH, _bin_width, density_svg

LIMIT = 600_000  # bytes of a scrubber's HTML: some dozens of them fit into a book of 30 MB
QUALITIES = (92, 80, 65, 50)  # of the JPEGs: the first with which they keep to FRAMES
FRAMES = LIMIT // 3  # bytes of all JPEGs, four thirds of it as text: stills need room, too
COMPONENTS = 8  # walked along where none are named
CLOUD = 2000  # z-points in the picture of a plane


class Scrubber:
    """Frames decoded beforehand, to be scrubbed in a notebook or in a static page.

    As the last value of a cell it becomes a piece of HTML that needs nothing from elsewhere: menu,
    slider, frame, caption, and a still picture in which a mark moves. Without scripts the first
    track's start is seen. It is refused where it would exceed 600 kB.

    Parameters
    ----------
    tracks : sequence of Track
        At least one; their labels differ.
    title : str
        Says what this is to who cannot see it.
    menu, slider : str
        Words before the menu and before the slider.
    """

    def __init__(
        self, tracks: Sequence[Track], *, title: str, menu: str = "track", slider: str = "frame"
    ):
        self.tracks = tuple(tracks)
        labels = [track.label for track in self.tracks]
        if not labels or len(set(labels)) < len(labels):
            raise ValueError(
                f"expected tracks, at least one, with labels that differ; got {labels}. "
                "Name every track for what it shows."
            )
        self._html = page_part(self.tracks, title, menu, slider)
        if (size := len(self._html.encode())) > LIMIT:
            raise ValueError(
                f"the HTML would take {size / 1000:.0f} kB; expected at most {LIMIT // 1000}. "
                f"Pass fewer than {len(labels)} tracks, or fewer frames."
            )

    def __repr__(self) -> str:
        frames = sum(len(track.frames) for track in self.tracks)
        return (
            f"Scrubber: {frames} frames in {len(self.tracks)} tracks, "
            f"{', '.join(track.label for track in self.tracks)}; to be seen in a browser"
        )

    def html(self) -> str:
        """Return the HTML, a ``div`` of which a page may hold many."""
        return self._html

    _repr_html_ = html


def component_scrubber(
    run,
    components: Sequence[int] | None = None,
    *,
    described: pd.DataFrame | None = None,
    core: HeldOutCore | None = None,
    n: int = 9,
) -> Scrubber:
    """Walk along components as `ComponentExplorer` does, on frames decoded beforehand.

    Parameters
    ----------
    run : aelatent.Run
        As for `FaceMixer`; no store is needed.
    components : sequence of int, optional
        A track each; default: up to 8 of `dominant_components`, or else the widest one.
    described, core : pandas.DataFrame and HeldOutCore, optional
        What `describe_components` and `core_border` give for ``run.z``; default: computed.
    n : int
        Frames of a track, at least 2; an odd number includes the center.

    Returns
    -------
    Scrubber
        From 2 widths (FWHM) below a component's center to 2 above, the others at their means.
    """
    z = checked_points(run.z)
    described = describe_components(z) if described is None else described
    if components is None:
        striking = dominant_components(described).index[:COMPONENTS]
        components = striking if len(striking) else [described["fwhm"].idxmax()]
    choice, d = [check_whole("a component", c, 0) for c in components], z.shape[1]
    if not choice or max(choice) >= d:
        raise ValueError(f"components must name some of 0 to {d - 1}; got {choice[:40]}.")
    core = _core_of(z, core)
    densities = Densities.of(z, _bin_width(described))
    widths = np.linspace(-REACH, REACH, check_whole("n", n, 2))
    walks = [_walk(described.loc[c], described["mean"], c, widths) for c in choice]
    tracks = []
    for c, vectors, frames in zip(choice, walks, _decoded(run, walks), strict=True):
        row = described.loc[c]
        track = Track(
            label=f"component {c}",
            frames=frames,
            captions=_readings(z[:, c], c, row, vectors, core),
            still=density_svg(densities, c, row),
            marks=np.column_stack([widths / REACH / 2 + 0.5, [HIGH / (HIGH + FOOT)] * n]),
            marker="line",
            note="Blue: density of the z-points; orange: center; red: the value.",
            start=n // 2,
        )
        tracks.append(track)
    return Scrubber(tracks, title="walk along one component", menu="along", slider="value")


def path_scrubber(
    run,
    paths: Mapping[str, LatentPath],
    planes: Plane | Mapping[str, Plane],
    *,
    core: HeldOutCore | None = None,
    seed: int = 0,
) -> Scrubber:
    """Go along paths point by point, on frames decoded beforehand, and see where each point lies.

    Parameters
    ----------
    run : aelatent.Run
        As for `FaceMixer`; no store is needed.
    paths, planes : mapping of str to LatentPath, and to Plane (or one Plane for all)
        One track each, by the name to show, and the plane to show it in.
    core : HeldOutCore, optional
        The core of ``run.z``; default: computed by `core_border`.
    seed : int
        Of the z-points drawn as the cloud, 2,000 at most, and of the core's split.

    Returns
    -------
    Scrubber
        As many tracks as paths.
    """
    z = checked_points(run.z)
    if not isinstance(planes, Mapping):
        planes = dict.fromkeys(paths, planes)
    _check_paths(paths, planes, z.shape[1])
    core = _core_of(z, core, seed)
    rows = np.random.default_rng(seed).choice(len(z), min(CLOUD, len(z)), replace=False)
    center = z.mean(axis=0, dtype=float)
    tracks = []
    decoded = _decoded(run, [path.z for path in paths.values()])
    for (name, path), frames in zip(paths.items(), decoded, strict=True):
        scene = Scene.of(planes[name], core, len(z), z[np.sort(rows)], center)
        still, marks, note = plane_still(scene, scene.plane.project(path.z))
        captions = [
            f"{name}, point {k} of {len(path)} ({_along(t, path.unit)}): {_where(d2, core)}."
            for k, (t, d2) in enumerate(zip(path.t, core.axes.d2(path.z), strict=True), 1)
        ]
        tracks.append(Track(name, frames, captions, still, marks, note=note))
    return Scrubber(tracks, title="go along a path", menu="path", slider="point")


def _walk(row: pd.Series, mean: pd.Series, component: int, widths: np.ndarray) -> np.ndarray:
    """Return latent vectors along a component, float32 (n, d), the others at their means."""
    vectors = np.tile(mean.to_numpy(np.float32), (len(widths), 1))
    vectors[:, component] = row["median"] + widths * max(row["fwhm"], 1e-3)
    return vectors


def _readings(
    values: np.ndarray, component: int, row: pd.Series, vectors: np.ndarray, core: HeldOutCore
) -> list[str]:
    """Say of each latent vector where it lies, also among the component's `values`, float (n,)."""
    captions = []
    for value, d2 in zip(vectors[:, component], core.axes.d2(vectors), strict=True):
        widths = (value - row["median"]) / row["fwhm"] if row["fwhm"] else 0.0
        # The sum makes of -0.0, the center in float32, a plain zero.
        captions.append(
            f"component {component}: {value:.2f}, {round(widths, 2) + 0.0:+.2f} widths off its "
            f"center; {np.mean(values < value):.1%} of the {len(values):,} z-points lie below. "
            f"{_where(d2, core)}."
        )
    return captions


def _where(d2: float, core: HeldOutCore) -> str:
    side = "in" if d2 <= core.border else "outside"
    return f"D² {d2:,.0f}, {side} the core (up to {core.border:,.0f})"


def _along(t: float, unit: str) -> str:
    """Say how far along a path a point lies."""
    texts = {"share": f"{t:.0%} of the way", "degrees": f"{t:.0f}°"}
    return texts.get(unit, f"{t:+.2f} {unit}")


def _decoded(run, walks: Sequence[np.ndarray]) -> list[list[bytes]]:
    """Decode each walk in one call; return its frames as JPEGs, of large ones at less quality."""
    pictures = []
    for vectors in walks:
        images = np.asarray(run.decode(vectors))
        if len(images) != len(vectors):
            raise ValueError(
                f"run.decode gave {len(images)} pictures for {len(vectors)} latent vectors; "
                "expected one for each. Check the run."
            )
        pictures.append(images)
    for quality in QUALITIES:
        found = [[jpeg(image, quality) for image in images] for images in pictures]
        if sum(len(frame) for frames in found for frame in frames) <= FRAMES:
            break
    return found


def _core_of(z: np.ndarray, core: HeldOutCore | None, seed: int = 0) -> HeldOutCore:
    core = core_border(z, seed) if core is None else core
    if len(core.axes.mean) != z.shape[1]:
        raise ValueError(
            f"core is that of {len(core.axes.mean)} components; the run has {z.shape[1]}. "
            "Leave it out, or pass core_border(run.z)."
        )
    return core


def _check_paths(paths: Mapping[str, LatentPath], planes: Mapping[str, Plane], d: int) -> None:
    if not paths or set(paths) != set(planes):
        raise ValueError(
            f"expected paths, at least one, and a plane for each; got paths {list(paths)} and "
            f"planes {list(planes)}. Give both the same names, or one Plane for all."
        )
    for name, path in paths.items():
        if path.z.ndim != 2 or path.z.shape[1] != d or len(path.t) != len(path):
            raise ValueError(
                f"path {name!r} has points of shape {path.z.shape} at {len(path.t)} places; "
                f"expected (n, {d}) at n. Make it of this run's z-points."
            )
        if not np.isfinite(path.z).all():
            raise ValueError(f"path {name!r} holds NaN or infinities; expected finite numbers.")
        if len(planes[name].offset) != d:
            raise ValueError(
                f"the plane of {name!r} lies in {len(planes[name].offset)} dimensions; expected "
                f"{d}. Make it of this run's z-points."
            )
