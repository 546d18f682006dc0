"""tools/report_run.py: every part is there, and its numbers are the run's."""

import re
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, cross_val_predict

from aelatent import Run
from aelatent.latent import SAMPLERS


@pytest.fixture
def report(load_tool, monkeypatch, capsys):
    """Run the tool with options; return what it prints."""

    def call(*options):
        monkeypatch.setattr(sys, "argv", ["report_run.py", *options])
        load_tool("report_run").main()
        return capsys.readouterr().out

    return call


def test_report_of_a_small_run(world, report, tmp_path):
    text = report("small", "--n", "5", "--seed", "1", "--sheet", str(tmp_path / "sheet.png"))
    run = Run.open("small")
    assert len(re.findall("^## ", text, re.M)) == 5
    error = run.errors(run.store.images[run.held_out]).mean()
    assert f"{len(run.held_out)} held-out pictures: error {error:.5f}; of the mean picture" in text
    rows = re.findall(
        r"^\| ([A-Za-z0-9. ]+) \| 5 \| [\d.]+ \| [\d.]+ \| \S+ \| \S+ \|$", text, re.M
    )
    assert rows == ["originals", "reconstructions", *SAMPLERS, "multivariate normal x 0.7"]
    training = np.setdiff1d(np.arange(160), run.held_out)
    radius = np.linalg.norm(run.z[training], axis=1).mean()
    assert f"| radius, mean | {radius:.3g} |" in text
    readout = text[text.index("## Linear readout") :]
    scores = [float(r2) for r2 in re.findall(r"^\| \w+ \| ([-\d.e]+) \|", readout, re.M)]
    assert len(scores) > 20
    assert scores == sorted(scores, reverse=True)
    assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG")


def test_tables_are_markdown(load_tool):
    table = pd.DataFrame({"r2": [0.12345, np.nan], "n": [3, 4]}, pd.Index(["a", "b"], name="f"))
    lines = load_tool("report_run").markdown(table).splitlines()
    assert lines == ["| f | r2 | n |", "| --- | --- | --- |", "| a | 0.123 | 3 |", "| b | – | 4 |"]


def test_readout_agrees_with_least_squares_where_rows_abound(load_tool):
    rng = np.random.default_rng(3)
    z = (rng.normal(size=(1200, 10)) * np.geomspace(6, 0.1, 10) + 4).astype(np.float32)
    targets = pd.DataFrame(
        {
            "exact": 1e7 * (z[:, 0] - 3 * z[:, 9].astype(float)),
            "half": (z[:, 2] - 4) / z[:, 2].std() + rng.normal(size=1200),
            "none": rng.normal(size=1200),
            "yes or no": z[:, 1] > 4,
            "constant": 1.5,
        }
    )
    held = np.arange(400)
    found = load_tool("report_run").linear_readout(z, targets, held, seed=0)
    assert found["r2"].drop("constant").to_numpy() == pytest.approx([1, 0.5, 0, 2 / np.pi], abs=0.1)
    assert (found["r2_shuffled"].drop("constant").abs() < 0.04).all()
    assert found.loc["constant"].isna().all()
    model = LinearRegression().fit(z[400:].astype(float), targets["half"][400:])
    plain = r2_score(targets["half"][held], model.predict(z[held]))
    assert found.loc["half", "r2"] == pytest.approx(plain, abs=5e-3)


def test_penalty_of_the_readout_is_the_best_left_out_one_by_one(load_tool):
    # Few rows, many components: without a penalty the readout is useless.
    tool, rng = load_tool("report_run"), np.random.default_rng(7)
    z = rng.normal(size=(90, 40))
    target = z[:, 0] + rng.normal(0, 2, 90)
    held, train, known = np.arange(50, 90), z[:50], target[:50]
    found = tool.linear_readout(z, pd.DataFrame({"t": target}), held, seed=0).loc["t", "r2"]
    variation = np.sum((train - train.mean(axis=0)) ** 2) / 40
    models = [Ridge(variation * penalty) for penalty in tool.PENALTIES]
    left_out = [cross_val_predict(model, train, known, cv=KFold(50)) for model in models]
    best = models[int(np.argmin([np.mean((one - known) ** 2) for one in left_out]))]
    assert found == pytest.approx(best.fit(train, known).score(z[held], target[held]), abs=1e-6)


def test_what_cannot_be_reported_is_said_in_a_line(world, report):
    with pytest.raises(SystemExit, match="there is no run 'smal'"):
        report("smal")
    (world / "runs" / "small" / "z_points.npy").unlink()
    with pytest.raises(SystemExit, match="aelatent encode small"):
        report("small")
