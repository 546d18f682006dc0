"""Frames decoded beforehand, scrubbed in any page: no kernel behind it, and no widget."""

import base64
import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from aelatent._checks import subsample
from aelatent.latent.core import HeldOutCore
from aelatent.latent.paths import LatentPath
from aelatent.latent.planes import Plane
from aelatent.widgets._front import STATIC
from aelatent.widgets._parts import check_planes, jpeg
from aelatent.widgets._path_scene import Scene

LIMIT = 600_000  # bytes of a scrubber's HTML: some dozens of them fit into a book of 30 MB
QUALITIES = (92, 80, 65, 50)  # of the JPEGs: the first with which they keep to FRAMES
FRAMES = LIMIT // 3  # bytes of all JPEGs, four thirds of it as text: stills need room, too
NOTE = "The ring is round the point whose face is shown."
CLOUD = 1500  # z-points in the picture of a plane, which takes 40 kB with them


@dataclass(frozen=True, eq=False)
class Track:
    """One way to scrub along: frames, what is to be read with each, and where each belongs."""

    label: str
    frames: list[bytes]  # n JPEG pictures of one size
    size: tuple[int, int]  # width and height of a frame, pixels
    captions: list[str]  # n
    still: str  # HTML of a picture in which a mark moves
    marks: np.ndarray  # float (n, 2): where it is, from the left and the top, in 0..1


class Scrubber:
    """Frames decoded beforehand, to be scrubbed in a notebook or in a static page."""

    # As the last value of a cell it becomes a piece of HTML that needs nothing from elsewhere:
    # menu, slider, frame, caption, and a still picture in which a mark moves. Without scripts the
    # first track's start is seen.

    def __init__(self, tracks: Sequence[Track]):
        self.tracks = tuple(tracks)
        self._html = _page(self.tracks)
        if (size := len(self._html.encode())) > LIMIT:
            raise ValueError(
                f"the HTML would take {size / 1000:.0f} kB; expected at most {LIMIT // 1000}. "
                f"Pass fewer than {len(tracks)} tracks, or fewer frames."
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


def _page(tracks: Sequence[Track]) -> str:
    """Return tracks as a piece of HTML that brings its own style, data and script."""
    first = tracks[0]
    width, height = first.size
    caption = html.escape(first.captions[0])
    options = "".join(f"<option>{html.escape(track.label)}</option>" for track in tracks)
    figures = "".join(_figure(track, shown=track is first) for track in tracks)
    # The name of a control is all the text in its label: no ids, which a page may hold but once.
    return f"""<div class="aelatent-scrubber" role="group" aria-label="go along a path">
<style>{_static("scrubber.css")}</style>
<img class="aelatent-scrubber-face dark-light" width="{width}" height="{height}" alt="{caption}" \
src="data:image/jpeg;base64,{_base64(first.frames[0])}">
<div class="aelatent-scrubber-side"><div class="aelatent-scrubber-controls" hidden>
<label><span>path</span><select autocomplete="off">{options}</select></label>
<label><span>point</span><input type="range" min="0" \
max="{len(first.frames) - 1}" step="1" value="0" aria-valuetext="{caption}" \
autocomplete="off"></label></div>
{figures}
<p aria-live="polite">{caption}</p>
<noscript><p>Moving along takes JavaScript.</p></noscript></div>
<script type="application/json">{_data(tracks)}</script>
<script>{_static("scrubber.js")}</script></div>"""


def _figure(track: Track, shown: bool) -> str:
    left, top = (f"{share:.2%}" for share in track.marks[0])
    return (
        f'<figure{"" if shown else " hidden"}><div class="aelatent-scrubber-still">{track.still}'
        f'<span class="aelatent-scrubber-mark" style="left:{left};top:{top}"></span></div>'
        f"<figcaption>{NOTE}</figcaption></figure>"
    )


def _data(tracks: Sequence[Track]) -> str:
    """Return what the script needs as JSON that cannot end the element that holds it."""
    data = [
        {
            "frames": [_base64(frame) for frame in track.frames],
            "captions": track.captions,
            "marks": np.round(track.marks, 4).tolist(),
        }
        for track in tracks
    ]
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")


def _static(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def path_scrubber(
    run, paths: Mapping[str, LatentPath], planes: Plane | Mapping[str, Plane], *, seed: int = 0
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
    if not paths or set(paths) != set(planes):
        raise ValueError(
            f"expected paths, at least one, and a plane for each; got paths {list(paths)} and "
            f"planes {list(planes)}. Give both the same names, or one Plane for all."
        )
    check_planes(planes, z.shape[1])
    if short := [name for name, path in paths.items() if len(path) < 2]:
        raise ValueError(f"expected paths of 2 points or more, to go along; {short} have fewer.")
    drawn, tracks = subsample(z, CLOUD, seed), []
    decoded = _decoded(run, [path.z for path in paths.values()])
    for (name, path), (frames, size) in zip(paths.items(), decoded, strict=True):
        scene = Scene.of(planes[name], core, len(z), drawn, center)
        still, marks = scene.still(scene.plane.project(path.z))
        captions = [
            f"{name}, point {k} of {len(path)} ({_along(t, path.unit)}): {_where(d2, core)}."
            for k, (t, d2) in enumerate(zip(path.t, core.axes.d2(path.z), strict=True), 1)
        ]
        tracks.append(Track(name, frames, size, captions, still, marks))
    return Scrubber(tracks)


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
