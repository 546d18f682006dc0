import hashlib
import subprocess
import sys

import cv2
import numpy as np
import pytest

from aelatent import portraits
from aelatent.portraits import drawing
from tests.portraits import controls
from tests.portraits.drawn import picture, plain

FACE, HAIR, BACKGROUND = range(3)


def test_a_picture_does_not_depend_on_its_batch():
    factors = portraits.sample_factors(41, seed=9)
    together = portraits.draw(factors)
    assert (together.shape, together.dtype) == ((41, 96, 96, 3), np.uint8)
    order = np.random.default_rng(0).permutation(41)
    np.testing.assert_array_equal(portraits.draw(factors.iloc[order]), together[order])
    np.testing.assert_array_equal(portraits.draw(factors[factors.columns[::-1]]), together)
    np.testing.assert_array_equal(portraits.draw(factors.iloc[[17]])[0], together[17])
    for start in (1, 15, 16, 30):
        part = portraits.draw(factors.iloc[start : start + 11])
        np.testing.assert_array_equal(part, together[start : start + 11])


def test_another_process_draws_the_same():
    code = (
        "import hashlib; from aelatent import portraits as p;"
        "print(hashlib.sha256(p.draw(p.sample_factors(9, 3, start=5))).hexdigest())"
    )
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    here = portraits.draw(portraits.sample_factors(20, 3)[5:14])
    assert there.stdout.strip() == hashlib.sha256(here).hexdigest()


@pytest.mark.parametrize("size", [32, 64, 97, 160])
def test_other_sizes_show_the_same_portrait(size):
    small, reference = (portraits.draw(plain(), s)[0] for s in (size, 96))
    assert small.shape == (size, size, 3)
    near, wanted = (cv2.resize(p, (12, 12), interpolation=cv2.INTER_AREA).astype(float)
                    for p in (small, reference))  # fmt: skip
    assert np.abs(near - wanted).mean() < 4


@pytest.mark.parametrize("size", [15, 513, 96.0, None])
@pytest.mark.parametrize("door", [portraits.draw, portraits.regions])
def test_a_size_that_cannot_be_drawn_is_refused(door, size):
    with pytest.raises(ValueError, match=r"size must be a whole number from 16 to 512; got"):
        door(plain(), size)
    assert door(plain(), 16).shape == (1, 16, 16, 3)
    assert door(portraits.sample_factors(0)).shape == (0, 96, 96, 3)


def test_regions_are_shares_of_each_pixel():
    factors = portraits.sample_factors(40, seed=3)
    masks = portraits.regions(factors)
    assert (masks.shape, masks.dtype) == ((40, 96, 96, 3), np.float32)
    assert masks.min() >= 0
    assert masks.sum(-1).max() <= 1 + 1e-5
    face, hair, background = masks.mean((0, 1, 2))
    assert 0.15 < face < 0.4
    assert 0.05 < hair < 0.35
    assert 0.3 < background < 0.7
    np.testing.assert_array_equal(portraits.regions(factors.iloc[[17]])[0], masks[17])


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
    whole, without = portraits.draw(factors), controls.faceless(factors)
    masks = portraits.regions(factors)
    kept = masks[..., HAIR] + masks[..., BACKGROUND] > 0.999
    assert np.abs(whole[kept].astype(int) - without[kept]).max() <= 1
    face = masks[..., FACE] > 0.999
    assert (whole[face] != without[face]).any(-1).mean() > 0.95


def test_scrambled_portraits_hold_the_same_pieces():
    factors = portraits.sample_factors(30, seed=6)
    whole, mixed = portraits.draw(factors), controls.scrambled(factors)
    values = [np.sort(images.reshape(30, -1)) for images in (whole, mixed)]
    np.testing.assert_array_equal(*values)
    assert 0.2 < (whole != mixed).any(-1).mean() < 0.7


# Gray levels of a 6 x 6 grid over the first portraits of seed 2024. They change with
# `drawing.VERSION` only.
THUMBNAILS = """
108 70 44 41 59 95 141 70 72 82 68 78 151 79 141 149 79 109 153 82 133 147 104 127
154 79 95 125 120 129 151 77 92 102 131 137 179 164 101 83 106 118 152 111 112 83 44 86
135 146 190 142 77 121 138 158 174 111 119 164 89 77 100 79 130 133 140 82 64 72 53 32
173 120 111 188 222 229 96 54 87 96 206 221 49 89 149 160 163 216 43 125 145 156 145 211
42 109 124 115 137 208 36 70 107 68 130 204 121 121 130 131 128 130 103 106 141 146 120 123
97 116 159 168 137 116 92 114 146 162 136 108 86 89 121 131 103 99 74 67 100 119 77 90
"""


def test_pictures_are_those_of_this_generator_version():
    drawn = portraits.draw(portraits.sample_factors(4, seed=2024))
    coarse = drawn.astype(float).mean(-1).reshape(4, 6, 16, 6, 16).mean((2, 4))
    assert drawing.VERSION == 3
    np.testing.assert_allclose(coarse.ravel(), np.array(THUMBNAILS.split(), float), atol=1)
