"""z-points on disk: encoded chunk by chunk, resumable, tied to their weights and their store."""

import hashlib
import io
import shutil
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from aelatent._files import (
    read_json,
    replacing,
    sha256,
    sweep_temporary,
    write_array,
    write_json,
)

CHUNK = 2048  # rows encoded between two files; at most so many are lost when killed
PARTIAL = ".z_points.partial"  # folder of the chunks, beside the z-points


def identity(encoder_sha256: str, store) -> dict:
    """Return what z-points belong to: the Encoder's weights and the store's pictures."""
    return {
        "encoder_sha256": encoder_sha256,
        "store": store.name,
        "store_fingerprint": store.fingerprint,
        "n": len(store),
    }


def write(folder: Path, belongs: dict, images, encode, progress: bool) -> None:
    """Encode `images` into ``z_points.npy`` and ``z_points.json``; go on after an interruption."""
    sweep_temporary(folder)
    partial = folder / PARTIAL  # chunks are kept here until all are there
    request = partial / "request.json"
    if partial.exists() and _request_of(request) != belongs:
        shutil.rmtree(partial)  # of other weights or another store, or stopped before it was whole
    partial.mkdir(exist_ok=True)
    write_json(request, belongs)
    starts = range(0, belongs["n"], CHUNK)
    with tqdm(total=belongs["n"], desc="encoding", unit="picture", disable=not progress) as bar:
        for start in starts:
            stop = min(start + CHUNK, belongs["n"])
            if _chunk(partial, start) is None:
                _keep(partial, start, encode(images[start:stop]))
            bar.update(stop - start)
    _join(folder, [_chunk(partial, start) for start in starts], belongs)
    tidy(folder)


def _request_of(path: Path) -> dict | None:
    try:
        return read_json(path)
    except (ValueError, FileNotFoundError):
        return None


def _keep(partial: Path, start: int, z: np.ndarray) -> None:
    """Write a chunk; its name carries a hash of its bytes, so that damage is noticed."""
    content = io.BytesIO()
    write_array(content, z)
    digest = hashlib.sha256(content.getbuffer()).hexdigest()[:16]
    with replacing(partial / f"{start:09d}-{digest}.npy") as temporary:
        temporary.write_bytes(content.getbuffer())


def _chunk(partial: Path, start: int) -> Path | None:
    """Return the chunk that begins at row `start`, or None where there is none that is whole."""
    found = partial.glob(f"{start:09d}-*.npy")
    return next((path for path in found if path.stem[10:] == sha256(path)[:16]), None)


def is_tidy(folder: Path) -> bool:
    """Tell whether nothing is left of an encoding that was killed."""
    return not (folder / PARTIAL).exists() and not any(folder.glob(".*.tmp"))


def tidy(folder: Path) -> None:
    """Remove what an encoding leaves that is killed after its end; hold the run's lock."""
    sweep_temporary(folder)
    if (folder / PARTIAL).exists():
        shutil.rmtree(folder / PARTIAL)


def _join(folder: Path, chunks: list[Path], belongs: dict) -> None:
    # The JSON goes first and comes back last: it always describes its array.
    (folder / "z_points.json").unlink(missing_ok=True)
    with replacing(folder / "z_points.npy") as temporary:
        first = np.load(chunks[0], mmap_mode="r")
        shape = (belongs["n"], first.shape[1])
        with open(temporary, "wb") as file:
            header = {"descr": "<f4", "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
            for chunk in chunks:
                file.write(np.load(chunk).astype("<f4").tobytes())
        digest = sha256(temporary)
    write_json(folder / "z_points.json", belongs | {"z_dim": shape[1], "sha256": digest})


def read(folder: Path, encoder_sha256: str) -> tuple[np.ndarray, dict]:
    """Return the memory-mapped z-points, float32 (n, z_dim), and their JSON, if they belong."""
    array, described = folder / "z_points.npy", folder / "z_points.json"
    if not (array.is_file() and described.is_file()):
        raise FileNotFoundError(
            f"run {folder.name!r} has no z-points yet. Run `aelatent encode {folder.name}`."
        )
    info = read_json(described)
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
    if sha256(array) != info.get("sha256"):
        raise ValueError(
            f"{array} is damaged: its bytes are not those z_points.json names. {again}"
        )
    try:
        z = np.lib.format.open_memmap(array, mode="r")
    except ValueError as error:
        raise ValueError(f"{array} is damaged: {error}. {again}") from error
    if z.shape != (info.get("n"), info.get("z_dim")) or z.dtype != np.float32:
        raise ValueError(
            f"{array} holds {z.dtype} {z.shape}, z_points.json says otherwise. {again}"
        )
    return z, info
