"""The line-up in a real JupyterLab: picked with the mouse and with the keyboard, made to fail."""

import nbformat
import pytest

from .driven import driven, reloaded

pytestmark = pytest.mark.browser

CELL = """\
import numpy as np
from aelatent.widgets import LineUp

rng = np.random.default_rng(0)
real = np.column_stack([np.repeat(np.arange(10.0), 60), rng.uniform(0, 10, 600)])  # plain lines
game = LineUp(real, lambda seed: np.random.default_rng(seed).uniform(0, 10, (150, 2)))
game
"""
BROKEN = """\
def broken(seed):
    raise RuntimeError("no <b>surrogate</b>")


works, game._surrogate = game._surrogate, broken
"""


@pytest.fixture(scope="module")
def notebook(chromium, lab, small_world):
    made = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(CELL)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)"}},
    )
    nbformat.write(made, lab.root / "notebooks" / "lineup.ipynb")
    with driven(chromium, lab, small_world, "lineup.ipynb") as notebook:
        yield notebook


def test_a_pick_is_answered_counted_and_drawn(notebook, tmp_path):
    before = notebook.face()
    notebook.widget.get_by_role("button", name="7", exact=True).click()
    answer = notebook.ask("game.answer")
    assert notebook.ask("(game.rounds, game.hits)") == (1, int(answer == 7))
    assert notebook.settles(lambda: notebook.face() != before)
    assert f"panel {answer}" in notebook.widget.inner_text()
    notebook.page.screenshot(path=tmp_path / "answered.png")


def test_the_next_round_needs_no_mouse(notebook):
    before = notebook.face()
    again = notebook.widget.get_by_role("button", name="New line-up")
    again.focus()
    notebook.page.keyboard.press("Enter")
    assert notebook.settles(lambda: notebook.face() != before)
    assert notebook.ask("game.answer") is None
    rounds = notebook.ask("game.rounds")
    notebook.widget.get_by_role("button", name="1", exact=True).focus()
    notebook.page.keyboard.press("Space")
    assert notebook.ask("game.rounds") == rounds + 1
    assert not notebook.error.is_visible()


def test_an_error_is_shown_until_it_is_mended(notebook):
    before = notebook.face()
    notebook.ask(code=BROKEN)
    notebook.press("New line-up")
    notebook.error.wait_for()
    assert notebook.error.inner_text() == "RuntimeError: no <b>surrogate</b>"
    assert notebook.face() == before
    notebook.ask(code="game._surrogate = works")
    notebook.press("New line-up")
    notebook.error.wait_for(state="detached")
    assert notebook.face() != before


def test_after_a_reload_the_cell_brings_the_game_back(notebook):
    reloaded(notebook)
    assert "No round played yet." in notebook.widget.inner_text()
    before = notebook.face()
    notebook.widget.get_by_role("button", name="7", exact=True).click()
    assert notebook.settles(lambda: notebook.face() != before)
    assert notebook.ask("game.rounds") == 1
