"""A folder for what is packed, beside which nothing may change."""

import hashlib
import os

import pytest

from aelatent.images import ImageStore, open_source, pack


def everything(folder):
    """Return what lies in a folder, but in its data/: where a link leads to, a hash of a file."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_symlink():
            found[path] = os.readlink(path)
        elif path.relative_to(folder).parts[0] != "data":
            found[path] = path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest()
    return found


@pytest.fixture
def given(tmp_path, monkeypatch):
    """Return the folder of what is to be packed."""
    (tmp_path / "given").mkdir()
    (tmp_path / "out.jpg").write_bytes(b"mine")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "given"


@pytest.fixture
def packed(given):
    """Return a function (kind, path) -> the store, and name -> reason of what was skipped."""

    def pack_it(kind, path):
        before = everything(given.parent)
        options = {"size": 16, "workers": 1, "data": given.parent / "data", "progress": False}
        try:
            store = pack(open_source(kind, path), "s", **options)
        finally:
            assert everything(given.parent) == before
            assert not list(given.parent.rglob("*.partial"))
        store = ImageStore.open(store.path)  # as it lies on the disk
        assert len(store.images) == len(store.index) == len(set(store.index["image_id"]))
        return store, dict(store.skipped.to_numpy().tolist())

    return pack_it
