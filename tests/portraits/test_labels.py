import numpy as np
import pytest

from aelatent import portraits
from aelatent.portraits import draw, regions, sample_factors
from aelatent.portraits.labels import parts
from tests.portraits.drawn import plain

# Names as in list_attr_celeba.txt: factors of which a portrait has the attribute, and has not.
CASES = {
    "Smiling": ({"smile": 0.9}, {"smile": 0.1}),
    "Eyeglasses": ({"glasses": 1}, {"glasses": 0}),
    "Blond_Hair": ({"hair_tone": 0.9}, {"hair_tone": 0.9, "hair_gray": 1}),
    "Black_Hair": ({"hair_tone": 0.0}, {"hair_tone": 0.4}),
    "Brown_Hair": ({"hair_tone": 0.4}, {"hair_tone": 0.9}),
    "Gray_Hair": ({"hair_gray": 0.9}, {"hair_gray": 0.9, "receding": 1, "hair_length": 0.1}),
    "Bald": ({"receding": 1, "hair_length": 0.1}, {"receding": 1, "hair_length": 0.9}),
    "Bangs": ({"fringe": 0.9}, {"fringe": 0.9, "hat": 1}),
    "Receding_Hairline": ({"receding": 0.6, "hair_length": 0.2}, {"receding": 0.1}),
    "Mustache": ({"moustache": 0.8}, {"beard": 0.8}),
    "5_o_Clock_Shadow": ({"stubble": 0.8}, {"stubble": 0.8, "beard": 0.9}),
    "No_Beard": ({"beard": 0}, {"stubble": 0.8}),
    "Wavy_Hair": ({"hair_wave": 0.9}, {"hair_wave": 0.2}),
    "Straight_Hair": ({"hair_wave": 0.0}, {"hair_wave": 0.9}),
    "Mouth_Slightly_Open": ({"mouth_open": 0.5}, {"mouth_open": 0}),
    "Wearing_Hat": ({"hat": 1}, {"hat": 0}),
    "Wearing_Lipstick": ({"lip_color": 0.9}, {"lip_color": 0.2}),
    "Young": ({"age": 0.1}, {"age": 0.9}),
    "Bags_Under_Eyes": ({"age": 0.9}, {"age": 0.1}),
    "Pale_Skin": ({"skin_tone": 0}, {"skin_tone": 0.3}),
    "Rosy_Cheeks": ({"blush": 0.9}, {"blush": 0.1}),
    "Big_Nose": ({"nose_size": 1.25}, {"nose_size": 1}),
    "Big_Lips": ({"lip_fullness": 1.3}, {"lip_fullness": 1}),
    "Narrow_Eyes": ({"eye_open": 0.2}, {"eye_open": 0.7}),
    "Arched_Eyebrows": ({"brow_arch": 0.9}, {"brow_arch": 0.2}),
    "Bushy_Eyebrows": ({"brow_weight": 0.9}, {"brow_weight": 0.3}),
    "Blurry": ({"blur": 0.9}, {"blur": 0.1}),
}
BASE = {"hair_tone": 0.4, "hair_red": 0.2, "hair_length": 0.2}


def test_attributes_are_binary_and_neither_rare_nor_common():
    factors = portraits.sample_factors(4000, seed=2)
    table = portraits.attributes(factors)
    assert table.index.equals(factors.index)
    assert list(table.columns) == sorted(CASES)
    assert (table.dtypes == np.int8).all()
    assert set(np.unique(table)) == {0, 1}
    assert table.mean().between(0.01, 0.75).all()


@pytest.mark.parametrize("name", CASES)
def test_an_attribute_follows_its_factors(name):
    for values, wanted in zip(CASES[name], (1, 0), strict=True):
        assert portraits.attributes(plain(**BASE | values))[name].item() == wanted


@pytest.mark.parametrize("aligned", [True, False])
@pytest.mark.parametrize(("factor", "part"), [("iris", "eyes"), ("lip_color", "mouth")])
def test_parts_hold_what_a_factor_of_theirs_changes(aligned, factor, part):
    factors = sample_factors(60, seed=5, aligned=aligned).assign(glasses=0.0, yaw=0.0, pitch=0.0)
    masks, names = parts(factors, 64)
    pictures = [draw(factors.assign(**{factor: value}), 64).astype(float) for value in (0, 1)]
    change = np.square(pictures[1] - pictures[0]).sum(axis=3)
    shares = np.einsum("nij,nijr->r", change, masks) / change.sum()
    assert dict(zip(names, shares, strict=True))[part] > 0.9


def test_parts_split_the_face_and_leave_the_other_regions_as_they_are():
    factors = sample_factors(5, seed=1)
    masks, names = parts(factors, 64)
    assert names == ("eyes", "mouth", "rest of the face", "hair", "background")
    face, hair, background = np.moveaxis(regions(factors, 64), -1, 0)
    np.testing.assert_allclose(masks[..., :3].sum(axis=-1), face, atol=1e-6)
    np.testing.assert_array_equal(masks[..., 3:], np.stack([hair, background], axis=-1))
    assert masks.min() >= 0


def test_a_store_without_factors_has_no_parts():
    masks, names = parts(sample_factors(4, seed=1).drop(columns="smile"), 32)
    assert (masks.shape, names) == ((4, 32, 32, 0), ())
