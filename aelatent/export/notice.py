"""On what terms a folder may be used that holds networks, z-points or pictures of a run."""

from aelatent import settings
from aelatent._files import read_json
from aelatent.images.store import ImageStore

FILE = "NOTICE.txt"
DRAWN = (
    "The portraits are drawn by a program and show nobody. All of it belongs to aelatent and is "
    "under the MIT license."
)
TERMS = {  # kind of the store -> what may be done with its pictures and what comes of them
    "celeba": (
        "It comes of CelebA's photos. Their license allows non-commercial research alone, and "
        "neither to publish nor to pass on any part of them or of what is derived from them, "
        "such as z-points: keep it to yourself."
    ),
    "lfw": (
        "It comes of the photos of Labeled Faces in the Wild, taken from the news for research. "
        "No license to publish them or to pass them on comes with them."
    ),
    "folder": (
        "It comes of pictures from a folder of yours: the terms are those on which you have them, "
        "and persons on them have a say."
    ),
    "unknown": (
        "The store that the run was trained on is not at hand: the terms are those of its "
        "pictures. CelebA's allow neither to publish nor to pass on what comes of them."
    ),
    "portraits": DRAWN,
}


def store_of(run):
    """Return the store whose pictures the z-points are of, or None where it is not at hand."""
    try:
        return run.store
    except (FileNotFoundError, ValueError):
        return None


def ships(run) -> bool:
    """Tell whether a run is the one that ships, and its z-points are of drawn portraits."""
    store = store_of(run)
    return _is_shipped(run) and store is not None and store.info["kind"] == "portraits"


def terms(run, *, pictures: bool) -> str:
    """Say on what terms networks may be used, or also what holds z-points, maybe with pictures."""
    found = {_trained_on(run)} | ({run.store.info["kind"]} if pictures else set())
    known = {kind if kind in TERMS else "unknown" for kind in found}
    if known != {"portraits"}:
        known -= {"portraits"}  # the narrower terms are those of the whole
    return " ".join(text for kind, text in TERMS.items() if kind in known)


def _is_shipped(run) -> bool:
    """Tell whether a run has name and weights of the one that ships."""
    file = settings.SHIPPED / "runs" / "portraits" / "run.json"
    if run.name != "portraits" or not file.is_file() or not run.info["weights"]:
        return False
    own, shipped = (
        {part: entry["sha256"] for part, entry in info["weights"].items()}
        for info in (run.info, read_json(file))
    )
    return own == shipped


def _trained_on(run) -> str:
    """Return the kind of the store that a run was trained on."""
    if _is_shipped(run):
        return "portraits"
    asked = run.info["store"]
    try:
        store = ImageStore.open(settings.check_name(asked["name"], "store"), run.path.parents[1])
    except (FileNotFoundError, ValueError):
        return "unknown"
    return store.info["kind"] if store.fingerprint == asked["fingerprint"] else "unknown"
