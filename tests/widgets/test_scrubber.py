import base64
import dataclasses
import json
from html.parser import HTMLParser

import numpy as np
import pytest

from aelatent.latent import LatentPath, Plane, circle, linear
from aelatent.widgets import path_scrubber
from aelatent.widgets._parts import jpeg

from .stand_ins import LinearRun

FLAT = Plane.components(12, 3, 7)
HOSTILE = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;\u2028"


class Page(HTMLParser):
    """The elements of a piece of HTML in their order, with attributes and text."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open = [], False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), []))
        self.open = True

    def handle_endtag(self, tag):
        self.open = False

    def handle_data(self, data):
        if self.open:
            self.elements[-1][2].append(data)

    def all(self, tag):
        return [(attrs, "".join(text)) for name, attrs, text in self.elements if name == tag]

    def data(self):
        (text,) = [text for attrs, text in self.all("script") if attrs.get("type")]
        return json.loads(text)


def test_the_page_holds_the_tracks_and_without_a_script_the_start_of_the_first(run):
    paths = {name: linear(run.z[i], run.z[i + 1], n=4) for i, name in enumerate(["one", "two"])}
    scrubber = path_scrubber(run, paths, FLAT)
    assert scrubber._repr_html_() == scrubber.html()
    page = Page(scrubber.html())
    for track, told in zip(scrubber.tracks, page.data(), strict=True):
        assert [base64.b64decode(frame) for frame in told["frames"]] == track.frames
        assert told["captions"] == track.captions
        np.testing.assert_allclose(told["marks"], track.marks, atol=1e-4)
    assert [text for _, text in page.all("option")] == ["one", "two"]
    first = scrubber.tracks[0]
    ((slider, _),) = page.all("input")
    expected = {"min": "0", "max": "3", "value": "0", "aria-valuetext": first.captions[0]}
    assert expected.items() <= slider.items()
    (face, _), *_ = page.all("img")
    frame = base64.b64decode(face["src"].removeprefix("data:image/jpeg;base64,"))
    assert (frame, face["alt"]) == (first.frames[0], first.captions[0])
    (_, text), (_, remark) = page.all("p")
    assert text.strip() == first.captions[0]
    assert "JavaScript" in remark
    (controls,) = (a for a, _ in page.all("div") if "controls" in a["class"])
    assert "hidden" in controls
    assert ["hidden" in figure for figure, _ in page.all("figure")] == [False, True]
    marks = [mark["style"] for mark, _ in page.all("span") if "style" in mark]
    places = [f"left:{x:.2%};top:{y:.2%}" for x, y in (t.marks[0] for t in scrubber.tracks)]
    assert marks == places


def test_pages_may_hold_many_and_load_nothing(run):
    paths = {"way": linear(run.z[0], run.z[1], n=3)}
    text = path_scrubber(run, paths, FLAT).html()
    assert text == path_scrubber(run, paths, FLAT).html()  # a cache of outputs stays valid
    page = Page(text)
    assert not any({"id", "for", "name", "href"} & attrs.keys() for _, attrs, _ in page.elements)
    face, still = (attrs["src"] for _, attrs, _ in page.elements if "src" in attrs)
    assert face.startswith("data:image/jpeg;base64,")
    assert still.startswith("data:image/svg+xml,")
    assert "http" not in text.replace(still, "")
    code = page.all("script")[-1][1]
    assert code.lstrip("\n").startswith("//")
    for word in ("eval", "innerHTML", "window.", "import(", "fetch("):
        assert word not in code


def test_large_pictures_are_stored_at_less_quality_and_too_many_refused():
    run = LinearRun(size=64)
    run.weights *= 60  # noise: nothing compresses worse
    ways = {f"way {i}": linear(run.z[i], run.z[i + 1], n=9) for i in range(12)}
    few = dict([*ways.items()][:4])
    scrubber = path_scrubber(run, few, FLAT)
    assert sum(len(f) for track in scrubber.tracks for f in track.frames) <= 200_000
    assert scrubber.tracks[0].frames[0] != jpeg(run.decode(run.seen[0])[0])
    small = path_scrubber(run, {"one": linear(run.z[0], run.z[1], n=3)}, FLAT)
    assert small.tracks[0].frames[0] == jpeg(run.decode(run.seen[-1])[0])
    with pytest.raises(ValueError, match=r"would take \d+ kB; expected at most 600"):
        path_scrubber(run, ways, FLAT)


def test_paths_are_shown_point_by_point(run):
    paths = {"straight": linear(run.z[0], run.z[1], n=4)}
    paths["round"] = circle(FLAT, run.z.mean(axis=0), 1.0, n=6)
    scrubber = path_scrubber(run, paths, {"straight": FLAT, "round": Plane.components(12, 7, 3)})
    walks = run.seen.copy()
    for track, (name, path), seen in zip(scrubber.tracks, paths.items(), walks, strict=True):
        np.testing.assert_array_equal(seen, path.z)
        assert track.frames == [jpeg(image) for image in run.decode(path.z)]
        assert track.label == name
    assert "plane components 7, 3: 400 of 400 z-points and the 6 " in scrubber.tracks[1].still
    assert scrubber.tracks[0].captions[1].startswith("straight, point 2 of 4 (33% of the way): D² ")
    place = paths["round"].t[1]
    assert f"round, point 2 of 6 ({place:.0f}°): D² " in scrubber.tracks[1].captions[1]
    d2 = run.core.axes.d2(paths["straight"].z)
    for caption, value in zip(scrubber.tracks[0].captions, d2, strict=True):
        side = "in" if value <= run.core.border else "outside"
        assert f"D² {value:,.0f}, {side} the core" in caption


def a_path(z):
    return LatentPath(np.asarray(z, np.float32), np.arange(len(z)), "sd", "own", {})


TWO, ONE = a_path(np.eye(12)[:2]), a_path(np.eye(12)[:1])


@pytest.mark.parametrize(
    ("paths", "planes", "message"),
    [
        ({}, FLAT, "expected paths, at least one"),
        ({"a": TWO}, {"b": FLAT}, r"got paths \['a'\] and planes \['b'\]"),
        ({"a": TWO}, Plane.components(4, 0, 1), r"12 components; got \['a'\]"),
        ({"a": ONE}, FLAT, r"2 points or more, to go along; \['a'\]"),
    ],
)
def test_what_cannot_be_walked_is_refused(run, paths, planes, message):
    with pytest.raises(ValueError, match=message):
        path_scrubber(run, paths, planes)


def test_hostile_names_of_paths_stay_texts(run):
    named = dataclasses.replace(FLAT, name=HOSTILE, labels=(HOSTILE, "<b>"))
    path = a_path(run.z[:3])
    plain, page = (
        Page(path_scrubber(run, {name: path}, plane).html())
        for name, plane in (("way", FLAT), (HOSTILE, named))
    )
    assert [name for name, *_ in page.elements] == [name for name, *_ in plain.elements]
    assert not any(key.startswith("on") for _, attrs, _ in page.elements for key in attrs)
    assert page.data()[0]["captions"][0].startswith(f"{HOSTILE}, point 1 of 3 (+0.00 sd): D² ")
    assert [text for _, text in page.all("option")] == [HOSTILE]
