"""The line-up of Buja et al. (*Phil. Trans. R. Soc. A* 367, 4361, 2009) as a game."""

from collections.abc import Callable, Sequence
from functools import partial

import ipywidgets
import numpy as np
from matplotlib.figure import Figure
from scipy.stats import binom

from aelatent._checks import check_finite, check_whole
from aelatent.latent.planes import Plane, inside, side_for_count
from aelatent.latent.samplers import smoothed_bootstrap
from aelatent.plots.maps import lineup_panels
from aelatent.plots.style import PATH
from aelatent.widgets._parts import WRAPPED, ErrorLine, png

WIDE = 5  # panels in a row
SIDE = 1.6  # inches of a panel
SHARPNESS = 110  # pixels per inch
WIDTH = "720px"  # of the picture on the page
LEVEL = 0.05  # a p at most this large is called evidence


def middle_of(plane: Plane, z: np.ndarray, count: int) -> tuple[np.ndarray, Callable]:
    """Return what a line-up shows of a plane: z-points in its middle, and a surrogate's at a seed.

    Parameters
    ----------
    plane, z : Plane, float (n, d)
        Where to look, and what at.
    count : int
        Points of a panel; fewer where there are not twice as many.

    Returns
    -------
    float64 (m, 2), callable
        Coordinates about the mean, m at least as many as a panel has; ``draw(seed)``, as many of
        the smoothed bootstrap's, float32 (count, 2).
    """
    where = plane.project(z)
    where -= where.mean(axis=0)
    count = min(check_whole("count", count, 1), len(where) // 2)
    middle = np.zeros(2)
    side = 1.1 * side_for_count(where, 2 * count, middle)  # a square that holds twice as many

    def draw(seed):
        moved = smoothed_bootstrap(where, len(where), seed)
        held = moved[inside(moved, middle, side)]
        return np.random.default_rng(seed).permutation(held)[:count]

    return where[inside(where, middle, side)], draw


class LineUp(ipywidgets.VBox):
    """Find the one panel of z-points among panels of surrogates, several times, and learn p.

    Who picks the z-points no more often than one in `panels` sees nothing in them that the
    surrogate lacks. For p to hold, fix the number of rounds beforehand and look at no figure of
    these z-points first. Each round shows a part of `real`, as large as the surrogate's patterns,
    and surrogates that no earlier round showed. When either are used up, rounds go on with random
    ones but count no more: they test memory, too.

    Parameters
    ----------
    real : float (n_rows, 2)
        The z-points' coordinates in a plane or on a map; at least as many as a surrogate's.
    surrogate : callable or sequence
        ``surrogate(seed)`` that returns another pattern, float (n, 2), at each seed; or at least
        ``panels - 1`` patterns, of which each round takes the next so many.
    panels : int
        Number of panels, at least 2; 20 make a hit in one round p = 0.05.
    seed : int
        Of the real panel's places, of the parts of `real` and of the surrogates.

    Attributes
    ----------
    rounds, hits : int
        How many line-ups that count were answered, and how many of these rightly.
    answer : int or None
        Number of the real panel, from 1; None until the reader has picked.
    """

    def __init__(
        self,
        real: np.ndarray,
        surrogate: Callable[[int], np.ndarray] | Sequence[np.ndarray],
        *,
        panels: int = 20,
        seed: int = 0,
    ):
        self._panels = check_whole("panels", panels, 2, hint="20 are usual.")
        if not callable(surrogate) and len(surrogate) < panels - 1:
            raise ValueError(
                f"expected {panels - 1} surrogates or more for {panels} panels; got "
                f"{len(surrogate)}. Pass more, or a callable that draws one at a seed."
            )
        self._points, self._surrogate, self._seed = check_finite(real, 2), surrogate, seed
        self._shown = self.rounds = self.hits = 0
        self._build()
        self.new()

    @property
    def p_value(self) -> float:
        """How often chance alone would hit as often or more: a binomial tail; 1 of no round."""
        return float(binom.sf(self.hits - 1, self.rounds, 1 / self._panels))

    def new(self) -> None:
        """Show another line-up; one that was not answered does not count."""
        rng = np.random.default_rng([self._seed, self._shown])
        patterns = self._draw(rng)
        place = int(rng.integers(self._panels))
        n = _common_n(patterns, len(self._points))
        patterns.insert(place, self._points[self._rows(len(self._points), n, rng)])
        rows = -(-self._panels // WIDE)
        figure = Figure(figsize=(WIDE * SIDE, rows * (SIDE + 0.2)), layout="constrained")
        self._axes = lineup_panels(patterns, axes=figure.subplots(rows, WIDE, squeeze=False))
        self._place, self._n, self.answer = place, n, None
        self._shown += 1
        new = callable(self._surrogate) or self._shown * (self._panels - 1) <= len(self._surrogate)
        self._counts = new and self._shown * n <= len(self._points)
        for button in self._buttons:
            button.button_style = ""
        self._show()

    def pick(self, number: int) -> None:
        """Answer with the panel of this number, from 1; only the first answer counts."""
        check_whole("number", number, 1, self._panels)
        if self.answer is not None:
            return
        self.answer = self._place + 1
        self.rounds += self._counts
        self.hits += self._counts and number == self.answer
        self._buttons[number - 1].button_style = "danger"
        self._buttons[self._place].button_style = "success"
        for spine in self._axes.flat[self._place].spines.values():
            spine.set(color=PATH, linewidth=3)
        self._show(number)

    def _draw(self, rng: np.random.Generator) -> list[np.ndarray]:
        """Return the surrogates' patterns of a round."""
        count = self._panels - 1
        if callable(self._surrogate):
            return [self._surrogate(int(s)) for s in rng.integers(2**31, size=count)]
        return [self._surrogate[i] for i in self._rows(len(self._surrogate), count, rng)]

    def _rows(self, total: int, count: int, rng: np.random.Generator) -> np.ndarray:
        """Return rows that no earlier round took, or random ones if too few are left."""
        rows = np.random.default_rng(self._seed).permutation(total)[self._shown * count :][:count]
        return rows if len(rows) == count else rng.choice(total, count, replace=False)

    def _show(self, picked: int | None = None) -> None:
        figure = self._axes.flat[0].figure
        self._picture.value = png(figure, SHARPNESS)
        figure.set_layout_engine("none")  # the frame of the answer must not move the panels
        if picked is None:
            text = (
                f"One of {self._panels} panels shows z-points, the others a surrogate, "
                f"n = {self._n:,} each. Which one is it?"
            )
        elif picked == self.answer:
            text = f"<b>Yes:</b> panel {picked} shows the z-points."
        else:
            text = f"<b>No:</b> not panel {picked} but panel {self.answer} shows the z-points."
        text += f"<br>{self._score()}"
        if not self._counts:
            text += " This round does not count: earlier ones showed some of its panels' points."
        self._line.value = text

    def _score(self) -> str:
        """Say in words what the rounds so far tell."""
        hits, rounds, p = self.hits, self.rounds, self.p_value
        if rounds == 0:
            return "No round played yet."
        # A tail of the binomial that is 0.05 by arithmetic may come out a rounding error above it.
        verdict = "you see a difference" if p <= LEVEL + 1e-12 else "no evidence of a difference"
        counts = f"{hits} {'hit' if hits == 1 else 'hits'} in {rounds} "
        counts += "round" if rounds == 1 else "rounds"
        share = f"{100 * p:.0f} %" if p >= 0.1 else f"{100 * p:.2g} %"
        if p < 1e-4:
            share = "less than 0.01 %"
        return f"{counts}: chance alone does as well in {share} of the cases: {verdict}."

    def _build(self) -> None:
        error = ErrorLine()
        # No tooltip here: with one, ipywidgets 8.1 fails to show the image.
        self._picture = ipywidgets.Image(
            format="png", layout={"width": WIDTH, "max_width": "100%", "flex": "none"}
        )
        self._buttons = []
        for k in range(1, self._panels + 1):
            tooltip = f"panel {k} shows the z-points"
            self._buttons.append(error.button(str(k), partial(self.pick, k), tooltip))
            self._buttons[-1].layout.width = "44px"
        new = error.button("New line-up", self.new, "draw all panels anew")
        self._line = ipywidgets.HTML()
        choice = ipywidgets.Box(self._buttons, layout={**WRAPPED, "max_width": WIDTH})
        super().__init__([self._picture, choice, new, self._line, error])


def _common_n(patterns: list[np.ndarray], most: int) -> int:
    """Return how many points each pattern has: as many as the others, at most `most`."""
    counts = sorted({len(pattern) for pattern in patterns})
    if len(counts) > 1 or counts[0] > most:
        raise ValueError(
            f"expected surrogates of one n, at most that of real; got n from {counts[0]:,} to "
            f"{counts[-1]:,} for {most:,} real points. Draw as many for each."
        )
    return counts[0]
