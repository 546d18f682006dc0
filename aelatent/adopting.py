"""Runs from elsewhere are made: a model is probed on pictures and copied; z-points are checked.

The folder of such a run appears under its name when all is in it.
"""

import contextlib
import hashlib
import shutil
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from aelatent import _files, kept
from aelatent._checks import check_each, check_enough, check_finite, check_varies
from aelatent.elsewhere import HALVES, INDEX
from aelatent.images.arrays import Pictures
from aelatent.images.packing import index_of, write_csv
from aelatent.images.sources import open_source
from aelatent.images.store import ImageStore, pack
from aelatent.model.adopted import (
    COLORS,
    OVER,
    OVER_SHARE,
    RANGES,
    AdoptedCoder,
    AdoptedConfig,
    called,
    check_takes,
    shown,
    which,
)
from aelatent.model.networks import open_network
from aelatent.model.record import COMPLETED, ELSEWHERE

PROBED = 8  # pictures
LEAST = 40  # z-points
AGAIN = 8  # components of the probed z-points by which functions are known again


@contextlib.contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """Yield a folder that gets the name of the run when the block ends well."""
    partial = folder.parent / f".{folder.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def adopt(folder: Path, encoder, decoder, store: ImageStore, stated: dict) -> AdoptedCoder:
    """Make the run of a model from elsewhere in `folder`; return its coder."""
    files = not (callable(encoder) or callable(decoder))
    if folder.exists() and (files or not _is_of_session(folder)):
        raise ValueError(
            f"there is a run {folder.name!r} already, in {folder.parent}. Choose another name."
        )
    with _whole(folder) if not folder.exists() else contextlib.nullcontext() as partial:
        given, entries = [encoder, decoder], [{"file": None}, {"file": None}]
        if files:
            for k, path in enumerate(map(Path, given)):
                if path.is_file():
                    given[k] = partial / f"{HALVES[k]}{path.suffix.lower()}"
                    shutil.copyfile(path, given[k])
                    entries[k] = {"file": given[k].name, "sha256": _files.sha256(given[k])}
        networks = [open_network(g, h.title()) for g, h in zip(given, HALVES, strict=True)]
        rows = np.linspace(0, len(store) - 1, min(PROBED, len(store))).astype(int)
        pictures = store.images[np.unique(rows)]
        coder, z, decoded = _probe(pictures, networks, stated)
        few = z[:, :AGAIN].tolist()
        if partial is None:
            known = np.array(_files.read_json(folder / "run.json")["probe"]["z"])
            if known.shape != np.shape(few) or not np.allclose(known, few, 1e-3, 1e-4):
                raise ValueError(
                    f"run {folder.name!r} was adopted from other functions: they encode pictures "
                    "otherwise. Choose another name."
                )
            return coder
        if not files:
            digest = hashlib.sha256(np.float32(z).tobytes()).hexdigest()
            entries = [entry | {"sha256": digest} for entry in entries]
        x = pictures / np.float32(255)
        error, plain = np.mean((decoded - x) ** 2), np.mean((x.mean(axis=0) - x) ** 2)
        sheet = np.concatenate([np.concatenate([*one], axis=1) for one in (x, decoded)])
        Image.fromarray(np.uint8(np.rint(255 * sheet))).save(partial / "probe.png")
        _files.write_json(
            partial / "run.json",
            {
                "format": ELSEWHERE,
                "status": COMPLETED,
                "message": None,
                "adopted": coder.config.to_dict() | dict(zip(HALVES, entries, strict=True)),
                "store": {"name": store.name, "fingerprint": store.fingerprint},
                "probe": {"error": float(error), "mean_picture": float(plain), "z": few},
            },
        )
    return coder


def _is_of_session(folder: Path) -> bool:
    info = _files.read_json(folder / "run.json") if (folder / "run.json").is_file() else {}
    return "adopted" in info and info["adopted"]["encoder"]["file"] is None


def _probe(pictures: np.ndarray, networks, stated: dict):
    """Return the coder, and z-points and decoded pictures; refuse what does not fit."""
    size, x = pictures.shape[1], pictures / np.float32(255)
    shape = stated.get("latent_shape")
    first = {"size": size, "z_dim": 1, "latent_shape": (1,)}
    config = AdoptedConfig.from_dict({**stated, **first})
    check_takes("Encoder", networks[0], config.shaped())
    outputs = called("Encoder", networks[0], shown(config, x))
    z = outputs[which(networks[0].names, len(outputs), config.latent)]
    if z.ndim < 2 or len(z) != len(x):
        raise ValueError(
            f"the Encoder gave shape {z.shape} for {len(x)} pictures; expected (n, d), or of a "
            "spatial latent (n, h, w, c)."
        )
    shape = tuple(shape or z.shape[1:])
    config = replace(config, z_dim=z[0].size, latent_shape=shape)
    check_takes("Decoder", networks[1], shape)
    coder = AdoptedCoder(config, *networks)
    z = coder.encode(pictures)
    _check_numbers("Encoder", z)
    if not np.allclose(z, coder.encode(pictures), 1e-3, 1e-4):
        raise ValueError(
            "the Encoder gives other z-points each time: it draws them at random. Give the output "
            "before the drawing, of a VAE the mean, by latent= (--latent) or as its last layer."
        )
    check_varies(len(z), bool(np.ptp(z, axis=0).any()) or len(z) == 1)
    raw = coder.raw(z)
    _check_numbers("Decoder", raw)
    _check_range(coder, x, z, raw)
    return coder, z, raw.clip(0, 1)


def _check_numbers(part: str, values: np.ndarray) -> None:
    if wrong := np.count_nonzero(~np.isfinite(values)):
        raise ValueError(
            f"the {part} gave {wrong} of {values.size} numbers that are not finite. Check the "
            "file, and the range of the pictures."
        )


def _check_range(coder: AdoptedCoder, x: np.ndarray, z: np.ndarray, raw: np.ndarray) -> None:
    """Refuse decoded pictures outside of the stated range; warn of what seems wrong."""
    out = np.mean((raw < -OVER) | (raw > 1 + OVER))
    error, plain = np.mean((raw.clip(0, 1) - x) ** 2), np.mean((x.mean(axis=0) - x) ** 2)
    better = _better(coder, x, error)
    if out <= OVER_SHARE and error <= plain and not better:
        return
    low, high = coder.config.value_range
    if out > OVER_SHARE:
        by, plus = coder.config.scaling
        own = raw * by + plus
        raise ValueError(
            f"decoded pictures reach from {own.min():.3g} to {own.max():.3g}, {out:.0%} of them "
            f"far outside of what was stated ({low:g}..{high:g}, mean {coder.config.mean}, sd "
            f"{coder.config.sd}). {better or 'State value_range (--range) as the model has it.'}"
        )
    warnings.warn(
        f"the model's error on {len(x)} pictures is {error:.4f}, their mean picture's {plain:.4f}. "
        f"{better or 'Compare probe.png with what the model should do.'}",
        stacklevel=5,
    )


def _better(coder: AdoptedCoder, x: np.ndarray, error: float) -> str:
    """Say which range or order of colors would decode with less than half of the error."""
    found = {}
    for low, high in RANGES:
        for colors in COLORS:
            other = replace(
                coder.config, value_range=(low, high), mean=None, sd=None, colors=colors
            )
            tried = AdoptedCoder(other, *coder._networks)
            with contextlib.suppress(Exception):
                decoded = tried.raw(tried.encode(x))
                if np.mean((decoded < -OVER) | (decoded > 1 + OVER)) <= OVER_SHARE:
                    found[low, high, colors] = np.mean((decoded.clip(0, 1) - x) ** 2)
    best = min(found, key=found.get, default=None)
    if best is None or not found[best] < error / 2:
        return ""
    low, high, colors = best
    return (
        f"It looks like range {low:g}..{high:g} and {colors}, with an error of {found[best]:.4f}: "
        f"state value_range=({low:g}, {high:g}), colors={colors!r} (--range {low:g} {high:g} "
        f"--colors {colors})."
    )


def of_points(folder: Path, z, index, images, data: Path) -> None:
    """Make the run of z-points that came alone, in `folder`."""
    z = check_finite(_numbers_of(z))
    check_enough(len(z), LEAST, "a run", "Pass more z-points.")
    z = np.ascontiguousarray(z, np.float32)
    check_varies(len(z), bool((z[1:] != z[0]).any()))
    if folder.exists():
        raise ValueError(
            f"there is a run {folder.name!r} already, in {folder.parent}. Choose another name."
        )
    table, store = _table(index, len(z)), None
    if images is not None:
        store = _store_of(images, table, len(z), folder.name, data, index is not None)
    listed, columns = index_of(table, [*table.index])
    digest = hashlib.sha256(z.tobytes()).hexdigest()
    points = {"n": len(z), "z_dim": z.shape[1], "sha256": digest, "columns": columns}
    info = {"format": ELSEWHERE, "status": COMPLETED, "message": None, "points": points}
    of = {"encoder_sha256": digest, "store": "", "store_fingerprint": "", "n": len(z)}
    if store is not None:
        info["store"] = {"name": store.name, "fingerprint": store.fingerprint}
        points["size"] = store.size
        of |= {"store": store.name, "store_fingerprint": store.fingerprint}
    with _whole(folder) as partial:
        if store is None:
            write_csv(partial / INDEX, listed)
        kept.write_z(partial, of, z, np.asarray, False)
        _files.write_json(partial / "run.json", info)


def _numbers_of(z) -> np.ndarray:
    if isinstance(z, (str, Path)):
        path = Path(z)
        if path.suffix == ".npy":
            return _files.map_array(path)
        if path.suffix != ".parquet":
            raise ValueError(f"{path} is not read; expected z-points as .npy or .parquet.")
        try:
            z = pd.read_parquet(path)
        except ImportError as error:
            raise ImportError(
                f"{path.name} needs pyarrow, which is not installed. Run `pip install pyarrow`, "
                "or save the z-points as .npy."
            ) from error
    if isinstance(z, pd.DataFrame):
        text = [str(name) for name in z if not pd.api.types.is_numeric_dtype(z[name])]
        if text:
            raise ValueError(
                f"z-points are numbers; columns {text[:5]} are not. Leave them out, or pass them "
                "as index."
            )
        z = z.to_numpy(np.float64, na_value=np.nan)
    return z


def _table(index, n: int) -> pd.DataFrame:
    """Return the table of z-points, its index their names."""
    table = pd.DataFrame(index=range(n)) if index is None else pd.DataFrame(index).copy()
    check_each("a row of the index", table, n, "z-points", "Pass both in the same order.")
    names = table.pop("image_id") if "image_id" in table else [f"point-{k:06d}" for k in range(n)]
    table = table.drop(columns="row", errors="ignore").set_axis([*map(str, names)])
    if table.index.has_duplicates:
        raise ValueError("image_id of the index must name each z-point once; some stand twice.")
    for name in table.columns.drop("split", errors="ignore"):
        if not pd.api.types.is_numeric_dtype(table[name]):
            raise ValueError(
                f"column {name!r} of the index holds {table[name].dtype}; expected numbers: 0 and "
                "1 for what a picture has or has not. Leave it out, or convert it."
            )
        if pd.api.types.is_bool_dtype(table[name]):
            table[name] = table[name].astype(int)
    return table


def _store_of(images, table, n: int, name: str, data: Path, indexed: bool) -> ImageStore:
    if isinstance(images, ImageStore):
        if indexed:
            raise ValueError("a store has its own index; got another one. Leave index out.")
        store = images
    elif isinstance(images, (str, Path)):
        store = pack(open_source("folder", images), name, data=data, progress=False)
    else:
        images = np.asanyarray(images)
        check_each("a picture", images, n, "z-points", "Pass both in the same order.")
        source = Pictures(images, table)
        store = pack(source, name, size=min(images.shape[1:3]), data=data, progress=False)
    check_each("a picture of the store", store, n, "z-points", "Pass both in the same order.")
    return store
