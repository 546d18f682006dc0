"""Calibration: what is simulated, how the answers are counted, and what is not repeated."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from aelatent import Run, calibration
from aelatent.calibration import Case, Material, Plan

SMALL = Plan(n=300, draws=39, scale=0.6, nulls=2, powers=2)


@pytest.fixture
def run(world):
    return Run.open("small")


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(calibration, "NULLS", ("multivariate normal",))
    monkeypatch.setattr(calibration, "BENT", {})
    monkeypatch.setattr(
        calibration, "PUT_IN", (("known curves", 1.0, 4), ("encoded sweeps", 0.5, 5))
    )


def calibrate(run, plan=SMALL, **options):
    return calibration.calibrate(run, plan, workers=1, progress=False, **options)


def test_every_law_and_every_shape_is_simulated():
    listed = calibration.cases(Plan(), sweeps=True)
    nulls = [case for case in listed if case.kind == "null"]
    laws = {case.law for case in nulls if case.question == "leading plane"}
    assert laws == {*calibration.NULLS, *calibration.BENT}
    full = {(case.law, case.surrogate) for case in nulls if case.question == "full space"}
    assert ("elliptical", "elliptical") in full
    put = [(case.kind, case.share, case.count) for case in listed if case.kind != "null"]
    assert put == list(calibration.PUT_IN)
    assert "encoded sweeps" not in {case.kind for case in calibration.cases(Plan(), False)}


def test_clouds_hold_the_share_that_was_asked_for(run):
    strings = np.random.default_rng(0).normal(size=(300, 8)).astype(np.float32)
    of = Material(np.tile(run.z, (2, 1)), strings=strings)
    laws = ("elliptical", "smoothed bootstrap")
    base, curves, loops, all_of_them = (
        calibration.simulate(Case("leading plane", kind, *laws, share, 4, 1), of, SMALL, 5)
        for kind, share in (
            ("null", 0.0), ("known curves", 0.2), ("loops", 0.1), ("encoded sweeps", 1.0)
        )
    )  # fmt: skip
    assert base.shape == (300, 8)
    assert (base != curves).any(axis=1).sum() == 60
    assert (base != loops).any(axis=1).sum() == 30
    assert {tuple(row) for row in all_of_them} == {tuple(row) for row in strings}


@pytest.mark.parametrize("law", calibration.BENT)
def test_bent_laws_keep_mean_and_covariance_and_are_not_normal(run, law):
    case = Case("leading plane", "null", law, "smoothed bootstrap", 0.0, 0, 1)
    many = Material(np.tile(run.z, (25, 1)))
    cloud = calibration.simulate(case, many, replace(SMALL, n=4000), 3)
    n = len(cloud)
    y = run.axes.whiten(cloud)
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(np.cov(y.T), np.eye(y.shape[1]), atol=8 / np.sqrt(n))  # long tails
    square = np.sum(y[:, :2] ** 2, axis=1)  # for a Gaussian chi² with two degrees of freedom
    assert min(
        stats.kstest(square, "chi2", (2,)).pvalue, *(stats.normaltest(c).pvalue for c in y.T[:2])
    ) < 0.05  # fmt: skip


def test_encoded_sweeps_are_strings(run):
    strings = calibration.encoded_sweeps(run, 3, 40, seed=2)
    assert strings.shape == (120, 8)
    for one in strings.reshape(3, 40, 8):
        step = np.linalg.norm(np.diff(one, axis=0), axis=1)
        apart = np.linalg.norm(one[:, None] - one[None], axis=2)
        assert np.median(step) < 0.2 * apart.max()
    np.testing.assert_array_equal(strings, calibration.encoded_sweeps(run, 3, 40, seed=2))


def test_answers_are_counted_and_kept_case_by_case(run, few):
    seen = []
    table = calibrate(run, keep=seen.append)
    assert [len(part) for part in seen] == [1, 2, 3, 4, 5, 6]
    assert list(table["simulations"]) == [2] * 6
    assert table["rejected"].between(0, 2).all()
    full = table[table["kind"] == "known curves"].iloc[0]
    assert (full["rejected"], full["clumped"]) == (2, 2)
    assert set(table["encoder"]) == {run.info["weights"]["encoder"]["sha256"]}
    pd.testing.assert_frame_equal(table, calibrate(run))


def test_what_was_done_is_not_repeated(run, few, monkeypatch):
    tried, seen = [], []

    def answer(case, of, plan, seed):
        tried.append((case.kind, case.surrogate))
        return len(tried) % 2 == 0, False

    monkeypatch.setattr(calibration, "_rejects", answer)
    whole = calibrate(run)
    tried.clear()
    part = whole.drop(index=[1, 4])
    again = calibrate(run, done=part, keep=lambda table: seen.append(len(table)))
    assert len(tried) == 4  # two cases of two simulations
    assert seen == [4, 5, 5, 5, 6, 6]  # nothing is lost on the way
    pd.testing.assert_frame_equal(again, whole)
    tried.clear()
    calibrate(run, replace(SMALL, seed=1), done=whole)
    assert len(tried) == 12


def test_rates_come_with_the_intervals_of_scipy():
    out = calibration.rates(pd.DataFrame({"rejected": [3, 0], "simulations": [50, 20]}))
    assert list(out["rate"]) == [0.06, 0]
    interval = stats.binomtest(3, 50).proportion_ci(0.95)
    assert (out["low"][0], out["high"][0]) == (interval.low, interval.high)
    assert out["allowed"][0] == stats.binom.ppf(0.975, 50, 0.05) / 50
