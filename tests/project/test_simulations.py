"""Alignment, three runs, calibration: what a tool was asked for is made, measured and kept."""

import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA

from aelatent import Run, calibration, kept, portraits

SMALL = "--portraits 160 --epochs 1 --n 6 --seed 3 --filters 4 8 --size 32 --z-dim 5".split()


def test_both_runs_are_made_and_measured(own_data, load_tool, monkeypatch, tmp_path):
    out = tmp_path / "alignment.csv"
    monkeypatch.setattr(sys, "argv", ["alignment.py", *SMALL, "--out", str(out)])
    load_tool("alignment").main()
    table = pd.read_csv(out, index_col="portraits")
    assert table.index.tolist() == ["aligned", "free"]
    asked = table[["trained on", "epochs", "n", "draws", "seed"]]
    assert asked.to_numpy().tolist() == [[152, 1, 6, 6, 3]] * 2
    for kind, row in table.iterrows():
        run = Run.open(f"alignment-{kind}")
        wanted = portraits.sample_factors(160, 3, aligned=kind == "aligned")
        np.testing.assert_array_equal(run.store.index["shift_x"], wanted["shift_x"])
        seen = np.delete(run.z, run.held_out, axis=0)
        spectrum = PCA().fit(seen).explained_variance_
        ratio = 1 / ((spectrum**2).sum() / spectrum.sum() ** 2 - 1 / len(seen))
        assert row["participation ratio"] == pytest.approx(ratio, rel=1e-3)
        error = run.errors(run.store.images[run.held_out]).mean()
        assert row["error"] == pytest.approx(error, rel=1e-4)
        assert row.filter(like="faces").between(0, 1).all()


def test_runs_are_measured_side_by_side(world, load_tool, monkeypatch, tmp_path):
    out = tmp_path / "runs.csv"
    options = ["small", "small", "--n", "6", "--seed", "2", "--out", str(out)]
    monkeypatch.setattr(sys, "argv", ["three_runs.py", *options])
    load_tool("three_runs").main()
    table = pd.read_csv(out)
    assert [*table.columns] == ["run", "quantity", "value", "error", "n", "seed"]
    half = len(table) // 2
    assert table[:half].equals(table[half:].reset_index(drop=True))
    found, run = table[:half].set_index("quantity"), Run.open("small")
    seen = np.delete(run.z, run.held_out, axis=0).astype(float)
    cumulated = PCA().fit(seen).explained_variance_ratio_.cumsum()
    wide = int(np.sum(cumulated < 0.9)) + 1
    assert found.loc["axes for 90 % of the variance", "value"] == wide
    assert found.loc["origin's D² from the 20 narrowest axes", "value"] == 1  # of 8
    share, error = found.loc["faces: originals", ["value", "error"]]
    assert error == pytest.approx(np.sqrt(share * (1 - share) / 6), abs=1e-6)
    assert found.filter(like="credit", axis=0)["error"].ge(0).sum() == 4


def test_a_small_calibration(world, load_tool, monkeypatch, capsys):
    seen = []

    def few(run, plan, *, done, keep):
        assert done is None
        seen.append(plan)
        listed = calibration.cases(plan, sweeps=False)[:1]
        monkeypatch.setattr(calibration, "cases", lambda *_: listed)
        monkeypatch.setattr(calibration, "encoded_sweeps", lambda *_: None)
        plan = replace(plan, scale=0.6)  # so few points lie far apart
        return calibrate(run, plan, workers=1, progress=False, keep=keep)

    calibrate = calibration.calibrate
    monkeypatch.setattr(calibration, "calibrate", few)
    options = ["small", "--n", "300", "--nulls", "2", "--seed", "7"]
    monkeypatch.setattr(sys, "argv", ["calibrate.py", *options])
    load_tool("calibrate").main()
    (plan,) = seen
    assert (plan.n, plan.nulls, plan.seed, plan.draws) == (300, 2, 7, calibration.Plan().draws)
    assert "multivariate normal" in capsys.readouterr().out
    table = kept.read_calibration(Run.open("small"))
    assert list(table["simulations"]) == [2]
    assert set(table["seed"]) == {7}
