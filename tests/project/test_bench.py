"""The benchmarks: rows run at tiny sizes, options work, the table is right. No time is asserted."""

import json
import re
import time

import numpy as np
import pytest
from benchmarks import bench, clouds, growth, importing, maps, strip, training
from benchmarks.report import markdown
from benchmarks.rows import ROWS, chosen
from benchmarks.timing import OURS, Growth, Line, Plan, Turns, at_least, at_most, take_turns

TINY = Plan(scale=0.001, asked=1)


def test_sides_take_turns():
    calls = []
    sides = {OURS: lambda: calls.append("a"), "theirs": lambda: calls.append("b") or len(calls)}
    turns, results = take_turns(sides, 3)
    assert "".join(calls) == "ab" + 3 * "ab"  # once each to warm up
    assert results == {OURS: None, "theirs": 8}
    assert {len(seconds) for seconds in turns.seconds.values()} == {3}


def test_ratio_is_of_medians_and_its_spread_of_rounds():
    turns = Turns({OURS: [1, 2, 10], "theirs": [4, 6, 5]})
    assert turns.ratio("theirs") == 2.5
    assert turns.spread("theirs") == (0.5, 4)
    line = turns.line("theirs", "x", "n", n=100, unit="rows/s", **at_least(2, 2.5))
    assert (line.ours, line.reference) == (50, 20)
    assert (line.budget, line.met) == ("ratio ≥ 2", True)
    assert turns.line("theirs", "x", "n", unit="ms").ours == 2000
    many = Turns({OURS: np.ones(100), "theirs": [*np.full(50, 2), *np.full(49, 3), 1000]})
    assert many.spread("theirs") == (2, 3)  # a single slow round is no spread


def test_plan_scales_sizes_and_rows_are_chosen_in_the_order_of_the_table():
    assert [Plan(scale).n(5000, least=30) for scale in (1, 0.1, 0.001)] == [5000, 500, 30]
    assert (Plan().rounds(5), Plan(1, 2).rounds(5)) == (5, 2)
    assert chosen([]) == [name for name, row in ROWS.items() if not row.asked]
    assert chosen(["tsne-80k", "import"]) == ["import", "tsne-80k"]


def test_table():
    fast = Turns({OURS: [1, 1, 1], "theirs": [2, 2, 3]})
    budget = at_least(3, fast.ratio("theirs"))
    line = fast.line("theirs", "this, against that", "10 x 2", n=1000, unit="rows/s", **budget)
    alone = Line("that | alone", "10", "ms", 0.5, note="seen twice", **at_most(1, 0.5, "ms"))
    grown = Growth("step", [1000, 4000], [0.5, 4.0], [10.0, 1234.5])
    rows = {
        "a": {"lines": [vars(line), vars(alone)], "growth": [], "seconds": 1},
        "b": {"error": "RuntimeError: no luck", "seconds": 2},
        "c": {"lines": [], "growth": [vars(grown)], "seconds": 3},
    }
    results = {"machine": {"cores": "2"}, "scale": 1.0, "rows": rows}
    assert markdown(results) == (
        "| row | what is compared | size | ours | reference | ratio | budget | met |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- |\n"
        "| a | this, against that | 10 x 2 | 1,000 rows/s | 500 rows/s | 2.00 (2.00–3.00) "
        "| ratio ≥ 3 | no |\n"
        "| a | that \\| alone | 10 | 0.500 ms |  |  | ours ≤ 1 ms | yes |\n"
        "| b | failed: RuntimeError: no luck |  |  |  |  |  |  |\n"
        "\n- that | alone: seen twice\n"
        "\nTime in ms per 1,000 rows, by number of rows:\n\n"
        "| step | 1,000 | 4,000 |\n| --- | --- | --- |\n| step | 500 | 1,000 |\n"
        "\nPeak of memory in MB, by number of rows:\n\n"
        "| step | 1,000 | 4,000 |\n| --- | --- | --- |\n| step | 10.0 | 1,234 |\n"
        "\n- cores: 2\n"
    )
    assert markdown(results | {"scale": 0.02}).count("| not judged |") == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--scale", "0"], "got 0"),
        (["--scale", "2"], "got 2"),
        (["--rounds", "0"], "got 0"),
        (["--out", "table.json"], "a Markdown file"),
        (["--out", "nowhere/table.md"], "a folder that exists"),
        (["tsen"], "no row 'tsen'"),
    ],
)
def test_unusable_options_are_refused(options, message, capsys):
    with pytest.raises(SystemExit):
        bench.main(options)
    assert message in capsys.readouterr().err


def test_rows_run_in_processes_of_their_own_and_a_failing_one_is_reported(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.setenv("AELATENT_RUN", "nobody")
    out = tmp_path / "bench.md"
    options = ["--scale", "0.001", "--rounds", "2", "--out", str(out)]
    assert bench.main(["packing", "strip", "statistics", "drawing", *options]) == 1
    printed = capsys.readouterr()
    assert out.read_text() == printed.out
    rows = re.findall(r"^\| (strip|statistics|drawing|packing) \|", printed.out, re.M)
    assert rows == ["strip"] + ["statistics"] * 4 + ["drawing"] + ["packing"] * 2
    (failed,) = re.findall(r"^\| strip \| failed: (.*?) \|", printed.out, re.M)
    assert "there is no run 'nobody'" in failed
    assert "Traceback" in printed.err
    kept = json.loads(out.with_suffix(".json").read_text())
    assert markdown(kept) == printed.out
    lines = [line for row in kept["rows"].values() for line in row.get("lines", ())]
    assert all(line["ours"] > 0 and line["reference"] > 0 for line in lines)


def test_what_there_is_when_stopped_is_printed(monkeypatch, capsys, tmp_path):
    def measured(name, asked):
        if name == "drawing":
            raise KeyboardInterrupt
        return {"lines": [vars(Line("x", "1", "s", 1.0))], "growth": [], "seconds": 0}

    monkeypatch.setattr(bench, "measured", measured)
    assert bench.main(["statistics", "drawing", "--out", str(tmp_path / "bench.md")]) == 1
    printed = capsys.readouterr().out
    assert "| statistics | x | 1 | 1.00 s |" in printed
    assert (tmp_path / "bench.md").read_text() == printed


def test_training_and_encoding(monkeypatch):
    monkeypatch.setattr(training, "has_torch", lambda: False)
    keras, torch = training.training(TINY)
    assert keras.size == "128 pictures, batches of 128"
    assert keras.ratio == pytest.approx(keras.ours / keras.reference)
    assert (torch.ours, torch.note) == (None, "PyTorch not installed")
    (step,) = training.pipeline(TINY)
    assert re.search(r"share of a step is -?[\d.]+%; alone it makes [\d,]+ pictures/s", step.note)
    (line,) = ROWS["encoding"].load()(TINY)
    assert line.ratio > 0


def test_strips_maps_and_growth(world, monkeypatch):
    monkeypatch.setenv("AELATENT_RUN", "small")
    median, high = strip.strip(TINY)
    assert median.size == "8 of 32 x 32, 20 strips"
    assert high.ours >= median.ours
    seconds, kept = maps.tsne_20k(TINY)
    assert seconds.size == "120 x 8 z-points, 300 iterations"
    assert kept.ratio == pytest.approx(kept.ours / kept.reference)
    monkeypatch.setattr(growth, "SIZES", (300,))
    found = list(growth.growth(Plan()))
    assert [one.step for one in found[::2]] == list(growth.STEPS)
    assert all(one.sizes == [300] and one.seconds[0] > 0 for one in found[::2])
    assert [line.ours for line in found[1::2]] == [one.megabytes[0] for one in found[::2]]
    z, kind = maps.cloud(200)  # the run has 160
    assert (len(z), kind) == (200, "of a Gaussian like the z-points")


def test_sides_that_differ_are_refused(monkeypatch):
    one, two = np.random.default_rng(0).uniform(size=(2, 32, 64, 3)).astype(np.float32)
    with pytest.raises(RuntimeError, match="the two strips differ by"):
        strip.check(strip.png(one), strip.png(two))
    z, loop = clouds.random_z(1000, 4), clouds.histograms
    monkeypatch.setattr(clouds, "histograms", lambda *of: loop(*of)[::-1])
    with pytest.raises(RuntimeError, match="the densities differ from the loop's in"):
        clouds.densities(z, 1)
    by_rows = clouds.d2_by_rows
    monkeypatch.setattr(clouds, "d2_by_rows", lambda *of: 1.001 * by_rows(*of))
    with pytest.raises(AssertionError, match="Mismatched elements: 1000"):
        clouds.distances(z, 1)


def test_import_row(monkeypatch):
    assert importing.fresh("aelatent")[1] == "[]"
    said = {"aelatent": (0.25, "[]"), "tensorflow": (4.0, "['keras', 'tensorflow']")}
    monkeypatch.setattr(importing, "fresh", said.get)
    (line,) = importing.importing(TINY)
    assert (line.ours, line.reference, line.ratio, line.met) == (0.25, 4.0, 16.0, True)
    said["aelatent"] = (0.25, "['keras']")
    with pytest.raises(RuntimeError, match=r"loads \['keras'\]"):
        list(importing.importing(TINY))


def hungry(n, _):
    """Take n MB for a moment."""

    def work():
        taken = np.ones(n * 10**6, np.uint8)
        time.sleep(0.3)
        del taken

    return work, 1


def broken(n, _):
    """Prepare nothing."""
    raise ValueError(n)


def test_memory_is_seen_and_a_step_that_fails_is_named():
    _, private, resident = growth.alone(hungry, 600, "")
    assert 600 < private < 1000  # Python and NumPy take a share
    assert resident > private
    with pytest.raises(RuntimeError, match=r"broken of 3 ended with exit status 1"):
        growth.alone(broken, 3, "")
