"""Is the cloud of z-points a multivariate normal (MVN)? As posts III and VIII of the blog ask."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from aelatent._checks import check_finite
from aelatent.latent.core import HeldOut
from aelatent.latent.normality_tests import (
    CORE_AXES,
    CORE_N,
    CUT,
    PAIR_N,
    NoCore,
    henze_zirkler,
    holm,
    iterative_core,
    mcd_core,
    shapiro_wilk,
    two_sample_accuracy,
)
from aelatent.latent.samplers import laplace_surrogate, multivariate_normal

PAIRS = 20  # random pairs of components that Henze-Zirkler looks at
ALPHA = 0.05
MARDIA = "Mardia kurtosis / MVN surrogate's"
SHAPIRO = "Shapiro-Wilk, share rejected"
CORE_FIGURES = "share inside", "width / whole cloud's", "offset of its center (sd)"
HENZE_ZIRKLER = "Henze-Zirkler, share rejected"
COLUMNS = [
    *("measured", "MVN surrogate", "MVN low", "MVN high", "Laplace surrogate", "exact MVN", "at"),
]


@dataclass(frozen=True, eq=False, repr=False)
class NormalityReport:
    """What `normality_report` found; prints as a table."""

    # A row per figure, with COLUMNS: MVN surrogate is the median of the draws, or the first draw
    # where only that was judged; low and high are their least and greatest, for an accuracy its
    # binomial 95 % zero band, NaN where neither exists; exact MVN: what an endless MVN would give.
    table: pd.DataFrame
    # First level of the index is cloud: "measured", "MVN surrogate", "Laplace surrogate".
    shapes: pd.DataFrame  # as by HeldOut.shapes
    shapiro: pd.DataFrame  # as by shapiro_wilk
    qq: pd.DataFrame  # as by HeldOut.qq
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
    them stand MVN surrogates of the same n, mean and covariance, and a `laplace_surrogate`. Tests
    use fixed numbers of points, stated in the table, or all where there are fewer. What does not
    exist is NaN: a correlation along one axis, the core of points that mostly agree.

    Parameters
    ----------
    draws : int
        Number of MVN surrogates, at least 1; more of them make the band surer.
    progress : bool
        Show a bar. When interrupted, the report has the draws that were done.

    Returns
    -------
    NormalityReport
        Prints as a table. ``table`` has a row per figure: ``measured``, ``MVN surrogate`` (median),
        ``MVN low`` and ``MVN high`` (least and greatest of the draws; an accuracy's 95 % zero
        band), ``Laplace surrogate``, ``exact MVN``, ``at`` (number of points).
    """
    if not isinstance(draws, (int, np.integer)) or isinstance(draws, bool) or draws < 1:
        raise ValueError(
            f"draws must be a whole number of MVN surrogates, at least 1; got {draws!r}."
        )
    z = check_finite(z)
    laplace_seed, *draw_seeds = np.random.SeedSequence(seed).generate_state(draws + 1)
    clouds, band = {}, []
    with tqdm(total=draws + 2, desc="normality", unit=" clouds", disable=not progress) as bar:
        clouds["measured"] = _Judged(z, seed)
        bar.update()
        clouds["Laplace surrogate"] = _Judged(laplace_surrogate(z, laplace_seed), seed)
        bar.update()
        try:
            for draw_seed in draw_seeds:
                surrogate = multivariate_normal(z, len(z), draw_seed)
                if not band:
                    clouds["MVN surrogate"] = _Judged(surrogate, seed)
                    band.append(clouds["MVN surrogate"].effects)
                else:
                    held = HeldOut.of(surrogate, seed)
                    band.append(_effects(surrogate, held, held.shapes(seed), seed))
                bar.update()
        except KeyboardInterrupt:
            if not band:
                raise
    return NormalityReport(
        table=_table(clouds, pd.DataFrame(band), len(z)),
        shapes=pd.concat({name: cloud.shapes for name, cloud in clouds.items()}, names=["cloud"]),
        shapiro=pd.concat({name: cloud.shapiro for name, cloud in clouds.items()}, names=["cloud"]),
        qq=pd.concat({name: cloud.qq for name, cloud in clouds.items()}, names=["cloud"]),
        n=len(z),
        d=z.shape[1],
        m=clouds["measured"].m,
        axes=clouds["measured"].axes,
        draws=len(band),
        seed=seed,
    )


class _Judged:
    """What is kept of one cloud: effect sizes, tests, and the tables behind them."""

    def __init__(self, z: np.ndarray, seed: int):
        held = HeldOut.of(z, seed)
        self.m, self.axes = held.m, held.y.shape[1]
        self.qq, self.shapes = held.qq(), held.shapes(seed)
        self.effects = _effects(z, held, self.shapes, seed)
        self.shapiro = shapiro_wilk(z, seed)
        self.pairs = [henze_zirkler(z[:, pair], seed) for pair in _pairs(z, seed)]
        self.accuracy = two_sample_accuracy(z, seed)

    @property
    def tests(self) -> dict[str, float]:
        return {
            SHAPIRO: _rejected(self.shapiro["p_holm"].to_numpy()),
            HENZE_ZIRKLER: _rejected(holm([pair.pvalue for pair in self.pairs])),
            **{f"accuracy, {name}": value for name, value in self.accuracy["accuracy"].items()},
        }


def _effects(z, held: HeldOut, shapes: pd.DataFrame, seed: int) -> dict[str, float]:
    """Return the effect sizes of one cloud."""
    figures = {
        "D² mean / its law's": held.mean_ratio,
        "D² sd / its law's": held.sd_ratio,
        "D², Kolmogorov distance to its law": held.ks_distance,
        MARDIA: held.mardia,
        "correlation of squares, mean": held.squares_correlation,
    }
    for along, table in shapes.groupby(level="along", sort=False):
        skewness, kurtosis = table["skewness"].abs(), table["excess_kurtosis"]
        figures[f"|skewness| along {along}, median"] = skewness.median()
        figures[f"|skewness| along {along}, greatest"] = skewness.max()
        figures[f"excess kurtosis along {along}, median"] = kurtosis.median()
        figures[f"|excess kurtosis| along {along}, greatest"] = kurtosis.abs().max()
    for name, find in {"MCD": mcd_core, "iterative": iterative_core}.items():
        try:
            core = find(z, seed, _core_axes(len(z)))
            found = core.share, core.width, core.offset
        except NoCore:
            found = (np.nan,) * 3
        for part, figure in zip(CORE_FIGURES, found, strict=True):
            figures[f"{name} core, {part}"] = figure
    return figures


def _core_axes(n: int) -> int:
    return max(1, min(CORE_AXES, n // 5))


def _pairs(z: np.ndarray, seed: int) -> np.ndarray:
    """Choose pairs of components that vary, int (k, 2); k is 20, or all pairs if fewer."""
    varies = np.flatnonzero(z.max(axis=0) != z.min(axis=0))
    pairs = varies[np.stack(np.triu_indices(len(varies), 1), axis=1)]
    return np.random.default_rng(seed).permutation(pairs)[:PAIRS]


def _rejected(p_holm: np.ndarray) -> float:
    """Return the share of adjusted p-values below 5 %, NaN if there is none."""
    p_holm = p_holm[~np.isnan(p_holm)]
    return float(np.mean(p_holm < ALPHA)) if len(p_holm) else float("nan")


def _table(clouds: dict[str, _Judged], band: pd.DataFrame, n: int) -> pd.DataFrame:
    """Put the figures of all clouds side by side."""
    table = pd.DataFrame({name: cloud.effects | cloud.tests for name, cloud in clouds.items()})
    table["MVN surrogate"] = band.median().combine_first(table["MVN surrogate"])
    table["MVN low"], table["MVN high"] = band.min(), band.max()
    # Held-out kurtosis exceeds 1 even for an MVN, by what the covariance's own scatter adds.
    mvn = table.loc[MARDIA, "MVN surrogate"]
    table.loc[MARDIA] /= mvn
    judged = clouds["measured"]
    zero_band = judged.accuracy[["low", "high"]].add_prefix("MVN ")
    table.update(zero_band.rename(index=lambda name: f"accuracy, {name}"))
    table["exact MVN"] = [_exact(name) for name in table.index]
    core = f"n = {min(n, CORE_N):,}, {min(_core_axes(n), judged.axes)} axes"
    used = judged.accuracy.iloc[0]
    at = {
        SHAPIRO: f"n = {judged.shapiro['n'].iloc[0]:,}, Holm 5 %",
        HENZE_ZIRKLER: f"pairs: {len(judged.pairs)}, n = {min(n, PAIR_N):,}, Holm 5 %",
        "accuracy": f"{used['n_train']:,.0f} to train on, {used['n_test']:,.0f} judged",
        "MCD core": core,
        "iterative core": core,
    }
    held_out = f"{n - judged.m:,} held out"
    table["at"] = [at.get(name, at.get(name.split(", ")[0], held_out)) for name in table.index]
    return table[COLUMNS]


def _exact(name: str) -> float:
    """Return what an endless MVN would give."""
    if name.startswith("accuracy"):
        return 0.5
    if name.endswith("share inside"):
        return CUT
    return float(" / " in name)  # ratios are 1; skewness, correlations, distances, shares are 0
