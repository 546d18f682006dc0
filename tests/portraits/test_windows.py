"""Windows save time only: the pictures are the same whatever is cut out and drawn together."""

import numpy as np
import pytest

from aelatent import portraits
from aelatent.portraits import head, painting, scene, windows


@pytest.fixture(scope="module")
def factors():
    """Portraits from all over the ranges, ends included."""
    rng, n = np.random.default_rng(1), 60
    rows = portraits.sample_factors(n, seed=11)
    for factor in portraits.FACTORS:
        low, high = np.float32([factor.low, factor.high])
        values = np.clip(low + rng.uniform(-0.3, 1.3, n) * (high - low), low, high)
        dtype = rows[factor.name].dtype
        rows[factor.name] = (np.rint(values) if dtype == np.int32 else values).astype(dtype)
    return rows.assign(texture=np.arange(n, dtype=np.int32))


def larger(monkeypatch):
    monkeypatch.setattr(head, "_SLACK", 0.4)


def all_rows_of_a_face(monkeypatch):
    everything = (..., slice(None), slice(None))
    monkeypatch.setattr(painting.Surface, "rows", lambda *_: everything)


def all_rows_of_a_body(monkeypatch):
    monkeypatch.setattr(scene, "_below", lambda g, _: windows.Lower(int(0.44 * g.size)))


def one_picture_at_a_time(monkeypatch):
    monkeypatch.setattr(windows, "together", lambda _: 1)


@pytest.mark.parametrize("size", [40, 96, 130])
@pytest.mark.parametrize(
    "change", [larger, all_rows_of_a_face, all_rows_of_a_body, one_picture_at_a_time]
)
def test_pictures_do_not_depend_on_the_windows(factors, change, size, monkeypatch):
    wanted = portraits.draw(factors, size)
    change(monkeypatch)
    np.testing.assert_array_equal(portraits.draw(factors, size), wanted)


def test_regions_do_not_depend_on_the_windows(factors, monkeypatch):
    wanted = portraits.regions(factors)
    larger(monkeypatch)
    np.testing.assert_array_equal(portraits.regions(factors), wanted)
