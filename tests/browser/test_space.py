"""The latent space in the browser is that of Python: axes, samplers, neighbors, pictures."""

import base64
import io
import json
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from aelatent._checks import subsample
from aelatent.export import page as pages
from aelatent.images.pictures import crop_and_resize, read_picture
from aelatent.latent import PrincipalAxes, describe_components
from aelatent.latent.neighbors import Nearest
from aelatent.latent.planes import Plane
from aelatent.latent.samplers import SAMPLERS
from aelatent.widgets._bundle import Bundle
from aelatent.widgets._front import STATIC

pytestmark = pytest.mark.browser
DRAWS = 2000
OPEN = "async () => { bundle = await openBundle(aelatentRuns.run); }"
OWN = [name for name in SAMPLERS if name not in pages.PYTHONS]


def small_cloud():
    """Correlated, far off the origin; one component is constant."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(400, 6)) @ np.triu(rng.normal(size=(6, 6)), 1) + [3, 0, -2, 1, 0, 5]


def skewed_cloud():
    rng = np.random.default_rng(1)
    return rng.gamma(0.7, size=(3000, 12)) * np.geomspace(0.2, 5, 12) + rng.gamma(1, size=(3000, 1))


CLOUDS = {"small": small_cloud, "skewed": skewed_cloud}


def bundle_of(z):
    """Return what the scripts need of z-points, without a model."""
    axes, bundle = PrincipalAxes.fit(z), Bundle({})
    for name, array in (("mean", axes.mean), ("sd", axes.sd), ("axes", axes.axes)):
        bundle.add(name, array if name == "mean" else array[: axes.rank])
    pages._add_samplers(bundle, SimpleNamespace(z=z, axes=axes, described=describe_components(z)))
    return axes, bundle


@pytest.fixture
def space(page):
    page.add_script_tag(path=STATIC / "space.js")
    return page


def given(space, bundle):
    space.add_script_tag(content=bundle.script("run"))
    space.evaluate(OPEN)
    space.evaluate("() => { axes = axesOf(bundle); }")


@pytest.mark.parametrize("cloud", CLOUDS)
def test_axes_and_planes_are_those_of_python(space, cloud):
    z = CLOUDS[cloud]().astype(np.float32)
    axes, bundle = bundle_of(z)
    given(space, bundle)
    assert space.evaluate("() => [axes.d, axes.rank]") == [z.shape[1], axes.rank]
    some, y = z[:50], axes.whiten(z[:50])
    found = space.evaluate("z => z.map((v) => Array.from(axes.whiten(v)))", some.tolist())
    assert np.allclose(found, y, rtol=1e-5, atol=1e-5)
    found = space.evaluate("y => y.map((v) => Array.from(axes.unwhiten(v)))", y.tolist())
    assert np.allclose(found, axes.unwhiten(y), rtol=1e-5, atol=1e-5)
    found = space.evaluate("z => z.map(axes.d2)", some.tolist())
    assert np.allclose(found, axes.d2(some), rtol=1e-5, atol=1e-5)
    where = np.array([[0.5, -2.0], [3.0, 1.0]])
    for plane in (Plane.principal(axes, 1, 3), Plane.components(z.shape[1], 4, 1)):
        given_plane = {"basis": plane.basis.ravel().tolist(), "offset": plane.offset.tolist()}
        given_plane["center"] = some[7].tolist()
        lifted = "([plane, at]) => at.map((place) => Array.from(liftTo(plane, place)))"
        found = space.evaluate(lifted, [given_plane, where.tolist()])
        assert np.allclose(found, plane.lift(where, some[7]), rtol=1e-5, atol=1e-5)


def says(z, axes):
    """Return what is compared of draws, a row each: components, their squares, radius, D²."""
    off = z - axes.mean
    return np.column_stack([z, off**2, np.linalg.norm(z, axis=1), axes.d2(z)])


@pytest.mark.parametrize("cloud", CLOUDS)
def test_samplers_draw_as_those_of_python_do(space, cloud):
    z = CLOUDS[cloud]().astype(np.float32)
    axes, bundle = bundle_of(z)
    given(space, bundle)
    names = space.evaluate("() => Object.keys(drawing = samplersOf(bundle, axes))")
    assert names == list(SAMPLERS)
    script = """([name, n]) => {
      const rng = randomNumbers(5);
      return JSON.stringify(Array.from({ length: n }, () => Array.from(drawing[name](rng))));
    }"""
    for name in names:
        found = np.array(json.loads(space.evaluate(script, [name, DRAWS])))
        if name in OWN:
            here, there = says(found, axes), says(SAMPLERS[name](z, 20_000, 3), axes)
            error = np.sqrt(here.var(axis=0) / len(here) + there.var(axis=0) / len(there))
            off = np.abs(here.mean(axis=0) - there.mean(axis=0)) / (error + 1e-6)
            assert off.max() < 4.5, (name, off.round(1))
        else:  # Python's own, as float16
            drawn = SAMPLERS[name](subsample(z, pages.FITTED, 0), pages.DRAWN, 0).astype(np.float16)
            assert {*map(tuple, found.tolist())} == {*map(tuple, drawn.astype(float).tolist())}


def test_random_numbers_are_even_and_repeat(space):
    script = """seed => {
      const rng = randomNumbers(seed);
      const many = (f) => Array.from({ length: 20000 }, f);
      return JSON.stringify([many(rng.next), many(rng.normal)]);
    }"""
    first, again, other = (np.array(json.loads(space.evaluate(script, k))) for k in (1, 1, 2))
    assert (first == again).all()
    assert not (first == other).any()
    assert (first[0] >= 0).all()
    assert (first[0] < 1).all()
    assert np.abs(np.histogram(first[0], 10, (0, 1))[0] - 2000).max() < 190  # 4.5 errors
    assert np.abs(np.corrcoef(first[0, 1:], first[0, :-1])[0, 1]) < 0.03
    assert abs(first[1].mean()) < 0.03
    assert abs(first[1].std() - 1) < 0.03
    assert abs(np.mean(first[1] ** 4) - 3) < 0.3


def test_the_nearest_are_those_of_python(space):
    z = skewed_cloud().astype(np.float16)[:300]
    bundle = Bundle({"near": {"rows": list(range(7, 307))}})
    bundle.add("near/z", z, "<f2")
    space.add_script_tag(content=bundle.script("run"))
    at = z.astype(float).mean(axis=0)
    script = "async ([z, k]) => nearestOf(await openBundle(aelatentRuns.run))(z, k)"
    found = space.evaluate(script, [at.tolist(), 5])
    rows, distances = Nearest(z.astype(np.float32)).find(at, 5)
    assert [one["at"] for one in found] == rows.tolist()
    assert [one["row"] for one in found] == (rows + 7).tolist()
    assert np.allclose([one["distance"] for one in found], distances, rtol=1e-6)


def test_a_bundle_opens_from_text_and_from_bytes(space):
    halves = np.arange(2**16, dtype=np.uint16).view(np.float16)
    halves = halves[np.isfinite(halves)]
    bundle = Bundle({"said": "so"})
    bundle.add("a/odd", np.arange(3), "|u1")
    bundle.add("a/half", halves.reshape(2, -1), "<f2")
    bundle.add("whole", np.array([0.1, -2.5]))
    bundle.add("none", np.empty((0, 2)))
    space.add_script_tag(content=bundle.script("run"))
    for way in ("data", "bundleBytes(data)"):
        found = space.evaluate(f"""async () => {{
          const {{ info, data }} = aelatentRuns.run;
          const b = await openBundle({{ info, data: {way} }});
          const part = b.part("a/");
          return {{
            names: b.names, said: b.info.said, has: [b.has("whole"), b.has("toString")],
            half: JSON.stringify(Array.from(b.array("a/half"))), odd: Array.from(b.array("a/odd")),
            whole: Array.from(b.array("whole")), none: b.array("none").length,
            parts: Object.keys(part), shape: part.half.shape,
            kind: part.half.values.constructor.name,
          }};
        }}""")
        assert json.loads(found.pop("half")) == halves.astype(float).tolist()
        assert np.allclose(found.pop("whole"), [0.1, -2.5])
        assert found == {
            "names": ["a/odd", "a/half", "whole", "none"],
            "said": "so",
            "has": [True, False],
            "odd": [0, 1, 2],
            "none": 0,
            "parts": ["odd", "half"],
            "shape": [2, len(halves) // 2],
            "kind": "Uint16Array",
        }
    missing = "() => { try { bundle.array('b'); } catch (error) { return error.message; } }"
    space.evaluate(OPEN)
    assert space.evaluate(missing) == "the run's data lack b"


def square_in_browser(space, rgba, size):
    height, width, _ = rgba.shape
    script = """([text, width, height, size]) => {
      const data = new Uint8ClampedArray(bundleBytes(text));
      return JSON.stringify(Array.from(squareOf({ data, width, height }, size)));
    }"""
    text = base64.b64encode(rgba.tobytes()).decode()
    found = json.loads(space.evaluate(script, [text, width, height, size]))
    return np.array(found).reshape(size, size, 4)


@pytest.mark.parametrize(
    ("width", "height", "size"), [(61, 37, 32), (333, 150, 96), (150, 333, 96), (20, 21, 32)]
)
def test_a_picture_is_cut_and_resized_as_stores_are(space, width, height, size):
    rng = np.random.default_rng(0)
    # From Pillow 13 on, a tall picture is squeezed down first, and what is cut off at black and
    # white in between is another: noise up to there differs, which no photo shows.
    low, high = (64, 192) if height > width + 1 else (0, 256)
    ramp = np.linspace(low, high - 1, width)[None, :, None] * np.array([1, 0.9, 0.8])
    noise = rng.integers(low, high, (height, width, 3))
    half = np.arange(height)[:, None, None] < height / 2
    rgb = np.where(half, ramp, noise).astype(np.uint8)
    rgba = np.dstack([rgb, np.full((height, width), 255, np.uint8)])
    found = square_in_browser(space, rgba, size)
    assert (found[..., 3] == 255).all()
    expected = crop_and_resize(Image.fromarray(rgb), size).astype(int)
    assert np.abs(found[..., :3] - expected).max() <= 1


def test_a_transparent_picture_is_laid_over_white(space):
    rgba = np.random.default_rng(0).integers(0, 256, (37, 61, 4), np.uint8)
    file = io.BytesIO()
    Image.fromarray(rgba).save(file, "PNG")
    expected = crop_and_resize(read_picture(file.getvalue()), 24).astype(int)
    assert np.abs(square_in_browser(space, rgba, 24)[..., :3] - expected).max() <= 1


def test_a_picture_of_the_right_size_stays_as_it_is(space):
    rgba = np.random.default_rng(0).integers(0, 256, (24, 24, 4), np.uint8)
    rgba[..., 3] = 255
    assert (square_in_browser(space, rgba, 24) == rgba).all()
