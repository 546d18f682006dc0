import os
import re
import shutil
import signal
import subprocess
import sys

import pytest

from aelatent import Run, cli, kept, settings, training
from aelatent.cli import _parser, main
from aelatent.latent import maps
from aelatent.latent.maps import PRESETS, Map, MapSettings
from aelatent.model import ModelConfig, TrainConfig


def one_line(capsys):
    """Return what stands on stderr, which must be a single line that begins as errors do."""
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("aelatent: ")
    return lines[0]


def test_from_portraits_to_z_points(own_data, capsys):
    assert main(["data", "portraits", "--n", "60", "--size", "32", "--name", "p", "--quiet"]) == 0
    train = ["train", "p", "--filters", "8", "8", "--z-dim", "6", "--epochs", "1", "--quiet"]
    assert main([*train, "--batch-size", "16"]) == 0
    assert main(["encode", "p", "--quiet"]) == 0
    assert main(["info"]) == 0
    out = capsys.readouterr().out
    assert "store p: 60 pictures of 32 x 32 (57 train, 3 val)" in out
    assert "run p: COMPLETED, epoch 1 of 1, best epoch 1" in out
    assert "z-points: 60 of store p" in out
    assert Run.open("p").z.shape == (60, 6)


def test_a_training_that_goes_on_stops_or_fails_is_told(world, capsys, monkeypatch):
    assert main(["train", "small", "--epochs", "4", "--quiet"]) == 0
    assert Run.open("small").info["epochs_done"] == 4
    assert main(["train", "small", "--filters", "4", "--quiet"]) == 1
    assert "begun with filters=[8, 16]; filters=[4]" in one_line(capsys)

    def stopping(*_, **__):
        raise KeyboardInterrupt

    def failing(record, *_, **__):
        record.save(status="FAILED", message="the loss became nan in epoch 1")

    monkeypatch.setattr(training, "fit", stopping)
    assert main(["train", "small", "--epochs", "9", "--quiet"]) == 130
    assert "the same command goes on" in one_line(capsys)
    assert Run.open("small").status == "INTERRUPTED"
    monkeypatch.setattr(training, "fit", failing)
    arguments = ["train", "wild", "--store", "few", "--filters", "8", "--learning-rate", "1.0"]
    assert main([*arguments, "--quiet"]) == 1
    assert "the loss became nan" in one_line(capsys)
    assert Run.open("wild").info["training"]["learning_rate"] == 1


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("encode nobody", "no run 'nobody'"),
        ("encode ../etc", "run name '../etc' is not usable"),
        ("train nobody", "no store"),
        ("data celeba", "needs a path"),
        ("data celeba no/such.zip", "no/such.zip"),
        ("data folder . --n 5", "belong to the portraits"),
        ("data portraits --n 0", "n must be"),
        ("map nobody", "no run 'nobody'"),
        ("info nobody", "no store or run 'nobody'"),
    ],
)
def test_errors_are_one_line_and_exit_with_1(line, expected, capsys):
    assert main(line.split()) == 1
    assert expected in one_line(capsys)


def test_the_unexpected_is_named_as_such_and_debug_shows_where(own_data, capsys, monkeypatch):
    monkeypatch.setattr(Run, "open", lambda *_: {}["lost"])
    assert main(["encode", "small"]) == 1
    assert "KeyError: 'lost' (unexpected: --debug" in one_line(capsys)
    with pytest.raises(KeyError):
        main(["encode", "small", "--debug"])


@pytest.mark.parametrize(
    "line",
    [
        "",
        "paint",
        "info --bogus",
        "data cats",
        "train",
        "data folder x --crop 1,2,3",
        "train run --holdout few",
    ],
)  # fmt: skip
def test_wrong_usage_exits_with_2(line, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(line.split())
    assert stopped.value.code == 2
    assert "usage: aelatent" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", ["lab", "data", "train", "encode", "map", "filaments", "export", "info"]
)
def test_help_shows_examples(command, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    out = capsys.readouterr().out
    assert f"\n  aelatent {command}" in out.partition("example")[2]


def test_help_names_the_default_of_every_option_that_takes_a_value():
    (commands,) = (a for a in _parser()._actions if isinstance(a.choices, dict))
    for name, command in commands.choices.items():
        for option in command._actions:
            optional = not option.required and option.nargs != 0 and option.option_strings
            assert not optional or "(default: " in option.help, (name, option.option_strings)


def test_help_of_train_names_the_defaults(capsys):
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    for name, default in (ModelConfig().to_dict() | TrainConfig().to_dict()).items():
        option = f"--{name.replace('_', '-')}"
        shown = " ".join(map(str, default)) if isinstance(default, list) else default
        assert name == "size" or re.search(rf"{option} [^-].*?\(default: {shown}\)", said)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("data portraits --crop center", "center"),
        ("data portraits --crop 0.8", 0.8),
        ("data portraits --crop 1,2,30,40", (1, 2, 30, 40)),
        ("train run --holdout split", "split"),
        ("train run --holdout 500", 500),
        ("train run --holdout 0.05", 0.05),
    ],
)
def test_values_are_read(line, value):
    read = getattr(cli._parser().parse_args(line.split()), line.split()[2][2:])
    assert (read, type(read)) == (value, type(value))


def test_one_damaged_run_does_not_hide_the_others(world, capsys):
    (world / "runs/broken").mkdir()
    (world / "runs/broken/run.json").write_text("{")
    assert main(["info"]) == 0
    out = capsys.readouterr().out
    assert "run broken: unusable" in out
    assert "run small: COMPLETED" in out


def test_what_ships_is_told_before_it_is_used(own_data, capsys, monkeypatch, tmp_path):
    assert main(["info", "portraits"]) == 0
    assert "run portraits: COMPLETED" in capsys.readouterr().out
    assert not any(own_data.iterdir())
    monkeypatch.setattr(settings, "SHIPPED", tmp_path)
    assert main(["info"]) == 1
    assert "Begin with `aelatent data portraits`" in one_line(capsys)


def run_module(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "aelatent", *arguments],
        capture_output=True,
        env=os.environ | environment,
        check=False,
    )


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_letters_that_a_stream_cannot_show_are_replaced(small_world, tmp_path, encoding):
    data = tmp_path / "dáta中"
    shutil.copytree(small_world, data)
    streams = {"PYTHONIOENCODING": encoding, "AELATENT_DATA": str(data)}
    for arguments in (["info"], ["--help"], ["data", "portraits", "--n", "3", "--size", "16"]):
        done = run_module(*arguments, **streams)
        assert (done.returncode, done.stderr.count(b"Traceback")) == (0, 0), done.stderr
        assert b"ta?" in done.stdout
        assert b"unusable" not in done.stdout


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device of Linux")
def test_a_full_disk_or_a_reader_that_left_is_no_fault_of_the_stores(small_world):
    environment = os.environ | {"AELATENT_DATA": str(small_world)}
    info = f"{sys.executable} -m aelatent info"
    full = subprocess.run(
        f"{info} > /dev/full", shell=True, capture_output=True, text=True, env=environment
    )
    assert full.returncode == 1
    assert full.stderr == "aelatent: error: [Errno 28] No space left on device\n"
    piped = f"({info}; echo $? >&2) | true"
    left = subprocess.run(piped, shell=True, capture_output=True, text=True, env=environment)
    assert left.stderr == "0\n"


def test_memory_that_runs_out_is_said_so(capsys, monkeypatch):
    def refusing(*_, **__):
        raise MemoryError

    monkeypatch.setattr(Run, "open", refusing)
    assert main(["encode", "small"]) == 1
    assert "memory ran out; free some" in one_line(capsys)


def test_the_module_runs_and_ctrl_c_is_understood(own_data):
    """Ctrl-C while many portraits are drawn: exit 130, and the same command goes on."""
    drawing = ["data", "portraits", "--n", "6000", "--size", "32", "--workers", "2"]
    command = [sys.executable, "-m", "aelatent", *drawing]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    )
    seen = ""
    while not re.search(r"[1-9]\d*/6000", seen) and process.poll() is None:
        seen += process.stderr.read(1)
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=120)
    assert process.returncode == 130, seen + rest
    assert "goes on from here" in rest
    assert "Traceback" not in rest
    again = subprocess.run([*command, "--quiet"], capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert "6,000 pictures" in again.stdout


def test_all_maps_of_the_notebook_are_made_and_kept(world, capsys, monkeypatch):
    quick = MapSettings(perplexity=5, early=10, iterations=10)
    names = [maps.COMPARED[0], "all axes, of 2022"]  # the voids of the first are counted
    monkeypatch.setattr(maps, "STORY", {names[0]: quick.on_axes(2), names[1]: quick})
    monkeypatch.setattr(maps, "POINTS", {"default": 90})
    assert main(["map", "small", "--n", "100", "--quiet"]) == 0
    lines = capsys.readouterr().out.splitlines()
    normal, elliptical = (f" of surrogate '{of}'" for of in (maps.SURROGATE, "elliptical"))
    two = " on 2 principal axes"
    kinds = [two, normal + two, "", normal, *[normal + two] * 2, elliptical + two]
    assert [line.partition(":")[0] for line in lines] == [f"map of 100 z-points{k}" for k in kinds]
    assert len(list((world / "runs/small/maps").glob("*.npy"))) == len(kinds)
    assert main(["map", "small", "--quiet"]) == 0
    assert [line.split()[2] for line in capsys.readouterr().out.splitlines()] == ["90"] * 7


def test_one_map_and_what_it_cannot_be(world, capsys, monkeypatch):
    asked = ["map", "small", "--settings", "seed-2022-first", "--axes", "3", "--quiet"]
    assert main([*asked, "--surrogate", "column shuffle"]) == 0
    out = capsys.readouterr().out
    assert "of surrogate 'column shuffle' on 3 principal axes: perplexity 10, exagg" in out
    assert "1000 iterations, start random" in out
    for arguments, expected in (
        (["map", "small", "--axes", "3"], "belong to --settings"),
        (["map", "small", "--settings", "old"], "settings must be one of"),
        ([*asked, "--surrogate", "noise"], "surrogate must be one of"),
        ([*asked, "--n", "0"], "n must be"),
    ):
        assert main(arguments) == 1
        assert expected in one_line(capsys)
    part = Map(None, PRESETS["today"], 0, 10, float("nan"), 1.0)
    monkeypatch.setattr(kept, "tsne", lambda *_, **__: part)
    assert main(["map", "small", "--settings", "today", "--quiet"]) == 130
    assert "interrupted" in one_line(capsys)
