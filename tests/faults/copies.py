"""Family ``copies``: runs and stores copied, renamed, moved or mixed; stores of the same name."""

import shutil
from functools import partial
from pathlib import Path

from children import attempt, killed_before, value_of
from survey import contents, same, survey
from works import draw, finish, trained

from aelatent.images import ImageStore
from aelatent.runs import Run

PLACES = ("plain", "with blanks and ümläuts", "deep/" * 20 + "end", "a'quote\"", "100%", "-dash")
WORKS = ("packing", "training", "encoding", "map making")


def copies(base: Path, world) -> dict[str, list]:
    home = base / "home"
    value_of(partial(_two_runs, home))
    files = sorted(p.name for p in (home / "runs/one").rglob("*") if p.is_file())
    table = {
        "data folder copied to another place": (elsewhere, PLACES),
        "data folder moved after it was opened": (moved, PLACES),
        "run renamed": (renamed, ("uno", "one.2", "1", "few", "ONE")),
        "run copied without its store": (without_store, (False, True)),
        "run copied without one of its files": (lacking, files),
        "one file of another run among its own": (partial(mixed, True), files),
        "all but one file of another run": (partial(mixed, False), files),
        "z-points of another run": (foreign_z, ("run", "weights", "store")),
        "other store of the same name": (other_store, (30, 31, 5)),
        "store renamed": (store_renamed, ("many",)),
    }
    found = {kind: [partial(case, home, v) for v in of] for kind, (case, of) in table.items()}
    for name in WORKS:
        unfinished_copy = partial(unfinished, world, name)
        found[f"unfinished {name} copied, gone on with elsewhere"] = [unfinished_copy] * 10
    return found


def _two_runs(home):
    draw(home, "few")
    for seed, name in enumerate(("one", "two")):
        finish(home, name, seed=seed, store="few")


def _copy(home, folder):
    return shutil.copytree(home, folder, dirs_exist_ok=True)


def _refused(seen, what, *said):
    """Raise unless something was refused in a message with these words."""
    well, found = seen[what]
    right = not well and all(word in found for word in said)
    assert right, f"not refused as it should be: {what}: {found[:200]}"


def _as_before(data, home, name="one") -> bool:
    """Raise unless a run holds what it holds at home, and repeated calls make nothing anew."""

    def whole(data, name):
        seen = {w: of for w, of in survey(data).items() if w.endswith(f"run {name}")}
        del seen[f"second map of run {name}"]  # was never made
        assert all(well for well, _ in seen.values()), f"refused: {seen}"
        return [*seen.values()]

    assert whole(data, name) == whole(home, "one"), "it holds something else"
    before = contents(data)
    value_of(lambda: finish(data, name, store="few", seed=0))
    same(contents(data), before)
    return True


def elsewhere(home, place, folder, rng) -> bool:
    return _as_before(_copy(home, folder / place), home)


def moved(home, place, folder, rng) -> bool:
    """Whoever opened it before the move is told; whoever opens it after finds it whole."""
    data = _copy(home, folder / "before")
    run = Run.open("one", data=data)
    target = folder / "after" / place
    target.parent.mkdir(parents=True)
    data.rename(target)
    for look in (lambda: run.z, lambda: run.autoencoder, lambda: run.store, lambda: run.history):
        end = attempt(lambda look=look: look() is None)
        named = end.kind in ("FileNotFoundError", "ValueError") and "one" in end.message
        assert named, f"it read what is not there, or said no clear error: {end}"
    return _as_before(target, home)


def renamed(home, name, folder, rng) -> bool:
    data = _copy(home, folder)
    (data / "runs/one").rename(data / "runs" / name)
    return _as_before(data, home, name)


def without_store(home, again, folder, rng) -> bool:
    """All but the pictures opens; with the store made again there, all does."""
    shutil.copytree(home / "runs/one", folder / "runs/one")
    seen, truth = survey(folder), survey(home)
    for what in ("run", "history of run", "encoder of run", "decoder of run", "z-points of run"):
        assert seen[f"{what} one"] == truth[f"{what} one"], what
    _refused(seen, "store of run one", "few")
    if again:
        value_of(lambda: draw(folder, "few"))
        _as_before(folder, home)
    return True


def lacking(home, file, folder, rng) -> bool:
    data = _copy(home, folder)
    next((data / "runs/one").rglob(file)).unlink()
    truth, struck = survey(home), False
    for what, (well, found) in survey(data).items():
        right = not well or "status" in what or (well, found) == truth[what]
        assert right, f"{what} is taken for whole, but holds what nobody made"
        struck |= not well and truth[what][0]
    return struck


def mixed(one, home, file, folder, rng) -> bool:
    """Put one file of run two into run one, or all but one."""
    data = _copy(home, folder)
    own, other = data / "runs/one", data / "runs/two"
    maps = {path.suffix: path for path in (own / "maps").iterdir()}
    for path in [p for p in other.rglob("*") if p.is_file() and p.suffix != ".lock"]:
        # maps are named by their key: another run's would never be looked at
        target = maps[path.suffix] if path.parent.name == "maps" else own / path.name
        if (target.name == file) == one:
            shutil.copyfile(path, target)
    seen, owners = survey(data), {}
    for part in ("history", "encoder", "decoder", "z-points", "map"):
        well, found = seen.get(f"{part} of run one", (False, ""))
        if well:
            owners[part] = found == seen[f"{part} of run two"][1]
    assert len(set(owners.values())) < 2, f"parts of both runs are taken for one: {owners}"
    return True


def foreign_z(home, kind, folder, rng) -> bool:
    """z-points of another run, of the run's weights of an earlier epoch, of another store."""
    data = _copy(home, folder)
    expected = contents(data)
    if kind == "run":
        for file in ("z_points.npy", "z_points.json"):
            shutil.copyfile(data / "runs/two" / file, data / "runs/one" / file)
    elif kind == "weights":
        value_of(lambda: _train_on(data, 4))
    else:
        shutil.rmtree(data / "stores/few")
        value_of(lambda: draw(data, "few", seed=5))
    refused = "store of run one" if kind == "store" else "z-points of run one"
    _refused(survey(data), refused, "aelatent encode one")
    if kind == "run":
        _encode(data)
        same(contents(data), expected)
    return True


def _train_on(data, epochs):
    trained(data, "one", epochs=epochs, store="few")


def _encode(data):
    value_of(lambda: Run.open("one", data=data).encode_store(progress=False))


def other_store(home, count, folder, rng) -> bool:
    """A store of other pictures under the name: refused by run, z-points and training."""
    data = _copy(home, folder)
    shutil.rmtree(data / "stores/few")
    value_of(lambda: draw(data, "few", seed=3, count=count))
    seen = survey(data)
    for what in ("store", "index", "map"):
        _refused(seen, f"{what} of run one", "fingerprint")
    before = contents(data)
    end = attempt(lambda: _train_on(data, 5))
    assert end.kind == "ValueError", f"training went on with other pictures: {end}"
    assert "other pictures" in end.message, end
    same(contents(data), before)
    _encode(data)
    assert len(Run.open("one", data=data).index) == count  # z-points of the new store
    return True


def store_renamed(home, name, folder, rng) -> bool:
    data = _copy(home, folder)
    (data / "stores/few").rename(data / "stores" / name)
    assert len(ImageStore.open(name, data=data)) == len(ImageStore.open("few", data=home))
    value_of(lambda: draw(data, name))  # all there
    _refused(survey(data), "store of run one", "few", name)  # what is missing, what is there
    return True


def unfinished(world, name, folder, rng) -> bool:
    """Kill a work, copy what it left to another data folder, and go on there."""
    data, work = world.begun(name, folder / "first")
    end = killed_before(work, rng.randrange(world.changes[name]))
    other = data.rename(folder / "second")
    world.check(name, other)
    world.go_on(name, other)
    return end.how == "killed"
