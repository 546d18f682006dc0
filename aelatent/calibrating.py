"""Calibration of the filament test: how often it rejects where nothing is, and where strings are.

Every simulation draws a cloud whose answer is known and sends it through `filament_test`. What
comes out is a table, kept as ``calibration.csv`` beside the run that the clouds resemble.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from scipy import stats
from tqdm.auto import tqdm

from aelatent import settings
from aelatent._files import replacing
from aelatent.images import portraits
from aelatent.latent.components import describe_components
from aelatent.latent.filaments import filament_test
from aelatent.latent.injection import inject_filaments, inject_strings
from aelatent.latent.mixture import Mixture, fit_mixture
from aelatent.latent.planes import seed_planes
from aelatent.latent.principal import PrincipalAxes
from aelatent.latent.surrogates import SURROGATES

FILE = "calibration.csv"
ALPHA = 0.05  # nominal rejection rate
SHARES = (0.01, 0.02, 0.05, 0.2, 1.0)  # of the points that are moved onto strings
#: Laws that the null clouds are drawn from; none of them has filaments.
NULLS = ("matched Gaussian", "elliptical", "Gaussian mixture", "smoothed bootstrap")
#: Factors of the portraits that run along the strings of `encoded_sweeps`.
RUNNING = (
    "yaw", "pitch", "light_azimuth", "skin_tone", "hair_tone", "hair_length", "smile", "shift_x",
    "background_level", "warmth",
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """Sizes of a calibration.

    Attributes
    ----------
    n : int
        Points per simulated cloud.
    draws : int
        Surrogates per test; 19 suffice for p = 0.05.
    scale : float
        Of the test, standard deviations of a plane.
    nulls, powers : int
        Simulations per null law, and per share of points on strings.
    curves : int
        Number of random curves, and of encoded sweeps.
    thickness : float
        Of the random curves, standard deviations.
    seed : int
        Of everything drawn.
    """

    n: int = 5000
    draws: int = 19
    scale: float = 0.1
    nulls: int = 60
    powers: int = 20
    curves: int = 20
    thickness: float = 0.01
    seed: int = 0


@dataclass(frozen=True)
class Case:
    """One law that clouds are drawn from, and the surrogate that they are tested against.

    Attributes
    ----------
    question : {"planes", "full space"}
        Where the test looks.
    kind : {"null", "random curves", "encoded sweeps"}
        What is in the clouds.
    law : str
        What the points follow that are on no string: a name in `SURROGATES`.
    surrogate : str
        What the test compares with.
    share : float
        Of the points on strings, 0..1.
    simulations : int
        Number of clouds.
    """

    question: str
    kind: str
    law: str
    surrogate: str
    share: float
    simulations: int


def cases(plan: Plan, strings: bool) -> list[Case]:
    """Return what is simulated: nulls in planes and in the full space, then power in planes.

    Parameters
    ----------
    plan : Plan
        Sizes.
    strings : bool
        Whether encoded sweeps are there to be put into clouds.
    """
    tested = "smoothed bootstrap"
    listed = [Case("planes", "null", law, tested, 0.0, plan.nulls) for law in NULLS]
    listed += [
        Case("full space", "null", law, law, 0.0, plan.nulls)
        for law in ("matched Gaussian", "elliptical")
    ]
    kinds = ["random curves", "encoded sweeps"] if strings else ["random curves"]
    listed += [
        Case("planes", kind, "elliptical", tested, share, plan.powers)
        for kind in kinds
        for share in SHARES
    ]
    return [*listed, Case("full space", "null", "elliptical", tested, 0.0, plan.nulls)]


def encoded_sweeps(run, count: int, points: int, seed: int = 0) -> np.ndarray:
    """Return z-points on true strings: portraits in which one factor runs, encoded.

    Parameters
    ----------
    run : Run
        Anything with ``encode(images)`` and ``config.size``.
    count : int
        Number of strings; each is of a random portrait and of one factor of `RUNNING`.
    points : int
        Portraits along each, evenly spaced over the factor's range.
    seed : int
        Of the portraits and factors.

    Returns
    -------
    float32 (count * points, d)
    """
    rng = np.random.default_rng(seed)
    rest = portraits.sample_factors(count, seed=seed)
    made = []
    for k in range(count):
        factor = RUNNING[rng.integers(len(RUNNING))]
        series = portraits.sweep(factor, points, rest.iloc[[k]], size=run.config.size)
        made.append(run.encode(series.images))
    return np.concatenate(made)


@dataclass(frozen=True, eq=False)
class Material:
    """What all simulated clouds are made of.

    Attributes
    ----------
    z : float32 (n, d)
        z-points that the clouds resemble.
    mixture : Mixture or None
        Fitted to them, once: a fit takes longer than a test. None: fitted where it is needed.
    strings : float32 (m, d) or None
        Encoded sweeps, as many as a cloud has points, or more.
    """

    z: np.ndarray
    mixture: Mixture | None = None
    strings: np.ndarray | None = None


def simulate(case: Case, of: Material, plan: Plan, seed: int) -> np.ndarray:
    """Return one cloud of a case: float32 (`plan.n`, d)."""
    model = {"model": of.mixture} if case.law == "Gaussian mixture" else {}
    cloud = SURROGATES[case.law](of.z, plan.n, seed, **model)
    if case.kind == "random curves":
        extent = {"curves": plan.curves, "thickness": plan.thickness}
        return inject_filaments(cloud, case.share, seed, **extent)[0]
    if case.kind == "encoded sweeps":
        return inject_strings(cloud, of.strings, case.share, seed)[0]
    return cloud


def _rejects(case, of, plan, seed):
    """Return whether the test rejects a simulated cloud, and whether it says that it clumps."""
    cloud = simulate(case, of, plan, seed)
    planes = "full"
    if case.question == "planes":
        planes = seed_planes(PrincipalAxes.fit(cloud), describe_components(cloud))
    asked = {"surrogate": case.surrogate, "scale": plan.scale, "draws": plan.draws, "n": plan.n}
    found = filament_test(cloud, planes, seed=seed, **asked)
    return found.p <= ALPHA, found.clumps


def calibrate(
    run,
    plan: Plan | None = None,
    *,
    workers: int = -1,
    progress: bool = True,
    done: pd.DataFrame | None = None,
    keep: Callable[[pd.DataFrame], None] = lambda table: None,
) -> pd.DataFrame:
    """Simulate all `cases` on clouds that resemble the z-points of a run.

    Parameters
    ----------
    run : Run
        With z-points; encoded sweeps are made where it was trained on drawn portraits.
    plan : Plan, optional
        Sizes.
    workers : int
        Processes; -1: all cores.
    progress : bool
        Show a bar.
    done : pandas.DataFrame, optional
        What an earlier call with the same run and plan came to: its cases are not repeated.
    keep : callable, optional
        Called with the table after each case, so that a long calibration can be stopped.

    Returns
    -------
    pandas.DataFrame
        A row per case: its attributes, ``rejected`` and ``clumped`` (counts of simulations), and
        the settings of the plan.
    """
    plan = plan or Plan()
    strings = None
    if run.store.info["kind"] == "portraits":
        points = -(-plan.n // plan.curves)  # enough for a cloud of nothing else
        strings = encoded_sweeps(run, plan.curves, points, plan.seed)
    of = Material(np.asarray(run.z), fit_mixture(run.z, plan.seed), strings)
    listed = cases(plan, strings is not None)
    shared = asdict(replace(plan)) | {"run": run.name}
    for name in ("nulls", "powers"):
        del shared[name]
    rows, earlier = [], [] if done is None else done.to_dict("records")
    total = sum(case.simulations for case in listed)
    with tqdm(total=total, desc="calibrating", unit="cloud", disable=not progress) as bar:
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
    """Add rejection rates and their 95 % intervals to a calibration.

    Parameters
    ----------
    table : pandas.DataFrame
        What `calibrate` returned.

    Returns
    -------
    pandas.DataFrame
        The same rows with ``rate``, ``low`` and ``high`` (0..1; Clopper & Pearson 1934), and
        ``allowed``: the 97.5 % quantile of the rate that a test of the nominal level gives in so
        many simulations.
    """
    out = table.copy()
    out["rate"] = out["rejected"] / out["simulations"]
    interval = [
        stats.binomtest(int(k), int(n)).proportion_ci(0.95)
        for k, n in zip(out["rejected"], out["simulations"], strict=True)
    ]
    out["low"], out["high"] = np.array(interval).T
    out["allowed"] = stats.binom.ppf(0.975, out["simulations"], ALPHA) / out["simulations"]
    return out


def write_calibration(run, table: pd.DataFrame) -> None:
    """Keep a calibration beside its run, whole or not at all."""
    with replacing(run.path / FILE) as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n")


def read_calibration(run) -> pd.DataFrame:
    """Return the calibration kept beside a run, or the one that ships for its name.

    Parameters
    ----------
    run : Run
        Whose calibration.

    Returns
    -------
    pandas.DataFrame
        Rows and columns as `calibrate` returned them.

    Raises
    ------
    FileNotFoundError
        If there is none; the message names the command that makes it.
    """
    for path in (run.path / FILE, settings.SHIPPED / "runs" / run.name / FILE):
        if path.is_file():
            return pd.read_csv(path, keep_default_na=False)  # "null" is a kind of case
    raise FileNotFoundError(
        f"run {run.name!r} has no {FILE} yet. Make it with `make calibrate RUN={run.name}` "
        "(about half an hour on 2 cores)."
    )
