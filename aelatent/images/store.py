"""ImageStore: packed pictures on disk, with their index; its row is the one truth of order."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

from aelatent._checks import check_one_of, check_whole
from aelatent._files import map_array, read_json, sha256
from aelatent._system import Bar, reading
from aelatent.images.packing import FILES, pack_into
from aelatent.images.pictures import check_crop
from aelatent.images.sources import Source
from aelatent.settings import check_name, data_dir

# A store is a folder ``stores/NAME`` of four files:
#   images.npy   uint8 (n, size, size, 3), memory-mapped
#   index.csv    row, image_id, split, then attributes or factors
#   skipped.csv  file, reason: what could not be used
#   store.json   source, crop, size, counts, notes, fingerprint, versions

_KEYS = {
    "size": int,
    "count": int,
    "columns": dict,
    "fingerprint": str,
    "pictures_sha256": str,
    "index_sha256": str,
    "request": dict,
}


def pack(
    source: Source,
    name: str,
    *,
    size: int = 96,
    crop=None,
    workers: int | None = None,
    data=None,
    progress: bool = True,
) -> "ImageStore":
    """Pack the pictures of a source into a store; go on where an interrupted call stopped.

    The result is the same, byte for byte, whether the call was interrupted or not and however
    many workers there were. A store that is whole already is returned at once.

    Parameters
    ----------
    source : Source
        From `open_source`.
    name : str
        Name of the store.
    size : int
        Side of the pictures in pixels, 8 to 1024.
    crop : "center" or float or (left, top, right, bottom), optional
        A number in (0, 1]: the centered square of that share of the shorter side (``"center"``: 1).
        Four whole numbers: that box, in pixels, stretched where it is no square. Default: the
        source's own.
    workers : int, optional
        Number of threads; default: all cores.
    data : path, optional
        Folder of stores and runs; default: `settings.data_dir()`.
    progress : bool
        Show a bar.

    Returns
    -------
    ImageStore
        The whole store.

    Raises
    ------
    RuntimeError, OSError
        If another process is packing the same store; if the disk is full or would be. What was
        packed is kept for the next call.

    Examples
    --------
    >>> from aelatent.images import open_source
    >>> pack(open_source("portraits", n=3), "few", size=32)   # doctest: +SKIP
    <ImageStore few: 3 pictures of 32 x 32>
    """
    stores = _stores(data)
    check_name(name, "store")
    size = check_whole("size", size, 8, 1024, hint="It is the side of a picture in pixels.")
    if workers is not None:
        check_whole("workers", workers, 1, hint="Leave it out for all cores.")
    crop = check_crop(source.default_crop if crop is None else crop)
    pack_into(stores / name, source, size=size, crop=crop, workers=workers, progress=progress)
    return ImageStore.open(stores / name)


class ImageStore:
    """Packed pictures with their index; made by `pack`, opened by `ImageStore.open`.

    Attributes
    ----------
    name, path : str, pathlib.Path
        The folder's name, and the folder.
    size : int
        Side of the pictures in pixels.
    fingerprint : str
        64 hexadecimal digits: a hash of generator version, seed, count and size of drawn
        pictures; of index and pictures' bytes of others.
    info : dict
        The content of ``store.json``.
    images : numpy.memmap
        uint8 (n, size, size, 3), read-only.
    index : pandas.DataFrame
        Columns row, image_id, split (empty where the source has none), then attributes or factors.
    skipped : pandas.DataFrame
        Columns file, reason.
    """

    def __init__(self, path: Path, info: dict, images: np.ndarray, index, skipped):
        self.path, self.name = path, path.name
        self.info, self.size, self.fingerprint = info, info["size"], info["fingerprint"]
        self.images, self.index, self.skipped = images, index, skipped

    @classmethod
    def open(cls, name_or_path, data=None) -> "ImageStore":
        """Open a store and check that its files belong together; pictures are mapped, not read.

        `name_or_path` is a name in the data folder (`data`, by default `settings.data_dir()`), or a
        path: a `pathlib.Path`, or a string with a separator.
        """
        path = _locate(name_or_path, data)
        missing = [file for file in FILES if not (path / file).is_file()]
        if missing:
            raise FileNotFoundError(f"store {path} lacks {', '.join(missing)}; {_REMAKE}")
        info = _read_info(path / "store.json")
        images = _map_images(path / "images.npy", info)
        index = read_index(path / "index.csv", info)
        skipped = _read_csv(path / "skipped.csv", {"file": "str", "reason": "str"})
        return cls(path, info, images, index, skipped)

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.images)

    def __str__(self) -> str:
        counts = self.index["split"].value_counts()
        splits = ", ".join(f"{n:,} {name}" for name, n in counts.items() if name)
        splits = f" ({splits})" if splits else ""
        first = (
            f"store {self.name}: {len(self):,} pictures of {self.size} x {self.size}{splits}, "
            f"{self.attributes.shape[1]} attributes, {len(self.skipped):,} skipped, in {self.path}"
        )
        return "\n  note: ".join([first, *self.info["notes"]])

    def __repr__(self) -> str:
        return f"<ImageStore {self.name}: {len(self):,} pictures of {self.size} x {self.size}>"

    @property
    def attributes(self) -> pd.DataFrame:
        """The attributes or factors alone, a row per picture."""
        return self.index.drop(columns=["row", "image_id", "split"])

    def rows(self, split: str) -> np.ndarray:
        """Return the rows of split "train", "val" or "test": int64 (k,), ascending, maybe none."""
        check_one_of("split", split, ("train", "val", "test"))
        return np.flatnonzero(self.index["split"] == split)

    def verify(self, progress: bool = True) -> None:
        """Read every byte and compare it with the hashes in ``store.json``; refuse a difference."""
        if sha256(self.path / "index.csv") != self.info["index_sha256"]:
            raise ValueError(f"{self.path / 'index.csv'} has changed since it was made; {_REMAKE}")
        digest = hashlib.sha256()
        for image in Bar(self.images, "verifying", unit=" pictures", disable=not progress):
            digest.update(hashlib.sha256(image).digest())
        if digest.hexdigest() != self.info["pictures_sha256"]:
            raise ValueError(f"{self.path / 'images.npy'} has changed since it was made; {_REMAKE}")


_REMAKE = "move the folder elsewhere and make the store again."


def _stores(data):
    return (data_dir() if data is None else Path(data).expanduser().absolute()) / "stores"


def _locate(name_or_path, data):
    if isinstance(name_or_path, Path) or set("/\\") & set(str(name_or_path)):
        path = Path(name_or_path).expanduser().absolute()
    else:
        path = _stores(data) / check_name(name_or_path, "store")
    if path.is_dir():
        return path
    if (path.parent / f".{path.name}.partial").is_dir():
        raise FileNotFoundError(
            f"store {path} is not finished; repeat the call that made it, it goes on from there."
        )
    have = sorted(p.parent.name for p in path.parent.glob("[!.]*/store.json"))
    raise FileNotFoundError(
        f"there is no store {path}; {'there are: ' + ', '.join(have) if have else 'there is none'}."
        " Make one with `aelatent data`, for instance `aelatent data portraits`."
    )


def _read_info(path):
    info = read_json(path)
    for key, kind in _KEYS.items():
        if not isinstance(info.get(key), kind):
            raise ValueError(
                f"{path} is damaged: expected {key!r} to be of type {kind.__name__}, got "
                f"{info.get(key)!r}; {_REMAKE}"
            )
    return info


def _map_images(path, info):
    try:
        images = map_array(path)
    except (ValueError, EOFError) as error:
        raise ValueError(f"{path} is damaged: {error}; {_REMAKE}") from error
    shape = (info["count"], info["size"], info["size"], 3)
    if images.dtype != np.uint8 or images.shape != shape or not images.flags.c_contiguous:
        raise ValueError(
            f"{path} does not belong to its store.json: expected uint8 {shape}, got "
            f"{images.dtype} {images.shape}; {_REMAKE}"
        )
    return images


def read_index(path, info):
    """Read an index; `info` holds its count and the types of its columns."""
    dtypes = {"row": "int64", "image_id": "str", "split": "str", **info["columns"]}
    index = _read_csv(path, dtypes)
    if len(index) != info["count"] or (index["row"] != np.arange(len(index))).any():
        raise ValueError(
            f"{path} is damaged: expected rows 0 to {info['count'] - 1} in order, found "
            f"{len(index)} rows; {_REMAKE}"
        )
    if index["image_id"].duplicated().any():
        raise ValueError(f"{path} is damaged: an image_id stands in it twice; {_REMAKE}")
    return index


def _read_csv(path, dtypes):
    """Read a CSV whose columns are known; "NA" and "000001" are text and stay as they are."""
    numbers = {column: [""] for column, dtype in dtypes.items() if dtype != "str"}
    try:
        with reading(path):
            frame = pd.read_csv(path, dtype=dtypes, keep_default_na=False, na_values=numbers)
    except (ValueError, TypeError) as error:  # TypeError: store.json names a column type of none
        raise ValueError(f"{path} is damaged: {error}; {_REMAKE}") from error
    if list(frame.columns) != list(dtypes):
        raise ValueError(
            f"{path} is damaged: expected the columns {list(dtypes)[:6]}..., got "
            f"{list(frame.columns)[:6]}...; {_REMAKE}"
        )
    return frame
