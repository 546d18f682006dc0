import numpy as np
import pandas as pd
import pytest

from aelatent.latent import AttributeSteps, PrincipalAxes

RNG = np.random.default_rng(0)
N = 4000
SMILE, GLASSES = RNG.random((2, N)) < [[0.4], [0.3]]
# A smile moves component 0 by 2 and glasses component 1 by 3, on a cloud of unlike widths.
Z = RNG.normal(size=(N, 6)) * [1, 1, 4, 0.5, 1, 2] + 5
Z[:, 0] += 2 * SMILE
Z[:, 1] += 3 * GLASSES
AXES = PrincipalAxes.fit(Z)
INDEX = pd.DataFrame({"Smiling": np.where(SMILE, 1, -1), "Eyeglasses": GLASSES.astype(int),
                      "Young": 1, "Wearing_Hat": "no"})  # fmt: skip


def test_a_step_is_the_gap_between_the_classes():
    found = AttributeSteps.of(Z, INDEX, AXES, r=5)
    assert list(found.steps) == ["Smiling", "Eyeglasses"]  # what all share or is no number is not
    np.testing.assert_allclose(found.steps["Smiling"][0], [2, 0, 0, 0, 0, 0], atol=0.5)
    np.testing.assert_allclose(found.steps["Eyeglasses"][0], [0, 3, 0, 0, 0, 0], atol=0.5)
    for steps in found.steps.values():
        assert steps.shape == (6, 6)
        lengths = AXES.d2(AXES.mean + steps)
        np.testing.assert_allclose(lengths, lengths[0])
    # On pictures that the step was not found on a step moves its readout by about one gap.
    moved = np.stack([steps[0] for steps in found.steps.values()]) @ found.weights.T
    np.testing.assert_allclose(moved, np.eye(2), atol=0.12)


def test_pictures_without_a_value_are_left_out():
    known = RNG.random(N) < 0.5
    some = AttributeSteps.of(Z, INDEX.assign(Smiling=INDEX["Smiling"].where(known)), AXES)
    np.testing.assert_allclose(some.steps["Smiling"][0], [2, 0, 0, 0, 0, 0], atol=0.6)
    none = AttributeSteps.of(Z, INDEX[["Young"]], AXES)
    assert none.steps == {}
    assert none.compare(Z[:3], {}).empty


def test_own_others_and_random_movement_are_told_apart():
    found, before = AttributeSteps.of(Z, INDEX, AXES, r=3), Z[:40]
    ideal = {name: before[:, None] + steps for name, steps in found.steps.items()}
    table = found.compare(before, ideal)
    np.testing.assert_allclose(table["own"], 1, atol=0.12)
    assert (table["own"] > table["random"]).all()
    assert (table["others"] < 0.2).all()
    assert (table["lead"] > 2).all()
    assert list(table["another"]) == ["Eyeglasses", "Smiling"]
    # A step that moves what another names is told: here both smile and glasses do the same.
    mixed = dict.fromkeys(ideal, ideal["Smiling"])
    table = found.compare(before, mixed)
    assert list(table["lead"] > 2) == [True, False]
    noisy = RNG.normal(0, 3, before.shape)
    table = found.compare(before, {name: after + noisy[:, None] for name, after in ideal.items()})
    assert table["lead"].abs().max() < 1e6


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="a row of the index for each of 4,000"):
        AttributeSteps.of(Z, INDEX[:5], AXES)
    with pytest.raises(ValueError, match="r must be"):
        AttributeSteps.of(Z, INDEX, AXES, r=0)
