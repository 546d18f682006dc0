"""Is the cloud of z-points a multivariate normal (MVN)? As posts III and VIII of the blog ask.

`STATISTICS` lists what is looked at. Effect sizes do not grow with n, so clouds can be compared;
read each beside the same figure of a surrogate of the same n. Where no source is named, the figure
is our choice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from aelatent._checks import check_points, check_whole, some_rows
from aelatent._system import Bar
from aelatent.latent import normality_tests as tests
from aelatent.latent.core import held_out_half
from aelatent.latent.principal import Moments, PrincipalAxes
from aelatent.latent.samplers import normal_along

SAMPLE_N = 2000  # points for Shapiro-Wilk and the cores
CORE_AXES = 20  # leading principal axes in which a core is looked for, or fewer: 5 points for each
PAIRS, PAIR_N = 20, 1000  # random pairs of components that Henze-Zirkler looks at, and its points
DIRECTIONS = 200  # random directions along which the shape is looked at


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
        # Random projections of nearly any cloud look Gaussian (Diaconis & Freedman 1984): they
        # prove little. Uniform in whitened space, so that no wide axis dominates.
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
    def inner(self) -> dict[str, tests.Core | None]:
        """The core as two methods find it, None where there is none."""
        return {
            "MCD": tests.mcd_core(self.leading, self.seed),
            "iterative": tests.iterative_core(self.leading),
        }

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


def _held_out(c: Cloud) -> str:
    return f"{len(c.d2):,} held out"


def _leading(c: Cloud) -> str:
    return f"n = {len(c.leading):,}, {c.leading.shape[1]} axes"


@dataclass(frozen=True)
class Statistic:
    """A row of the report."""

    name: str
    of: Callable[[Cloud], float]
    exact: float  # what an endless MVN would give
    at: Callable[[Cloud], str] = _held_out  # on how many points it is measured
    every: bool = True  # whether every MVN surrogate is judged by it: tests take the first only
    relative: bool = False  # whether it is given in units of what MVN surrogates have
    band: Callable[[Cloud], list] | None = None  # its own; default: least and greatest of the draws


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


def _core(method: str) -> list[Statistic]:
    def part(name: str) -> Callable[[Cloud], float]:
        return lambda c: getattr(c.inner[method], name) if c.inner[method] else np.nan

    return [
        Statistic(f"{method} core, share inside", part("share"), tests.CUT, _leading),
        Statistic(f"{method} core, width / whole cloud's", part("width"), 1, _leading),
        Statistic(f"{method} core, offset of its center (sd)", part("offset"), 0, _leading),
    ]


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
    *_core("MCD"),
    *_core("iterative"),
    _test("Shapiro-Wilk", lambda c: c.shapiro["p"], lambda c: f"n = {len(c.sample):,}"),
    _test("Henze-Zirkler", lambda c: c.pairs, _pairs),
    _accuracy("neural network"),
    _accuracy("gradient boosting"),
)


@dataclass(frozen=True, eq=False, repr=False)
class NormalityReport:
    """What `normality_report` found; prints as a table."""

    table: pd.DataFrame  # a row per statistic
    shapes: pd.DataFrame  # this and the next two: first level of the index is cloud
    shapiro: pd.DataFrame
    qq: pd.DataFrame
    n: int  # z-points
    d: int  # components
    m: int  # z-points that gave mean and covariance
    axes: int  # along which these vary
    draws: int  # MVN surrogates
    seed: int

    def __repr__(self) -> str:
        outside = 2 / (self.draws + 1)
        head = (
            f"Is it a multivariate normal? {self.n:,} z-points of {self.d} components, which vary "
            f"along {self.axes} axes; seed {self.seed}.\n"
            f"Mean and covariance from {self.m:,} points, measured on the other "
            f"{self.n - self.m:,} unless stated.\n"
            f"MVN low .. high: least and greatest of {self.draws} MVN surrogates sent through the "
            f"same split (an MVN falls outside\nwith probability {outside:.2g} in each row); for "
            "an accuracy its 95 % zero band.\n\n"
        )
        return head + self.table.to_string(float_format="{:.3f}".format, na_rep="-")


def normality_report(
    z: np.ndarray, seed: int = 0, *, draws: int = 9, progress: bool = False
) -> NormalityReport:
    """Compare z-points with an MVN in every way that this package knows.

    Effect sizes use all points: one half gives mean and covariance, the other is measured. Beside
    them stand MVN surrogates of the same n, mean and covariance, and one with independent Laplace
    components. Tests use fixed numbers of points, stated in the table, or all where there are
    fewer. What does not exist is NaN: a correlation along one axis, the core of points that mostly
    agree.

    Parameters
    ----------
    draws : int
        Number of MVN surrogates, at least 1; more of them make the band surer.
    progress : bool
        Show a bar. When interrupted, the report has the draws that were done.

    Returns
    -------
    NormalityReport
        Prints as a table. ``table`` has a row per figure: ``measured``; ``MVN surrogate``, the
        median of the draws (of tests, the first draw); ``MVN low`` and ``MVN high``, their least
        and greatest (of an accuracy its binomial 95 % zero band); ``Laplace surrogate``; ``exact
        MVN``, what an endless one would give; ``at``, number of points.
    """
    draws = check_whole("draws", draws, 1, hint="It is the number of MVN surrogates.")
    z = check_points(z)
    moments = Moments.of(z)  # refuses what is not finite: the one pass that looks for it
    principal = PrincipalAxes.from_moments(moments)
    laplace_seed, *draw_seeds = np.random.SeedSequence(seed).generate_state(draws + 1)
    with Bar(total=draws + 2, desc="normality", unit=" clouds", disable=not progress) as bar:
        measured = Cloud(z, seed, principal)
        judged = {"measured": _judge(measured)}
        bar.update()
        judged["Laplace surrogate"] = _judge(Cloud(tests.laplace(moments, laplace_seed), seed))
        bar.update()
        drawn = []
        try:
            for draw_seed in draw_seeds:
                cloud = Cloud(normal_along(principal, len(z), draw_seed), seed)
                if not drawn:
                    judged["MVN surrogate"] = _judge(cloud)
                drawn.append({s.name: s.of(cloud) for s in STATISTICS if s.every})
                bar.update()
        except KeyboardInterrupt:
            if not drawn:
                raise
    tables = {
        kind: pd.concat({name: kept[kind] for name, kept in judged.items()}, names=["cloud"])
        for kind in ("shapes", "shapiro", "qq")
    }
    return NormalityReport(
        table=_table(judged, pd.DataFrame(drawn), measured), **tables, draws=len(drawn), seed=seed,
        n=len(z), d=z.shape[1], m=measured.core.axes.n, axes=measured.core.axes.rank,
    )  # fmt: skip


def _judge(c: Cloud) -> dict:
    """Return what is kept of a cloud: its figures, and the tables behind them."""
    return {
        "figures": {s.name: s.of(c) for s in STATISTICS},
        "shapes": c.shapes,
        "shapiro": c.shapiro,
        "qq": tests.quantiles(c.d2, c.law),
    }


def _table(judged: dict[str, dict], drawn: pd.DataFrame, measured: Cloud) -> pd.DataFrame:
    """Put the figures of all clouds side by side."""
    table = pd.DataFrame({name: kept["figures"] for name, kept in judged.items()})
    table["MVN surrogate"] = drawn.median().combine_first(table["MVN surrogate"])
    table["MVN low"], table["MVN high"] = drawn.min(), drawn.max()
    for s in STATISTICS:
        if s.relative:
            table.loc[s.name] /= table.loc[s.name, "MVN surrogate"]
        if s.band:
            table.loc[s.name, ["MVN low", "MVN high"]] = s.band(measured)
    table["exact MVN"] = [float(s.exact) for s in STATISTICS]
    table["at"] = [s.at(measured) for s in STATISTICS]
    band = ["MVN surrogate", "MVN low", "MVN high"]
    return table[["measured", *band, "Laplace surrogate", "exact MVN", "at"]]
