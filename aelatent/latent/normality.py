"""Is the cloud of z-points a multivariate normal (MVN)? As posts III and VIII of the blog ask.

Effect sizes do not grow with n. Where no source is named, the figure is our choice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.stats import t as student

from aelatent._checks import check_points, check_whole, some_rows
from aelatent._system import Bar
from aelatent.latent import normality_tests as tests
from aelatent.latent.core import held_out_half
from aelatent.latent.principal import Moments, PrincipalAxes
from aelatent.latent.samplers import normal_along

SAMPLE_N = 2000  # points for Shapiro-Wilk and the core
CORE_AXES = 20  # leading principal axes that the core is looked for in: 5 points for each
PAIRS, PAIR_N = 20, 1000  # random pairs of components that Henze-Zirkler looks at, and its points
DIRECTIONS = 200  # random directions along which the shape is looked at
OUTSIDE = 0.05  # share of MVN clouds that lie outside the band, in each row


class Cloud:
    """A cloud on its way through `STATISTICS`: what several of them need is made once."""

    def __init__(self, z: np.ndarray, seed: int, principal: PrincipalAxes | None = None):
        """Split z-points in halves; `principal` are the axes of all, where they are known."""
        self.z, self.seed, self._principal = z, seed, principal
        self.core = held_out_half(z, seed)
        self.held = z[self.core.rows]
        self.d2, self.law = self.core.d2, self.core.law
        self.y = self.core.axes.whiten(self.held)  # (k, rank), in standard deviations of the others

    @cached_property
    def shapes(self) -> pd.DataFrame:
        """Skewness and excess kurtosis, by ``along`` and ``number``; NaN where nothing varies."""
        # Random projections of clouds whose points are about equally far out look Gaussian
        # (Diaconis & Freedman 1984). In whitened space, so that no wide axis dominates.
        rng = np.random.default_rng(self.seed)
        directions = rng.standard_normal((self.y.shape[1], DIRECTIONS))
        directions /= np.linalg.norm(directions, axis=0)
        tables = {
            "components": tests.shapes(self.held, first=0),
            "principal axes": tests.shapes(self.y),
            "random directions": tests.shapes(self.y, directions),
        }
        return pd.concat(tables, names=["along", "number"])

    @cached_property
    def sample(self) -> np.ndarray:
        """Random points of all, float64 (2000, d) or fewer."""
        return some_rows(self.z, SAMPLE_N, self.seed)

    @cached_property
    def leading(self) -> np.ndarray:
        """The sample's coordinates along its leading principal axes, whitened by itself."""
        axes = max(1, min(CORE_AXES, len(self.z) // 5))
        return PrincipalAxes.fit(self.sample).whiten(self.sample)[:, :axes]

    @cached_property
    def inner(self) -> tests.Core | None:
        """The core, None where there is none."""
        return tests.iterative_core(self.leading)

    @cached_property
    def shapiro(self) -> pd.DataFrame:
        """Shapiro-Wilk of every component."""
        return tests.shapiro_wilk(self.sample)

    @cached_property
    def pairs(self) -> list[float]:
        """P of Henze-Zirkler for random pairs of components that vary, or for all if fewer."""
        varies = np.flatnonzero(self.z.max(axis=0) != self.z.min(axis=0))
        pairs = varies[np.stack(np.triu_indices(len(varies), 1), axis=1)]
        chosen = np.random.default_rng(self.seed).permutation(pairs)[:PAIRS]
        x = some_rows(self.z, PAIR_N, self.seed)
        return [tests.henze_zirkler(x[:, pair])[1] for pair in chosen]

    @cached_property
    def accuracy(self) -> pd.DataFrame:
        """How well classifiers tell the cloud from an MVN."""
        principal = self._principal or PrincipalAxes.fit(self.z)
        return tests.two_sample_accuracy(self.z, principal, self.seed)


@dataclass(frozen=True)
class Statistic:
    """A row of the report."""

    name: str
    of: Callable[[Cloud], float]
    exact: float  # what an endless MVN would give
    at: Callable[[Cloud], str] = lambda c: f"{len(c.d2):,} held out"  # points it is measured on
    every: bool = True  # whether every MVN surrogate is judged by it: tests take the first only
    relative: bool = False  # whether it is given in units of what MVN surrogates have
    band: Callable[[Cloud], list] | None = None  # its own; default: from the draws


def _shapes(along: str) -> list[Statistic]:
    figures = {
        f"|skewness| along {along}, median": lambda t: t["skewness"].abs().median(),
        f"|skewness| along {along}, greatest": lambda t: t["skewness"].abs().max(),
        f"excess kurtosis along {along}, median": lambda t: t["excess_kurtosis"].median(),
        f"|excess kurtosis| along {along}, greatest": lambda t: t["excess_kurtosis"].abs().max(),
    }
    return [
        Statistic(name, lambda c, of=of: of(c.shapes.loc[along]), 0) for name, of in figures.items()
    ]


def _core(name: str, part: str, exact: float) -> Statistic:
    def of(c: Cloud) -> float:
        return getattr(c.inner, part) if c.inner else np.nan

    def at(c: Cloud) -> str:
        return f"n = {len(c.leading):,}, {c.leading.shape[1]} axes"

    return Statistic(f"iterative core, {name}", of, exact, at)


def _pairs(c: Cloud) -> str:
    return f"pairs: {len(c.pairs)}, n = {min(len(c.z), PAIR_N):,}"


def _test(name: str, p: Callable, at: Callable) -> Statistic:
    name, where = f"{name}, share rejected", lambda c: f"{at(c)}, Holm 5 %"
    return Statistic(name, lambda c: tests.rejected(p(c)), 0, where, every=False)


def _accuracy(classifier: str) -> Statistic:
    def at(c: Cloud) -> str:
        used = c.accuracy.loc[classifier]
        return f"{used['n_train']:,.0f} to train on, {used['n_test']:,.0f} judged"

    return Statistic(
        f"accuracy, {classifier}", lambda c: c.accuracy.loc[classifier, "accuracy"], 0.5, at,
        every=False, band=lambda c: c.accuracy.loc[classifier, ["low", "high"]].to_list(),
    )  # fmt: skip


STATISTICS = (
    Statistic("D² mean / its law's", lambda c: c.d2.mean() / c.law.mean(), 1),
    Statistic("D² sd / its law's", lambda c: c.d2.std(ddof=1) / c.law.std(), 1),
    Statistic("D², Kolmogorov distance to its law", lambda c: tests.ks_distance(c.d2, c.law), 0),
    # Held-out kurtosis exceeds 1 even for an MVN, by what the covariance's own scatter adds.
    Statistic("Mardia kurtosis / MVN surrogate's", lambda c: tests.mardia(c.y), 1, relative=True),
    Statistic("correlation of squares, mean", lambda c: tests.squares_correlation(c.y), 0),
    *_shapes("components"),
    *_shapes("principal axes"),
    *_shapes("random directions"),
    _core("share inside", "share", tests.CUT),
    _core("width / whole cloud's", "width", 1),
    _core("offset of its center (sd)", "offset", 0),
    _test("Shapiro-Wilk", lambda c: c.shapiro["p"], lambda c: f"n = {len(c.sample):,}"),
    _test("Henze-Zirkler", lambda c: c.pairs, _pairs),
    _accuracy("neural network"),
    _accuracy("gradient boosting"),
)

#: The rows that say most -> what they say.
WORDS = {
    "D² sd / its law's": "spread of D², its law's = 1",
    "correlation of squares, mean": "coordinates large together (correlation of squares)",
    "excess kurtosis along components, median": "excess kurtosis along components",
    "excess kurtosis along principal axes, median": "... along principal axes",
    "excess kurtosis along random directions, median": "... along random directions",
}


@dataclass(frozen=True, eq=False, repr=False)
class NormalityReport:
    """What `normality_report` found; prints as a table."""

    table: pd.DataFrame  # a row per statistic
    shapes: pd.DataFrame  # this and the next one: first level of the index is cloud
    qq: pd.DataFrame
    n: int  # z-points, of d components
    d: int
    m: int  # z-points that gave mean and covariance, and axes along which these vary
    axes: int
    draws: int  # MVN surrogates
    seed: int

    def __repr__(self) -> str:
        head = (
            f"Is it a multivariate normal? {self.n:,} z-points of {self.d} components, which vary "
            f"along {self.axes} axes; seed {self.seed}.\n"
            f"Mean and covariance from {self.m:,} points, measured on the other "
            f"{self.n - self.m:,} unless stated.\n"
            f"MVN low .. high: where a further MVN lies with probability {1 - OUTSIDE:.2g} in each "
            f"row, by the mean and sd of\n{self.draws} MVN surrogates sent through the same split; "
            "for an accuracy its 95 % zero band.\n\n"
        )
        return head + self.table.to_string(float_format="{:.3f}".format, na_rep="-")

    def in_words(self) -> pd.DataFrame:
        """Return the five rows that say most, in words."""
        kept = ["measured", "MVN low", "MVN high", "Laplace surrogate"]
        return self.table.loc[list(WORDS), kept].rename(
            index=WORDS, columns={"measured": "z-points"}
        )


def normality_report(
    z: np.ndarray, seed: int = 0, *, draws: int = 9, test: bool = True, progress: bool = False
) -> NormalityReport:
    """Compare z-points with an MVN in every way that this package knows.

    Effect sizes use all points: one half gives mean and covariance, the other is measured. Beside
    them stand MVN surrogates of the same n, mean and covariance, and one with independent Laplace
    components. Tests use fixed numbers of points, stated in the table, or all if fewer. What does
    not exist is NaN: a correlation along one axis, the core of equal points.

    Parameters
    ----------
    draws, test : int, bool
        MVN surrogates, at least 2: more give a narrower band; whether to test as well: minutes.
    progress : bool
        Show a bar. When interrupted, the report has the draws that were done.

    Returns
    -------
    NormalityReport
        Prints as a table; ``in_words()`` gives the five rows that say most. ``table`` has a row per
        figure: ``measured``; ``MVN surrogate``, median of the draws (of tests, the first); ``MVN
        low`` and ``high``, their mean ± t sd sqrt(1 + 1 / draws), t Student's 97.5 % quantile: 5 %
        of MVN clouds lie outside in each row, 6 to 9 % in those of a greatest value, so that about
        one of 20 rows is out by chance (of an accuracy, the binomial 95 % zero band); ``Laplace
        surrogate``; ``exact MVN``, what an endless one would give; ``at``, number of points.
    """
    draws = check_whole("draws", draws, 2, hint="It is the number of MVN surrogates.")
    chosen = [s for s in STATISTICS if test or s.every]
    z = check_points(z)
    moments = Moments.of(z)  # refuses what is not finite: the one pass that looks for it
    principal = PrincipalAxes.from_moments(moments)
    laplace_seed, *draw_seeds = np.random.SeedSequence(seed).generate_state(draws + 1)
    with Bar(total=draws + 2, desc="normality", unit=" clouds", disable=not progress) as bar:
        measured = Cloud(z, seed, principal)
        judged = {"measured": _judge(measured, chosen)}
        bar.update()
        laplace = Cloud(tests.laplace(moments, laplace_seed), seed)
        judged["Laplace surrogate"] = _judge(laplace, chosen)
        bar.update()
        drawn = []
        try:
            for draw_seed in draw_seeds:
                cloud = Cloud(normal_along(principal, len(z), draw_seed), seed)
                if not drawn:
                    judged["MVN surrogate"] = _judge(cloud, chosen)
                drawn.append({s.name: s.of(cloud) for s in chosen if s.every})
                bar.update()
        except KeyboardInterrupt:
            if len(drawn) < 2:
                raise
    tables = {
        kind: pd.concat({name: kept[kind] for name, kept in judged.items()}, names=["cloud"])
        for kind in ("shapes", "qq")
    }
    return NormalityReport(
        table=_table(judged, pd.DataFrame(drawn), measured, chosen), **tables, seed=seed,
        draws=len(drawn), n=len(z), d=z.shape[1], m=measured.core.axes.n,
        axes=measured.core.axes.rank,
    )  # fmt: skip


def _judge(c: Cloud, chosen: list[Statistic]) -> dict:
    """Return what is kept of a cloud: its figures, and the tables behind them."""
    return {
        "figures": {s.name: s.of(c) for s in chosen},
        "shapes": c.shapes,
        "qq": tests.quantiles(c.d2, c.law),
    }


def _table(judged: dict, drawn: pd.DataFrame, measured: Cloud, chosen: list) -> pd.DataFrame:
    """Put the figures of all clouds side by side."""
    table = pd.DataFrame({name: kept["figures"] for name, kept in judged.items()})
    table["MVN surrogate"] = drawn.median().combine_first(table["MVN surrogate"])
    table["MVN low"], table["MVN high"] = band(drawn)
    for s in chosen:
        if s.relative:
            table.loc[s.name] /= table.loc[s.name, "MVN surrogate"]
        if s.band:
            table.loc[s.name, ["MVN low", "MVN high"]] = s.band(measured)
    table["exact MVN"] = [float(s.exact) for s in chosen]
    table["at"] = [s.at(measured) for s in chosen]
    drawn = ["MVN surrogate", "MVN low", "MVN high"]
    return table[["measured", *drawn, "Laplace surrogate", "exact MVN", "at"]]


def band(drawn: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return between what, by column, one more row lies but for the share `OUTSIDE` of cases."""
    k = len(drawn)  # one more row has its own scatter, and the mean of k rows theirs
    half = student.ppf(1 - OUTSIDE / 2, k - 1) * drawn.std() * np.sqrt(1 + 1 / k)
    return drawn.mean() - half, drawn.mean() + half
