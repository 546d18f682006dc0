"""z-points on disk: encoded chunk by chunk, resumable, tied to their weights and their store."""

import shutil
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from aelatent._files import read_json, replacing, sha256, sweep_temporary, write_json

CHUNK = 2048  # rows encoded between two files; at most so many are lost when killed


def identity(encoder_sha256: str, store) -> dict:
    """Return what z-points belong to: the Encoder's weights and the store's pictures."""
    return {
        "encoder_sha256": encoder_sha256,
        "store": store.name,
        "store_fingerprint": store.fingerprint,
        "n": len(store),
    }


def write(folder: Path, belongs: dict, images, encode, progress: bool) -> None:
    """Encode `images` into ``z_points.npy`` and ``z_points.json``; go on after an interruption.

    Chunks are kept in ``.z_points.partial/`` until all are there. The JSON is removed before the
    old array is replaced and written after the new one, so a JSON always describes its array.
    """
    sweep_temporary(folder)
    partial = folder / ".z_points.partial"
    request = partial / "request.json"
    if partial.exists() and not (request.is_file() and read_json(request) == belongs):
        shutil.rmtree(partial)  # of other weights or another store
    partial.mkdir(exist_ok=True)
    write_json(request, belongs)
    starts = range(0, belongs["n"], CHUNK)
    with tqdm(total=belongs["n"], desc="encoding", unit="picture", disable=not progress) as bar:
        for start in starts:
            path = partial / f"{start:09d}.npy"
            stop = min(start + CHUNK, belongs["n"])
            if not path.is_file():
                with replacing(path) as temporary, open(temporary, "wb") as file:
                    np.save(file, encode(images[start:stop]))
            bar.update(stop - start)
    _join(folder, partial, starts, belongs)
    shutil.rmtree(partial)


def _join(folder: Path, partial: Path, starts, belongs: dict) -> None:
    (folder / "z_points.json").unlink(missing_ok=True)
    with replacing(folder / "z_points.npy") as temporary:
        first = np.load(partial / f"{0:09d}.npy", mmap_mode="r")
        shape = (belongs["n"], first.shape[1])
        with open(temporary, "wb") as file:
            header = {"descr": "<f4", "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
            for start in starts:
                np.load(partial / f"{start:09d}.npy").astype("<f4").tofile(file)
        digest = sha256(temporary)
    write_json(folder / "z_points.json", belongs | {"z_dim": shape[1], "sha256": digest})


def read(folder: Path, encoder_sha256: str) -> tuple[np.ndarray, dict]:
    """Return the memory-mapped z-points and their JSON, after checking that they belong.

    Raises
    ------
    FileNotFoundError
        If the run has no (finished) z-points.
    ValueError
        If they were made with other weights, or are damaged.
    """
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
    if sha256(array) != info.get("sha256"):
        raise ValueError(
            f"{array} is damaged: its bytes are not those z_points.json names. {again}"
        )
    z = np.load(array, mmap_mode="r")
    if z.shape != (info.get("n"), info.get("z_dim")) or z.dtype != np.float32:
        raise ValueError(
            f"{array} holds {z.dtype} {z.shape}, z_points.json says otherwise. {again}"
        )
    return z, info
