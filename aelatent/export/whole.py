"""A folder that appears whole or not at all, and replaces only an earlier one of its kind."""

import contextlib
import shutil
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

from aelatent._system import explained


@contextlib.contextmanager
def whole_folder(out: Path, files: Collection[str]) -> Iterator[Path]:
    """Yield a folder beside `out`, for `files`; it takes the place of `out` when all went well."""
    out = Path(out)
    if out.exists() or out.is_symlink():
        _check_folder(out, files)
    with explained(out.parent, f"writing {out.name}", kept="nothing is left of this one"):
        out.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
        try:
            (made := beside / "new").mkdir()
            yield made
            _put(made, out, beside / "old")
        finally:
            shutil.rmtree(beside, ignore_errors=True)


def _put(made: Path, out: Path, old: Path) -> None:
    """Put a folder where another one may be, which is put back if that fails."""
    if out.exists():
        out.rename(old)
    try:
        made.rename(out)
    except OSError:
        if old.exists():
            old.rename(out)
        raise


def _check_folder(out: Path, files: Collection[str]) -> None:
    """Refuse a path that holds anything but an earlier export of the same kind."""
    found = sorted(path.name for path in out.iterdir()) if out.is_dir() else [out.name]
    if out.is_symlink() or not set(found) <= set(files):
        held = "leads elsewhere" if out.is_symlink() else f"holds {', '.join(found[:5])}"
        raise ValueError(
            f"{out} {held}: expected a new folder, or one that holds nothing but an earlier export "
            f"of this kind ({', '.join(files)}). Choose another folder."
        )
