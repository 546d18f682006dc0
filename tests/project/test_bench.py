"""The benchmarks: rows run at tiny sizes, options work, the table is right. No time is asserted."""

import json
import re
import time

import numpy as np
import pytest
from benchmarks import bench, clouds, growth, importing, maps, strip, training
from benchmarks.machine import describe
from benchmarks.report import markdown, number
from benchmarks.rows import ROWS, chosen
from benchmarks.timing import OURS, Growth, Line, Plan, Turns, at_least, at_most, take_turns

TINY = Plan(scale=0.001, asked=1)


def test_sides_take_turns():
    calls = []
    sides = {OURS: lambda: calls.append("a"), "theirs": lambda: calls.append("b") or len(calls)}
    turns, results = take_turns(sides, 3)
    assert "".join(calls) == "ab" + 3 * "ab"
    assert results == {OURS: None, "theirs": 8}
    assert {len(seconds) for seconds in turns.seconds.values()} == {3}
    calls.clear()
    take_turns(sides, 1, warm=False)
    assert calls == ["a", "b"]


def test_ratio_is_of_medians_and_its_spread_of_rounds():
    turns = Turns({OURS: [1, 2, 10], "theirs": [4, 6, 5]})
    assert turns.ratio("theirs") == 2.5
    assert turns.spread("theirs") == (0.5, 4)
    line = turns.line("theirs", "x", "n", n=100, unit="rows/s", **at_least(2, 2.5))
    assert (line.ours, line.reference) == (50, 20)
    assert (line.budget, line.met) == ("ratio ≥ 2", True)
    assert turns.line("theirs", "x", "n", unit="ms").ours == 2000
    assert Turns({OURS: [1], "theirs": [2]}).spread("theirs") is None
    many = Turns({OURS: np.ones(100), "theirs": [*np.full(50, 2), *np.full(49, 3), 1000]})
    assert many.spread("theirs") == (2, 3)  # a single slow round is no spread


def test_budgets():
    assert at_least(0.9, 0.89) == {"budget": "ratio ≥ 0.9", "met": False}
    assert at_most(25, 25.0, "ms") == {"budget": "ours ≤ 25 ms", "met": True}
    assert not at_most(25, 25.1, "ms")["met"]


def test_plan_scales_sizes():
    assert Plan().n(5000, least=30) == 5000
    assert Plan(0.1).n(5000, least=30) == 500
    assert Plan(0.001).n(5000, least=30) == 30
    assert (Plan().rounds(5), Plan(1, 2).rounds(5)) == (5, 2)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.012345, "0.0123"), (9.876, "9.88"), (123.4, "123"), (165432.1, "165,432")],
)
def test_numbers_have_three_digits(value, text):
    assert number(value) == text


@pytest.fixture
def results():
    """Results of three rows, as they are written."""
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
    return {"machine": {"cores": "2"}, "scale": 1.0, "rows": rows}


def test_table(results):
    assert markdown(results) == (
        "| row | what is compared | size | ours | reference | ratio | budget | met |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- |\n"
        "| a | this, against that | 10 x 2 | 1,000 rows/s | 500 rows/s | 2.00 (2.00–3.00) "
        "| ratio ≥ 3 | no |\n"
        "| a | that \\| alone | 10 | 0.500 ms |  |  | ours ≤ 1 ms | yes |\n"
        "| b | failed: RuntimeError: no luck |  |  |  |  |  |  |\n"
        "\n"
        "- that | alone: seen twice\n"
        "\n"
        "Time in ms per 1,000 rows, by number of rows:\n"
        "\n"
        "| step | 1,000 | 4,000 |\n"
        "| --- | --- | --- |\n"
        "| step | 500 | 1,000 |\n"
        "\n"
        "Peak of memory in MB, by number of rows:\n"
        "\n"
        "| step | 1,000 | 4,000 |\n"
        "| --- | --- | --- |\n"
        "| step | 10.0 | 1,234 |\n"
        "\n"
        "- cores: 2\n"
    )


def test_a_quick_look_judges_nothing(results):
    text = markdown(results | {"scale": 0.02})
    assert text.startswith("A quick look: sizes times 0.02.")
    assert text.count("| not judged |") == 2
    assert not re.search(r"\| (yes|no) \|", text)


def test_rows_are_chosen_in_the_order_of_the_table():
    assert chosen([]) == [name for name, row in ROWS.items() if not row.asked]
    assert "tsne-80k" not in chosen([])
    assert chosen(["tsne-80k", "import"]) == ["import", "tsne-80k"]
    with pytest.raises(ValueError, match="no row 'tsen'; expected some of import, training"):
        chosen(["strip", "tsen"])


@pytest.mark.parametrize("name", ROWS)
def test_every_row_has_its_function(name):
    assert callable(ROWS[name].load())


def test_list(capsys):
    assert bench.main(["--list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == [*ROWS]
    only_named = [line.split()[0] for line in listed if line.endswith("(only when named)")]
    assert only_named == [name for name, row in ROWS.items() if row.asked]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--scale", "0"], "--scale must lie above 0 and not above 1; got 0"),
        (["--scale", "2"], "--scale must lie above 0 and not above 1; got 2"),
        (["--rounds", "0"], "--rounds must be at least 1; got 0"),
        (["--out", "table.json"], "--out must name a Markdown file"),
        (["--out", "nowhere/table.md"], "in a folder that exists"),
        (["tsen"], "there is no row 'tsen'"),
    ],
)
def test_unusable_options_are_refused(options, message, capsys):
    with pytest.raises(SystemExit) as ended:
        bench.main(options)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_quick():
    asked = bench.read_arguments(["--quick", "strip"])
    assert (asked.scale, asked.rounds, asked.rows) == (bench.QUICK, 1, ["strip"])
    assert bench.read_arguments(["--quick", "--rounds", "3"]).rounds == 3


def test_rows_run_in_processes_of_their_own(tmp_path, capsys):
    out = tmp_path / "bench.md"
    options = ["--scale", "0.001", "--rounds", "2", "--out", str(out)]
    assert bench.main(["packing", "statistics", "drawing", *options]) == 0
    printed = capsys.readouterr()
    assert re.findall(r"^(\d/3 \w+) \.\.\. \d+ s$", printed.err, re.M) == [
        "1/3 statistics",
        "2/3 drawing",
        "3/3 packing",
    ]
    assert out.read_text() == printed.out
    rows = re.findall(r"^\| (statistics|drawing|packing) \|", printed.out, re.M)
    assert rows == ["statistics"] * 4 + ["drawing"] + ["packing"] * 2
    kept = json.loads(out.with_suffix(".json").read_text())
    assert markdown(kept) == printed.out
    lines = [line for row in kept["rows"].values() for line in row["lines"]]
    assert all(line["ours"] > 0 and line["reference"] > 0 for line in lines)
    assert all(low <= high for low, high in (line["spread"] for line in lines))


def test_a_failing_row_is_reported_and_the_others_run(monkeypatch, capsys):
    monkeypatch.setenv("AELATENT_RUN", "nobody")
    assert bench.main(["strip", "statistics", "--scale", "0.001", "--rounds", "1"]) == 1
    printed = capsys.readouterr()
    (failed,) = re.findall(r"^\| strip \| failed: (.*?) \|", printed.out, re.M)
    assert "there is no run 'nobody'" in failed
    assert "exit status 1" in failed
    assert "Traceback" in printed.err
    assert "| statistics | D², against" in printed.out


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


def test_training_rows(monkeypatch):
    monkeypatch.setattr(training, "has_torch", lambda: False)
    keras, torch = training.training(TINY)
    assert keras.compared.endswith("against Keras float32 fit")
    assert keras.size == "128 pictures, batches of 128"
    assert keras.ratio == pytest.approx(keras.ours / keras.reference)
    assert keras.budget in ("ratio ≥ 1.3", "ratio ≥ 0.97")
    assert (torch.ours, torch.note) == (None, "PyTorch not installed")
    (step,) = training.pipeline(TINY)
    assert re.search(r"share of a step is -?[\d.]+%; alone it makes [\d,]+ pictures/s", step.note)


def test_a_training_that_fails_is_no_quick_one():
    with pytest.raises(RuntimeError, match="the loss became nan"):
        training.checked(float("nan"))


def test_pytorch_has_the_same_network():
    pytest.importorskip("torch")
    floats = np.zeros((4, 96, 96, 3), np.float32)
    for run_epoch in training.torch_sides(floats, training.TrainConfig()).values():
        assert 0 < run_epoch() < 1


@pytest.fixture
def small_run(world, monkeypatch):
    """Make the tiny run the default one."""
    monkeypatch.setenv("AELATENT_RUN", "small")


def test_encoding_row():
    (line,) = ROWS["encoding"].load()(TINY)
    assert line.budget == "ratio ≥ 0.95"
    assert line.ratio > 0


def test_strip_row(small_run):
    median, high = strip.strip(TINY)
    assert median.size == "8 of 32 x 32, 20 strips"
    assert high.ours >= median.ours
    assert high.budget == "ours ≤ 25 ms"


def test_other_strips_are_told_apart():
    rng = np.random.default_rng(0)
    one, two = rng.uniform(size=(2, 32, 64, 3)).astype(np.float32)
    strip.check(strip.png(one), strip.png(one))
    with pytest.raises(RuntimeError, match="the two strips differ by"):
        strip.check(strip.png(one), strip.png(two))


def test_tsne_rows(small_run):
    seconds, kept = maps.tsne_20k(TINY)
    assert seconds.size == "120 x 8 z-points, 300 iterations"
    assert seconds.budget == "ratio ≥ 1.5"
    assert 0 < kept.ours < 1
    assert kept.ratio == pytest.approx(kept.ours / kept.reference)
    assert maps.cloud(150)[1] == "z-points"
    z, kind = maps.cloud(200)  # the run has 160
    assert (len(z), kind) == (200, "of a Gaussian like the z-points")


def test_statistics_that_differ_are_refused(monkeypatch):
    z = clouds.random_z(1000, 4)
    loop = clouds.histograms
    monkeypatch.setattr(clouds, "histograms", lambda *of: loop(*of)[::-1])
    with pytest.raises(RuntimeError, match="the densities differ from the loop's in"):
        clouds.densities(z, 1)
    by_rows = clouds.d2_by_rows
    monkeypatch.setattr(clouds, "d2_by_rows", lambda *of: 1.001 * by_rows(*of))
    with pytest.raises(AssertionError, match="Mismatched elements: 1000"):
        clouds.distances(z, 1)


def test_a_loop_over_a_part_is_scaled_up(monkeypatch):
    monkeypatch.setattr(clouds, "LOOP_ROWS", 10)
    monkeypatch.setattr(clouds, "take_turns", lambda sides, rounds: (fixed, results(sides)))
    fixed = Turns({OURS: [1.0], clouds.LOOP: [2.0]})

    def results(sides):
        return {side: work() for side, work in sides.items()}

    _, turns, _ = clouds.distances(clouds.random_z(1000, 4), 1)
    assert turns.ratio(clouds.LOOP) == 200


def test_import_row(monkeypatch):
    assert importing.fresh("aelatent")[1] == "[]"
    said = {"aelatent": (0.25, "[]"), "tensorflow": (4.0, "['keras', 'tensorflow']")}
    monkeypatch.setattr(importing, "fresh", said.get)
    (line,) = importing.importing(TINY)
    assert (line.ours, line.reference, line.ratio, line.met) == (0.25, 4.0, 16.0, True)
    said["aelatent"] = (0.25, "['keras']")
    with pytest.raises(RuntimeError, match=r"loads \['keras'\]"):
        list(importing.importing(TINY))


@pytest.mark.parametrize("step", ["densities", "covariance", "D²"])
def test_steps_of_statistics(step):
    work, repeats = growth.STEPS[step](300, None)
    assert repeats == growth.REPEATS
    assert work() is not None


def test_growth(small_run, monkeypatch):
    monkeypatch.setattr(growth, "SIZES", (300,))
    steps = dict(list(growth.STEPS.items())[:2])  # the others prepare nothing on disk
    monkeypatch.setattr(growth, "STEPS", steps)
    found = list(growth.growth(Plan()))
    assert [one.step for one in found[::2]] == ["drawing and packing portraits", "encoding"]
    assert all(one.sizes == [300] and one.seconds[0] > 0 for one in found[::2])
    assert all(line.budget == "ours ≤ 4000 MB" for line in found[1::2])
    assert [line.ours for line in found[1::2]] == [one.megabytes[0] for one in found[::2]]


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


def test_memory_is_seen():
    _, private, resident = growth.alone(hungry, 600, "")
    assert 600 < private < 1000  # Python and NumPy take a share
    assert resident > private


def test_a_step_that_fails_is_named():
    with pytest.raises(RuntimeError, match=r"broken of 3 ended with exit status 1"):
        growth.alone(broken, 3, "")


def test_machine():
    machine = describe()
    assert machine["bfloat16"].startswith(("yes (", "no"))
    assert int(machine["cores"]) >= 1
    assert re.match(r"\d+\.\d+", machine["tensorflow"])
    assert machine["torch"] == "not installed" or re.match(r"\d", machine["torch"])
