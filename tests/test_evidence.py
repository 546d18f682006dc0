"""Evidence on the filaments: made once, kept with what made it, not trusted if damaged."""

import numpy as np
import pandas as pd
import pytest

from aelatent import Run, evidence, filament_evidence
from aelatent.evidence import Sizes
from aelatent.latent import filament_test, nearest_distance, seed_planes

TINY = Sizes(n=160, draws=39, scale=0.9, n_nulls=160, landmarks=30, curves=(2, 5), wider=(1, 1.5))


@pytest.fixture
def run(world, monkeypatch):
    monkeypatch.setattr(evidence, "SMOKE", TINY)
    return Run.open("small")


def tables(found):
    return {field.name: getattr(found, field.name) for field in evidence.fields(found)[1:]}


def test_it_is_made_once_and_made_again_if_damaged_or_foreign(run, monkeypatch):
    first = tables(filament_evidence(run, "smoke", progress=False))
    made, make = [], evidence._tables
    monkeypatch.setattr(evidence, "_tables", lambda *a: made.append(1) or make(*a))
    again = tables(filament_evidence(run, "smoke", progress=False))
    assert not made
    for name, table in first.items():
        pd.testing.assert_frame_equal(again[name], table)
    (file,) = (run.path / "filaments").glob("*/known.csv")
    file.write_text(file.read_text().replace("1", "2", 1))
    pd.testing.assert_frame_equal(
        filament_evidence(run, "smoke", progress=False).known, first["known"]
    )
    monkeypatch.setattr(evidence, "SMOKE", Sizes(**{**vars(TINY), "seed": 1}))
    other = filament_evidence(run, "smoke", progress=False)
    assert len(made) == 2
    assert not other.curves.equals(first["curves"])


def test_its_tables_are_those_of_the_tests(run):
    found = filament_evidence(run, "smoke", progress=False)
    z, planes = np.asarray(run.z), seed_planes(run.axes, run.described)
    test = filament_test(z, planes, draws=39, scale=0.9, n=160)
    np.testing.assert_allclose(found.curves["observed"], test.curves["observed"], rtol=1e-5)
    np.testing.assert_allclose(found.effects["effect"], test.effects["effect"], rtol=1e-5)
    row = found.verdict.iloc[0]
    assert row["p"] == pytest.approx(test.p)
    assert (row["n"], row["n_total"], row["draws"]) == (160, 160, 39)
    assert found.known["curves"].to_list() == [2, 5]
    assert set(found.wider["cloud"]) == {"z-points", "elliptical"}
    white = run.axes.whiten(z).astype(np.float32)
    full = found.full.set_index("cloud")
    nearest = np.median(nearest_distance(white[:30], white, 2))
    assert full["distance"]["z-points"] == pytest.approx(nearest, rel=1e-4)
    assert full["ratio"]["elliptical"] == 1
    assert {"all on 2 curves", "all on 5 curves"} <= {*full.index}
