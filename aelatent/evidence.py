"""What the question of the filaments rests on: tests of a run's z-points, made once and kept.

``filaments/KEY/NAME.csv`` holds a table, ``made_of.json`` beside it what all of them were made of.
The key hashes weights, store and sizes: what was made of others is made again, beside it.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, fields, replace

import numpy as np
import pandas as pd

from aelatent import _files, settings
from aelatent.latent.clumping import WINDOW
from aelatent.latent.dimension import dimension_scan
from aelatent.latent.filaments import filament_test
from aelatent.latent.injection import inject_filaments
from aelatent.latent.mixture import COMPONENTS
from aelatent.latent.neighbors import nearest_distance
from aelatent.latent.planes import seed_planes
from aelatent.latent.samplers import SURROGATES, elliptical

FOLDER = "filaments"
BESIDE = ("multivariate normal", "PCA-column shuffle", "elliptical")  # dimension, full space


@dataclass(frozen=True)
class Sizes:
    """How much is looked at."""

    n: int = 20_000  # z-points of the decisive test, at most as many as there are
    draws: int = 99  # surrogates there
    scale: float = 0.1  # standard deviations
    n_nulls: int = 5000  # z-points against each surrogate
    landmarks: int = 2000  # points in the full space whose neighbors are looked at
    # Numbers of known curves that all points of a control lie on.
    curves: tuple[int, ...] = (20, 100, 300, 1000, 3000, 10_000)
    wider: tuple[int, ...] = (1, 2, 4)  # scales, in units of `scale`
    seed: int = 0


SMOKE = Sizes(1200, 39, 0.3, n_nulls=1200, landmarks=200, curves=(20, 300), wider=(1, 4))


@dataclass(frozen=True, eq=False)
class Evidence:
    """The tables, each with its n; `sizes` says how they came about."""

    sizes: Sizes
    verdict: pd.DataFrame  # one row: p, p_ranks, p_worst, smallest_p, clumps, n, n_total, draws
    effects: pd.DataFrame  # of that test: plane, statistic, effect, band_low, band_high, p ...
    curves: pd.DataFrame  # of that test, as `FilamentTest.curves`
    wider: pd.DataFrame  # cloud, plane, scale, effect (excess of pairs), band_low, band_high, p
    known: pd.DataFrame  # curves (their number), effect, band_low, band_high: one plane
    nulls: pd.DataFrame  # surrogate, p, clumps, out (curves with p <= 0.05), lowest, highest
    full: pd.DataFrame  # cloud, distance (median to the nearest), ratio to the elliptical's, n
    dimensions: pd.DataFrame  # as `dimension_scan` returns


def filament_evidence(run, scale: str | None = None, *, progress: bool = True) -> Evidence:
    """Return the evidence on the filaments of a run: read where it was made before, else made.

    Parameters
    ----------
    run : Run
        With z-points.
    scale : str, optional
        ``"smoke"`` takes seconds; ``"default"`` and ``"seed"`` about ten minutes, kept with the
        run; default: AELATENT_SCALE.

    Returns
    -------
    Evidence
        Tables of the tests: ``verdict``, ``effects``, ``curves``, ``wider``, ``known``, ``nulls``,
        ``full``, ``dimensions``.
    """
    sizes = SMOKE if settings.scale(scale) == "smoke" else Sizes()
    # The test asks for twice the points' spacing in a disk that holds some 60 % of them.
    least = 2 * WINDOW * np.sqrt(np.pi / (0.6 * min(sizes.n_nulls, len(run.z))))
    sizes = replace(sizes, scale=max(sizes.scale, float(np.ceil(100 * least) / 100)))
    made_of = {
        "encoder_sha256": run.encoder_sha256,
        "store_fingerprint": run.store.fingerprint,
        "n_total": len(run.z),
        "sizes": json.loads(json.dumps(asdict(sizes))),  # as it is read
    }
    key = hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()[:16]
    for place in (run.path, settings.SHIPPED / "runs" / run.name):
        if found := _read(place / FOLDER / key, made_of, sizes):
            return found
    folder = run.path / FOLDER / key
    with _files.only_one(folder / ".lock", f"testing the z-points of run {run.name!r}"):
        _files.sweep_temporary(folder)
        tables = _tables(np.asarray(run.z), run.axes, run.described, sizes, progress)
        described = folder / "made_of.json"
        described.unlink(missing_ok=True)  # it must never describe other tables
        for name, table in tables.items():
            with _files.replacing(folder / f"{name}.csv") as temporary:
                table.to_csv(temporary, index=False, lineterminator="\n", float_format="%.6g")
        digests = {name: _files.sha256(folder / f"{name}.csv") for name in tables}
        _files.write_json(described, {"asked": made_of, "sha256": digests})
    return _read(folder, made_of, sizes)


def _read(folder, made_of: dict, sizes: Sizes) -> Evidence | None:
    """Return what is kept, or None where it is not whole or of something else."""
    names = [field.name for field in fields(Evidence)][1:]
    try:
        info = _files.read_json(folder / "made_of.json")
        digests = {name: _files.sha256(folder / f"{name}.csv") for name in names}
        if info.get("asked") != made_of or info.get("sha256") != digests:
            return None
    except (FileNotFoundError, ValueError):
        return None
    return Evidence(sizes, *[pd.read_csv(folder / f"{name}.csv") for name in names])


def _tables(z, axes, described, sizes: Sizes, progress: bool) -> dict[str, pd.DataFrame]:
    planes = seed_planes(axes, described)
    asked = {"scale": sizes.scale, "n": sizes.n, "seed": sizes.seed}
    few = {"draws": 39, "seed": sizes.seed}
    found = filament_test(z, planes, draws=sizes.draws, progress=progress, **asked)
    names = "p p_ranks p_worst smallest_p clumps n n_total draws scale".split()
    base = elliptical(z, found.n, sizes.seed)
    pairs = few | {"statistics": ["Landy-Szalay"]}
    first = dict([next(iter(planes.items()))])

    wider = []
    for cloud, points in (("z-points", z), ("elliptical", base)):
        for scale in (factor * sizes.scale for factor in sizes.wider):
            test = filament_test(points, planes, n=sizes.n, scale=scale, **pairs)
            wider.append(test.effects.reset_index().assign(cloud=cloud, scale=scale))
    known = []
    for count in sizes.curves:
        cloud = inject_filaments(base, 1.0, sizes.seed, curves=count)[0]
        test = filament_test(cloud, first, n=sizes.n, scale=sizes.scale, **pairs)
        known.append(test.effects.reset_index().assign(curves=count, n=test.n))
    few_rows = min(sizes.n_nulls, len(z)) < COMPONENTS * (z.shape[1] + 1)  # for a mixture's fit
    nulls = []
    for name in [n for n in SURROGATES if not (few_rows and n == "Gaussian mixture")]:
        test = filament_test(z, planes, surrogate=name, scale=sizes.scale, n=sizes.n_nulls, **few)
        xi = test.effects.xs("Landy-Szalay", level="statistic")["effect"]
        out = (test.effects["p"] <= 0.05).sum()
        row = {"surrogate": name, "p": test.p, "clumps": test.clumps, "out": out}
        nulls.append(row | {"of": len(test.effects), "lowest": xi.min(), "highest": xi.max()})
    return {
        "verdict": pd.DataFrame([{name: getattr(found, name) for name in names}]),
        "effects": found.effects.reset_index(),
        "curves": found.curves,
        "wider": pd.concat(wider),
        "known": pd.concat(known),
        "nulls": pd.DataFrame(nulls),
        "full": _distances(z, base, axes, sizes),
        "dimensions": dimension_scan(
            z[: sizes.n], {name: SURROGATES[name] for name in BESIDE}, landmarks=sizes.landmarks,
            seed=sizes.seed, progress=progress,
        ),
    }  # fmt: skip


def _distances(z, base, axes, sizes: Sizes) -> pd.DataFrame:
    """Return how near neighbors are in the full space: of z-points, surrogates, known curves."""
    n, rows = len(base), []

    def look(name, cloud):
        white = axes.whiten(cloud).astype(np.float32)
        away = nearest_distance(white[: sizes.landmarks], white, 2)
        rows.append({"cloud": name, "distance": np.median(away), "n": n})

    look("z-points", z[:n])
    for name in BESIDE:
        look(name, SURROGATES[name](z, n, sizes.seed))
    for count in sizes.curves:
        look(f"all on {count:,} curves", inject_filaments(base, 1.0, sizes.seed, curves=count)[0])
    table = pd.DataFrame(rows)
    own = table.set_index("cloud")["distance"]["elliptical"]
    return table.assign(ratio=table["distance"] / own)
