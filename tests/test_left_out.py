"""In a kernel of its own: what lacks is left out, what fails fails."""

import numpy as np
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook

from aelatent import Run, left_out

FIRST = "import aelatent\nrun = aelatent.prepare('points', progress=False)\nstale = faces = 1"
CELLS = [
    FIRST,
    "before = 1\nfaces = run.decode(run.z)\nstale, after = 2, 3",
    "before, print('goes on')",
    "later = faces.mean()",
    "later",
    "stale",
    "run.z.shape",
    "for k in range(2):\n    inner = run.store.images\nimport math as m\ndef f(): pass",
    "f",
    "credits = run.decode(run.z)",
    "credits[0]",  # which Python itself has, too
]


@pytest.fixture
def points(own_data):
    return Run.of_points(np.random.default_rng(0).normal(size=(60, 3)))


def executed(cells):
    notebook = new_notebook(cells=[new_code_cell(source) for source in cells])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    found = []
    for cell in notebook.cells:
        data = [o.get("data", {"text/plain": o.get("text", "")}) for o in cell.outputs]
        found.append(" ".join(d["text/plain"] for d in data))
    return found


def test_a_cell_that_lacks_something_is_a_sentence_and_the_notebook_goes_on(points):
    _, decoded, goes, later, again, stale, shape, pictures, f, _, own = executed(CELLS)
    assert decoded == ("Left out: this cell needs a Decoder, and run 'points' has z-points only.")
    assert "goes on" in goes
    assert later == "Left out: it needs `faces`, which a cell above would have made."
    assert "it needs `later`" in again
    assert "it needs `stale`" in stale  # not what a cell above had left there
    assert shape == "(60, 3)"
    assert "needs the pictures of the z-points" in pictures
    assert "it needs `f`" in f
    assert "it needs `credits`" in own


@pytest.mark.parametrize("cell", ["nothing", "1 / 0", "def g():\n    return nowhere\ng()"])
def test_every_other_error_stays_one(points, cell):
    with pytest.raises(CellExecutionError, match=r"nothing|ZeroDivision|nowhere"):
        executed([FIRST, "faces = run.decode(run.z)", cell])


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("a, (b, *c) = 1, (2, 3)", "abc"),
        ("a[0] = b.c.d = 1", "ab"),
        ("import a.x, b as c", "ac"),
        ("a += [b for b in c]", "ab"),
        ("class a: pass", "a"),
        ("with b as a: c(d := 1)", "ad"),
    ],
)
def test_the_names_that_a_statement_makes(source, names):
    import ast

    assert left_out.stored_names(ast.parse(source).body[0]) == {*names}


def test_outside_of_ipython_nothing_is_installed():
    assert left_out.leave_out_what_lacks() is None
