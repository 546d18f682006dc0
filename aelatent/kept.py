"""What is kept beside a run: z-points, maps and the calibration, each with what it was made of.

Of a map ``maps/KEY.npy`` holds coordinates, ``maps/KEY.json`` what it was made of. The key hashes
weights, store, rows and settings, never the z-points' bytes, which differ between processors.
"""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd

from aelatent import _files, settings as places
from aelatent._checks import check_whole
from aelatent._system import Bar, reading
from aelatent.latent.map_quality import void_probability
from aelatent.latent.maps import STORY, SURROGATE, Map, MapSettings, compared, named_settings, tsne
from aelatent.latent.samplers import EARLIER, SURROGATES, surrogate_name

CIRCLES = 100_000  # so many that their own chance is far below that of the draws


def rows_of(run, n: int | None = None, seed: int = 0) -> np.ndarray:
    """Return the rows of a run that stand for all: n random ones, ascending, or all of them.

    Parameters
    ----------
    run : Run
        With z-points.
    n : int, optional
        Number of rows; default, and where the run has no more: all.

    Returns
    -------
    int64 (n,)
        Rows of ``run.z``.
    """
    total = len(run.z)
    if n is None or check_whole("n", n, 1) >= total:
        return np.arange(total)
    return np.sort(np.random.default_rng(seed).choice(total, n, replace=False))


def cloud_of(
    run, n: int | None = None, *, surrogate: str | None = None, seed: int = 0
) -> np.ndarray:
    """Return what `map_of` embeds: z-points of a run, or as many of a surrogate of them.

    Parameters
    ----------
    run : Run
        With z-points.
    n : int, optional
        Number of rows, as for `rows_of`; default: all.
    surrogate : str, optional
        A name in `aelatent.latent.SURROGATES`; default: the z-points themselves.

    Returns
    -------
    float32 (n, d)
        z-points, or latent vectors like them.
    """
    z = run.z[rows_of(run, n, seed)]
    if surrogate is None:
        return z
    return SURROGATES[surrogate_name(surrogate)](z, len(z), seed)


def map_of(
    run,
    settings: str | MapSettings = "today",
    *,
    n: int | None = None,
    surrogate: str | None = None,
    seed: int = 0,
    progress: bool = True,
) -> Map:
    """Return a map of a run: read where it was made before, made and kept otherwise.

    A map that is stopped (Ctrl-C) is returned as far as it came, and not kept. RuntimeError where
    another process is making the same one.

    Parameters
    ----------
    run : Run
        With z-points.
    settings : str or MapSettings
        As for `aelatent.latent.tsne`.
    n : int, optional
        Number of z-points; default: all.
    surrogate : str, optional
        Map a surrogate of these z-points instead; a name in `aelatent.latent.SURROGATES`.

    Returns
    -------
    Map
        Coordinates, float32 (n, 2), and how they came about.

    Examples
    --------
    >>> map_of(run, "seed-2022", n=5000).coordinates.shape   # doctest: +SKIP
    (5000, 2)
    """
    settings = named_settings(settings)
    total = len(run.z)  # first: it refuses a run that has none
    if surrogate is not None:
        surrogate = surrogate_name(surrogate)
        # The keys of maps on disk hash the earlier name.
        surrogate = next((old for old, new in EARLIER.items() if new == surrogate), surrogate)
    asked = {
        "encoder_sha256": run.encoder_sha256,
        "store_fingerprint": run.store.fingerprint,
        "n": len(rows_of(run, n, seed)),
        "n_total": total,
        "surrogate": surrogate,
        "seed": check_whole("seed", seed, 0, hint="For instance seed=0."),
        "settings": settings.as_dict(),
    }
    key = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]
    folder = run.path / "maps"
    for place in (folder, places.SHIPPED / "runs" / run.name / "maps"):
        if found := read_map(place, key, asked, settings):
            return found
    with _files.only_one(folder / f".{key}.lock", f"making map {key} of run {run.name!r}"):
        _files.sweep_temporary(folder)
        cloud = cloud_of(run, n, surrogate=surrogate, seed=seed)
        made = tsne(cloud, settings, seed=seed, progress=progress)
        if made.complete:
            _write(folder, key, asked, made)
    return made


def _write(folder: Path, key: str, asked: dict, made: Map) -> None:
    array, described = folder / f"{key}.npy", folder / f"{key}.json"
    described.unlink(missing_ok=True)  # it must never describe another array
    with _files.replacing(array) as temporary, open(temporary, "wb") as file:
        _files.write_array(file, made.coordinates)
    info = {"asked": asked, "sha256": _files.sha256(array), "seconds": round(made.seconds, 1)}
    divergence = None if np.isnan(made.divergence) else made.divergence
    _files.write_json(described, {**info, "done": made.done, "divergence": divergence})


def read_map(folder: Path, key: str, asked: dict, settings: MapSettings) -> Map | None:
    """Return a kept map, or None where there is none that is whole: it is then made again."""
    array, described = folder / f"{key}.npy", folder / f"{key}.json"
    try:
        info = _files.read_json(described)
        if info.get("asked") != asked or info.get("sha256") != _files.sha256(array):
            return None
        with reading(array), open(array, "rb") as file:
            coordinates = np.lib.format.read_array(file, allow_pickle=False)
    except (FileNotFoundError, ValueError):  # or no array, though the JSON vouches for it
        return None
    reached = [info.get("done"), info.get("divergence") or np.nan, info.get("seconds")]
    whole = all(isinstance(value, (int, float)) for value in reached)
    return Map(coordinates, settings, asked["seed"], *reached) if whole else None


def void_shares(run, scale: str | None = None, *, seed: int = 0, progress: bool = True):
    """Return the share of empty circles in maps of z-points, beside several draws of surrogates."""
    # Maps x z-points, Gaussian (mean of its draws), from and to (where one more draw lies with
    # 95 %: mean -+ t sd sqrt(1 + 1/s) of s draws), elliptical (mean).
    from scipy import stats  # a third of a second, for those who open a run

    found = {}
    for name, n, law, draw in compared(len(run.z), run.axes.rank, scale):
        of = {"n": n, "surrogate": law, "seed": seed + draw}
        places_on_map = map_of(run, STORY[name], **of, progress=progress).coordinates
        share = void_probability(places_on_map, circles=CIRCLES)
        found.setdefault(name, {}).setdefault(law, []).append(share)
    rows = {}
    for name, shares in found.items():
        draws = np.array(shares[SURROGATE])
        s, mean = len(draws), draws.mean()
        half = stats.t.ppf(0.975, s - 1) * draws.std(ddof=1) * np.sqrt(1 + 1 / s)
        band = max(mean - half, 0.0), min(mean + half, 1.0)
        rows[name] = [shares[None][0], mean, *band, shares["elliptical"][0]]
    columns = ["z-points", "Gaussian", "from", "to", "elliptical"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


CHUNK = 2048  # rows encoded at once; at most so many are lost when killed
PARTIAL = ".z_points.partial"  # folder in which z-points are made, beside them


def z_identity(encoder_sha256: str, store) -> dict:
    """Return what z-points belong to: the Encoder's weights and the store's pictures."""
    return {
        "encoder_sha256": encoder_sha256,
        "store": store.name,
        "store_fingerprint": store.fingerprint,
        "n": len(store),
    }


def write_z(folder: Path, belongs: dict, images, encode, progress: bool) -> None:
    """Encode `images` into ``z_points.npy`` and ``z_points.json``; go on after an interruption."""
    _files.sweep_temporary(folder)
    n = belongs["n"]
    with _files.in_pieces(folder / PARTIAL, "z_points.npy", "<f4", belongs, progress) as pieces:
        with Bar(
            total=n, initial=pieces.rows, desc="encoding", unit="picture", disable=not progress
        ) as bar:
            for start in range(pieces.rows, n, CHUNK):
                stop = min(start + CHUNK, n)
                pieces.append(encode(images[start:stop]))
                bar.update(stop - start)
        pieces.finish()
    _join(folder, belongs | {"z_dim": pieces.row_shape[0]})
    tidy_z(folder)


def z_is_tidy(folder: Path) -> bool:
    """Tell whether nothing is left of an encoding that was killed."""
    return not (folder / PARTIAL).exists() and not any(folder.glob(".*.tmp"))


def tidy_z(folder: Path) -> None:
    """Remove what an encoding leaves that is killed after its end; hold the run's lock."""
    _files.sweep_temporary(folder)
    if (folder / PARTIAL).exists():
        shutil.rmtree(folder / PARTIAL)


def _join(folder: Path, described: dict) -> None:
    # The JSON goes first and comes back last: it always describes its array. The pieces stay until
    # then, so that a kill costs none of them.
    (folder / "z_points.json").unlink(missing_ok=True)
    with _files.replacing(folder / "z_points.npy") as temporary:
        shutil.copyfile(folder / PARTIAL / "z_points.npy", temporary)
        digest = _files.sha256(temporary)
    _files.write_json(folder / "z_points.json", described | {"sha256": digest})


def read_z(folder: Path, encoder_sha256: str) -> tuple[np.ndarray, dict]:
    """Return the memory-mapped z-points, float32 (n, z_dim), and their JSON, if they belong."""
    array, described = folder / "z_points.npy", folder / "z_points.json"
    if not (array.is_file() and described.is_file()):
        raise FileNotFoundError(
            f"run {folder.name!r} has no z-points yet. Run `aelatent encode {folder.name}`."
        )
    info = _files.read_json(described)
    again = f"Run `aelatent encode {folder.name}` to make them again."
    if info.get("encoder_sha256") != encoder_sha256:
        raise ValueError(
            f"{array} does not belong to this run: its z-points were encoded with weights "
            f"{str(info.get('encoder_sha256'))[:12]}…, the run has {encoder_sha256[:12]}…. {again}"
        )
    for key in ("store", "store_fingerprint"):
        if not isinstance(info.get(key), str):
            raise ValueError(
                f"{described} is damaged: expected {key!r} to be text, got {info.get(key)!r}. "
                f"{again}"
            )
    if _files.sha256(array) != info.get("sha256"):
        raise ValueError(
            f"{array} is damaged: its bytes are not those z_points.json names. {again}"
        )
    try:
        z = _files.map_array(array)
    except ValueError as error:
        raise ValueError(f"{array} is damaged: {error}. {again}") from error
    if z.shape != (info.get("n"), info.get("z_dim")) or z.dtype != np.float32:
        raise ValueError(
            f"{array} holds {z.dtype} {z.shape}, z_points.json says otherwise. {again}"
        )
    return z, info


CALIBRATION = "calibration.csv"


def write_calibration(run, table: pd.DataFrame) -> None:
    """Keep a calibration beside its run, whole or not at all."""
    with _files.replacing(run.path / CALIBRATION) as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n")


def shipped_calibration() -> pd.DataFrame:
    """Return the calibration of the run that ships, a guide for runs that have none."""
    path = places.SHIPPED / "runs" / "portraits" / CALIBRATION
    return pd.read_csv(path, keep_default_na=False)


def read_calibration(run) -> pd.DataFrame:
    """Return the calibration kept beside a run, or the one that ships, if it is of its weights."""
    own = run.encoder_sha256
    for path in (run.path / CALIBRATION, places.SHIPPED / "runs" / run.name / CALIBRATION):
        if path.is_file():
            with reading(path):
                table = pd.read_csv(path, keep_default_na=False)  # "null" is a kind of case
            # Not one of other weights, or of the time when tables did not name them.
            if "encoder" in table and {*table["encoder"]} == {own}:
                return table
    raise FileNotFoundError(
        f"run {run.name!r} has no {CALIBRATION} of its weights yet. Make it with "
        f"`make calibrate RUN={run.name}` (about an hour and a quarter on 2 cores)."
    )
