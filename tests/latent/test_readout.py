import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import ortho_group
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, cross_val_predict

from aelatent.latent import readout
from aelatent.latent.readout import linear_readout

COLUMNS = ["r2", "r2_shuffled", "n_train", "n_test"]


@pytest.fixture(scope="module")
def z():
    """float32 z-points with widths from 6 to 0.1, off the origin."""
    rng = np.random.default_rng(3)
    return (rng.normal(size=(1200, 10)) * np.geomspace(6, 0.1, 10) + 4).astype(np.float32)


@pytest.fixture(scope="module")
def targets(z):
    """Targets of known R²: exact 1, 1/2 and 0, in unlike units."""
    rng = np.random.default_rng(4)
    signal = (z[:, 2] - z[:, 2].mean()) / z[:, 2].std()
    return pd.DataFrame(
        {
            "exact": 1e7 * (z[:, 0] - 3 * z[:, 9].astype(float)),
            "half": 1e-5 * (signal + rng.normal(size=len(z))),
            "none": rng.normal(size=len(z)),
            "yes or no": z[:, 1] > 4,
            "whole": np.round(z[:, 0]).astype(int),
        }
    )


def test_known_shares_are_found(z, targets):
    found = linear_readout(z, targets, share=0.5)
    assert list(found.columns) == COLUMNS
    assert list(found.index) == list(targets.columns)
    assert found.loc["exact", "r2"] == pytest.approx(1, abs=1e-4)
    assert found.loc["half", "r2"] == pytest.approx(0.5, abs=0.08)
    assert found.loc["none", "r2"] == pytest.approx(0, abs=0.04)
    # a step against a Gaussian: their squared correlation is 2/pi
    assert found.loc["yes or no", "r2"] == pytest.approx(2 / np.pi, abs=0.06)
    assert found.loc["whole", "r2"] > 0.99
    assert (found["r2_shuffled"].abs() < 0.04).all()
    assert (found[["n_train", "n_test"]] == 600).all(axis=None)


def test_agrees_with_least_squares_where_rows_abound(z, targets):
    test = np.arange(len(z)) % 3 == 0
    found = linear_readout(z, targets, held_out=test)
    model = LinearRegression().fit(z[~test].astype(float), targets[~test])
    expected = r2_score(targets[test], model.predict(z[test]), multioutput="raw_values")
    np.testing.assert_allclose(found["r2"].drop("none"), np.delete(expected, 2), atol=5e-3)
    assert found.loc["none", "r2"] > expected[2]  # nothing to read: the penalty holds it back


def test_penalty_is_the_best_of_those_tried_left_out_one_by_one():
    # Few rows, many components: without a penalty the readout is useless.
    rng = np.random.default_rng(7)
    z = rng.normal(size=(90, 40))
    target = z[:, 0] + rng.normal(0, 2, 90)
    test = np.arange(90) >= 50
    found = linear_readout(z, pd.DataFrame({"t": target}), held_out=test).loc["t", "r2"]
    train, known = z[:50], target[:50]
    variation = np.sum((train - train.mean(axis=0)) ** 2) / 40
    models = [Ridge(variation * penalty) for penalty in readout.PENALTIES]
    errors = [
        np.mean((cross_val_predict(model, train, known, cv=KFold(50)) - known) ** 2)
        for model in models
    ]
    best = models[int(np.argmin(errors))].fit(train, known)
    assert found == pytest.approx(best.score(z[test], target[test]), abs=1e-6)
    plain = LinearRegression().fit(train, known).score(z[test], target[test])
    assert plain < found - 0.5


@settings(max_examples=25)
@given(
    st.integers(7, 60), st.integers(1, 12), st.integers(0, 2**32), st.floats(0.01, 100), st.data()
)
def test_only_the_shape_of_the_cloud_counts(n, d, seed, scale, data):
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, d))
    targets = pd.DataFrame({"a": z[:, 0] + rng.normal(size=n), "b": rng.normal(size=n)})
    # Of two training rows leaving one out leaves no slope: all penalties would be equally good.
    share = data.draw(st.floats(2.5 / n, 1 - 3.5 / n))
    found = linear_readout(z, targets, seed, share=share)
    assert (found["r2"] <= 1).all()
    assert (found["n_train"] + found["n_test"] == n).all()
    assert found["n_test"].iloc[0] == round(share * n)
    turn = ortho_group.rvs(d, random_state=seed % 1000) if d > 1 else np.eye(1)
    moved = scale * (z @ turn) + rng.normal(size=d)
    units = targets * [1e3, -1e-3] + [5, 0]
    again = linear_readout(moved, units, seed, share=share)
    np.testing.assert_allclose(again[COLUMNS[:2]], found[COLUMNS[:2]], rtol=1e-5, atol=1e-5)


@given(st.integers(0, 2**32))
def test_masks_and_row_numbers_say_the_same(seed):
    rng = np.random.default_rng(seed)
    z, targets = rng.normal(size=(30, 3)), pd.DataFrame(rng.normal(size=(30, 2)))
    mask = rng.random(30) < 0.4
    assume(2 <= mask.sum() <= 28)
    one = linear_readout(z, targets, held_out=mask)
    other = linear_readout(z, targets, held_out=rng.permutation(np.flatnonzero(mask)))
    pd.testing.assert_frame_equal(one, other)
    assert one["n_test"].iloc[0] == mask.sum()


def test_held_out_rows_do_not_teach(z, targets):
    test = np.arange(len(z)) < 300
    found = linear_readout(z, targets[["none"]], held_out=test)
    lies = targets[["none"]].copy()
    lies.loc[test, "none"] = 1e3 * z[test, 0]
    assert found.loc["none", "r2"] == pytest.approx(0, abs=0.05)
    assert linear_readout(z, lies, held_out=test).loc["none", "r2"] < 0


def test_seed_decides_split_and_shuffle(z, targets):
    first = linear_readout(z, targets)
    pd.testing.assert_frame_equal(first, linear_readout(z, targets, 0))
    assert (linear_readout(z, targets, 1)["r2_shuffled"] != first["r2_shuffled"]).all()


def test_a_file_serves_as_well_as_memory(z, targets, tmp_path):
    np.save(tmp_path / "z.npy", z)
    mapped = np.load(tmp_path / "z.npy", mmap_mode="r")
    pd.testing.assert_frame_equal(linear_readout(mapped, targets), linear_readout(z, targets))


def test_constant_targets_give_nan_and_leave_the_others_alone(z, targets):
    test = np.arange(len(z)) < 300
    more = targets.assign(constant=1.5, only_held_out=test, only_training=~test)
    more.loc[0, "only_held_out"] = False  # varies where it is measured, not where it is fitted
    found = linear_readout(z, more, held_out=test)
    assert found.loc[["constant", "only_held_out"], "r2"].isna().all()
    assert found.loc["constant", COLUMNS[:2]].isna().all()
    expected = linear_readout(z, targets, held_out=test)
    np.testing.assert_allclose(found["r2"][: len(targets.columns)], expected["r2"], rtol=1e-9)
    alone = linear_readout(z, more[["constant"]])
    assert alone[COLUMNS[:2]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"targets": np.zeros((1200, 2))}, "must be a DataFrame with one row per z-point"),
        ({"targets": pd.DataFrame({"a": [1.0, 2]})}, r"\(1200\).*of shape \(2, 1\)"),
        ({"targets": pd.DataFrame(index=range(1200))}, "at least one column"),
        ({"targets": pd.DataFrame({"a": ["x"] * 1200})}, "target 'a' must be real numbers; got"),
        ({"targets": pd.DataFrame({"a": [1j] * 1200})}, "target 'a'.*got complex128"),
        (
            {"targets": pd.DataFrame({"a": [1.0, np.nan] * 600})},
            "'a' must be finite.*nan in row 1",
        ),
        (
            {"targets": pd.DataFrame({"a": pd.array([1, None] * 600, "Int64")})},
            "'a' must be finite.*nan in row 1",
        ),
        ({"z": np.zeros(1200)}, r"shape \(n, d\).*got shape \(1200,\)"),
        ({"z": np.full((1200, 2), np.nan)}, "expected finite numbers.* got nan in row 0"),
        ({"z": np.full((1200, 2), 7.5)}, "900 training z-points are the same"),
        ({"share": 0.0}, "share must lie between 0 and 1; got 0.0"),
        ({"share": 1.0}, "share must lie between 0 and 1; got 1.0"),
        ({"share": 0.001}, "at least 2 rows each; got 1 of 1200 rows held out"),
        ({"share": 0.9999}, "got 1200 of 1200 rows held out"),
        ({"held_out": np.ones(1200, bool)}, "got 1200 of 1200 rows held out"),
        ({"held_out": np.ones(7, bool)}, r"mask of 1200 booleans.*got bool of shape \(7,\)"),
        ({"held_out": [0, 1200]}, "row numbers from 0 to 1199; got int64"),
        ({"held_out": [-1, 5]}, "row numbers from 0 to 1199"),
        ({"held_out": [5, 5]}, "got 1 of 1200 rows held out"),
        ({"held_out": [0.5, 5]}, "got float64"),
        ({"held_out": []}, r"of shape \(0,\)"),
    ],
)
def test_bad_input_is_refused(z, targets, change, message):
    arguments = {"z": z, "targets": targets} | change
    with pytest.raises(ValueError, match=message):
        linear_readout(**arguments)
