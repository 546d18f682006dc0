"""Where data lives and how large an experiment is: the environment variables, read in one place."""

import os
from pathlib import Path

import platformdirs

WHEEL = Path(__file__).resolve().parent / "_shipped"  # what setup.py packs: data/ and notebooks/
CHECKOUT = None if WHEEL.is_dir() else WHEEL.parents[1]  # None: installed from a wheel
SHIPPED = (CHECKOUT or WHEEL) / "data"  # never written to where it is installed
NOTEBOOKS = (CHECKOUT or WHEEL) / "notebooks"

#: Name and number of pictures of the store of portraits at each scale: ``smoke`` takes seconds (for
#: tests), ``seed`` the counts of the blog posts.
SCALES = {
    "smoke": ("portraits-smoke", 1200),
    "default": ("portraits", 20_000),
    "seed": ("portraits-165k", 165_000),
}


def data_dir() -> Path:
    """Return the folder of ``stores/`` and ``runs/``: AELATENT_DATA, else data/ or the user's."""
    own = SHIPPED if CHECKOUT else platformdirs.user_data_path("aelatent", appauthor=False)
    return chosen_path("AELATENT_DATA") or own


def chosen_path(variable: str) -> Path | None:
    """Return the path that a variable names; a relative one from checkout or current folder."""
    chosen = os.environ.get(variable, "").strip()
    return (CHECKOUT or Path.cwd()) / Path(chosen).expanduser() if chosen else None


def default_run() -> str:
    """Return the name of the run that notebooks open: AELATENT_RUN, or ``"portraits"``."""
    return os.environ.get("AELATENT_RUN", "").strip() or "portraits"


def scale(value: str | None = None) -> str:
    """Return the scale of the experiments: `value`, or AELATENT_SCALE, or ``"default"``."""
    value = value or os.environ.get("AELATENT_SCALE", "").strip() or "default"
    if value not in SCALES:
        raise ValueError(
            f"scale must be one of {', '.join(map(repr, SCALES))}; got {value!r}. "
            "Set AELATENT_SCALE to one of them, or unset it."
        )
    return value


def check_name(name: str, kind: str) -> str:
    """Return a store or run name; refuse what could climb out of the data folder or hide in it."""
    plain = isinstance(name, str) and name.replace("-", "").replace("_", "").replace(".", "")
    if not plain or not (plain.isascii() and plain.isalnum() and name[0].isalnum()):
        raise ValueError(
            f"{kind} name {name!r} is not usable: expected letters, digits, '-', '_' or '.', "
            f"starting with a letter or digit, for instance 'celeba-10k'."
        )
    return name
