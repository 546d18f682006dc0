"""A folder of pictures, with all its subfolders."""

from pathlib import Path

from aelatent.images.sources import FileSource
from aelatent.images.trees import Tree


class FolderOfPictures(FileSource):
    """The pictures of a folder and its subfolders; they have no attributes.

    JPEG, PNG, WebP, BMP and TIFF files are read, told by suffix and checked by content. The
    identifier of a picture is its path inside the folder (``"2019/rome/9.jpg"``), with ``/`` on
    every system; the order is that of the names, numbers by their value. Hidden files are passed
    over; unusable pictures are in `ignored`, or skipped when read.

    Parameters
    ----------
    path : str or path
        The folder.
    """

    kind = "folder"

    def __init__(self, path):
        path = Path(path).expanduser()
        if path.is_file():
            raise ValueError(
                f"{path} is a file; expected a folder of pictures. Unpack an archive first, and "
                "give the folder."
            )
        tree = Tree(path)
        if not tree.entries:
            raise ValueError(no_pictures(path, tree))
        super().__init__(tree, {e.name: e for e in tree.entries}, ignored=tree.ignored)


def no_pictures(path, container) -> str:
    """Return the message for a folder or archive without a usable picture."""
    found = f"{len(container.others)} other files"
    if container.ignored:
        found += f" and {len(container.ignored)} unusable pictures, such as {container.ignored[0]}"
    zips = [name for name in container.others if name.lower().endswith(".zip")]
    if zips:
        found += f", among them the archive {zips[0]}"
    return (
        f"{path} holds no picture: found {found}; expected JPEG, PNG, WebP, BMP or TIFF files. "
        "Give the folder or archive that holds them."
    )
