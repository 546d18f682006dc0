"""Frames decoded beforehand, scrubbed in any page: no kernel behind it, and no widget."""

from collections.abc import Mapping, Sequence

import numpy as np

from aelatent._checks import check_whole, subsample
from aelatent.latent.components import dominant_components
from aelatent.latent.core import HeldOutCore
from aelatent.latent.paths import LatentPath
from aelatent.latent.planes import Plane
from aelatent.widgets._parts import check_planes, jpeg
from aelatent.widgets._path_scene import Scene
from aelatent.widgets._scrubber_page import LIMIT, Scrubber, Track
from aelatent.widgets.component_explorer import (
    FOOT,
    HIGH,
    check_components,
    densities_of,
    density_svg,
    place_of,
    span_of,
)

QUALITIES = (92, 80, 65, 50)  # of the JPEGs: the first with which they keep to FRAMES
FRAMES = LIMIT // 3  # bytes of all JPEGs, four thirds of it as text: stills need room, too
COMPONENTS = 8  # walked along where none are named
CLOUD = 1500  # z-points in the picture of a plane, which takes 40 kB with them


def component_scrubber(run, components: Sequence[int] | None = None, *, n: int = 9) -> Scrubber:
    """Walk along components as `ComponentExplorer` does, on frames decoded beforehand.

    Parameters
    ----------
    run : aelatent.Run
        The run; no store is needed.
    components : sequence of int, optional
        A track each; default: up to 8 of `dominant_components`, or else the widest one.
    n : int
        Frames of a track, at least 2; an odd number includes the center.

    Returns
    -------
    Scrubber
        From 2 widths (FWHM) below a component's center to 2 above, the others at their means. Shown
        in a page, it needs no kernel; refused where its HTML would exceed 600 kB.
    """
    described = run.described
    if components is None:
        striking = dominant_components(described).index[:COMPONENTS]
        components = striking if len(striking) else [described["fwhm"].idxmax()]
    choice = check_components(components, run.z.shape[1])
    share = np.linspace(0, 1, check_whole("n", n, 2))  # of the way from left to right
    walks = []
    for c in choice:
        _, low, high = span_of(described.loc[c])
        walk = np.tile(described["mean"].to_numpy(np.float32), (n, 1))
        walk[:, c] = low + share * (high - low)
        walks.append(walk)
    densities, tracks = densities_of(run), []
    for c, walk, (frames, size) in zip(choice, walks, _decoded(run, walks), strict=True):
        row, values = described.loc[c], np.array(run.z[:, c])
        captions = [
            f"{place_of(values, c, row, value)} {_where(d2, run.core)}."
            for value, d2 in zip(walk[:, c], run.core.axes.d2(walk), strict=True)
        ]
        track = Track(
            label=f"component {c}",
            frames=frames,
            size=size,
            captions=captions,
            still=density_svg(densities, c, row),
            marks=np.column_stack([share, [HIGH / (HIGH + FOOT)] * n]),
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
    seed: int = 0,
) -> Scrubber:
    """Go along paths point by point, on frames decoded beforehand, and see where each point lies.

    Parameters
    ----------
    run : aelatent.Run
        The run; no store is needed.
    paths, planes : mapping of str to LatentPath, and to Plane (or one Plane for all)
        One track each, by the name to show, and the plane to show it in.
    seed : int
        Of the z-points drawn as the cloud, 1,500 at most.

    Returns
    -------
    Scrubber
        As many tracks as paths. Shown in a page, it needs no kernel; refused where its HTML would
        exceed 600 kB.
    """
    z, core, center = run.z, run.core, run.axes.mean
    if not isinstance(planes, Mapping):
        planes = dict.fromkeys(paths, planes)
    _check_paths(paths, planes, z.shape[1])
    drawn, tracks = subsample(z, CLOUD, seed), []
    decoded = _decoded(run, [path.z for path in paths.values()])
    for (name, path), (frames, size) in zip(paths.items(), decoded, strict=True):
        scene = Scene.of(planes[name], core, len(z), drawn, center)
        still, marks = scene.still(scene.plane.project(path.z))
        captions = [
            f"{name}, point {k} of {len(path)} ({_along(t, path.unit)}): {_where(d2, core)}."
            for k, (t, d2) in enumerate(zip(path.t, core.axes.d2(path.z), strict=True), 1)
        ]
        note = "The ring is round the point whose face is shown."
        tracks.append(Track(name, frames, size, captions, still, marks, marker="ring", note=note))
    return Scrubber(tracks, title="go along a path", menu="path", slider="point")


def _where(d2: float, core: HeldOutCore) -> str:
    side = "in" if d2 <= core.border else "outside"
    return f"D² {d2:,.0f}, {side} the core (up to {core.border:,.0f})"


def _along(t: float, unit: str) -> str:
    """Say how far along a path a point lies."""
    texts = {"share": f"{t:.0%} of the way", "degrees": f"{t:.0f}°"}
    return texts.get(unit, f"{t:+.2f} {unit}")


def _decoded(run, walks: Sequence[np.ndarray]) -> list[tuple[list[bytes], tuple[int, int]]]:
    """Decode each walk in one call; return its frames as JPEGs, and their width and height."""
    pictures = [run.decode(walk) for walk in walks]
    height, width = pictures[0].shape[1:3]
    for quality in QUALITIES:  # of many or large ones at less quality
        found = [[jpeg(image, quality) for image in images] for images in pictures]
        if sum(len(frame) for frames in found for frame in frames) <= FRAMES:
            break
    return [(frames, (width, height)) for frames in found]


def _check_paths(paths: Mapping[str, LatentPath], planes: Mapping[str, Plane], d: int) -> None:
    if not paths or set(paths) != set(planes):
        raise ValueError(
            f"expected paths, at least one, and a plane for each; got paths {list(paths)} and "
            f"planes {list(planes)}. Give both the same names, or one Plane for all."
        )
    check_planes(planes, d)
    short = [name for name, path in paths.items() if len(path) < 2]
    if short:
        raise ValueError(f"expected paths of 2 points or more, to go along; {short} have fewer.")
