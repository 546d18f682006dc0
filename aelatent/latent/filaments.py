"""Do z-points lie on filaments? Clumping below a scale, judged against surrogates.

Only the smoothed bootstrap, which keeps the density above a scale and smooths it below, can speak
of structure below it; other surrogates say which large-scale law would explain the cloud as well.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import pandas as pd

from aelatent._checks import check_number, check_whole, subsample
from aelatent._system import Bar
from aelatent.latent.clumping import FULL_CURVES, PLANE_CURVES, FullPattern, PlanePattern
from aelatent.latent.envelopes import Envelope, global_envelope, worst_part
from aelatent.latent.mixture import fit_mixture
from aelatent.latent.planes import Plane
from aelatent.latent.samplers import SURROGATES, surrogate_name

LEAST_DRAWS = 39  # with fewer no p reaches 0.05: it is twice the lesser of two
ALPHA = 0.05
# Smoothing of Landy-Szalay's random catalogue, else one more draw, in units of the scale: nearer to
# the z-points, it would know the data better than the draws do.
APART = 5
#: Sign of a statistic's deviation where points clump; the other statistics have none.
CLUMPED = dict.fromkeys(["G", "Landy-Szalay", "spanning tree", "nearest neighbor"], 1) | {"F": -1}
DECISIVE = "G", "Landy-Szalay", "nearest neighbor"
JITTER = "smoothed bootstrap"


@dataclass(frozen=True, eq=False, repr=False)
class FilamentTest:
    """What `filament_test` found; prints as a table."""

    question: str  # "full space", or the planes that were judged together
    surrogate: str  # name of the null model
    scale: float  # in standard deviations
    n: int  # z-points used
    n_total: int
    draws: int  # number of surrogates
    seed: int
    # A row per plane, statistic and r; columns plane (its role; "full space"), statistic, r
    # (whitened units; 1, 2, 3 edges for "branches"), observed, center (mean of the draws), lower
    # and upper (97.5 % global envelope over all rows), outside.
    curves: pd.DataFrame
    simulated: np.ndarray  # float64 (draws, rows of curves), what a jitter does taken off
    p_ranks: float  # of all rows as one curve: what is a little out everywhere
    p_worst: float  # of the curve that is farthest out: what is far out in one place

    @property
    def p(self) -> float:
        """Twice the lesser of the two, so that the test of both keeps its level."""
        return min(1.0, 2 * min(self.p_ranks, self.p_worst))

    @property
    def smallest_p(self) -> float:
        """The p that so many draws can give at least."""
        return 2 / (self.draws + 1)

    @cached_property
    def effects(self) -> pd.DataFrame:
        """How far each statistic is from the draws, a row per plane and statistic."""
        rows = {}
        for (plane, statistic), part in self.curves.groupby(["plane", "statistic"], sort=False):
            r, observed = part["r"].to_numpy(), part["observed"].to_numpy()
            drawn = self.simulated[:, part.index]
            # Against the others' mean: the draw's own share in the mean would pull it to 0.
            others = (drawn - drawn.mean(axis=0)) * self.draws / (self.draws - 1)
            deviations = np.vstack([observed - drawn.mean(axis=0), others])  # (1 + draws, m)
            if statistic == "Landy-Szalay":  # near pairs are few, and xi's peak there mere noise:
                # the mean of xi over all pairs nearer than the last r; rings hold pairs as r² grows
                effects, at = deviations @ np.diff(r**2, prepend=0) / r[-1] ** 2, -1
            else:  # the peak, a share of points, locations, edges or vertices, or in units of J
                peaks = np.abs(deviations).argmax(axis=1)
                effects, at = deviations[np.arange(len(peaks)), peaks], peaks[0]
            low, high = np.quantile(effects[1:], [ALPHA / 2, 1 - ALPHA / 2])
            sign = CLUMPED.get(statistic)
            rows[plane, statistic] = {
                "effect": effects[0],
                "r": r[at],
                # To band_high: the same figure of the middle 95 % of these draws. A new draw lies
                # outside more often: Gaussian figures in 4.5 % of cases per side with 39 draws,
                # 3.5 % with 99. `clumps` rests on p as well.
                "band_low": low,
                "band_high": high,
                "p": global_envelope(observed, drawn).p,
                # Whether the sign is that of clumping, NA where signs do not tell.
                "clumped": pd.NA if sign is None else bool(effects[0] * sign > 0),
            }
        table = pd.DataFrame.from_dict(rows, orient="index").rename_axis(["plane", "statistic"])
        return table.astype(dict.fromkeys(table.columns[:-1], float) | {"clumped": "boolean"})

    @property
    def clumps(self) -> bool:
        """Whether p is at most 0.05 and points lie nearer to each other than the surrogates'."""
        table = self.effects[self.effects.index.get_level_values("statistic").isin(DECISIVE)]
        return bool(self.p <= ALPHA and (table["effect"] > table["band_high"]).any())

    def __repr__(self) -> str:
        found = "points clump" if self.clumps else "no clumping found"
        head = (
            f"Filaments? {self.question}; {self.n:,} of {self.n_total:,} z-points, {self.draws} "
            f"draws of the surrogate {self.surrogate!r}, scale {self.scale:g}, seed {self.seed}.\n"
            f"p = {self.p:.3g} (by ranks {self.p_ranks:.3g}, by the worst curve {self.p_worst:.3g},"
            f" twice the lesser; smallest attainable {self.smallest_p:.3g}): {found}.\n"
            "effect: largest deviation from the draws' mean; band: middle 95 % of these draws.\n\n"
        )
        return head + self.effects.to_string(float_format="{:.3f}".format, na_rep="-")


def filament_test(
    z: np.ndarray,
    planes: str | Mapping[str, Plane] | Sequence[Plane] = "full",
    *,
    surrogate: str | Callable | None = None,
    scale: float = 0.1,
    statistics: Sequence[str] | None = None,
    draws: int = 99,
    n: int = 20_000,
    landmarks: int = 2000,
    seed: int = 0,
    progress: bool = False,
) -> FilamentTest:
    """Test whether z-points clump more, or less, than a surrogate's at distances below a scale.

    The smoothed bootstrap moves z-points by the scale. That changes a density without filaments,
    too, as the square of the scale and whatever n: each draw is moved once more, and what that
    changes on average is taken off. The test is then conservative for a Gaussian, and rejects
    densities with edges or kinks sharper than the scale; for other laws see the calibration beside
    a run. It claims nothing of structure wider than the scale, finer than a quarter of the points'
    spacing, or seen in no plane. In the full space points of a filament lie farther apart than any
    scale that leaves the cloud as it is: there other surrogates say which law the cloud has not.

    All planes and statistics are judged twice: as one curve, by the global envelope test, and by
    the curve that is farthest out; p is twice the lesser. A plane is judged in a disk of 1.5
    standard deviations round the mean, whitened by the data's fit, from a quarter of the points'
    mean spacing up to the scale. In the full space each cloud is whitened by its own fit, which
    leaves differences of the covariance to the planes.

    Parameters
    ----------
    planes : "full", mapping of str to Plane, or sequence of Plane
        The full space, or planes with their roles, as by `seed_planes`.
    surrogate : str or callable, optional
        A name in `SURROGATES`, or ``(z, n, seed) -> (n, d)``; default: ``"smoothed bootstrap"`` in
        planes, ``"elliptical"`` in the full space.
    scale : float
        In standard deviations, at least twice the points' spacing in a plane: greatest distance in
        planes, and how far the smoothed bootstrap moves points along each whitened axis.
    statistics : sequence of str, optional
        In planes ``"G", "F", "kNN-CDF", "Landy-Szalay", "spanning tree"`` (brings
        ``"branches"``), in the full space ``"nearest neighbor", "kNN-CDF"``; default: all.
    draws : int
        Number of surrogates, at least 39; the smallest attainable p is ``2/(draws + 1)``. Bands of
        the effects hold the middle 95 % of them, and about 91 % of new draws at 39, 93 % at 99.
    n, landmarks : int
        How many z-points are used, a random choice, and in the full space asked for their neighbors
        (at least 20); all where there are fewer.
    progress : bool
        Show a bar. An interrupted test has the draws that were done, if these are 39 or more.

    Returns
    -------
    FilamentTest
        ``p``, ``clumps``, ``effects`` per plane and statistic, ``curves`` with their envelopes.

    Examples
    --------
    >>> z = np.random.default_rng(0).normal(size=(4000, 2))
    >>> found = filament_test(z, [Plane.components(2, 0, 1)], statistics=["G"], draws=39, scale=0.2)
    >>> found.clumps
    False
    """
    draws = check_whole("draws", draws, LEAST_DRAWS)
    n, landmarks = check_whole("n", n, 2), check_whole("landmarks", landmarks, 20)
    scale = check_number("scale", scale, above=0, hint="For instance 0.1.")
    roles = _roles(planes)
    curves = _curves(statistics, PLANE_CURVES if roles else FULL_CURVES)
    choice, places, reference, *seeds = np.random.SeedSequence(seed).generate_state(2 * draws + 3)
    used = subsample(z, n, choice)
    name, draw, smoother = _surrogate(surrogate, used, scale, whitened=not roles)
    if name == JITTER:  # it moves projections as it moves the cloud: far fewer columns
        used = np.concatenate([plane.project(used) for plane in roles.values()], axis=1)
        pairs = range(0, used.shape[1], 2)
        flat = [Plane.components(used.shape[1], at, at + 1) for at in pairs]
        roles = dict(zip(roles, flat, strict=True))
    drawn = (smoother if roles else draw)(used, len(used), reference)
    if roles:
        common = used, drawn, len(z), scale, curves, places
        patterns = [PlanePattern(role, plane, *common) for role, plane in roles.items()]
    else:
        patterns = [FullPattern(used, drawn, landmarks, curves, places)]

    def measure(cloud):
        return np.concatenate([pattern.measure(cloud) for pattern in patterns])

    simulated, effects = [], []  # curves of the draws; what moving them once more takes from these
    try:
        for k in Bar(range(draws), desc="filaments", unit=" draws", disable=not progress):
            cloud = draw(used, len(used), seeds[2 * k])
            curve = measure(cloud)
            if name == JITTER:
                effects.append(curve - measure(draw(cloud, len(used), seeds[2 * k + 1])))
            simulated.append(curve)
    except KeyboardInterrupt:
        if len(simulated) < LEAST_DRAWS:
            raise
    observed, simulated = measure(used), np.stack(simulated)  # (m,), (draws, m)
    if effects:
        # Not where most draws agree, as on no location with 8 points nearer than a quarter of their
        # spacing: nobody could tell the smallest shift from a deviation there.
        values = np.array([len(np.unique(column)) for column in simulated.T])
        simulated += np.mean(effects, axis=0) * (values > len(simulated) / 2)
    envelope = global_envelope(observed, simulated, level=1 - ALPHA / 2)
    table = _table(patterns, observed, simulated, envelope)
    parts = table.groupby(["plane", "statistic"], sort=False).ngroup()
    return FilamentTest(
        question=f"planes: {'; '.join(roles)}" if roles else "full space",
        surrogate=name, scale=scale, n=len(used), n_total=len(z), draws=len(simulated), seed=seed,
        curves=table, simulated=simulated, p_ranks=envelope.p,
        p_worst=worst_part(observed, simulated, parts),
    )  # fmt: skip


def _table(patterns: list, observed, simulated, envelope: Envelope) -> pd.DataFrame:
    """Return the table of all curves, in the order in which they are measured."""
    places = [(one.name, name, r) for one in patterns for name, at in one.at.items() for r in at]
    return pd.DataFrame(places, columns=["plane", "statistic", "r"]).assign(
        observed=observed, center=simulated.mean(axis=0),
        lower=envelope.lower, upper=envelope.upper, outside=envelope.outside,
    )  # fmt: skip


def _roles(planes) -> dict[str, Plane]:
    """Return planes by their role, none for the full space."""
    if isinstance(planes, str) and planes == "full":
        return {}
    if isinstance(planes, (list, tuple)):
        planes = {getattr(plane, "name", None): plane for plane in planes}
    good = isinstance(planes, Mapping) and all(isinstance(p, Plane) for p in planes.values())
    if not (good and planes):
        wanted = "'full', a mapping of roles to Plane, or a sequence of Plane"
        raise ValueError(f"planes must be {wanted}; got {planes!r}. For instance seed_planes(...).")
    return dict(planes)


def _curves(statistics: Sequence[str] | None, known: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the names of the curves that some statistics bring, refused unless known here."""
    statistics = list(known) if statistics is None else statistics
    if isinstance(statistics, str) or not statistics or not set(statistics) <= set(known):
        names = ", ".join(map(repr, known))
        raise ValueError(f"statistics must be a list of some of {names}; got {statistics!r}.")
    return [curve for name, curves in known.items() if name in statistics for curve in curves]


def _surrogate(surrogate: str | Callable, z: np.ndarray, scale: float, whitened: bool):
    """Return the surrogate's name, itself, and what draws the random catalogue."""
    surrogate = surrogate or ("elliptical" if whitened else JITTER)
    if callable(surrogate):
        return getattr(surrogate, "__name__", type(surrogate).__name__), surrogate, surrogate
    surrogate = surrogate_name(surrogate)
    draw = SURROGATES[surrogate]
    if surrogate == JITTER:
        if whitened:
            raise ValueError(
                f"expected another surrogate than {JITTER!r} in the full space, where it changes "
                "clouds without filaments and sees none. Pass planes, or 'elliptical'."
            )
        return surrogate, partial(draw, scale=scale), partial(draw, scale=APART * scale)
    if surrogate == "elliptical" and whitened:  # by its own fit, which has to be the data's
        draw = partial(draw, exact=True)
    if surrogate == "Gaussian mixture":
        draw = partial(draw, model=fit_mixture(z))  # once, not for every draw
    return surrogate, draw, draw
