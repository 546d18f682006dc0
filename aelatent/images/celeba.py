"""Tables of CelebA: found beside the pictures, parsed strictly, joined by image name."""

import array
from pathlib import Path
from posixpath import splitext

import numpy as np
import pandas as pd

from aelatent._system import Bar
from aelatent.images.containers import Archive, Tree, base, first_of_each, slashed
from aelatent.images.pictures import describe
from aelatent.images.sources import FileSource, no_pictures

#: Largest table that is read; the official list of attributes has 26 MB.
MAX_TABLE_BYTES = 128 * 2**20


def find_table(container, stem: str) -> tuple[str, bytes] | None:
    """Find a .txt or .csv table by name; return where it was, for messages, and its content."""
    # inside the archive or folder first, then beside it, then one level up, there also in the
    # folders of the official set; .txt before .csv
    wanted = (f"{stem}.txt", f"{stem}.csv")
    inside = [name for name in container.others if base(name) in wanted]
    if inside:
        name = min(inside, key=lambda name: (name.count("/"), not name.endswith(".txt"), name))
        return f"{name} in {container.path}", container.text(name, MAX_TABLE_BYTES)
    beside = container.path.absolute().parent
    folders = [f / inner for f in (beside, beside.parent) for inner in (".", "Anno", "Eval")]
    for path in [folder / name for folder in folders for name in wanted]:
        if path.is_file():
            if path.stat().st_size > MAX_TABLE_BYTES:
                raise ValueError(f"{path} is larger than {MAX_TABLE_BYTES} bytes: no table.")
            return str(path), path.read_bytes()
    return None


def parse_table(data: bytes, where: str, columns: list[str] | None = None) -> pd.DataFrame:
    """Parse a table of whole numbers, one row per image: int64, indexed by its name in the file."""
    # The official text form: a line with the count and one with the names, or neither, columns
    # split by white space; or CSV with a header, of commas or semicolons. `columns` replaces the
    # header's names. Folders in the names of images are left out.
    rows, count, header = _rows_of(data, where)
    notes = []
    if count is not None and count != len(rows):
        notes.append(f"{Path(where).name}: its first line says {count} rows, found {len(rows)}")
    names = columns or header
    if names is None:
        raise ValueError(f"{where} has no line with the names of its columns; {_EXPECTED}")
    if header is not None and len(header) != len(names):
        raise ValueError(f"{where} has {len(header)} columns, expected {len(names)}: {names}.")
    if len(set(names)) != len(names):
        raise ValueError(f"{where} names a column twice: {names}. {_EXPECTED}")
    images, values = [], array.array("q")
    for line, fields in Bar(rows, Path(where).name, unit=" rows", delay=2):
        if len(fields) != len(names) + 1:
            raise ValueError(
                f"{where}, line {line}: {len(fields)} columns, expected {len(names) + 1} (the "
                f"image's name and {len(names)} values). {_REPAIR}"
            )
        try:
            values.extend(map(int, fields[1:]))
        except (ValueError, OverflowError):
            raise ValueError(
                f"{where}, line {line}: expected whole numbers after the image's name, got "
                f"{fields[1:][:5]}. {_REPAIR}"
            ) from None
        images.append(base(slashed(fields[0])))
    grid = np.frombuffer(values, np.int64).reshape(len(images), len(names))
    table = _without_doubles(pd.DataFrame(grid, index=images, columns=names), where, notes)
    table.attrs["notes"] = notes  # what was odd but harmless
    return table


_REPAIR = "Fetch the table again, or move it elsewhere to go on without it."
_EXPECTED = "Expected the official text table or a CSV with a header. " + _REPAIR


def _rows_of(data, where):
    """Return numbered rows of fields, the count line's number and the header's names."""
    if b"HTML" in (what := describe(data)).encode() or b"\0" in data:
        raise ValueError(f"{where} is no table: {what}. {_EXPECTED}")
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f"{where} is no table: {error}. {_EXPECTED}") from None
    first = next((line for line in lines if line.strip()), "")
    comma = next((mark for mark in ";," if mark in first), None)
    rows = []
    for number, line in enumerate(lines, 1):
        fields = [f.strip().strip('"') for f in line.split(comma)]
        if any(fields):
            rows.append((number, fields))
    count = header = None
    if rows and len(rows[0][1]) == 1 and rows[0][1][0].isdecimal():
        count = int(rows.pop(0)[1][0])
        header = rows.pop(0)[1] if rows else []
    elif rows and not rows[0][1][-1].lstrip("+-").isdecimal():
        header = rows.pop(0)[1]
    if header and header[0] in _NUMBERED and rows and _is_numbered(*rows[0][1][:2]):
        header, rows = header[1:], [(number, fields[1:]) for number, fields in rows]
    if header and (comma or header[0] == "image_id"):
        header = header[1:]
    if not rows:
        raise ValueError(f"{where} is no table: it has no rows. {_EXPECTED}")
    return rows, count, header


_NUMBERED = ("", "Unnamed: 0")  # the first column of what pandas wrote with its index


def _is_numbered(first, second=""):
    """Tell whether a row begins with its number and not with an image's name."""
    return first.isdecimal() and not second.lstrip("+-").isdecimal()


def _without_doubles(table, where, notes):
    double = table.index.duplicated(keep="first")
    plain, again = table[~double], table[double]
    differs = (plain.loc[again.index].to_numpy() != again.to_numpy()).any(axis=1)
    if differs.any():
        raise ValueError(
            f"{where} names {again.index[differs][0]} twice with different values. {_REPAIR}"
        )
    if len(again):
        notes.append(f"{Path(where).name}: {len(again)} rows stand in it twice")
    return plain


def join(table: pd.DataFrame, image_ids: list[str], where: str) -> pd.DataFrame:
    """Bring a table into the order of the images, by name; Int64, missing where it has no row."""
    # without their suffixes, so that the tables serve the PNG edition as well
    wanted = [splitext(name)[0] for name in image_ids]
    named = table.set_axis([splitext(name)[0] for name in table.index])
    named = named[~named.index.duplicated()]
    if not named.index.isin(wanted).any():
        raise ValueError(
            f"{where} has no row for any of the {len(image_ids)} images: it names "
            f"{table.index[0]!r}, the images are named like {image_ids[0]!r}. Use the table that "
            "belongs to them, or move it elsewhere to go on without it."
        )
    joined = named.astype("Int64").reindex(wanted)
    joined.index = pd.Index(image_ids)
    return joined


OFFICIAL_COUNT = 202_599
OFFICIAL_ATTRIBUTES = 40
SPLITS = {0: "train", 1: "val", 2: "test"}  # as in list_eval_partition
_FOLDERS = ("img_align_celeba", "img_align_celeba_png")


class CelebA(FileSource):
    """The aligned photos of CelebA, or any part of them; a photo's identifier is its file name."""

    # path: img_align_celeba.zip, its folder, or Kaggle's archive.zip or folder, in which the photos
    # lie in img_align_celeba/img_align_celeba. The tables list_eval_partition, identity_CelebA and
    # list_attr_celeba (txt or CSV) are used where they are found, and give the columns split,
    # identity and the attributes (0 or 1); a photo without a row has missing values.

    kind = "celeba"

    def __init__(self, path):
        path = Path(path).expanduser()
        if not path.exists():
            raise FileNotFoundError(
                f"there is no {path}; expected img_align_celeba.zip or its folder. Download CelebA "
                "(mmlab.ie.cuhk.edu.hk/projects/CelebA.html) and give the path of the archive."
            )
        container = Tree(path) if path.is_dir() else Archive(path)
        entries, told = _one_edition(container.entries)
        files, doubles = first_of_each(entries)
        if not files:
            raise ValueError(no_pictures(path, container))
        table, notes = _tables(container, list(files))
        notes = told + notes
        if len(files) != OFFICIAL_COUNT:
            notes.insert(0, f"found {len(files):,} photos; the official set has {OFFICIAL_COUNT:,}")
        super().__init__(container, files, table, notes, [*container.ignored, *doubles])


def _one_edition(entries):
    """Return the photos of the larger of the aligned editions, and a note on the other one."""
    editions = {f: [e for e in entries if f in e.name.split("/")[:-1]] for f in _FOLDERS}
    kept, other = sorted(_FOLDERS, key=lambda name: -len(editions[name]))
    told = f"{other}: its {len(editions[other]):,} photos are another edition of {kept}; left out"
    return editions[kept] or entries, [told] if editions[other] else []


def _tables(container, image_ids):
    """Return split, identity and attributes of the images, and what is to be noted."""
    columns, notes = [], []
    for stem, names, translate in (
        ("list_eval_partition", ["partition"], _partition),
        ("identity_CelebA", ["identity"], None),
        ("list_attr_celeba", None, _attributes),
    ):
        found = find_table(container, stem)
        if found is None:
            notes.append(f"no {stem} (txt or csv) was found: its columns are absent")
            continue
        where, data = found
        values = parse_table(data, where, names)
        notes.extend(values.attrs["notes"])
        joined = join(translate(values, where) if translate else values, image_ids, where)
        without = int(joined.isna().any(axis=1).sum())
        if without:
            notes.append(f"{stem}: {without:,} photos have no row in it")
        columns.append(joined)
        if names is None and joined.shape[1] != OFFICIAL_ATTRIBUTES:
            notes.append(f"{stem}: {joined.shape[1]} attributes; the official table has 40")
    table = pd.concat(columns, axis=1) if columns else pd.DataFrame(index=image_ids)
    if "partition" in table:
        table.insert(0, "split", table.pop("partition").map(SPLITS))
    return table, notes


def _partition(values, where):
    return _only(values, set(SPLITS), where, "0 (train), 1 (val) or 2 (test)")


def _attributes(values, where):
    """Turn -1 and 1 into 0 and 1; a table that holds 0 and 1 already is taken as it is."""
    clash = {"split", "identity", "row", "image_id", "partition"} & set(values.columns)
    if clash:
        raise ValueError(
            f"{where} has a column {min(clash)!r}: a name that the index needs. {_REPAIR}"
        )
    if not (values.to_numpy() == 0).any():
        return (_only(values, {-1, 1}, where, "-1 or 1") + 1) // 2
    return _only(values, {0, 1}, where, "-1 or 1 (or 0 or 1) throughout")


def _only(values, allowed, where, words):
    wrong = ~values.isin(allowed)
    if wrong.to_numpy().any():
        image = wrong.any(axis=1).idxmax()
        column = wrong.loc[image].idxmax()
        raise ValueError(
            f"{where}, image {image}, column {column!r}: expected {words}, got "
            f"{values.loc[image, column]}. {_REPAIR}"
        )
    return values
