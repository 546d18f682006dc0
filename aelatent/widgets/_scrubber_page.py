"""What a scrubber is made of: its tracks, and the HTML that holds them."""

import base64
import html
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

STATIC = Path(__file__).parent / "static"
LIMIT = 600_000  # bytes of a scrubber's HTML: some dozens of them fit into a book of 30 MB


@dataclass(frozen=True, eq=False)
class Track:
    """One way to scrub along: frames, what is to be read with each, and where each belongs."""

    label: str
    frames: list[bytes]  # n JPEG pictures of one size
    size: tuple[int, int]  # width and height of a frame, pixels
    captions: list[str]  # n
    still: str  # HTML of a picture in which a mark moves
    marks: np.ndarray  # float (n, 2): where it is, from the left and the top, in 0..1
    marker: str  # "ring" round its place, or "line" from the top edge down to it
    note: str  # what the still shows
    start: int = 0  # the frame shown first


class Scrubber:
    """Frames decoded beforehand, to be scrubbed in a notebook or in a static page."""

    # As the last value of a cell it becomes a piece of HTML that needs nothing from elsewhere:
    # menu, slider, frame, caption, and a still picture in which a mark moves. Without scripts the
    # first track's start is seen.

    def __init__(self, tracks: Sequence[Track], title: str, menu: str, slider: str):
        self.tracks = tuple(tracks)
        self._html = _page(self.tracks, title, menu, slider)
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


def _page(tracks: Sequence[Track], title: str, menu: str, slider: str) -> str:
    """Return tracks as a piece of HTML that brings its own style, data and script."""
    first = tracks[0]
    width, height = first.size
    caption = html.escape(first.captions[first.start])
    options = "".join(f"<option>{html.escape(track.label)}</option>" for track in tracks)
    figures = "".join(_figure(track, shown=track is first) for track in tracks)
    # The name of a control is all the text in its label: no ids, which a page may hold but once.
    return f"""<div class="aelatent-scrubber" role="group" aria-label="{html.escape(title)}">
<style>{_static("scrubber.css")}</style>
<img class="aelatent-scrubber-face dark-light" width="{width}" height="{height}" alt="{caption}" \
src="data:image/jpeg;base64,{_base64(first.frames[first.start])}">
<div class="aelatent-scrubber-side"><div class="aelatent-scrubber-controls" hidden>
<label><span>{html.escape(menu)}</span><select autocomplete="off">{options}</select></label>
<label><span>{html.escape(slider)}</span><input type="range" min="0" \
max="{len(first.frames) - 1}" step="1" value="{first.start}" aria-valuetext="{caption}" \
autocomplete="off"></label></div>
{figures}
<p aria-live="polite">{caption}</p>
<noscript><p>Moving along takes JavaScript.</p></noscript></div>
<script type="application/json">{_data(tracks)}</script>
<script>{_static("scrubber.js")}</script></div>"""


def _figure(track: Track, shown: bool) -> str:
    left, top = (f"{share:.2%}" for share in track.marks[track.start])
    down = "height" if track.marker == "line" else "top"
    kind = f"aelatent-scrubber-mark aelatent-scrubber-{track.marker}"
    return (
        f'<figure{"" if shown else " hidden"}><div class="aelatent-scrubber-still">{track.still}'
        f'<span class="{kind}" style="left:{left};{down}:{top}"></span></div>'
        f"<figcaption>{html.escape(track.note)}</figcaption></figure>"
    )


def _data(tracks: Sequence[Track]) -> str:
    """Return what the script needs as JSON that cannot end the element that holds it."""
    data = [
        {
            "frames": [_base64(frame) for frame in track.frames],
            "captions": track.captions,
            "marks": np.round(track.marks, 4).tolist(),
            "start": track.start,
        }
        for track in tracks
    ]
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")


def _static(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
