"""Family ``rivals``: two processes on one store or run at once.

One does the work; the other waits for nothing: it finds the work done, does it itself, or is told
that another process is at it. Whoever reads meanwhile finds what is whole, or is told.
"""

import functools
import time
from pathlib import Path

from children import Child, watch
from survey import MAP, clear, survey
from works import trained

from aelatent import Run, kept

TIMES = 8
PAUSE = 0.003  # seconds before each change of a file, so that works overlap


def kinds(base: Path, world) -> dict[str, list]:
    found = {}
    for name in world.works:
        found[f"{name}, twice at once"] = [functools.partial(twice, world, name)] * TIMES
        found[f"{name}, and a reader"] = [functools.partial(read, world, name)] * TIMES
    pairs = {
        "encoding, and training on": (_encode, _train_on),
        "encoding, and mapping": (_encode, _map),
        "training on, and mapping": (_train_on, _map),
    }
    for kind, works in pairs.items():
        found[kind] = [functools.partial(two, world, works)] * TIMES
    return found


def slow(work, wait: float = 0.0):
    def slowly():
        watch(lambda *_: time.sleep(PAUSE))
        time.sleep(wait)
        return work()

    return slowly


def twice(world, name, folder, rng) -> bool:
    data = world.begin(name, folder)
    work = functools.partial(world.works[name].do, data)
    ends = _race(work, work, rng.uniform(0, world.seconds[name]))
    if sorted(end.how == "well" or _told(end) for end in ends) != [True, True]:
        raise AssertionError(f"one was not told why: {ends}")
    if not any(end.how == "well" for end in ends):
        raise AssertionError(f"none came through: {ends}")
    world.check(name, data)
    world.go_on(name, data)
    return any(end.how == "error" for end in ends)


def _race(first, second, wait):
    children = Child(slow(first)), Child(slow(second, wait))
    ends = [child.end() for child in children]
    for end in ends:
        if end.how == "error" and not clear(end.kind, end.message):
            raise AssertionError(f"no clear refusal: {end.trace}")
    return ends


def _told(end):
    return end.kind == "RuntimeError" and "another process is" in end.message


def read(world, name, folder, rng) -> bool:
    """Open everything over and over while the work is done."""
    data = world.begin(name, folder)
    world.check(name, data)
    child, looks = Child(slow(functools.partial(world.works[name].do, data))), 0
    while child.end(0) is None:
        world.check(name, data)
        looks += 1
    if child.end().how != "well":
        raise AssertionError(child.end().trace)
    world.go_on(name, data)
    return looks > 0


def two(world, works, folder, rng) -> bool:
    """Do two different works on one run at once, then both in turn; all must be as if in turn."""
    data = world.begin("encoding", folder)
    first, second = (functools.partial(work, data) for work in works)
    ends = _race(first, second, rng.uniform(0, 0.1))
    for what, (well, found) in survey(data).items():
        if not well and " kept" in what and "second map" not in what:
            raise AssertionError(f"{what} is lost: {found}")
    for work in (_train_on, _encode, _map):
        if (end := Child(functools.partial(work, data)).end()).how != "well":
            raise AssertionError(end.trace)
    refused = {what: said for what, (well, said) in survey(data).items() if not well}
    if set(refused) - {"second map of run again", "second map of run kept"}:
        raise AssertionError(f"after all was done: {refused}")
    return any(end.how == "error" for end in ends)


def _encode(data):
    Run.open("again", data=data).encode_store(progress=False)


def _train_on(data):
    trained(data, "again", epochs=6)


def _map(data):
    kept.map_of(Run.open("again", data=data), MAP, progress=False)
