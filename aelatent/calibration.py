"""Calibration of the filament test: how often it rejects where nothing is, and where filaments are.

Every simulation draws a cloud whose answer is known and sends it through `filament_test`. What
comes out is a table, kept as ``calibration.csv`` beside the run that the clouds resemble.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from scipy import stats

from aelatent import kept, portraits
from aelatent._system import Bar
from aelatent.latent.components import describe_components
from aelatent.latent.filaments import filament_test
from aelatent.latent.injection import inject_filaments, inject_shapes, inject_strings
from aelatent.latent.mixture import Mixture, fit_mixture
from aelatent.latent.planes import Plane, seed_planes
from aelatent.latent.principal import PrincipalAxes
from aelatent.latent.samplers import SURROGATES

ALPHA = 0.05  # nominal rejection rate
#: Laws of the null clouds that are fitted to the z-points; `BENT` come after them.
NULLS = ("multivariate normal", "elliptical", "Gaussian mixture", "smoothed bootstrap")
#: What is put into elliptical clouds: (kind, share of the points, number of shapes).
PUT_IN = (
    ("known curves", 0.05, 20), ("known curves", 0.2, 20), ("known curves", 1.0, 100),
    ("known curves", 1.0, 300), ("known curves", 1.0, 1000), ("known curves", 1.0, 3000),
    ("encoded sweeps", 0.02, 20), ("encoded sweeps", 0.05, 20), ("web", 0.2, 300),
    ("web", 1.0, 300), ("loops", 0.2, 300), ("sheets", 0.2, 300), ("clusters", 0.2, 300),
)  # fmt: skip
FULL = 5000  # points of a cloud at most in the full space, where every distance is looked at
#: Factors of the portraits that run along the filaments of `encoded_sweeps`.
RUNNING = (
    "yaw", "pitch", "light_azimuth", "skin_tone", "hair_tone", "hair_length", "smile", "shift_x",
    "background_level", "warmth",
)  # fmt: skip


def _humps(g: np.ndarray, rng, share=1 / 3, width=0.55) -> np.ndarray:
    """Return a hump of this share and width, and two that share the rest; g is (n, 2) normal."""
    which = np.searchsorted([share, (1 + share) / 2], rng.random(len(g)))
    turn = 2 * np.pi * np.arange(3) / 3
    centers = 1.2 * np.column_stack([np.cos(turn), np.sin(turn)])
    return centers[which] + np.where(which == 0, width, 0.55)[:, None] * g


def _hole(g: np.ndarray, rng) -> np.ndarray:
    """Return a ring about an empty middle."""
    radius = 1.3 + 0.3 * rng.standard_normal(len(g))
    return g * (radius / np.linalg.norm(g, axis=1))[:, None]


#: Smooth laws that the test was not made for: what becomes of each pair of principal coordinates.
BENT = {
    "humps": _humps,
    "unequal humps": lambda g, rng: _humps(g, rng, share=0.1, width=0.25),
    "hole": _hole,
    "curved": lambda g, rng: np.column_stack([g[:, 0], 0.6 * g[:, 1] + 0.5 * g[:, 0] ** 2]),
    "skewed": lambda g, rng: np.exp(0.5 * g),
}


@dataclass(frozen=True)
class Plan:
    """Sizes of a calibration: points and scale of the verdict, which has 99 draws."""

    n: int = 20_000  # points per simulated cloud, at most as many as the run has
    draws: int = 39  # surrogates per test
    scale: float = 0.1  # of the test, standard deviations of a plane
    nulls: int = 12  # simulations per null law
    powers: int = 4  # simulations of each of `PUT_IN`
    seed: int = 0  # of everything drawn


@dataclass(frozen=True)
class Case:
    """One law that clouds are drawn from, and the surrogate that they are tested against."""

    question: str  # "leading plane", "planes" (those of the verdict) or "full space"
    kind: str  # "null", or what is in the clouds
    law: str  # what the other points follow: a name in `SURROGATES` or `BENT`
    surrogate: str  # what the test compares with
    share: float  # of the points that are moved, 0..1
    count: int  # number of shapes that they are moved onto
    simulations: int  # number of clouds


def cases(plan: Plan, sweeps: bool) -> list[Case]:
    """Return what is simulated: nulls and shapes in the leading plane, then nulls elsewhere."""
    # One plane takes a quarter of the time of four, and its law dilutes nothing.
    one, tested = "leading plane", "smoothed bootstrap"
    listed = [Case(one, "null", law, tested, 0.0, 0, plan.nulls) for law in (*NULLS, *BENT)]
    listed += [
        Case(one, kind, "elliptical", tested, share, count, plan.powers)
        for kind, share, count in PUT_IN
        if sweeps or kind != "encoded sweeps"  # whether there are any
    ]
    listed += [
        Case("full space", "null", law, law, 0.0, 0, plan.nulls)
        for law in ("multivariate normal", "elliptical")
    ]
    return [*listed, Case("planes", "null", "elliptical", tested, 0.0, 0, plan.nulls)]


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
    """Return one cloud of a case, float32 (n, d)."""
    n = min(plan.n, len(of.z), FULL if case.question == "full space" else plan.n)
    if case.law in BENT:
        principal, rng = PrincipalAxes.fit(of.z), np.random.default_rng(seed)
        pairs = -(-principal.rank // 2)
        y = [BENT[case.law](rng.standard_normal((n, 2)), rng) for _ in range(pairs)]
        y = np.concatenate(y, axis=1)[:, : principal.rank]
        cloud = principal.unwhiten((y - y.mean(axis=0)) / y.std(axis=0)).astype(np.float32)
    else:
        model = {"model": of.mixture} if case.law == "Gaussian mixture" else {}
        cloud = SURROGATES[case.law](of.z, n, seed, **model)
    if case.kind == "known curves":
        return inject_filaments(cloud, case.share, seed, curves=case.count)[0]
    if case.kind == "encoded sweeps":
        return inject_strings(cloud, of.strings, case.share, seed)[0]
    if case.kind != "null":
        return inject_shapes(cloud, case.share, seed, kind=case.kind, count=case.count)[0]
    return cloud


def _rejects(case, of, plan, seed):
    """Return whether the test rejects a simulated cloud, and whether it says that it clumps."""
    cloud = simulate(case, of, plan, seed)
    planes = "full"
    if case.question != "full space":
        axes = PrincipalAxes.fit(cloud)
        planes = [Plane.principal(axes, 1, 2)]
    if case.question == "planes":
        planes = seed_planes(axes, describe_components(cloud))
    asked = {"scale": plan.scale, "draws": plan.draws, "n": plan.n, "seed": seed}
    found = filament_test(cloud, planes, surrogate=case.surrogate, **asked)
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
        share, count = max((s, c) for kind, s, c in PUT_IN if kind == "encoded sweeps")
        points = -(-round(share * min(plan.n, len(run.z))) // count)  # none is used twice
        strings = encoded_sweeps(run, count, points, plan.seed)
    of = Material(np.asarray(run.z), fit_mixture(run.z, plan.seed), strings)
    listed = cases(plan, strings is not None)
    shared = asdict(plan) | {"encoder": run.encoder_sha256}
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


def rates_for(run) -> pd.DataFrame:
    """Return the rates of a run's calibration, or as a guide those of the run that ships."""
    # As of `rates`, with null (question and law in words), found (share of the clouds that are said
    # to clump) and of (the run's name).
    try:
        table, of = kept.read_calibration(run), run.name
    except FileNotFoundError:
        table, of = kept.shipped_calibration(), "portraits"
    out = rates(table)
    out["null"] = out["question"].replace("planes", "four planes") + ": " + out["law"]
    return out.assign(found=out["clumped"] / out["simulations"], of=of)


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
