"""README and its companions speak of what there is: files, commands, options, runs."""

import json
import re
import shlex
import subprocess
import sys

import pytest

from aelatent import cli

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


def test_commands_are_understood(checkout):
    found, parser = started(checkout, "aelatent"), cli._parser()
    assert len(found) > 15
    for name, (_, *given) in found:
        if "--help" in given or given in (["="], ["train"], ["encode"], ["data"], ["map"]):
            continue  # not a whole command
        try:
            parser.parse_args(["8" if word == "..." else word for word in given])
        except SystemExit:
            pytest.fail(f"{name}: {' '.join(given)}")
    for _, (_, program, *options) in started(checkout, "python"):
        for option in (word for word in options if program.endswith(".py") and word[0] == "-"):
            assert f'"{option}"' in text_of(checkout, program), f"{program} {option}"
    makefile = text_of(checkout, "Makefile")
    for name, (_, target, *rest) in started(checkout, "make"):
        assert re.search(rf"^{target}:.*  # ", makefile, re.MULTILINE), f"{name}: make {target}"
        for variable in (word.partition("=")[0] for word in rest):
            assert f"$({variable})" in makefile or variable == "PYTHON", f"{name}: {variable}"


def test_python_in_readme_runs(checkout):
    blocks = re.findall(r"```python\n(.*?)```", text_of(checkout, "README.md"), flags=re.DOTALL)
    command = [sys.executable, "-W", "error", "-c", "\n".join(blocks)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=checkout)
    assert (bool(blocks), done.returncode) == (True, 0), done.stderr


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
