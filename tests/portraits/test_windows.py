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
        level = np.clip(rng.uniform(-0.3, 1.3, n), 0, 1)
        values = np.float32(factor.low) + level * np.float32(factor.high - factor.low)
        values = np.clip(values.astype(np.float32), np.float32(factor.low), np.float32(factor.high))
        whole = rows[factor.name].dtype == np.int32
        rows[factor.name] = np.rint(values).astype(np.int32) if whole else values
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


def test_a_window_is_moved_inward_and_cuts_what_it_pastes():
    field = np.arange(2 * 3 * 8 * 8, dtype=np.float32).reshape(2, 3, 8, 8)
    window = windows.Window(np.array([-2, 7]), np.array([1, 7]), (4, 3), (8, 8))
    assert window.top.tolist() == [0, 4]
    assert window.left.tolist() == [1, 5]
    part = window.cut(field)
    np.testing.assert_array_equal(part[0], field[0, :, :4, 1:4])
    np.testing.assert_array_equal(part[1], field[1, :, 4:, 5:])
    window.of([1]).paste(field, 0 * part[1:], [1])
    assert (field[1, :, 4:, 5:] == 0).all()
    np.testing.assert_array_equal(window.cut(field)[0], part[0])


def test_windows_meet_and_go_around_each_other():
    one = windows.Window(np.array([0, 2]), np.array([0, 3]), (4, 4), (10, 10))
    other = windows.Window(np.array([2, 2]), np.array([1, 2]), (4, 5), (10, 10))
    both, shared = one.around(other, 10), one.meet(other)
    assert both.shape == (6, 6)
    assert shared.shape == (4, 4)
    assert both.top.tolist() == [0, 2]
    inner = other.within(one)
    assert inner.shape == (4, 4)
    where = [[row >= 2 and column >= 1 for column in range(4)] for row in range(4)]
    assert inner.shared(other, one)[0].tolist() == where
