"""A run as one table: what is known of each picture, its z-point, its place on maps, and itself."""

import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from aelatent import kept, settings as places
from aelatent._files import read_json
from aelatent._system import Bar
from aelatent.latent.maps import PRESETS, STORY, MapSettings

FILES = ("run.parquet",)
PICTURES = True
ROWS = 1024  # of a group: some 20 MB in memory, of pictures of 96 x 96
AXES = 10  # leading principal coordinates
QUALITY = 95  # of JPEG: half of PNG's bytes
# How Hugging Face's datasets knows that a column of bytes and path holds pictures.
FEATURES = {"info": {"features": {"image": {"_type": "Image"}}}}


def write(run, folder, terms: str, progress: bool) -> str:
    """Write the table, a group of rows at a time; say what it holds."""
    n, store = len(run.z), run.store
    maps = maps_of_all(run)
    known = _index(store.index, maps)
    schema = _schema(run, known, maps, terms)
    options = {"compression": dict.fromkeys(_leaves(schema), "zstd")}
    options["use_dictionary"] = ["split"]
    with (
        open(folder / FILES[0], "wb") as file,  # which tells of a full disk in Python's words
        pq.ParquetWriter(file, schema, **options) as table,
        Bar(total=n, desc="parquet", unit=" rows", disable=not progress) as bar,
    ):
        for group in _groups(run, known, maps, schema):
            table.write_table(group)
            bar.update(len(group))
    told = ", ".join(maps) or "none of all z-points was kept"
    return (
        f"a table of the {n:,} z-points of run {run.name!r}, with the pictures of store "
        f"{store.name!r} as JPEG; t-SNE maps: {told}"
    )


def maps_of_all(run) -> dict[str, np.ndarray]:
    """Return name -> coordinates, float32 (n, 2), of the kept maps of all z-points."""
    shared = {
        "encoder_sha256": run.encoder_sha256,
        "store_fingerprint": run.store.fingerprint,
        "n": len(run.z),
        "n_total": len(run.z),
        "surrogate": None,
    }
    found = {}
    for folder in (run.path / "maps", places.SHIPPED / "runs" / run.name / "maps"):
        for file in sorted(folder.glob("*.json")):
            try:
                asked = read_json(file).get("asked", {})
                if not shared.items() <= asked.items():
                    continue
                settings = MapSettings(**asked["settings"])
            except (ValueError, TypeError, KeyError):  # no map, or one of another version
                continue
            made = kept.read_map(folder, file.stem, asked, settings)
            if made is not None and made.coordinates.shape == (len(run.z), 2):
                found.setdefault(_map_name(settings, asked["seed"], file.stem), made.coordinates)
    return dict(sorted(found.items()))


def _map_name(settings: MapSettings, seed: int, key: str) -> str:
    """Return what the columns of a map begin with."""
    named = {value: name for name, value in (STORY | PRESETS).items()}
    name = named.get(settings, key)
    name = "".join(letter if letter.isalnum() else "_" for letter in name).replace("__", "_")
    return f"tsne_{name}" + (f"_seed_{seed}" if seed else "")


def _index(index: pd.DataFrame, maps: dict) -> pd.DataFrame:
    """Return the store's index; an attribute gives way where a column of ours has its name."""
    ours = {"z", "image", *(f"pc_{k + 1}" for k in range(AXES))}
    ours |= {f"{name}_{c}" for name in maps for c in "xy"}
    return index.rename(columns={name: f"attribute_{name}" for name in ours & {*index.columns}})


def _schema(run, known: pd.DataFrame, maps: dict, terms: str) -> pa.Schema:
    fields = [
        pa.field(field.name, pa.string() if pa.types.is_large_string(field.type) else field.type)
        for field in pa.Schema.from_pandas(known, preserve_index=False)
    ]
    fields.append(pa.field("z", pa.list_(pa.float32())))
    numbers = [f"pc_{k + 1}" for k in range(min(AXES, run.config.z_dim))]
    numbers += [f"{name}_{c}" for name in maps for c in "xy"]
    fields += [pa.field(name, pa.float32()) for name in numbers]
    fields.append(pa.field("image", pa.struct({"bytes": pa.binary(), "path": pa.string()})))
    told = {"run": run.name, "encoder": run.encoder_sha256, "terms": terms}
    return pa.schema(fields, {"huggingface": json.dumps(FEATURES), "aelatent": json.dumps(told)})


def _leaves(schema: pa.Schema) -> list[str]:
    """Return the columns that compress; JPEG is compressed already."""
    return [field.name for field in schema if field.name not in ("image", "z")] + ["z.list.element"]


def _groups(run, known, maps, schema) -> Iterator[pa.Table]:
    images, z, axes = run.store.images, run.z, run.axes
    leading = pa.schema([schema.field(name) for name in known.columns])
    with ThreadPoolExecutor() as pool:
        for start in range(0, len(z), ROWS):
            rows = slice(start, min(start + ROWS, len(z)))
            told = pa.Table.from_pandas(known.iloc[rows], leading, preserve_index=False)
            part = np.ascontiguousarray(z[rows])
            ends = np.arange(0, part.size + 1, part.shape[1], dtype=np.int32)
            vectors = pa.ListArray.from_arrays(ends, part.ravel())
            plane = [axes.forward(part)[:, :AXES], *(places[rows] for places in maps.values())]
            numbers = [pa.array(column) for column in np.hstack(plane).astype(np.float32).T.copy()]
            files = [pa.array(pool.map(_jpeg, images[rows]), pa.binary())]
            files.append(pa.array([f"{row:06d}.jpg" for row in range(rows.start, rows.stop)]))
            pictures = pa.StructArray.from_arrays(files, ["bytes", "path"])
            yield pa.Table.from_arrays([*told, vectors, *numbers, pictures], schema=schema)


def _jpeg(picture: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "jpeg", quality=QUALITY, subsampling=0)
    return file.getvalue()
