"""Where runs lie: their folder, their locks, and the copies of those that ship."""

import shutil
from pathlib import Path

from aelatent import settings
from aelatent._files import only_one
from aelatent.model.record import Record


def runs_dir(data: Path | None = None) -> Path:
    """Return the folder of all runs below `data` (default: `settings.data_dir`)."""
    return Path(data or settings.data_dir()) / "runs"


def lock_of(folder: Path) -> Path:
    """Return the lock file that whoever changes the run in `folder` holds."""
    return folder.parent / f".{folder.name}.lock"


def copy_shipped(shipped: Path, folder: Path) -> None:
    """Copy a run that travels with the repository into another data folder."""
    record = Record.open(shipped)
    partial = folder.parent / f".{folder.name}.partial"
    with only_one(lock_of(folder), f"copying run {folder.name!r}"):
        if folder.exists():  # another process has copied it meanwhile
            return
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        files = [entry["file"] for entry in record.info["weights"].values()]
        for name in ["run.json", "history.csv", *files]:
            shutil.copyfile(shipped / name, partial / name)
        partial.rename(folder)
