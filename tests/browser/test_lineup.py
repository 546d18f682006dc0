"""The line-up in a real JupyterLab: picked with the mouse and with the keyboard."""

import pytest

from .driven import opened, write_notebook

pytestmark = pytest.mark.browser

CELL = """\
import numpy as np
from aelatent.widgets import LineUp

rng = np.random.default_rng(0)
real = np.column_stack([np.repeat(np.arange(10.0), 60), rng.uniform(0, 10, 600)])  # plain lines
game = LineUp(real, lambda seed: np.random.default_rng(seed).uniform(0, 10, (150, 2)))
game
"""


@pytest.fixture(scope="module")
def notebook(chromium, lab):
    write_notebook(lab, "lineup.ipynb", CELL)
    with opened(chromium, lab, "lineup.ipynb") as notebook:
        yield notebook


def test_a_pick_is_answered_counted_and_drawn_and_the_next_round_needs_no_mouse(notebook):
    before = notebook.face()
    notebook.press("7")
    answer = notebook.ask("game.answer")
    assert notebook.ask("(game.rounds, game.hits)") == (1, int(answer == 7))
    assert notebook.settles(lambda: notebook.face() != before)
    assert f"panel {answer}" in notebook.text()
    before = notebook.face()
    notebook.widget.get_by_role("button", name="New line-up").focus()
    notebook.keys("Enter")
    assert notebook.settles(lambda: notebook.face() != before)
    assert notebook.ask("game.answer") is None
    notebook.widget.get_by_role("button", name="1", exact=True).focus()
    notebook.keys("Space")
    assert notebook.ask("game.rounds") == 2
    assert not notebook.error.is_visible()
    assert notebook.foreign() == []
