"""What is open to a reader of a data folder, and what it must be: whole, or clearly refused."""

import re
from pathlib import Path

from aelatent import kept
from aelatent.images import ImageStore
from aelatent.latent.maps import MapSettings
from aelatent.runs import Run

MAP = MapSettings(perplexity=3, early=10, iterations=10)  # of the maps that are looked for


def contents(data: Path) -> dict[str, bytes]:
    """Return all files below a data folder but the locks, which may stay."""
    files = (path for path in sorted(data.rglob("*")) if path.is_file() and path.suffix != ".lock")
    return {path.relative_to(data).as_posix(): path.read_bytes() for path in files}


def same(found: dict[str, bytes], expected: dict[str, bytes]) -> None:
    """Raise unless both hold the same files with the same bytes."""
    left, gone = (sorted(set(a) - set(b)) for a, b in ((found, expected), (expected, found)))
    assert not left, f"left over: {left}"
    assert not gone, f"missing: {gone}"
    differ = sorted(name for name in expected if found[name] != expected[name])
    assert not differ, f"other bytes than those of an undisturbed call: {differ}"


_KINDS = ("ValueError", "FileNotFoundError", "RuntimeError", "OSError", "PermissionError")
_NEXT = re.compile(
    r"\b(aelatent \w+|move|restore|repeat|wait|train|make|run it|choose|take|copy|use)\b", re.I
)
_NAMED = re.compile(r"/|'[\w.-]+'|\b[\w-]+\.(json|npy|csv|npz)\b")


def clear(kind: str, message: str) -> bool:
    """Tell whether an error is of a documented kind, names what is wrong and what to do."""
    return bool(kind in _KINDS and _NAMED.search(message) and _NEXT.search(message))


def is_clear(end) -> bool:
    """Tell the same of the error that a child ended with."""
    return clear(end.kind, end.message)


def survey(data: Path) -> dict[str, tuple[bool, str]]:
    """Open everything; return (True, content) or (False, error) of each, which must be clear."""
    seen = {}
    for path in sorted((data / "stores").glob("[!.]*")):
        seen |= _look(f"store {path.name}", lambda p=path: _pictures(ImageStore.open(p)))
    for path in sorted((data / "runs").glob("[!.]*")):
        name = path.name
        seen |= _look(f"run {name}", lambda n=name: f"{Run.open(n, data=data)!r}".partition(" ")[0])
        if not seen[f"run {name}"][0]:
            continue
        run = Run.open(name, data=data)
        for what, look in LOOKS.items():
            seen |= _look(f"{what} run {name}", lambda run=run, look=look: look(run))
    return seen


#: What is looked at of a run.
LOOKS = {
    "status of": lambda run: run.status and "",
    "history of": lambda run: run.history[["epoch", "val_loss"]].to_csv(index=False),
    "encoder of": lambda run: _arrays(run.autoencoder.encoder),
    "decoder of": lambda run: _arrays(run.autoencoder.decoder),
    "z-points of": lambda run: f"{run.z.shape} {run.z.tobytes().hex()}",
    "store of": lambda run: _pictures(run.store),
    "index of": lambda run: f"{len(run.index)} {len(run.held_out)}",
    "map of": lambda run: kept_map(run, {}),
    "second map of": lambda run: kept_map(run, {"n": 20, "surrogate": "multivariate normal"}),
}


def _look(what, look):
    try:
        return {what: (True, look())}
    except Exception as error:
        if not clear(type(error).__name__, str(error)):
            raise AssertionError(f"{what}: no clear error: {error!r}") from error
        return {what: (False, f"{type(error).__name__}: {error}")}


def _pictures(store):
    store.verify(progress=False)
    return f"{store.images.tobytes().hex()} {store.index.to_csv()}"


def _arrays(arrays):
    return " ".join(f"{name} {array.tolist()}" for name, array in arrays.items())


def kept_map(run: Run, options: dict) -> str:
    """Return a map that is there; a missing one is not made."""

    def making(*_):
        raise FileNotFoundError("map 'x' is not there. Make it.")

    real, kept._files.only_one = kept._files.only_one, making
    try:
        return kept.map_of(run, MAP, progress=False, **options).coordinates.tobytes().hex()
    finally:
        kept._files.only_one = real
