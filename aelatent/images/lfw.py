"""Labeled Faces in the Wild: 13,233 photos of 5,749 people, about 200 MB.

Source: Huang, Ramesh, Berg, Learned-Miller, Labeled Faces in the Wild, University of
Massachusetts, technical report 07-49, 2007; the "funneled" (aligned) edition.
"""

import re
import shutil
import tarfile
from pathlib import Path

import pandas as pd
from sklearn.datasets import fetch_lfw_people

from aelatent._system import Bar
from aelatent.images.containers import Tree, first_of_each
from aelatent.images.sources import FileSource
from aelatent.settings import data_dir

OFFICIAL_COUNT = 13_233
OFFICIAL_PEOPLE = 5_749
_PHOTO = re.compile(r"(?:.*/)?([^/]+)/\1_\d+\.[A-Za-z]+")  # PERSON/PERSON_0001.jpg
_FUNNELED = Path("lfw_home", "lfw_funneled")


class LFW(FileSource):
    """Labeled Faces in the Wild, in color; a photo's identifier is its file name."""

    # path: a folder of folders PERSON/PERSON_0001.jpg, or scikit-learn's data home; default lfw/ of
    # the data folder, into which scikit-learn downloads and unpacks it on first use. The one
    # attribute is person ("Ada Byron"); there is no split. The photos show head and shoulders on
    # 250 x 250 pixels; the crop 0.75 is the centered square of 187 pixels, in which the eyes are
    # about as far apart, relative to the side, as in CelebA's default crop.

    kind = "lfw"
    default_crop = 0.75

    def __init__(self, path=None):
        tree = Tree(_fetched() if path is None else _photos(Path(path).expanduser()))
        photos = [entry for entry in tree.entries if _PHOTO.fullmatch(entry.name)]
        if not photos:
            raise ValueError(
                f"{tree.path} holds no photos of LFW: found {len(tree.entries)} other pictures; "
                "expected PERSON/PERSON_0001.jpg. Give the folder that holds a folder per person."
            )
        files, doubles = first_of_each(photos)
        people = [e.name.split("/")[-2].replace("_", " ") for e in files.values()]
        table = pd.DataFrame({"person": people}, index=list(files))
        notes = []
        if (len(files), len(set(people))) != (OFFICIAL_COUNT, OFFICIAL_PEOPLE):
            notes.append(
                f"found {len(files):,} photos of {len(set(people)):,} people; the official set has "
                f"{OFFICIAL_COUNT:,} of {OFFICIAL_PEOPLE:,}"
            )
        if len(photos) < len(tree.entries):
            other = len(tree.entries) - len(photos)
            notes.append(f"{other:,} pictures are not named PERSON/PERSON_0001.jpg: left out")
        super().__init__(tree, files, table, notes, [*tree.ignored, *doubles])


def _photos(path):
    """Return the folder of photos: `path`, or the one that scikit-learn made inside it."""
    if path.is_file():
        raise ValueError(f"{path} is a file; expected a folder. Unpack the archive and give that.")
    for folder in (path / _FUNNELED, path / _FUNNELED.name):
        if folder.is_dir():
            return _whole(folder)
    return path


def _fetched():
    """Return the folder of photos in the data folder, after scikit-learn has put it there."""
    home = data_dir() / "lfw"
    folder = home / _FUNNELED
    if not folder.is_dir():
        home.mkdir(parents=True, exist_ok=True)
        # scikit-learn keeps what it loaded there as a pickle, and would run what lies there instead
        shutil.rmtree(folder.parent / "joblib", ignore_errors=True)
        Bar.write(f"scikit-learn downloads LFW (about 200 MB) into {home} ...")
        try:
            # It downloads, compares the checksum, unpacks, and then loads photos into memory:
            # only those of the one person with more than 500, and small. We read the files.
            fetch_lfw_people(data_home=str(home), color=True, min_faces_per_person=500, resize=0.1)
        except (OSError, EOFError, tarfile.TarError) as error:
            raise RuntimeError(
                f"LFW could not be downloaded into {home}: {error}. Check the network and repeat "
                "the call, or unpack lfw-funneled.tgz by hand and give its folder as path."
            ) from error
    return _whole(folder)


def _whole(folder):
    """Refuse a folder that scikit-learn was still unpacking when it was stopped."""
    archive = folder.parent / "lfw-funneled.tgz"  # removed by scikit-learn once it is unpacked
    if archive.exists():
        raise RuntimeError(
            f"unpacking LFW was interrupted: {archive} still lies beside {folder.name}. Move the "
            f"folder {folder} elsewhere and repeat the call; where it is whole, move the archive."
        )
    return folder
