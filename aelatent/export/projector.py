"""z-points for the Embedding Projector, of TensorBoard or at projector.tensorflow.org."""

import json
import math

import numpy as np
from PIL import Image

from aelatent._files import write_text
from aelatent._system import Bar
from aelatent.kept import rows_of

FILES = ("vectors.tsv", "metadata.tsv", "sprite.png", "projector_config.pbtxt")
PICTURES = True
MOST = 10_000  # z-points: the projector's own t-SNE takes no more
SPRITE, SIDE = 8192, 48  # pixels: of the sprite, at most; of a thumbnail in it, at most
CHUNK = 1024  # rows written at once


def write(run, folder, terms: str, progress: bool) -> str:
    """Write vectors, what is known of each, thumbnails, and what says so; say how many."""
    rows, store = rows_of(run, MOST, 0), run.store
    with (
        open(folder / "vectors.tsv", "w", encoding="ascii", newline="\n") as file,
        Bar(total=len(rows), desc="projector", unit=" rows", disable=not progress) as bar,
    ):
        for start in range(0, len(rows), CHUNK):
            part = rows[start : start + CHUNK]
            np.savetxt(file, run.z[part], fmt="%.7g", delimiter="\t")
            bar.update(len(part))
    write_text(folder / "metadata.tsv", _metadata(store.index.iloc[rows]))
    side = _sprite(store, rows, folder / "sprite.png")
    n = f"{len(rows):,} of {len(run.z):,}"
    write_text(folder / "projector_config.pbtxt", _config(f"{run.name}: {n} z-points", side))
    return (
        f"{n} z-points of run {run.name!r} for the Embedding Projector, with thumbnails: "
        "tensorboard --logdir on this folder, tab Projector"
    )


def _metadata(index) -> str:
    """Return the index as fields between tabs, without what would end a field or a line."""
    rows = [index.columns, *zip(*(index[name].astype(str) for name in index), strict=True)]
    return "".join("\t".join(" ".join(field.split()) for field in row) + "\n" for row in rows)


def _sprite(store, rows: np.ndarray, path) -> int:
    """Write the thumbnails, row by row in a square; return the side of one in pixels."""
    across = math.ceil(math.sqrt(len(rows)))
    side = min(store.size, SIDE, SPRITE // across)
    sprite = Image.new("RGB", (across * side, across * side))
    for at, row in enumerate(rows):
        small = Image.fromarray(store.images[row]).resize((side, side), Image.Resampling.BICUBIC)
        sprite.paste(small, (at % across * side, at // across * side))
    sprite.save(path, compress_level=6)
    return side


def _config(name: str, side: int) -> str:
    """Return TensorBoard's ProjectorConfig as protobuf writes it in text."""
    return (
        f"embeddings {{\n  tensor_name: {json.dumps(name)}\n"
        '  tensor_path: "vectors.tsv"\n  metadata_path: "metadata.tsv"\n'
        f'  sprite {{\n    image_path: "sprite.png"\n    single_image_dim: {side}\n'
        f"    single_image_dim: {side}\n  }}\n}}\n"
    )
