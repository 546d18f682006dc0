"""tools/alignment.py: two runs that differ in the alignment alone, measured alike."""

import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA

from aelatent import Run, portraits

SMALL = "--portraits 160 --epochs 1 --n 6 --seed 3 --filters 4 8 --size 32 --z-dim 5".split()


def test_both_runs_are_made_and_measured(own_data, load_tool, monkeypatch, tmp_path, capsys):
    out = tmp_path / "alignment.csv"
    monkeypatch.setattr(sys, "argv", ["alignment.py", *SMALL, "--out", str(out)])
    load_tool("alignment").main()
    table = pd.read_csv(out, index_col="portraits")
    assert table.index.tolist() == ["aligned", "free"]
    assert (
        table[["trained on", "epochs", "n", "draws", "seed"]].to_numpy().tolist()
        == [[152, 1, 6, 6, 3]] * 2
    )
    for kind, row in table.iterrows():
        run = Run.open(f"alignment-{kind}")
        wanted = portraits.sample_factors(160, 3, aligned=kind == "aligned")
        np.testing.assert_array_equal(run.store.index["shift_x"], wanted["shift_x"])
        seen = np.delete(run.z, run.held_out, axis=0)
        spectrum = PCA().fit(seen).explained_variance_
        ratio = spectrum.sum() ** 2 / (spectrum**2).sum()
        assert row["participation ratio"] == pytest.approx(ratio, rel=1e-3)
        error = run.errors(run.store.images[run.held_out]).mean()
        assert row["error"] == pytest.approx(error, rel=1e-4)
        assert row.filter(like="faces").between(0, 1).all()
    assert "participation ratio" in capsys.readouterr().out
