"""Folders: listed safely, never following a link out of them."""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from tqdm.auto import tqdm

from aelatent.images.names import Entry, is_hidden, is_picture, natural, printable, trouble
from aelatent.images.pictures import MAX_BYTES, BadPicture


class Tree:
    """The pictures of a folder and its subfolders, in natural order of their names."""

    def __init__(self, path: Path):
        self.path = Path(path)
        if not self.path.is_dir():
            raise FileNotFoundError(
                f"there is no folder {self.path}; expected a folder of pictures."
            )
        self.entries: list[Entry] = []  # files that may be pictures, named relative to `path`
        self.others: list[str] = []  # names of the remaining files (tables, texts)
        self.ignored: list[tuple[str, str]] = []  # unusable pictures: file, reason
        self._root = self.path.resolve()
        with tqdm(desc=self.path.name, unit=" files", delay=2) as bar:
            self._list("", bar)
        self.entries.sort(key=lambda entry: natural(entry.name))
        self.others.sort(key=natural)
        self.ignored.sort(key=lambda pair: natural(pair[0]))

    def _list(self, folder, bar):
        """List a folder, given relative to the root with a slash at its end, and those below."""
        try:
            with os.scandir(self.path / folder) as found:
                entries = list(found)
        except OSError as error:
            reason = f"the folder cannot be read: {error.strerror}"
            self.ignored.append((printable(folder.rstrip("/")), reason))
            return
        for entry in entries:
            name = folder + entry.name
            if is_hidden(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                self._list(f"{name}/", bar)
            else:
                self._sort_in(name, entry)
        bar.update(len(entries))

    def _sort_in(self, name, entry):
        linked = entry.is_symlink()
        try:
            info = entry.stat()
        except OSError as error:
            reason = "is a link that leads nowhere" if linked else error.strerror
            if linked or is_picture(name):
                self.ignored.append((printable(name), reason))
            return
        is_folder = stat.S_ISDIR(info.st_mode)
        if not is_picture(name) and not is_folder:
            self.others.append(name)
        elif linked and not Path(entry.path).resolve().is_relative_to(self._root):
            self.ignored.append((printable(name), "is a link that leaves the folder"))
        elif is_folder:
            pass  # a link to a folder inside: its pictures are listed where they are
        elif reason := trouble(name):
            self.ignored.append((printable(name), reason))
        elif not stat.S_ISREG(info.st_mode):
            self.ignored.append((name, "is no regular file"))
        else:
            self.entries.append(Entry(name, info.st_size))

    def text(self, name: str, limit: int) -> bytes:
        """Return the bytes of one of `others` (a table), at most `limit` of them."""
        with open(self.path / name, "rb") as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            raise ValueError(f"{self.path / name} is larger than {limit} bytes: no table.")
        return data

    @staticmethod
    def read(path: str, entries: Sequence[Entry]) -> Iterator[bytes | BadPicture]:
        """Yield the bytes of each entry, or the reason why they cannot be had."""
        for entry in entries:
            try:
                if entry.size > MAX_BYTES:
                    raise BadPicture(f"file of {entry.size} bytes; at most {MAX_BYTES} are read")
                with open(os.path.join(path, entry.name), "rb", buffering=0) as file:
                    data = file.read(entry.size + 1)
                if len(data) != entry.size:
                    raise BadPicture(f"its size changed while it was read; it was {entry.size}")
                yield data
            except BadPicture as reason:
                yield reason
            except FileNotFoundError:
                raise  # it was there when the folder was listed: someone is changing the folder
            except OSError as error:
                yield BadPicture(f"cannot be read: {error.strerror}")
