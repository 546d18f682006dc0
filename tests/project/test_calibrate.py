"""tools/calibrate.py: the sizes asked for are simulated, kept beside the run, and printed."""

import sys
from dataclasses import replace

from aelatent import Run, calibration, kept


def test_a_small_calibration(world, load_tool, monkeypatch, capsys):
    seen = []

    def few(run, plan, *, done, keep):
        assert done is None
        seen.append(plan)
        listed = calibration.cases(plan, strings=False)[:1]
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
    printed = capsys.readouterr().out
    assert "multivariate normal" in printed
    table = kept.read_calibration(Run.open("small"))
    assert list(table["simulations"]) == [2]
    assert set(table["seed"]) == {7}
