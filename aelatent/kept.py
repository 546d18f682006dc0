"""What is kept beside a run: z-points, maps and the calibration, each with what it was made of.

A map is computed once: ``maps/KEY.npy`` holds its coordinates, ``maps/KEY.json`` what it was made
of. The key hashes the weights, the store's fingerprint, the rows and the settings, never the
z-points' bytes, which differ between processors.
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
from aelatent.latent.maps import PRESETS, Map, MapSettings, named_settings, tsne
from aelatent.latent.samplers import EARLIER, SURROGATES, surrogate_name

SURROGATE = "multivariate normal"  # of the notebook's maps
#: Name -> settings of the maps of notebook 06, each made of the z-points and of `SURROGATE`.
STORY = {
    "perplexity 10, exaggeration 16 (blog)": PRESETS["seed-2022-first"],
    "standard settings of 2022 (blog)": PRESETS["seed-2022"],
    "standard settings of today": PRESETS["today"],
    "2 principal axes (blog)": PRESETS["seed-2022"].on_axes(2),
    "4 principal axes (blog)": PRESETS["seed-2022"].on_axes(4),
    "10 principal axes (blog)": PRESETS["seed-2022"].on_axes(10),
}
POINTS = {"smoke": 600, "default": 20_000}  # z-points of all these maps, by scale
#: Those of each map at the blog's counts: it used more and more of its 170,000 z-points.
SEED_POINTS = dict.fromkeys(STORY, (165_000,)) | {
    "perplexity 10, exaggeration 16 (blog)": (20_000,),
    "standard settings of 2022 (blog)": (80_000, 165_000),
    "2 principal axes (blog)": (80_000, 165_000),
}


def story(total: int, scale: str | None = None) -> dict[str, list[int]]:
    """Return the numbers of z-points of each map in `STORY`, ascending and at most `total`."""
    scale = places.scale(scale)
    counts = SEED_POINTS if scale == "seed" else dict.fromkeys(STORY, (POINTS[scale],))
    return {name: sorted({min(n, total) for n in of}) for name, of in counts.items()}


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
        "encoder_sha256": run.info["weights"]["encoder"]["sha256"],
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
        if found := _read(place, key, asked, settings):
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
    reached = {"done": made.done, "divergence": made.divergence, "seconds": round(made.seconds, 1)}
    _files.write_json(described, {"asked": asked, "sha256": _files.sha256(array), **reached})


def _read(folder: Path, key: str, asked: dict, settings: MapSettings) -> Map | None:
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
    reached = [info.get(name) for name in ("done", "divergence", "seconds")]
    if not all(isinstance(value, (int, float)) for value in reached):
        return None
    return Map(coordinates, settings, asked["seed"], *reached)


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


def read_calibration(run) -> pd.DataFrame:
    """Return the calibration kept beside a run, or the one that ships for its name."""
    for path in (run.path / CALIBRATION, places.SHIPPED / "runs" / run.name / CALIBRATION):
        if path.is_file():
            with reading(path):
                table = pd.read_csv(path, keep_default_na=False)  # "null" is a kind of case
            return table.replace({"law": EARLIER, "surrogate": EARLIER})
    raise FileNotFoundError(
        f"run {run.name!r} has no {CALIBRATION} yet. Make it with `make calibrate RUN={run.name}` "
        "(about half an hour on 2 cores)."
    )
