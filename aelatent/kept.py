"""Maps of a run: t-SNE of its z-points or of their surrogate, kept on disk with what made them.

A map is computed once: ``maps/KEY.npy`` holds its coordinates, ``maps/KEY.json`` what it was made
of. The key hashes the weights, the store's fingerprint, the rows and the settings, never the
z-points' bytes, which differ between processors.
"""

import hashlib
import json
from pathlib import Path

import numpy as np

from aelatent import settings as places
from aelatent._files import (
    only_one,
    read_json,
    replacing,
    sha256,
    sweep_temporary,
    write_array,
    write_json,
)
from aelatent.latent.maps import PRESETS, Map, MapSettings, named_settings, tsne
from aelatent.latent.surrogates import SURROGATES

SURROGATE = "matched Gaussian"  # of the notebook's maps

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
SEED_POINTS = {
    "perplexity 10, exaggeration 16 (blog)": (20_000,),
    "standard settings of 2022 (blog)": (80_000, 165_000),
    "standard settings of today": (165_000,),
    "2 principal axes (blog)": (80_000, 165_000),
    "4 principal axes (blog)": (165_000,),
    "10 principal axes (blog)": (165_000,),
}


def story(total: int, scale: str | None = None) -> dict[str, list[int]]:
    """Return the numbers of z-points of each map in `STORY`, ascending and at most `total`."""
    scale = places.scale(scale)  # default: AELATENT_SCALE
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
    seed : int
        Of the choice.

    Returns
    -------
    int64 (n,)
        Rows of ``run.z``.
    """
    total = len(run.z)
    if n is None or (_is_whole(n) and n >= total):
        return np.arange(total)
    if not (_is_whole(n) and n >= 1):
        raise ValueError(f"n must be a whole number of z-points, at least 1; got {n!r}.")
    return np.sort(np.random.default_rng(seed).choice(total, n, replace=False))


def _is_whole(n) -> bool:
    return isinstance(n, (int, np.integer)) and not isinstance(n, bool)


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
    seed : int
        Of the choice of rows, and of the surrogate.

    Returns
    -------
    float32 (n, d)
        z-points, or latent vectors like them.
    """
    z = run.z[rows_of(run, n, seed)]
    return z if surrogate is None else SURROGATES[_known(surrogate)](z, len(z), seed)


def _known(surrogate: str) -> str:
    if surrogate not in SURROGATES:
        raise ValueError(f"surrogate must be one of {', '.join(SURROGATES)}; got {surrogate!r}.")
    return surrogate


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

    A map that is stopped (Ctrl-C) is returned as far as it came, and not kept.

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
    seed : int
        Of the choice of rows, the surrogate and the map.
    progress : bool
        Show a bar while it is made.

    Returns
    -------
    Map
        Coordinates, float32 (n, 2), and how they came about.

    Raises
    ------
    RuntimeError, OSError
        If another process is making the same map; if the folder cannot be written to.

    Examples
    --------
    >>> map_of(run, "seed-2022", n=5000).coordinates.shape   # doctest: +SKIP
    (5000, 2)
    """
    settings = named_settings(settings)
    total = len(run.z)  # first: it refuses a run that has none
    asked = {
        "encoder_sha256": run.info["weights"]["encoder"]["sha256"],
        "store_fingerprint": run.store.fingerprint,
        "n": len(rows_of(run, n, seed)),
        "n_total": total,
        "surrogate": surrogate and _known(surrogate),
        "seed": seed,
        "settings": settings.as_dict(),
    }
    key = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]
    folder = run.path / "maps"
    shipped = places.SHIPPED / "runs" / run.name / "maps"
    found = _read(folder, key, asked, settings) or _read(shipped, key, asked, settings)
    if found:
        return found
    with only_one(folder / f".{key}.lock", f"making map {key} of run {run.name!r}"):
        sweep_temporary(folder)
        cloud = cloud_of(run, n, surrogate=surrogate, seed=seed)
        made = tsne(cloud, settings, seed=seed, progress=progress)
        if made.complete:
            _write(folder, key, asked, made)
    return made


def _write(folder: Path, key: str, asked: dict, made: Map) -> None:
    array, described = folder / f"{key}.npy", folder / f"{key}.json"
    described.unlink(missing_ok=True)  # it must never describe another array
    with replacing(array) as temporary, open(temporary, "wb") as file:
        write_array(file, made.coordinates)
    reached = {"done": made.done, "divergence": made.divergence, "seconds": round(made.seconds, 1)}
    write_json(described, {"asked": asked, "sha256": sha256(array), **reached})


def _read(folder: Path, key: str, asked: dict, settings: MapSettings) -> Map | None:
    """Return a kept map, or None where there is none that is whole: it is then made again."""
    array, described = folder / f"{key}.npy", folder / f"{key}.json"
    if not (array.is_file() and described.is_file()):
        return None
    try:
        info = read_json(described)
    except ValueError:  # damaged: as good as none
        return None
    if info.get("asked") != asked or info.get("sha256") != sha256(array):
        return None
    reached = [info.get(name) for name in ("done", "divergence", "seconds")]
    if not all(isinstance(value, (int, float)) for value in reached):
        return None
    try:
        with open(array, "rb") as file:
            coordinates = np.lib.format.read_array(file, allow_pickle=False)
    except ValueError:  # no array of numbers, though the JSON vouches for it
        return None
    return Map(coordinates, settings, asked["seed"], *reached)
