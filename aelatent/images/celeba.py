"""CelebA: aligned photos of celebrities with 40 attributes each.

Source: Liu, Luo, Wang, Tang, Deep Learning Face Attributes in the Wild, ICCV 2015. The photos are
for non-commercial research and must not be passed on; this package downloads none of them.
"""

from pathlib import Path

import pandas as pd

from aelatent.images.containers import Archive
from aelatent.images.folder import no_pictures
from aelatent.images.names import base, first_of_each
from aelatent.images.sources import FileSource
from aelatent.images.tables import find_table, join, parse_table
from aelatent.images.trees import Tree

OFFICIAL_COUNT = 202_599
OFFICIAL_ATTRIBUTES = 40
SPLITS = {0: "train", 1: "val", 2: "test"}  # as in list_eval_partition
_FOLDERS = ("img_align_celeba", "img_align_celeba_png")


class CelebA(FileSource):
    """The aligned photos of CelebA, or any part of them; a photo's identifier is its file name.

    The tables ``list_eval_partition``, ``identity_CelebA`` and ``list_attr_celeba`` (txt or CSV)
    are used where they are found: inside the archive or folder, beside it or one level up. They
    give the columns ``split``, ``identity`` and the attributes (0 or 1), joined by file name; a
    photo without a row has missing values.

    Parameters
    ----------
    path : str or path
        ``img_align_celeba.zip``, its folder, or Kaggle's ``archive.zip`` or folder, in which the
        photos lie in ``img_align_celeba/img_align_celeba``.
    """

    kind = "celeba"

    def __init__(self, path):
        path = Path(path).expanduser()
        if not path.exists():
            raise FileNotFoundError(
                f"there is no {path}; expected img_align_celeba.zip or its folder. Download CelebA "
                "(mmlab.ie.cuhk.edu.hk/projects/CelebA.html) and give the path of the archive."
            )
        container = Tree(path) if path.is_dir() else Archive(path)
        aligned = [e for e in container.entries if set(_FOLDERS) & set(e.name.split("/")[:-1])]
        files, doubles = first_of_each(aligned or container.entries, base)
        if not files:
            raise ValueError(no_pictures(path, container))
        table, notes = _tables(container, list(files))
        if len(files) != OFFICIAL_COUNT:
            notes.insert(0, f"found {len(files):,} photos; the official set has {OFFICIAL_COUNT:,}")
        super().__init__(container, files, table, notes, [*container.ignored, *doubles])


def _tables(container, image_ids):
    """Return split, identity and attributes of the images, and what is to be noted."""
    columns, notes = [], []
    for stem, names, translate in (
        ("list_eval_partition", ["partition"], _split),
        ("identity_CelebA", ["identity"], lambda values, where: values),
        ("list_attr_celeba", None, _attributes),
    ):
        found = find_table(container, stem)
        if found is None:
            notes.append(f"no {stem} (txt or csv) was found: its columns are absent")
            continue
        where, data = found
        values = parse_table(data, where, names)
        notes.extend(values.attrs["notes"])
        joined = join(translate(values, where), image_ids, where)
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


def _split(values, where):
    _only(values, set(SPLITS), where, "0 (train), 1 (val) or 2 (test)")
    return values


def _attributes(values, where):
    """Turn -1 and 1 into 0 and 1; a table that holds 0 and 1 already is taken as it is."""
    clash = {"split", "identity", "row", "image_id", "partition"} & set(values.columns)
    if clash:
        raise ValueError(f"{where} has a column {min(clash)!r}: a name that the index needs.")
    if not (values.to_numpy() == 0).any():
        _only(values, {-1, 1}, where, "-1 or 1")
        return (values + 1) // 2
    _only(values, {0, 1}, where, "-1 or 1 (or 0 or 1) throughout")
    return values


def _only(values, allowed, where, words):
    wrong = ~values.isin(allowed)
    if wrong.to_numpy().any():
        image = wrong.any(axis=1).idxmax()
        column = wrong.loc[image].idxmax()
        raise ValueError(
            f"{where}, image {image}, column {column!r}: expected {words}, got "
            f"{values.loc[image, column]}. Fetch the table again, or remove it to go on without it."
        )
