"""What a scrubber is made of: its tracks, and the HTML that holds them."""

import base64
import html
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from PIL import Image

from aelatent._checks import check_whole

STATIC = Path(__file__).parent / "static"
PASSIVE = {"svg", "g", "path", "rect", "circle", "line", "polyline", "polygon", "text"}  # of SVG


@dataclass(frozen=True, eq=False)
class Track:
    """One way to scrub along: frames, what is to be read with each, and where each belongs.

    Attributes
    ----------
    label, note : str
        Name of the track; what the still shows, in words.
    frames, captions : sequence of bytes and of str
        JPEG pictures of one size, at least 2, and a text for each.
    still : str
        Picture in which a mark moves: plain SVG, which becomes part of the page.
    marks : float (n, 2)
        Where the mark is for each frame, from the left and from the top, as shares of the still.
    marker : "ring" or "line"
        The mark: a ring round its place, or a line from the top edge down to it.
    start : int
        The frame shown first.
    """

    label: str
    frames: Sequence[bytes]
    captions: Sequence[str]
    still: str
    marks: np.ndarray
    marker: str = "ring"
    note: str = ""
    start: int = 0

    def __post_init__(self):
        n = len(self.frames)
        marks = np.asarray(self.marks)
        if n < 2 or len(self.captions) != n or marks.shape != (n, 2):
            raise ValueError(
                f"a track has at least 2 frames, and a caption and a mark for each; got {n} "
                f"frames, {len(self.captions)} captions and marks of shape {marks.shape}."
            )
        if marks.dtype.kind not in "fiu" or not ((marks >= 0) & (marks <= 1)).all():
            raise ValueError("marks must be shares of the still, in 0..1; got others, or NaN.")
        if not all(isinstance(text, str) for text in (self.label, self.note, *self.captions)):
            raise ValueError("label, captions and note must be strings; got something else.")
        if self.marker not in ("ring", "line"):
            raise ValueError(f"marker must be 'ring' or 'line'; got {self.marker!r}.")
        if check_whole("start", self.start, 0) >= n:
            raise ValueError(f"start must be one of frames 0 to {n - 1}; got {self.start}.")
        sizes = {_size_of(frame) for frame in self.frames}
        if len(sizes) > 1:
            raise ValueError(f"frames must have one size; got {sorted(sizes)}.")
        _refuse_active(self.still)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the frames, pixels."""
        return _size_of(self.frames[0])


def page_part(tracks: Sequence[Track], title: str, menu: str, slider: str) -> str:
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
            "captions": list(track.captions),
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


def _size_of(frame: bytes) -> tuple[int, int]:
    """Return width and height of a JPEG, refused where it is none."""
    try:
        with Image.open(io.BytesIO(frame), formats=["JPEG"]) as picture:
            return picture.size
    except (OSError, TypeError) as error:
        raise ValueError(
            f"frames must be JPEG pictures as bytes; got {frame!r:.40}. Encode pictures first."
        ) from error


def _refuse_active(still: str) -> None:
    """Refuse a still that is no SVG, or holds what could run, load or restyle something."""
    try:
        elements = [] if "<!" in still else list(ElementTree.fromstring(still).iter())
    except (ElementTree.ParseError, TypeError):
        elements = []
    names = [element.tag for element in elements]
    keys = [key for element in elements for key in element.attrib]
    odd = [name for name in names if name not in PASSIVE]
    odd += [key for key in keys if key.startswith("on") or key in ("href", "style", "id")]
    if odd or names[:1] != ["svg"]:
        raise ValueError(
            f"still must be one plain svg element of shapes and text; got {odd or still!r:.60}. "
            "Draw it without scripts, links, styles and ids."
        )
