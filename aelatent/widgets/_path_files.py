"""Figures as PNG files that replace nothing."""

import re
from collections.abc import Mapping
from pathlib import Path

from matplotlib.figure import Figure

from aelatent._files import replacing

DPI = 150


def save(folder: Path, figures: Mapping[str, Figure]) -> list[Path]:
    """Write figures as ``path-001-NAME.png`` under the first number above all in the folder."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = (re.fullmatch(r"path-(\d+)-.*", file.name) for file in folder.iterdir())
        number = 1 + max((int(match[1]) for match in taken if match), default=0)
        files = [folder / f"path-{number:03d}-{name}.png" for name in figures]
        for file, figure in zip(files, figures.values(), strict=True):
            with replacing(file) as temporary:  # whole or absent
                figure.savefig(temporary, format="png", dpi=DPI)
    except OSError as error:
        raise OSError(
            f"cannot write to {folder}: {error.strerror or error}. Make the explorer with "
            "folder=..., a folder of yours with room."
        ) from error
    return files
