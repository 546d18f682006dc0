"""Calibration of the filament test: how often it rejects where nothing is, and where strings are.

Every simulation draws a cloud whose answer is known and sends it through `filament_test`. What
comes out is a table, kept as ``calibration.csv`` beside the run that the clouds resemble.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from scipy import stats

from aelatent import portraits
from aelatent._system import Bar
from aelatent.latent.components import describe_components
from aelatent.latent.filaments import filament_test
from aelatent.latent.injection import inject_filaments, inject_strings
from aelatent.latent.mixture import Mixture, fit_mixture
from aelatent.latent.planes import seed_planes
from aelatent.latent.principal import PrincipalAxes
from aelatent.latent.samplers import SURROGATES

ALPHA = 0.05  # nominal rejection rate
SHARES = (0.01, 0.02, 0.05, 0.2, 1.0)  # of the points that are moved onto strings
#: Laws that the null clouds are drawn from; none of them has filaments.
NULLS = ("multivariate normal", "elliptical", "Gaussian mixture", "smoothed bootstrap")
#: Factors of the portraits that run along the strings of `encoded_sweeps`.
RUNNING = (
    "yaw", "pitch", "light_azimuth", "skin_tone", "hair_tone", "hair_length", "smile", "shift_x",
    "background_level", "warmth",
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """Sizes of a calibration."""

    n: int = 5000  # points per simulated cloud
    draws: int = 19  # surrogates per test; 19 suffice for p = 0.05
    scale: float = 0.1  # of the test, standard deviations of a plane
    nulls: int = 60  # simulations per null law
    powers: int = 20  # simulations per share of points on strings
    curves: int = 20  # number of random curves, and of encoded sweeps
    thickness: float = 0.01  # of the random curves, standard deviations
    seed: int = 0  # of everything drawn


@dataclass(frozen=True)
class Case:
    """One law that clouds are drawn from, and the surrogate that they are tested against."""

    question: str  # "planes" or "full space": where the test looks
    kind: str  # "null", "random curves" or "encoded sweeps": what is in the clouds
    law: str  # what points on no string follow: a name in `SURROGATES`
    surrogate: str  # what the test compares with
    share: float  # of the points on strings, 0..1
    simulations: int  # number of clouds


def cases(plan: Plan, strings: bool) -> list[Case]:
    """Return what is simulated: nulls in planes and in the full space, then power in planes."""
    tested = "smoothed bootstrap"
    listed = [Case("planes", "null", law, tested, 0.0, plan.nulls) for law in NULLS]
    listed += [
        Case("full space", "null", law, law, 0.0, plan.nulls)
        for law in ("multivariate normal", "elliptical")
    ]
    # strings: whether encoded sweeps are there to be put into clouds
    kinds = ["random curves", "encoded sweeps"] if strings else ["random curves"]
    listed += [
        Case("planes", kind, "elliptical", tested, share, plan.powers)
        for kind in kinds
        for share in SHARES
    ]
    return [*listed, Case("full space", "null", "elliptical", tested, 0.0, plan.nulls)]


def encoded_sweeps(run, count: int, points: int, seed: int = 0) -> np.ndarray:
    """Return encoded portraits in which one factor runs, float32 (count * points, d)."""
    rng = np.random.default_rng(seed)
    rest = portraits.sample_factors(count, seed=seed)
    made = []
    for k in range(count):  # a string: a random portrait, evenly spaced values of one factor
        factor = RUNNING[rng.integers(len(RUNNING))]
        series = portraits.sweep(factor, points, rest.iloc[[k]], size=run.config.size)
        made.append(run.encode(series.images))
    return np.concatenate(made)


@dataclass(frozen=True, eq=False)
class Material:
    """What all simulated clouds are made of."""

    z: np.ndarray  # float32 (n, d): z-points that the clouds resemble
    mixture: Mixture | None = None  # fitted once: a fit takes longer than a test; None: as needed
    strings: np.ndarray | None = None  # float32 (m, d): encoded sweeps, m at least a cloud's points


def simulate(case: Case, of: Material, plan: Plan, seed: int) -> np.ndarray:
    """Return one cloud of a case: float32 (`plan.n`, d)."""
    model = {"model": of.mixture} if case.law == "Gaussian mixture" else {}
    cloud = SURROGATES[case.law](of.z, plan.n, seed, **model)
    if case.kind == "random curves":
        cloud, _ = inject_filaments(
            cloud, case.share, seed, curves=plan.curves, thickness=plan.thickness
        )
    elif case.kind == "encoded sweeps":
        cloud, _ = inject_strings(cloud, of.strings, case.share, seed)
    return cloud


def _rejects(case, of, plan, seed):
    """Return whether the test rejects a simulated cloud, and whether it says that it clumps."""
    cloud = simulate(case, of, plan, seed)
    planes = "full"
    if case.question == "planes":
        planes = seed_planes(PrincipalAxes.fit(cloud), describe_components(cloud))
    found = filament_test(
        cloud,
        planes,
        surrogate=case.surrogate,
        scale=plan.scale,
        draws=plan.draws,
        n=plan.n,
        seed=seed,
    )
    return found.p <= ALPHA, found.clumps


def calibrate(
    run,
    plan: Plan | None = None,
    *,
    workers: int = -1,
    progress: bool = True,
    done: pd.DataFrame | None = None,  # of an earlier call: its cases are not repeated
    keep: Callable[[pd.DataFrame], None] = lambda table: None,  # gets the table after each case
) -> pd.DataFrame:
    """Simulate all `cases` on clouds that resemble the z-points of a run; return a row per case."""
    plan = plan or Plan()
    strings = None
    if run.store.info["kind"] == "portraits":
        points = -(-plan.n // plan.curves)  # enough for a cloud of nothing else
        strings = encoded_sweeps(run, plan.curves, points, plan.seed)
    of = Material(np.asarray(run.z), fit_mixture(run.z, plan.seed), strings)
    listed = cases(plan, strings is not None)
    shared = asdict(plan) | {"run": run.name}
    del shared["nulls"], shared["powers"]  # a case states its number of simulations
    rows, earlier = [], [] if done is None else done.to_dict("records")
    total = sum(case.simulations for case in listed)
    with Bar(total=total, desc="calibrating", unit="cloud", disable=not progress) as bar:
        for k, case in enumerate(listed):
            asked = asdict(case) | shared
            found = next((row for row in earlier if asked.items() <= row.items()), None)
            if found is None:
                seeds = np.random.SeedSequence([plan.seed, k]).generate_state(case.simulations)
                work = (delayed(_rejects)(case, of, plan, int(seed)) for seed in seeds)
                answers = []
                for answer in Parallel(n_jobs=workers, return_as="generator")(work):
                    answers.append(answer)
                    bar.update()
                rejected, clumped = (int(count) for count in np.sum(answers, axis=0))
                found = asdict(case) | {"rejected": rejected, "clumped": clumped} | shared
            rows.append(found)
            later = [row for row in earlier if shared.items() <= row.items() and row not in rows]
            keep(pd.DataFrame(rows + later))
    return pd.DataFrame(rows)


def rates(table: pd.DataFrame) -> pd.DataFrame:
    """Add ``rate``, ``low``, ``high`` (its 95 % interval) and ``allowed`` to a calibration."""
    out = table.copy()
    out["rate"] = out["rejected"] / out["simulations"]
    interval = [  # Clopper & Pearson 1934
        stats.binomtest(int(k), int(n)).proportion_ci(0.95)
        for k, n in zip(out["rejected"], out["simulations"], strict=True)
    ]
    out["low"], out["high"] = np.array(interval).T
    # what a test of the nominal level stays below in 97.5 % of calibrations of this size
    out["allowed"] = stats.binom.ppf(0.975, out["simulations"], ALPHA) / out["simulations"]
    return out
