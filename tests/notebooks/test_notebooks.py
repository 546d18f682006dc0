"""Every notebook: its form, and that it runs from top to bottom on a run that lacks most things."""

import ast
import re
import shutil
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from PIL import Image

from aelatent import portraits, settings, train
from aelatent.images import open_source, pack
from aelatent.model import ModelConfig, TrainConfig

FOLDER = Path(__file__).parents[2] / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
each_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
HIDDEN = {"jupyter": {"source_hidden": True}, "tags": ["hide-input"]}


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def markdown(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


@each_notebook
def test_notebooks_are_stored_without_outputs(notebook):
    nbformat.validate(notebook)
    for cell in code(notebook):
        assert cell.outputs == []
        assert cell.execution_count is None
    assert "widgets" not in notebook.metadata


@each_notebook
def test_the_first_code_cell_holds_the_parameters(notebook):
    first = code(notebook)[0]
    assert "parameters" in first.metadata.tags
    for name in ("RUN", "SCALE", "SEED"):
        assert re.search(rf"^{name} = ", first.source, re.MULTILINE)


@each_notebook
def test_cells_fit_a_screen_and_the_column_of_the_book(notebook):
    for cell in code(notebook):
        lines = cell.source.splitlines()
        assert len(lines) <= 25, cell.source
        assert max(map(len, lines)) <= 80, cell.source
    assert len(notebook.cells) <= 30


@each_notebook
def test_cells_of_text_hide_their_source_and_decide_nothing(notebook):
    for cell in code(notebook):
        tree = ast.parse(cell.source)
        last = ast.unparse(tree.body[-1])
        if "Markdown(" in cell.source or last.startswith("findings."):
            assert cell.metadata == HIDDEN, cell.source
            assert not [n for n in ast.walk(tree) if isinstance(n, (ast.If, ast.IfExp))], (
                cell.source
            )
    assert any("findings." in cell.source for cell in code(notebook))


@each_notebook
def test_there_are_more_words_than_code(notebook):
    lines = sum(len(cell.source.splitlines()) for cell in code(notebook))
    assert len(" ".join(markdown(notebook)).split()) >= 8 * lines


@each_notebook
def test_the_story_has_a_question_an_answer_its_time_and_exercises_with_answers(notebook):
    text = "\n".join(markdown(notebook))
    first = markdown(notebook)[0]
    for what in ("Question", "Answer in one sentence", "Time", "What to know before"):
        assert f"**{what}.**" in first
    assert "## What was learned, what is open" in text
    exercises = text[text.index("## Exercises") :]
    asked = re.findall(r"^(?:\*\*)?\d\.", exercises, re.MULTILINE)
    assert len(asked) >= 2
    assert exercises.count("<summary>") >= len(asked)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A data folder with a run of 400 own pictures: no attributes, no masks, hardly trained."""
    data = tmp_path_factory.mktemp("plain")
    pictures = data / "pictures"
    pictures.mkdir()
    factors = portraits.sample_factors(400, seed=3)
    for k, picture in enumerate(portraits.draw(factors, size=96)):
        Image.fromarray(np.asarray(picture)).save(pictures / f"{k:03d}.png", compress_level=1)
    store = pack(open_source("folder", pictures), "plain", data=data, progress=False)
    model = ModelConfig(filters=(8, 16, 32, 64), z_dim=64)
    config = TrainConfig(epochs=2, learning_rate=2e-3, holdout=40)
    train(store, "plain", model, config, data=data, progress=False)
    name, count = settings.SCALES["smoke"]  # some chapters look at portraits beside it
    pack(open_source("portraits", n=count), name, size=96, data=data, progress=False)
    return data


@pytest.mark.notebooks
@each_notebook
def test_it_runs_to_its_end_on_a_run_that_lacks_most_things(
    notebook, path, plain, own_data, monkeypatch
):
    for part in ("stores", "runs"):
        shutil.copytree(plain / part, own_data / part)
    monkeypatch.setenv("AELATENT_SCALE", "smoke")
    monkeypatch.setenv("AELATENT_RUN", "plain")
    monkeypatch.delenv("AELATENT_CELEBA", raising=False)
    folder = {"metadata": {"path": str(FOLDER)}}
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources=folder).execute()
    outputs = [output for cell in code(notebook) for output in cell.outputs]
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 2
    noise = [o.text for o in outputs if o.output_type == "stream" and o.name == "stderr"]
    assert not re.search(r"Warning|Error|cuda", "".join(noise)), noise
    used = {path.name for path in (own_data / "stores").iterdir()}
    assert "portraits" not in used  # nothing was drawn at another scale than the one asked for
