"""Where data lives and how large an experiment is: the environment variables, read in one place.

``AELATENT_DATA``
    Folder of stores and runs; default: ``data/`` of the checkout.
``AELATENT_RUN``
    Name of the run that notebooks open; default ``portraits``.
``AELATENT_SCALE``
    ``smoke`` (seconds, for tests), ``default``, or ``seed`` (the counts of the blog posts).
"""

import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
SHIPPED = CHECKOUT / "data"  # what travels with the repository

#: Name and number of pictures of the store of portraits at each scale.
SCALES = {
    "smoke": ("portraits-smoke", 1200),
    "default": ("portraits", 20_000),
    "seed": ("portraits-165k", 165_000),
}


def data_dir() -> Path:
    """Return the folder that holds ``stores/`` and ``runs/``.

    Returns
    -------
    pathlib.Path
        ``AELATENT_DATA`` if set (a leading ``~`` is expanded), else ``data/`` of the checkout.
    """
    chosen = os.environ.get("AELATENT_DATA", "").strip()
    return Path(chosen).expanduser().absolute() if chosen else SHIPPED


def default_run() -> str:
    """Return the name of the run that notebooks open.

    Returns
    -------
    str
        ``AELATENT_RUN`` if set, else ``"portraits"``.
    """
    return os.environ.get("AELATENT_RUN", "").strip() or "portraits"


def scale(value: str | None = None) -> str:
    """Return the scale of the experiments.

    Parameters
    ----------
    value : {"smoke", "default", "seed"}, optional
        Default: ``AELATENT_SCALE``, or ``"default"`` where that is not set.

    Returns
    -------
    {"smoke", "default", "seed"}
        `value`, or what the environment says.

    Raises
    ------
    ValueError
        If the scale is none of the three.
    """
    value = value or os.environ.get("AELATENT_SCALE", "").strip() or "default"
    if value not in SCALES:
        raise ValueError(
            f"scale must be one of {', '.join(map(repr, SCALES))}; got {value!r}. "
            "Set AELATENT_SCALE to one of them, or unset it."
        )
    return value


def check_name(name: str, kind: str) -> str:
    """Refuse a store or run name that is not a plain folder name.

    Parameters
    ----------
    name : str
        Letters, digits, ``-``, ``_`` and ``.``; must start with a letter or digit.
    kind : str
        Word for the message: ``"store"`` or ``"run"``.

    Raises
    ------
    ValueError
        If the name could climb out of the data folder or hide in it.
    """
    plain = isinstance(name, str) and name.replace("-", "").replace("_", "").replace(".", "")
    if not plain or not (plain.isascii() and plain.isalnum() and name[0].isalnum()):
        raise ValueError(
            f"{kind} name {name!r} is not usable: expected letters, digits, '-', '_' or '.', "
            f"starting with a letter or digit, for instance 'celeba-10k'."
        )
    return name
