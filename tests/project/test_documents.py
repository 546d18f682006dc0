"""README and its companions speak of what there is: files, commands, options, variables, names."""

import json
import re
import shlex
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import aelatent
from aelatent import cli
from aelatent.kept import STORY

DOCUMENTS = ["README.md", "CONTRIBUTING.md", "data/README.md"]
#: Names in the documents that stand for whatever the reader has.
STANDS_FOR = {"NAME", "PATH", "STORE", "RUN", "KEY", "NNN", "..."}
#: Paths that are made, are examples, or lie in the folder of a run.
MADE = set(
    "book/ .venv .venv/bin/ a/b stores/portraits/ run.json history.csv calibration.csv".split()
)


def text_of(checkout, name):
    return (checkout / name).read_text(encoding="utf-8")


def commands(text):
    """Yield the commands of a document, as lists of words: code blocks, and code in lines."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    lines = [line.partition("#")[0] for block in blocks for line in block.splitlines()]
    rest = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    inline = re.findall(r"`([^`\n]+(?:\n[^`\n]+)?)`", rest)
    for line in [*lines, *(" ".join(part.split()) for part in inline)]:
        try:
            words = shlex.split(line)
        except ValueError:  # an apostrophe, no command
            continue
        while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
            words = words[1:]  # environment variables before the command
        if words:
            yield words


def started(checkout, program):
    """Return the commands of all documents that start with a program, with the document."""
    return [
        (name, words)
        for name in DOCUMENTS
        for words in commands(text_of(checkout, name))
        if words[0].replace("\\", "/").endswith(program) and len(words) > 1
    ]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_and_paths_lead_somewhere(checkout, name):
    text = text_of(checkout, name)
    links = {link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link}
    words = re.findall(r"`([^`\s]+)`", text)
    paths = [w for w in words if re.fullmatch(r"[\w.*/-]+(/|\.(py|md|lock|toml|yml|csv))", w)]
    named = {path for path in paths if not set(re.split(r"\W", path)) & STANDS_FOR} - MADE
    folders = [checkout, (checkout / name).parent, checkout / "aelatent"]
    there = {path for path in named if any((folder / path).exists() for folder in folders)}
    assert named - there == set()
    assert {link for link in links if not (folders[1] / link).exists()} == set()


def test_readme_lists_every_notebook_and_the_disk_space(checkout, load_tool):
    text = text_of(checkout, "README.md")
    linked = re.findall(r"\(notebooks/(\w+\.ipynb)\)", text)
    assert linked == sorted(path.name for path in (checkout / "notebooks").glob("[0-9]*.ipynb"))
    assert f"{load_tool('setup_env').NEEDED_GB:.0f} GB of free disk" in text


def test_commands_of_aelatent_are_understood(checkout):
    found, parser = started(checkout, "aelatent"), cli._parser()
    assert len(found) > 15
    for name, (_, *given) in found:
        if "--help" in given or given in (["="], ["train"], ["encode"], ["data"], ["map"]):
            continue  # not a whole command
        try:
            parser.parse_args(["8" if word == "..." else word for word in given])
        except SystemExit:
            pytest.fail(f"{name}: {' '.join(given)}")


def test_python_programs_exist_and_take_these_options(checkout):
    found = started(checkout, "python")
    programs = {words[1]: words[2:] for _, words in found if words[1].endswith(".py")}
    assert {"tools/ship_run.py", "tools/report_run.py", "tools/dependencies.py"} <= programs.keys()
    for program, options in programs.items():
        source = text_of(checkout, program)
        for option in (word for word in options if word.startswith("-")):
            assert f'"{option}"' in source, f"{program} {option}"


def test_targets_of_make_exist(checkout):
    makefile = text_of(checkout, "Makefile")
    known = set(re.findall(r"^([a-z]+):.*  # ", makefile, flags=re.MULTILINE))
    rows = re.findall(r"^\| `make (\w+)", text_of(checkout, "README.md"), flags=re.MULTILINE)
    assert {*rows} == known - {"help"}
    for name, words in started(checkout, "make"):
        assert words[1] in known, f"{name}: {' '.join(words)}"
        for variable in (word.partition("=")[0] for word in words[2:]):
            assert f"$({variable})" in makefile or variable == "PYTHON", f"{name}: {variable}"


def test_variables_are_read_somewhere(checkout):
    texts = [text_of(checkout, name) for name in DOCUMENTS]
    named = {v for text in texts for v in re.findall(r"AELATENT_[A-Z_]+", text)}
    assert {"AELATENT_DATA", "AELATENT_RUN", "AELATENT_CHROMIUM"} <= named
    rooms = [checkout / room for room in ("aelatent", "tests", "tools")]
    source = "".join(p.read_text(encoding="utf-8") for room in rooms for p in room.rglob("*.py"))
    assert {name for name in named if f'"{name}"' not in source} == set()


def test_python_in_readme_runs(checkout):
    blocks = re.findall(r"```python\n(.*?)```", text_of(checkout, "README.md"), flags=re.DOTALL)
    assert blocks
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(blocks)],
        capture_output=True,
        text=True,
        cwd=checkout,
    )
    assert done.returncode == 0, done.stderr


def test_readme_names_what_can_be_imported_and_contributing_the_rooms(checkout):
    text = text_of(checkout, "README.md").partition("## From Python")[2].partition("\n## ")[0]
    said = {word.rpartition(".")[2] for word in re.findall(r"`(\w+(?:\.\w+)?)`", text)}
    rooms = ("images", "latent", "model", "plots", "portraits", "widgets")
    facades = [aelatent, *(getattr(aelatent, room) for room in rooms)]
    assert {name for facade in facades for name in facade.__all__} - said <= {*rooms}
    text = text_of(checkout, "CONTRIBUTING.md")
    for row in re.findall(r"^\| [a-z ,]+ \| [\d, ]+ \|(.*)\|(.*)\|(.*)\|$", text, re.MULTILINE):
        for room, cell in zip(("latent", "plots", "widgets"), row, strict=True):
            for name in re.findall(r"`(\w+)`", cell):
                assert (checkout / "aelatent" / room / f"{name}.py").is_file(), f"{room}/{name}"


# ---- data/README ----


def listed(folder):
    """Return the names in a folder as the drawing of data/README.md writes them."""
    paths = [path for path in folder.iterdir() if not path.name.startswith(".")]
    return {re.sub(r"-\d{3}\.", "-NNN.", path.name) + "/" * path.is_dir() for path in paths}


def test_the_layout_is_that_of_the_code(checkout, small_world):
    drawing = re.findall(r"^```\n(.*?)^```", text_of(checkout, "data/README.md"), re.M | re.S)[0]
    told, folder = {}, None
    for line in drawing.splitlines():
        names = line[:24] + " ".join(re.findall(r"\b[a-z]+-NNN\.npz", line[24:]))
        if line.startswith(" "):
            told[folder] |= {*re.findall(r"[a-z_]+(?:-NNN)?(?:\.\w+|/)", names)}
        else:
            folder = line.split()[0]
            told.setdefault(folder, set())
    assert told["stores/NAME/"] == listed(small_world / "stores" / "few")
    made = {"z_points.npy", "z_points.json"}
    run = told["runs/NAME/"]
    assert listed(small_world / "runs" / "small") == run - {"maps/", "calibration.csv"}
    shipped = listed(checkout / "data" / "runs" / "portraits")
    assert shipped - made == run - made - {"checkpoint-NNN.npz"}


def test_the_formats_are_those_of_the_code(checkout, small_world):
    text = " ".join(text_of(checkout, "data/README.md").split())
    store, run = small_world / "stores" / "few", small_world / "runs" / "small"
    images = np.load(store / "images.npy", mmap_mode="r")
    assert (images.dtype, images.shape[1:]) == (np.uint8, (32, 32, 3))
    assert "uint8 (n, size, size, 3)" in text
    columns = ["row", "image_id", "split"]
    assert list(pd.read_csv(store / "index.csv", nrows=1).columns[:3]) == columns
    assert f"{', '.join(columns)}, then attributes or factors" in text
    z = np.load(run / "z_points.npy", mmap_mode="r")
    assert (z.dtype, len(z)) == (np.float32, len(images))
    assert "float32 (n, z_dim)" in text
    maps = sorted((checkout / "data" / "runs" / "portraits" / "maps").glob("*.npy"))
    assert f"{len(maps)} maps of its 20,000 z-points" in text
    assert len(maps) == 2 * len(STORY)
    coordinates = np.load(maps[0])
    assert (coordinates.dtype, coordinates.shape) == (np.float32, (20_000, 2))


@pytest.mark.parametrize("run", ["portraits", "portraits-judge"])
def test_the_shipped_runs_were_made_as_data_readme_says(checkout, run):
    made = [words for name, words in started(checkout, "aelatent") if name == "data/README.md"]
    parser = cli._parser()
    (trained,) = (parser.parse_args(w[1:]) for w in made if w[1:3] == ["train", run])
    (drawn,) = (
        parser.parse_args(w[1:])
        for w in made
        if w[1:3] == ["data", "portraits"] and trained.store in w
    )
    info = json.loads(text_of(checkout, f"data/runs/{run}/run.json"))
    told, asked = info["model"] | info["training"], vars(trained)
    given = {key: value for key, value in asked.items() if key in told and value is not None}
    assert {"filters", "learning_rate", "weights_dtype"} <= given.keys()
    assert given == {key: told[key] for key in given}
    assert info["store"]["name"] == trained.store == drawn.name
    assert info["store"]["train"] + info["store"]["validation"] == drawn.n
    assert info["training"]["seed"] == drawn.seed
    assert 20 * info["store"]["validation"] == drawn.n  # every twentieth
    assert info["checkpoint"] is None
