"""README and its companions speak of what there is: files, commands, options, variables, names."""

import ast
import json
import re
import shlex
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from aelatent import cli, settings
from aelatent.kept import STORY

from .test_floors import FLOORS, ROOM_OF

DOCUMENTS = ["README.md", "CONTRIBUTING.md", "data/README.md"]
#: Names in the documents that stand for whatever the reader has.
STANDS_FOR = {"NAME", "PATH", "STORE", "RUN", "KEY", "NNN", "..."}
#: Paths that are made, or are examples.
MADE = {
    "book/",
    ".venv",
    ".venv/bin/",
    "data/",
    "data/README.md",
    "latent/",
    "a/b",
    "stores/portraits/",
}


def text_of(checkout, name):
    return (checkout / name).read_text(encoding="utf-8")


def commands(text):
    """Yield the commands of a document, as lists of words: code blocks, and code in lines."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    lines = [line.partition("#")[0] for block in blocks for line in block.splitlines()]
    inline = re.findall(
        r"`([^`\n]+(?:\n[^`\n]+)?)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    )
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
def test_links_within_the_project_lead_somewhere(checkout, name):
    page = checkout / name
    targets = re.findall(r"\]\(([^)#]+)", page.read_text())
    inside = [target for target in targets if not target.startswith("https://")]
    assert [target for target in inside if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_within_a_page_lead_to_a_heading(checkout, name):
    text = text_of(checkout, name)
    headings = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
    known = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= known


def test_readme_lists_every_notebook(checkout):
    linked = re.findall(r"\(notebooks/(\w+\.ipynb)\)", text_of(checkout, "README.md"))
    assert linked == sorted(path.name for path in (checkout / "notebooks").glob("[0-9]*.ipynb"))


def test_readme_states_the_disk_space_that_the_set_up_asks_for(checkout, load_tool):
    asked = f"{load_tool('setup_env').NEEDED_GB:.0f} GB of free disk"
    assert asked in text_of(checkout, "README.md")


def test_commands_of_aelatent_are_understood(checkout):
    found = started(checkout, "aelatent")
    assert len(found) > 15
    parser = cli._parser()
    for name, words in found:
        given = words[1:]
        if (
            "--help" in given
            or given[0] == "="
            or given in (["train"], ["encode"], ["data"], ["map"])
        ):
            continue  # not a whole command
        given = ["8" if word == "..." else word for word in given]
        try:
            parser.parse_args(given)
        except SystemExit:
            pytest.fail(f"{name}: {' '.join(words)}")


def test_python_programs_exist_and_take_these_options(checkout):
    found = started(checkout, "python")
    programs = {words[1]: words[2:] for _, words in found if words[1].endswith(".py")}
    assert {"tools/ship_run.py", "tools/report_run.py", "tools/dependencies.py"} <= programs.keys()
    for program, options in programs.items():
        source = (checkout / program).read_text(encoding="utf-8")
        for option in (word for word in options if word.startswith("-")):
            assert f'"{option}"' in source, f"{program} {option}"


def targets(checkout):
    """Return {target: purpose} of the Makefile."""
    pattern = r"^([a-z]+):.*  # (.*)$"
    return dict(re.findall(pattern, text_of(checkout, "Makefile"), flags=re.MULTILINE))


def test_targets_of_make_exist(checkout):
    known = targets(checkout).keys()
    makefile = text_of(checkout, "Makefile")
    for name, words in started(checkout, "make"):
        if not words[1].isalpha() or words[1] not in known:
            pytest.fail(f"{name}: {' '.join(words)}")
        for word in words[2:]:
            variable = word.partition("=")[0]
            assert f"$({variable})" in makefile or variable == "PYTHON", f"{name}: {word}"


def test_readme_lists_all_targets_and_contributing_those_before_a_release(checkout):
    rows = re.findall(r"^\| `make (\w+)", text_of(checkout, "README.md"), flags=re.MULTILINE)
    assert sorted(rows) == sorted(targets(checkout).keys() - {"help"})
    named = {words[1] for name, words in started(checkout, "make") if name == "CONTRIBUTING.md"}
    rest = {"lab", "clean", "help"}  # nothing to do with a change
    assert named == targets(checkout).keys() - rest


@pytest.mark.parametrize("name", DOCUMENTS)
def test_paths_exist(checkout, name):
    folders = [checkout, (checkout / name).parent, checkout / "aelatent"]
    inline = re.findall(r"`([^`\s]+)`", text_of(checkout, name))
    paths = [
        word for word in inline if re.fullmatch(r"[\w.*/-]+(/|\.(py|md|lock|toml|yml|csv))", word)
    ]
    missing = [
        path
        for path in paths
        if path not in MADE
        and not set(re.split(r"\W", path)) & STANDS_FOR
        and not any((folder / path).exists() for folder in folders)
        and path not in ("run.json", "history.csv", "calibration.csv")
    ]
    assert missing == []


def test_variables_are_read_somewhere(checkout):
    named = {
        v for name in DOCUMENTS for v in re.findall(r"AELATENT_[A-Z_]+", text_of(checkout, name))
    }
    assert {"AELATENT_DATA", "AELATENT_RUN", "AELATENT_CHROMIUM"} <= named
    rooms = ("aelatent", "tests", "notebooks")
    files = [path for room in rooms for path in (checkout / room).rglob("*") if path.is_file()]
    sources = [
        path.read_text(encoding="utf-8") for path in files if path.suffix in (".py", ".ipynb")
    ]
    assert [
        name for name in sorted(named) if not any(f'"{name}"' in text for text in sources)
    ] == []


def test_python_in_readme_runs(checkout):
    """The example of the drawn portraits, word by word."""
    blocks = re.findall(r"```python\n(.*?)```", text_of(checkout, "README.md"), flags=re.DOTALL)
    assert blocks
    for block in blocks:
        assert ast.parse(block).body
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", block],
            capture_output=True,
            text=True,
            cwd=checkout,
        )
        assert done.returncode == 0, done.stderr


# ---- CONTRIBUTING ----


def test_contributing_shows_the_floors_that_are_tested(checkout):
    rows = re.findall(r"^\| (\d) \| ([^|]+) \|", text_of(checkout, "CONTRIBUTING.md"), re.MULTILINE)
    told = {
        int(n): {room.strip("`/ ").removesuffix(".py") for room in r.split(",")} for n, r in rows
    }
    package = checkout / "aelatent"
    for room in set().union(*told.values()):
        assert (package / room).is_dir() or (package / f"{room}.py").is_file(), room
    told[3] -= {room for room, home in ROOM_OF.items() if home == "runs"}  # they share its floor
    silent = {"_lazy", "__version__", "__main__"}  # what no reader looks for
    assert told == {floor: rooms - silent for floor, rooms in FLOORS.items() if rooms - silent}


# ---- data/README ----


def layout(checkout):
    """Return {folder: [files]} as the drawing of data/README.md has it."""
    drawing = re.findall(r"^```\n(.*?)^```", text_of(checkout, "data/README.md"), re.M | re.S)[0]
    found, folder = {}, None
    for line in drawing.splitlines():
        name = line.split()[0]
        if not line.startswith(" "):
            folder = found.setdefault(name, [])
        else:
            folder += re.findall(r"[a-z_]+(?:-NNN)?(?:\.\w+|/)", line[:24] + _more(line))
    return found


def _more(line):
    return " ".join(re.findall(r"\b[a-z]+-NNN\.npz", line[24:]))


def test_the_layout_of_a_store_is_that_of_the_code(checkout, small_world):
    there = {path.name for path in (small_world / "stores" / "few").iterdir()}
    assert set(layout(checkout)["stores/NAME/"]) == there


def test_the_layout_of_a_run_is_that_of_the_code(checkout, small_world):
    there = {
        re.sub(r"\d{3}", "NNN", path.name) for path in (small_world / "runs" / "small").iterdir()
    }
    told = set(layout(checkout)["runs/NAME/"])
    assert there == told - {"maps/", "calibration.csv"}
    shipped = {
        re.sub(r"\d{3}", "NNN", path.name) + "/" * path.is_dir()
        for path in (checkout / "data" / "runs" / "portraits").iterdir()
        if not path.name.startswith((".", "z_points"))
    }
    assert shipped == told - {"z_points.npy", "z_points.json", "checkpoint-NNN.npz"}


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
    assert z.dtype == np.float32
    assert "float32 (n, z_dim)" in text
    assert len(z) == len(images)
    kept = checkout / "data" / "runs" / "portraits" / "maps"
    maps = sorted(path.stem for path in kept.glob("*.npy"))
    assert f"{len(maps)} maps of its 20,000 z-points" in text
    assert len(maps) == 2 * len(STORY)
    assert maps == sorted(path.stem for path in kept.glob("*.json"))
    coordinates = np.load(kept / f"{maps[0]}.npy")
    assert (coordinates.dtype, coordinates.shape) == (np.float32, (20_000, 2))


@pytest.mark.parametrize("run", ["portraits", "portraits-judge"])
def test_the_shipped_runs_were_made_as_data_readme_says(checkout, run):
    made = [words for name, words in started(checkout, "aelatent") if name == "data/README.md"]
    (data,) = (w for w in made if w[1:3] == ["data", "portraits"] and _store_of(made, run) in w)
    (train,) = (w for w in made if w[1:3] == ["train", run])
    parser = cli._parser()
    drawn, asked = parser.parse_args(data[1:]), vars(parser.parse_args(train[1:]))
    info = json.loads((checkout / "data" / "runs" / run / "run.json").read_text())
    told = info["model"] | info["training"]
    given = {key: value for key, value in asked.items() if key in told and value is not None}
    assert {"filters", "learning_rate", "weights_dtype"} <= given.keys()
    assert given == {key: told[key] for key in given}
    assert info["store"]["name"] == asked["store"] == drawn.name
    assert info["store"]["train"] + info["store"]["validation"] == drawn.n
    assert info["training"]["seed"] == drawn.seed
    assert round(20 * info["store"]["validation"]) == drawn.n  # every twentieth
    assert info["checkpoint"] is None


def _store_of(made, run):
    (train,) = (words for words in made if words[1:3] == ["train", run])
    return train[train.index("--store") + 1]


def test_the_sizes_of_weights_are_those_of_such_models(checkout):
    folder = checkout / "data" / "runs" / "portraits"
    size = sum(
        path.stat().st_size for part in ("en", "de") for path in folder.glob(f"{part}coder-*")
    )
    filters = json.loads((folder / "run.json").read_text())["model"]["filters"]
    assert f"| {' '.join(map(str, filters))} | {size / 1e6:.1f} MB |" in text_of(
        checkout, "data/README.md"
    )


def test_what_ships_is_what_data_readme_says(checkout):
    told = set(
        re.findall(r"^\| `(runs/[^`]+)` \|", text_of(checkout, "data/README.md"), re.MULTILINE)
    )
    assert all((settings.SHIPPED / path).exists() for path in told)
    parts = {re.sub(r"/(maps|calibration).*", "", path.rstrip("/")) for path in told}
    tracked = {
        f"runs/{path.name}" for path in (settings.SHIPPED / "runs").iterdir() if path.is_dir()
    }
    assert parts <= tracked
