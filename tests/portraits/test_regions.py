"""Where face, hair and background are, and the portraits without a face."""

import numpy as np
import pytest

from aelatent import portraits
from aelatent.portraits import controls, drawing
from tests.portraits.drawn import picture, plain

FACE, HAIR, BACKGROUND = range(3)


def test_regions_are_shares_of_each_pixel():
    factors = portraits.sample_factors(40, seed=3)
    masks = portraits.regions(factors)
    assert masks.shape == (40, 96, 96, 3)
    assert masks.dtype == np.float32
    assert masks.min() >= 0
    assert masks.sum(-1).max() <= 1 + 1e-5
    assert portraits.REGIONS == ("face", "hair", "background")
    face, hair, background = masks.mean((0, 1, 2))
    assert 0.15 < face < 0.4
    assert 0.05 < hair < 0.35
    assert 0.3 < background < 0.7
    alone = portraits.regions(factors.iloc[[17]])[0]
    np.testing.assert_array_equal(alone, masks[17])


@pytest.mark.parametrize(
    ("changes", "region"),
    [
        ({"skin_tone": (0.05, 0.8), "hair_length": 0.1}, FACE),
        ({"hair_tone": (0.0, 1.0), "hair_length": 0.9, "hair_red": 0}, HAIR),
        ({"background_level": (0.2, 0.7)}, BACKGROUND),
    ],
)
def test_what_changes_with_a_color_is_its_region(changes, region):
    (name, pair), *rest = changes.items()
    one, other = (picture(**{name: value}, **dict(rest)) for value in pair)
    changed = np.abs(one - other).sum(-1) > 12
    mask = portraits.regions(plain(**dict(rest)))[0, ..., region]
    assert changed[mask > 0.9].mean() > 0.8
    elsewhere = portraits.regions(plain(**dict(rest)))[0].sum(-1) - mask
    assert changed[(mask < 0.01) & (elsewhere > 0.99)].mean() < 0.12  # brows share the hair's color


def test_a_hat_is_no_hair_and_glasses_belong_to_the_face():
    bare, hat = (portraits.regions(plain(hat=h))[0] for h in (0, 1))
    assert hat[..., HAIR].sum() < 0.6 * bare[..., HAIR].sum()
    worn = portraits.regions(plain(glasses=1))[0, ..., FACE]
    assert (worn >= bare[..., FACE] - 1e-6).all()


def test_a_portrait_without_a_face_keeps_the_rest():
    factors = portraits.sample_factors(60, seed=5).assign(noise=0, blur=0)
    whole, without = portraits.draw(factors), drawing.faceless(factors)
    masks = portraits.regions(factors)
    kept = masks[..., HAIR] + masks[..., BACKGROUND] > 0.999
    assert np.abs(whole[kept].astype(int) - without[kept]).max() <= 1
    face = masks[..., FACE] > 0.999
    assert (whole[face] != without[face]).any(-1).mean() > 0.95


def test_scrambled_portraits_hold_the_same_pieces_in_other_places():
    factors = portraits.sample_factors(30, seed=6)
    whole, mixed = portraits.draw(factors), controls.scrambled(factors, seed=1)

    def pieces(images):
        return images.reshape(30, 8, 12, 8, 12, 3).swapaxes(2, 3).reshape(30, 64, -1)

    for one, other in zip(pieces(whole), pieces(mixed), strict=True):
        assert sorted(map(bytes, one)) == sorted(map(bytes, other))
    moved = (pieces(whole) != pieces(mixed)).any(-1)
    most = pieces(portraits.regions(factors)[..., [FACE] * 3]).max(-1)
    assert not moved[most == 0].any()
    assert moved[most > 0].mean() > 0.85
    assert moved[(most > 0) & (most < 0.5)].any()  # a trace of face is enough
    np.testing.assert_array_equal(mixed, controls.scrambled(factors, seed=1))
    assert (mixed != controls.scrambled(factors, seed=2)).any()


@pytest.mark.parametrize("function", [portraits.regions, drawing.faceless, controls.scrambled])
def test_the_same_input_is_refused_as_in_draw(function):
    with pytest.raises(TypeError, match=r"must be a DataFrame .* got ndarray"):
        function(np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"size must be .*got 8"):
        function(plain(), 8)
    assert function(portraits.sample_factors(0)).shape == (0, 96, 96, 3)


def test_a_size_that_cannot_be_cut_is_refused():
    with pytest.raises(ValueError, match="size must be a multiple of 8; got 100"):
        controls.scrambled(plain(), 100)
    with pytest.raises(ValueError, match="seed must be a whole number"):
        controls.scrambled(plain(), seed=-1)
