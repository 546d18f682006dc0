"""Family ``copies``: runs and stores copied, renamed, moved or mixed; stores of the same name."""

import functools
import shutil
from pathlib import Path

from children import attempt, killed_before, value_of
from survey import contents, same, survey
from works import draw, finish, trained

from aelatent.images import ImageStore
from aelatent.runs import Run

PLACES = ("plain", "with blanks and ümläuts", "deep/" * 20 + "end", "a'quote\"", "100%", "-dash")
WORKS = ("packing", "training", "encoding", "map making")
TIMES = 10  # of copies of unfinished works, each


def kinds(base: Path, world) -> dict[str, list]:
    home = base / "home"
    value_of(functools.partial(_two_runs, home))
    files = sorted(p.name for p in (home / "runs/one").rglob("*") if p.is_file())
    part = functools.partial
    return {
        "data folder copied to another place": [part(elsewhere, home, p) for p in PLACES],
        "data folder moved after it was opened": [part(moved, home, p) for p in PLACES],
        "run renamed": [part(renamed, home, n) for n in ("uno", "one.2", "1", "few", "ONE")],
        "run copied without its store": [part(without_store, home, again) for again in (0, 1)],
        "run copied without one of its files": [part(lacking, home, f) for f in files],
        "one file of another run among its own": [part(mixed, home, f, 1) for f in files],
        "all but one file of another run": [part(mixed, home, f, 0) for f in files],
        "z-points of another run": [part(foreign_z, home, c) for c in ("run", "weights", "store")],
        "other store of the same name": [part(other_store, home, n) for n in (30, 31, 5)],
        "store renamed": [part(store_renamed, home)],
        **{
            f"unfinished {name} copied, gone on with elsewhere": [
                part(unfinished, world, name, world.changes[name])
            ]
            * TIMES
            for name in WORKS
        },
    }


def _two_runs(home):
    draw(home, "few")
    for seed, name in enumerate(("one", "two")):
        finish(home, name, seed=seed, store="few")


def _copy(home, folder):
    return shutil.copytree(home, folder, dirs_exist_ok=True)


def _whole(data, name="one") -> dict[str, str]:
    """Return the contents of a run; raise unless it is whole with its store and map."""
    seen = {w: found for w, found in survey(data).items() if w.endswith(f"run {name}")}
    for what, (well, found) in seen.items():
        if not well and "second map" not in what:
            raise AssertionError(f"{what}: {found}")
    return {what.removesuffix(name): found for what, (well, found) in seen.items() if well}


def elsewhere(home, place, folder, rng) -> bool:
    data = _copy(home, folder / place)
    if _whole(data) != _whole(home):
        raise AssertionError("the copy holds something else")
    _nothing_to_do(data, "one")
    return True


def _nothing_to_do(data, name):
    """Repeat every call; raise if anything was made anew."""
    before = contents(data)
    end = attempt(lambda: finish(data, name, store="few", seed=0))
    if end.how != "well":
        raise AssertionError(end.trace)
    same(contents(data), before)


def moved(home, place, folder, rng) -> bool:
    """Whoever opened it before the move is told; whoever opens it after finds it whole."""
    data = _copy(home, folder / "before")
    run = Run.open("one", data=data)
    target = folder / "after" / place
    target.parent.mkdir(parents=True)
    data.rename(target)
    for look in (lambda: run.z, lambda: run.autoencoder, lambda: run.store, lambda: run.history):
        try:
            look()
        except (FileNotFoundError, ValueError) as error:
            if "one" not in str(error):
                raise AssertionError(f"no clear error: {error!r}") from error
        else:
            raise AssertionError("it read what is not there")
    return elsewhere(target, ".", folder / "again", rng)


def renamed(home, name, folder, rng) -> bool:
    data = _copy(home, folder)
    (data / "runs/one").rename(data / "runs" / name)
    if _whole(data, name) != _whole(home):
        raise AssertionError("the renamed run holds something else")
    _nothing_to_do(data, name)
    return True


def without_store(home, again, folder, rng) -> bool:
    """All but the pictures opens; with the store made again there, all does."""
    shutil.copytree(home / "runs/one", folder / "runs/one")
    seen = survey(folder)
    for what in ("run", "history of run", "encoder of run", "decoder of run", "z-points of run"):
        if seen[f"{what} one"] != survey(home)[f"{what} one"]:
            raise AssertionError(f"{what}: {seen[f'{what} one']}")
    if seen["store of run one"][0] or "few" not in seen["store of run one"][1]:
        raise AssertionError(f"the store is missing, but: {seen['store of run one']}")
    if again:
        value_of(lambda: draw(folder, "few"))
        _nothing_to_do(folder, "one")
    return True


def lacking(home, file, folder, rng) -> bool:
    data = _copy(home, folder)
    next((data / "runs/one").rglob(file)).unlink()
    truth, struck = survey(home), False
    for what, (well, found) in survey(data).items():
        if well and "status" not in what and (well, found) != truth[what]:
            raise AssertionError(f"{what} is taken for whole, but holds what nobody made")
        struck |= not well and truth[what][0]
    return struck


def mixed(home, file, one, folder, rng) -> bool:
    """Put one file of run two into run one, or all but one."""
    data = _copy(home, folder)
    own, other = data / "runs/one", data / "runs/two"
    maps = {path.suffix: path for path in (own / "maps").iterdir()}
    for path in [p for p in other.rglob("*") if p.is_file() and p.suffix != ".lock"]:
        # maps are named by their key: another run's would never be looked at
        target = maps[path.suffix] if path.parent.name == "maps" else own / path.name
        if (target.name == file) == bool(one):
            shutil.copyfile(path, target)
    seen, owners = survey(data), {}
    for part in ("history", "encoder", "decoder", "z-points", "map"):
        well, found = seen.get(f"{part} of run one", (False, ""))
        if well:
            owners[part] = found == seen[f"{part} of run two"][1]
    if len(set(owners.values())) > 1:
        raise AssertionError(f"parts of both runs are taken for one: {owners}")
    return True


def foreign_z(home, kind, folder, rng) -> bool:
    """z-points of another run, of the run's weights of an earlier epoch, of another store."""
    data = _copy(home, folder)
    expected = contents(data)
    own = data / "runs/one"
    if kind == "run":
        for file in ("z_points.npy", "z_points.json"):
            shutil.copyfile(data / "runs/two" / file, own / file)
    elif kind == "weights":
        value_of(lambda: trained(data, "one", epochs=4, store="few") and None)
    else:
        shutil.rmtree(data / "stores/few")
        value_of(lambda: draw(data, "few", seed=5))
    seen = survey(data)
    refused = "store of run one" if kind == "store" else "z-points of run one"
    if seen[refused][0] or "aelatent encode one" not in seen[refused][1]:
        raise AssertionError(f"not refused: {refused}: {seen[refused][1][:200]}")
    if kind == "run":
        value_of(lambda: Run.open("one", data=data).encode_store(progress=False))
        same(contents(data), expected)
    return True


def other_store(home, count, folder, rng) -> bool:
    """A store of other pictures under the name: refused by run, z-points and training."""
    data = _copy(home, folder)
    shutil.rmtree(data / "stores/few")
    value_of(lambda: draw(data, "few", seed=3, count=count))
    seen = survey(data)
    for what in ("store of run one", "index of run one", "map of run one"):
        if seen[what][0] or "fingerprint" not in seen[what][1]:
            raise AssertionError(f"{what}: {seen[what][1][:200]}")
    before = contents(data)
    end = attempt(lambda: trained(data, "one", epochs=5, store="few") and None)
    if end.kind != "ValueError" or "other pictures" not in end.message:
        raise AssertionError(f"training went on with other pictures: {end}")
    same(contents(data), before)
    value_of(lambda: Run.open("one", data=data).encode_store(progress=False))
    if len(Run.open("one", data=data).index) != count:
        raise AssertionError("encoding again does not give the z-points of the new store")
    return True


def store_renamed(home, folder, rng) -> bool:
    data = _copy(home, folder)
    (data / "stores/few").rename(data / "stores/many")
    if len(ImageStore.open("many", data=data)) != len(ImageStore.open("few", data=home)):
        raise AssertionError("the renamed store holds something else")
    value_of(lambda: draw(data, "many"))  # all there
    said = survey(data)["store of run one"][1]
    if "few" not in said or "many" not in said:
        raise AssertionError(f"expected what is missing and what is there: {said}")
    return True


def unfinished(world, name, number, folder, rng) -> bool:
    """Kill a work, copy what it left to another data folder, and go on there."""
    data = world.begin(name, folder / "first")
    end = killed_before(lambda: world.works[name].do(data), rng.randrange(number))
    other = shutil.copytree(data, folder / "second")
    shutil.rmtree(data)
    world.check(name, other)
    world.go_on(name, other)
    return end.how == "killed"
