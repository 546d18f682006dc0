import base64
import dataclasses
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from aelatent.latent import describe_components, dominant_components
from aelatent.latent.core import core_border
from aelatent.latent.paths import LatentPath, circle, linear
from aelatent.latent.planes import Plane
from aelatent.plots.style import PATH
from aelatent.widgets import ComponentExplorer, component_scrubber, path_scrubber
from aelatent.widgets._parts import jpeg
from aelatent.widgets._scrubber_page import Track
from aelatent.widgets.scrubber import Scrubber

from .stand_ins import LinearRun

STILL = '<svg viewBox="0 0 10 10"><text>still</text></svg>'
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


def picture(value, size=8):
    return jpeg(np.full((size, size, 3), value, np.uint8))


def a_track(label="way", n=3, **changes):
    frames = [picture(40 * k) for k in range(n)]
    marks = np.column_stack([np.linspace(0, 1, n), np.full(n, 0.25)])
    given = {"frames": frames, "captions": [f"{label} {k}" for k in range(n)], "marks": marks}
    return Track(**{"label": label, "still": STILL, **given, **changes})


@pytest.fixture
def run():
    return LinearRun()


def test_the_page_holds_the_tracks_as_they_are():
    tracks = [a_track("one", start=1), a_track("two", n=4, marker="line", note="a note")]
    page = Page(Scrubber(tracks, title="things", menu="which", slider="how far").html())
    for track, told in zip(tracks, page.data(), strict=True):
        assert [base64.b64decode(frame) for frame in told["frames"]] == track.frames
        assert told["captions"] == track.captions
        np.testing.assert_allclose(told["marks"], track.marks, atol=1e-4)
        assert told["start"] == track.start
    assert [text for _, text in page.all("option")] == ["one", "two"]
    ((root, _), *_) = page.all("div")
    assert (root["role"], root["aria-label"]) == ("group", "things")
    ((slider, _),) = page.all("input")
    expected = {"type": "range", "min": "0", "max": "2", "value": "1", "aria-valuetext": "one 1"}
    assert expected.items() <= slider.items()


def test_without_a_script_it_shows_the_first_tracks_start_and_no_control():
    page = Page(Scrubber([a_track("one", start=2), a_track("two")], title="things").html())
    ((face, _),) = page.all("img")
    assert base64.b64decode(face["src"].removeprefix("data:image/jpeg;base64,")) == picture(80)
    assert (face["width"], face["height"], face["alt"]) == ("8", "8", "one 2")
    (caption, text), (_, remark) = page.all("p")
    assert "JavaScript" in remark
    assert (caption["aria-live"], text.strip()) == ("polite", "one 2")
    (controls,) = (a for a, _ in page.all("div") if "controls" in a["class"])
    assert "hidden" in controls
    assert ["hidden" in figure for figure, _ in page.all("figure")] == [False, True]
    assert [mark["style"] for mark, _ in page.all("span") if "style" in mark] == [
        "left:100.00%;top:25.00%",
        "left:0.00%;top:25.00%",
    ]


def test_every_control_has_its_name_in_its_label():
    text = Scrubber([a_track()], title="t", menu="which", slider="how far").html()
    assert "<label><span>which</span><select" in text
    assert "<label><span>how far</span><input" in text


def test_hostile_texts_stay_texts():
    captions = [HOSTILE] * 3
    track = a_track(HOSTILE, captions=captions, note=HOSTILE)
    plain, text = (
        Scrubber(tracks, title=HOSTILE, menu=HOSTILE, slider=HOSTILE).html()
        for tracks in ([a_track()], [track])
    )
    page = Page(text)
    assert page.data()[0]["captions"] == captions
    assert [name for name, *_ in page.elements] == [name for name, *_ in Page(plain).elements]
    assert not any(key.startswith("on") for _, attrs, _ in page.elements for key in attrs)
    assert [text for _, text in page.all("option")] == [HOSTILE]


def test_pages_may_hold_many_and_load_nothing():
    text = Scrubber([a_track()], title="things").html()
    assert text == Scrubber([a_track()], title="things").html()  # a cache of outputs stays valid
    page = Page(text)
    assert not any({"id", "for", "name", "href"} & attrs.keys() for _, attrs, _ in page.elements)
    assert "http" not in text
    code = page.all("script")[-1][1]
    assert code.lstrip("\n").startswith("//")
    for word in ("eval", "innerHTML", "window.", "import(", "fetch("):
        assert word not in code


def test_it_says_in_plain_text_what_it_is():
    scrubber = Scrubber([a_track("one"), a_track("two", n=4)], title="things")
    assert repr(scrubber) == "Scrubber: 7 frames in 2 tracks, one, two; to be seen in a browser"
    assert scrubber._repr_html_() == scrubber.html()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"frames": []}, "got 0 frames, 3 captions"),
        (
            {"frames": [picture(0)], "captions": [""], "marks": [[0, 0]]},
            "at least 2 frames; got 1|",
        ),
        ({"captions": ["one"]}, "got 3 frames, 1 captions"),
        ({"marks": np.zeros((3, 3))}, r"marks of shape \(3, 3\)"),
        ({"marks": np.full((3, 2), np.nan)}, "in 0..1; got others, or NaN"),
        ({"marks": np.full((3, 2), 1.5)}, "in 0..1"),
        ({"marks": np.full((3, 2), "x")}, "in 0..1"),
        ({"captions": [1, 2, 3]}, "must be strings"),
        ({"label": None}, "must be strings"),
        ({"marker": "dot"}, "'ring' or 'line'; got 'dot'"),
        ({"start": 3}, "frames 0 to 2; got 3"),
        ({"start": -1}, "start must be a whole number"),
        ({"frames": [picture(0), picture(0), picture(0, size=9)]}, "one size"),
        ({"frames": [b"GIF89a"] * 3}, "must be JPEG pictures as bytes; got b'GIF89a'"),
        ({"frames": ["text"] * 3}, "must be JPEG"),
        ({"still": "<p>text</p>"}, r"got \['p'\]"),
        ({"still": "<svg>"}, "got '<svg>'"),
        ({"still": "<g/>"}, "got '<g/>'"),
        ({"still": None}, "got None"),
        ({"still": "<svg><script>alert(1)</script></svg>"}, r"got \['script'\]"),
        ({"still": '<svg onload="alert(1)"/>'}, r"got \['onload'\]"),
        ({"still": '<svg><path id="x"/></svg>'}, r"got \['id'\]"),
        ({"still": '<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>'}, "still must be"),
    ],
)
def test_a_track_that_does_not_fit_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        a_track(**changes)


@pytest.mark.parametrize("tracks", [[], [a_track("one"), a_track("one")]])
def test_tracks_need_names_that_differ(tracks):
    with pytest.raises(ValueError, match=r"labels that differ; got \["):
        Scrubber(tracks, title="things")


def test_what_takes_too_much_room_is_refused():
    noise = np.random.default_rng(0).integers(0, 256, (256, 256, 3)).astype(np.uint8)
    frames = [jpeg(noise)] * 6
    with pytest.raises(ValueError, match=r"would take \d+ kB; expected at most 600"):
        Scrubber([a_track(n=6, frames=frames)], title="things")


def test_components_are_walked_as_the_explorer_walks_them(run):
    scrubber = component_scrubber(run, [5, 2], n=5)
    walks = run.seen.copy()
    explorer = ComponentExplorer(run, components=[5, 2])
    described = describe_components(run.z)
    assert [track.label for track in scrubber.tracks] == ["component 5", "component 2"]
    for track, component, walk in zip(scrubber.tracks, (5, 2), walks, strict=True):
        explorer.component = component
        center, width = described.loc[component, ["median", "fwhm"]]
        assert track.frames == [jpeg(image) for image in run.decode(walk)]
        assert track.start == 2
        for k, caption in enumerate(track.captions):
            explorer.value = center + (k - 2) * width
            np.testing.assert_allclose(walk[k], explorer.z, rtol=1e-5)
            assert f"component {component}: {explorer.value:.2f}, {k - 2:+.2f} widths" in caption
            below = np.mean(run.z[:, component] < walk[k, component])
            assert f"{below:.1%} of the 400 z-points lie below" in caption


def test_the_line_goes_from_end_to_end_of_the_density(run):
    (track,) = component_scrubber(run, [5], n=5).tracks
    np.testing.assert_allclose(track.marks[:, 0], [0, 0.25, 0.5, 0.75, 1])
    *_, wide, high = re.search(r'viewBox="([^"]*)"', track.still)[1].split()
    center, bottom = re.search(r'x1="([\d.]+)".*?y2="(\d+)"', track.still).groups()
    np.testing.assert_allclose(track.marks[2], [float(center) / int(wide), int(bottom) / int(high)])
    assert track.marker == "line"
    assert "density along component 5, " in track.still
    assert PATH not in track.still  # the mark is the red line


def test_captions_tell_d2_and_the_core(run):
    core = core_border(run.z)
    (track,) = component_scrubber(run, [3], core=core, n=7).tracks
    (vectors,) = run.seen
    sides = set()
    for caption, d2 in zip(track.captions, core.axes.d2(vectors), strict=True):
        side = "in" if d2 <= core.border else "outside"
        sides.add(side)
        assert f"D² {d2:,.0f}, {side} the core (up to {core.border:.0f})" in caption
    assert sides == {"in", "outside"}


def test_each_track_is_decoded_in_one_call(run):
    component_scrubber(run, [0, 1, 2], n=4)
    assert [vectors.shape for vectors in run.seen] == [(4, 12)] * 3


def test_by_default_the_striking_components_are_walked(run):
    run.z[:, 7] = 5 * run.z[:, 7] + 90
    striking = dominant_components(describe_components(run.z)).index
    labels = [track.label for track in component_scrubber(run).tracks]
    assert labels == [f"component {c}" for c in striking[:8]]
    assert "component 7" in labels


def test_where_none_strikes_the_widest_is_walked():
    run = LinearRun()
    run.z = np.random.default_rng(0).normal(size=(400, 12)).astype(np.float32)
    widest = describe_components(run.z)["fwhm"].idxmax()
    assert dominant_components(describe_components(run.z)).empty
    assert [t.label for t in component_scrubber(run).tracks] == [f"component {widest}"]


def test_a_constant_component_can_be_walked(run):
    run.z[:, 4] = 1.5
    (track,) = component_scrubber(run, [4]).tracks
    assert all("1.50, +0.00 widths" in caption for caption in track.captions)


def test_large_pictures_are_stored_at_less_quality():
    run = LinearRun(size=64)
    run.weights *= 60  # noise: nothing compresses worse
    scrubber = component_scrubber(run, [0, 1, 2, 3], n=9)
    assert sum(len(f) for track in scrubber.tracks for f in track.frames) <= 200_000
    assert scrubber.tracks[0].frames[0] != jpeg(run.decode(run.seen[0])[0])
    small = component_scrubber(run, [0], n=3)
    assert small.tracks[0].frames[0] == jpeg(run.decode(run.seen[-1])[0])


@pytest.mark.parametrize("components", [[], [12], [-1], [0.5], [True], ["3"]])
def test_components_that_do_not_exist_are_refused(run, components):
    with pytest.raises(ValueError, match="component"):
        component_scrubber(run, components)


def test_what_does_not_fit_the_run_is_refused(run):
    with pytest.raises(ValueError, match="n must be a whole number, at least 2"):
        component_scrubber(run, [0], n=1)
    with pytest.raises(ValueError, match="core is that of 4 components; the run has 12"):
        component_scrubber(run, [0], core=core_border(run.z[:, :4]))
    decode = run.decode
    run.decode = lambda z: decode(z)[:-1]
    with pytest.raises(ValueError, match="gave 8 pictures for 9 latent vectors"):
        component_scrubber(run, [0])
    run.decode = lambda z: decode(z) * np.nan
    with pytest.raises(ValueError, match="float picture in 0"):
        component_scrubber(run, [0])


@pytest.fixture
def flat():
    return Plane.components(12, 3, 7)


def test_paths_are_shown_point_by_point(run, flat):
    core = core_border(run.z)
    paths = {"straight": linear(run.z[0], run.z[1], n=4)}
    paths["round"] = circle(flat, run.z.mean(axis=0), 1.0, n=6)
    planes = {"straight": flat, "round": Plane.components(12, 7, 3)}
    scrubber = path_scrubber(run, paths, planes, core=core)
    assert [track.label for track in scrubber.tracks] == ["straight", "round"]
    walks = run.seen.copy()
    for track, path, seen in zip(scrubber.tracks, paths.values(), walks, strict=True):
        np.testing.assert_array_equal(seen, path.z)
        images = run.decode(path.z)
        assert track.frames == [jpeg(image) for image in images]
        assert (track.marker, track.start) == ("ring", 0)
    assert scrubber.tracks[0].captions[1].startswith("straight, point 2 of 4 (33% of the way): D² ")
    place = paths["round"].t[1]
    assert f"round, point 2 of 6 ({place:.0f}°): D² " in scrubber.tracks[1].captions[1]
    d2 = core.axes.d2(paths["straight"].z)
    for caption, value in zip(scrubber.tracks[0].captions, d2, strict=True):
        side = "in" if value <= core.border else "outside"
        assert f"D² {value:,.0f}, {side} the core" in caption


def test_marks_lie_as_the_path_does_in_its_plane(run, flat):
    path = linear(run.z[0], run.z[5], n=5)
    (track,) = path_scrubber(run, {"way": path}, flat).tracks
    places = flat.project(path.z)
    for k, sign in ((0, 1), (1, -1)):  # from the left as it is, from the top mirrored
        steps = np.diff(track.marks[:, k]) / np.diff(places[:, k])
        assert (sign * steps > 0).all()
        np.testing.assert_allclose(steps, steps[0], rtol=1e-3)


def test_the_cloud_depends_on_the_seed_alone(run, flat):
    run.z = np.random.default_rng(1).normal(size=(2500, 12)).astype(np.float32)
    core, paths = core_border(run.z), {"way": linear(run.z[0], run.z[1], n=3)}
    one, same, other = (
        path_scrubber(run, paths, flat, core=core, seed=seed).tracks[0].still for seed in (0, 0, 1)
    )
    assert one == same != other
    assert "2,000 of 2,500 z-points" in one


def a_path(z, t=None):
    z = np.asarray(z, np.float32)
    return LatentPath(z, np.arange(len(z)) if t is None else t, "share", "own", {})


def test_paths_and_planes_that_do_not_fit_are_refused(run, flat):
    good = a_path(run.z[:3])
    for paths, planes, message in (
        ({}, flat, "expected paths, at least one"),
        ({"a": good}, {"b": flat}, r"got paths \['a'\] and planes \['b'\]"),
        ({"a": good}, {}, "a plane for each"),
        ({"a": a_path(run.z[:3, :4])}, flat, r"shape \(3, 4\).*expected \(n, 12\)"),
        ({"a": a_path(run.z[0])}, flat, r"shape \(12,\)"),
        ({"a": a_path(run.z[:3], t=np.arange(2))}, flat, "at 2 places"),
        ({"a": good}, Plane.components(4, 0, 1), "plane of 'a' lies in 4 dimensions; expected 12"),
        ({"a": a_path(np.full((3, 12), np.nan))}, flat, "path 'a' holds NaN"),
        ({"a": a_path(run.z[:1])}, flat, "at least 2 frames"),
    ):
        with pytest.raises(ValueError, match=message):
            path_scrubber(run, paths, planes)
    with pytest.raises(ValueError, match="core is that of 4 components"):
        path_scrubber(run, {"a": good}, flat, core=core_border(run.z[:, :4]))


def test_hostile_names_of_paths_stay_texts(run, flat):
    named = dataclasses.replace(flat, name=HOSTILE, labels=(HOSTILE, "<b>"))
    paths = {HOSTILE: a_path(run.z[:3])}
    plain, page = (
        Page(path_scrubber(run, {name: paths[HOSTILE]}, plane).html())
        for name, plane in (("way", flat), (HOSTILE, named))
    )
    assert [name for name, *_ in page.elements] == [name for name, *_ in plain.elements]
    assert page.data()[0]["captions"][0].startswith(HOSTILE)


def test_the_defaults_on_pictures_as_the_shipped_runs_stay_within_their_room():
    run = LinearRun(size=96)
    run.weights = np.repeat(run.weights[:, :1], 96 * 96 * 3, axis=1)
    assert len(component_scrubber(run, range(8)).html()) < 600_000
