"""Every notebook: its form, and that it runs from top to bottom on the shipped run."""

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from aelatent import Run, settings
from aelatent.images import open_source, pack

FOLDER = Path(__file__).parents[2] / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
each_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


def test_there_are_notebooks():
    assert [path.stem[:2] for path in PATHS][:2] == ["00", "01"]


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
def test_no_cell_is_longer_than_a_screen(notebook):
    assert max(len(cell.source.splitlines()) for cell in code(notebook)) <= 40


@each_notebook
def test_the_story_has_question_reading_and_exercises(notebook):
    text = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    assert "**Question.**" in text[0]
    assert "**What to know before.**" in text[0]
    assert "## What was learned, what is open" in text[-1]
    assert re.findall(r"^\d\. ", text[-1], re.MULTILINE)[1:]  # two exercises at least
    assert any("**Reading.**" in cell.source for cell in code(notebook))


@pytest.fixture(scope="module")
def smoke_stores(tmp_path_factory):
    """Return a folder with the store that a notebook draws where it is missing, in seconds."""
    data = tmp_path_factory.mktemp("smoke")
    name, count = settings.SCALES["smoke"]
    size = Run.open("portraits", data).config.size
    return pack(open_source("portraits", n=count), name, size=size, data=data).path.parent


@pytest.mark.notebooks
@each_notebook
def test_it_runs_from_top_to_bottom(notebook, path, smoke_stores, own_data, monkeypatch):
    if path != PATHS[0]:  # the first one begins with nothing; the others lack z-points only
        shutil.copytree(smoke_stores, own_data / "stores")
    monkeypatch.setenv("AELATENT_SCALE", "smoke")
    monkeypatch.delenv("AELATENT_CELEBA", raising=False)
    folder = {"metadata": {"path": str(FOLDER)}}
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources=folder).execute()
    outputs = [output for cell in code(notebook) for output in cell.outputs]
    images = sum("image/png" in output.get("data", {}) for output in outputs)
    assert images >= 2
    assert any("**Reading.**" in str(output.get("data")) for output in outputs)
    noise = [o.text for o in outputs if o.output_type == "stream" and o.name == "stderr"]
    assert not re.search(r"Warning|Error|cuda", "".join(noise)), noise
    used = {path.name for path in (own_data / "stores").iterdir()}
    assert "portraits" not in used  # the smoke store has a name of its own
