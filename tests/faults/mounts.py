"""Small and read-only file systems, mounted where only one child and its children see them."""

import ctypes
import os

from children import attempt

_NEW_MOUNTS, _NEW_USER = 0x00020000, 0x10000000  # of unshare(2)
_READ_ONLY, _REMOUNT, _RECURSIVE, _PRIVATE = 0x1, 0x20, 0x4000, 0x40000  # of mount(2)


def permitted() -> bool:
    """Tell whether a child may mount file systems of its own, as root or in a user namespace."""
    return attempt(alone).how == "well"


def alone() -> None:
    """Give this process mounts of its own; they vanish with it."""
    _call("unshare", _NEW_MOUNTS if os.geteuid() == 0 else _NEW_MOUNTS | _NEW_USER)
    _call("mount", b"none", b"/", None, _RECURSIVE | _PRIVATE, None)


def as_anybody() -> None:
    """Give up what lets root write to folders that nobody may write to."""
    if os.geteuid() == 0:
        header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # of capset(2): version 3, this process
        _call("capset", header, (ctypes.c_uint32 * 6)())


def small(folder, pages: int = 10_000, files: int = 10_000) -> None:
    """Mount a file system of so many pages of 4,096 bytes and so many files at `folder`."""
    _mount(folder, f"size={pages * 4096},nr_inodes={files}")


def grow(folder) -> None:
    """Make room on it."""
    _mount(folder, "size=64m,nr_inodes=10000", _REMOUNT)


def read_only(folder, yes: bool) -> None:
    """Make it read-only, or writable again."""
    _mount(folder, None, _REMOUNT | (_READ_ONLY if yes else 0))


def _mount(folder, options, flags=0):
    _call("mount", b"tmpfs", os.fsencode(folder), b"tmpfs", flags, options and options.encode())


def _call(name, *arguments):
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
