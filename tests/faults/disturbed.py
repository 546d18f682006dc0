"""Families ``kills``, ``disks``, ``readonly``, ``clocks`` and ``rivals``: each work, disturbed.

Where mounting is permitted full and read-only disks are real ones, of a few pages or files;
everywhere there are a limit on file sizes, folders without leave to write (root gives up that
capability in the child), and errors put in at each change of a file.
"""

import errno
import os
import time
from functools import partial
from pathlib import Path

import mounts
from children import (
    Child,
    attempt,
    failing_from,
    killed_after,
    killed_before,
    lie,
    preceded,
    value_of,
    watch,
    within_limit,
)
from survey import MAP, clear, contents, same, survey
from works import trained

from aelatent import Run, kept

PAUSE = 0.003  # seconds before each change of a file, so that works of rivals overlap
FULL, DENIED = (errno.ENOSPC, errno.EDQUOT, errno.EIO), (errno.EROFS, errno.EACCES)


def kills(base: Path, world) -> dict[str, list]:
    return _of_each_work(
        world,
        {
            "before each change of a file": (before_a_change, _changes(world)),
            "at a random moment": (at_a_moment, lambda _: [()] * 25),
        },
    )


def disks(base: Path, world) -> dict[str, list]:
    kinds = {
        "limit on file sizes": (limited, lambda _: [()] * 8),
        "disk error put in at each change": (partial(failing, FULL), _changes(world)),
    }
    if _mounting("disks"):
        kinds["tmpfs without room"] = (on_a_small_disk, lambda _: [("pages",)] * 8)
        kinds["tmpfs without room for more files"] = (on_a_small_disk, lambda _: [("files",)] * 8)
    return _of_each_work(world, kinds)


def readonly(base: Path, world) -> dict[str, list]:
    kinds = {
        "no leave to write": (without_leave, lambda _: [(0,), *[(0.5,)] * 4]),
        "refusal put in at each change": (partial(failing, DENIED), _changes(world)),
    }
    if _mounting("readonly"):
        # a training that is finished takes its lock all the same
        kinds["read-only file system"] = (
            on_a_read_only_disk,
            lambda name: [(False,), (True,)][: 1 if name == "training" else 2],
        )
    return _of_each_work(world, kinds)


def clocks(base: Path, world) -> dict[str, list]:
    return _of_each_work(
        world,
        {
            "clock jumps during the work": (with_a_jumping_clock, lambda _: [()] * 6),
            "killed, clock and times of files jump": (killed_on_the_way, lambda _: [()] * 6),
        },
    )


def rivals(base: Path, world) -> dict[str, list]:
    found = _of_each_work(
        world,
        {
            "twice at once": (twice, lambda _: [()] * 8),
            "and a reader": (read, lambda _: [()] * 8),
        },
    )
    return found | {
        "encoding, and training on": [partial(two, world, _encode, _train_on)] * 8,
        "encoding, and mapping": [partial(two, world, _encode, _map)] * 8,
        "training on, and mapping": [partial(two, world, _train_on, _map)] * 8,
    }


def _of_each_work(world, kinds):
    return {
        f"{name}, {kind}": [partial(case, world, name, *variant) for variant in variants(name)]
        for name in world.works
        for kind, (case, variants) in kinds.items()
    }


def _changes(world):
    return lambda name: [(number,) for number in range(world.changes[name])]


def _mounting(family):
    permitted = mounts.permitted()
    if not permitted:
        print(f"{family}: no file system may be mounted here; the other kinds stand in")
    return permitted


def _begun(world, name, folder):
    data = world.begin(name, folder)
    return data, partial(world.works[name].do, data)


def _held(world, name, data, end, accepts=lambda end: False, mend=lambda: None) -> bool:
    """Raise unless all is whole after a disturbed work, and a repeated call ends as it should.

    Returns whether the work was disturbed. An error must be one that `accepts` takes; `mend` is
    called before the work is repeated.
    """
    if end.how == "error" and not accepts(end):
        raise AssertionError(f"no clear error: {end.trace}")
    world.check(name, data)
    mend()
    world.go_on(name, data)
    return end.how != "well"


def is_clear(end) -> bool:
    return clear(end.kind, end.message)


# kills


def before_a_change(world, name, number, folder, rng) -> bool:
    data, work = _begun(world, name, folder)
    return _held(world, name, data, killed_before(work, number))


def at_a_moment(world, name, folder, rng) -> bool:
    data, work = _begun(world, name, folder)
    ends = []
    for _ in range(rng.randint(1, 3)):  # several times in a row
        ends.append(killed_after(work, rng.uniform(0, world.seconds[name])))
        world.check(name, data)
    disturbed = [_held(world, name, data, end) for end in ends]
    return any(disturbed)


# disks


def limited(world, name, folder, rng) -> bool:
    data, work = _begun(world, name, folder)
    largest = max(map(len, world.new_contents(name).values()))
    return _held(world, name, data, within_limit(work, rng, largest), is_clear)


def failing(errors, world, name, number, folder, rng) -> bool:
    data, work = _begun(world, name, folder)
    error, lasting = rng.choice(errors), rng.random() < 0.5
    end = failing_from(work, number, error, lasting)
    if error == errno.EIO:  # a broken disk is left to the system to describe
        return _held(world, name, data, end, lambda end: end.kind == "OSError")
    return _held(world, name, data, end, is_clear)


def on_a_small_disk(world, name, scarce, folder, rng) -> bool:
    room = {}
    if scarce == "pages":
        used, wanted = (
            sum(-(-len(content) // 4096) for content in world.contents(name, when).values())
            for when in ("before", "after")
        )
        room["pages"] = used + rng.randrange(max(wanted - used, 1))
    else:
        there = sum(1 for _ in (world.base / "before" / name).rglob("*")) + 1  # the root, too
        room["files"] = there + rng.randrange(len(world.new_contents(name)))

    def there_alone():
        mounts.alone()
        mounts.small(folder, **room)
        data, work = _begun(world, name, folder)
        return _held(world, name, data, attempt(work), is_clear, lambda: mounts.grow(folder))

    return value_of(there_alone)


# folders and file systems that cannot be written to


def on_a_read_only_disk(world, name, again, folder, rng) -> bool:
    """Call where nothing can be written: refused, unless (`again`) all is there already."""

    def there_alone():
        mounts.alone()
        mounts.small(folder)
        data, work = _begun(world, name, folder)
        if again:
            work()
        before = contents(data)
        mounts.read_only(folder, True)
        end = attempt(work)
        if end.how != ("well" if again else "error"):
            raise AssertionError(f"expected the contrary: {end}")

        def mend():
            same(contents(data), before)
            mounts.read_only(folder, False)

        _held(world, name, data, end, is_clear, mend)
        return True

    return value_of(there_alone)


def without_leave(world, name, share, folder, rng) -> bool:
    """Work without leave to write, but in a random `share` of the folders."""
    data, work = _begun(world, name, folder)
    folders = [data, *(path for path in data.rglob("*") if path.is_dir())]
    for path in folders:
        path.chmod(0o755 if rng.random() < share else 0o555)
    end = attempt(preceded(mounts.as_anybody, work))
    value_of(preceded(mounts.as_anybody, partial(world.check, name, data)))
    for path in folders:
        path.chmod(0o755)
    return _held(world, name, data, end, is_clear)


# clocks


def with_a_jumping_clock(world, name, folder, rng) -> bool:
    data, work = _begun(world, name, folder)
    end = attempt(preceded(partial(lie, rng), work))
    _scramble(data, rng)
    _held(world, name, data, end)
    return True


def killed_on_the_way(world, name, folder, rng) -> bool:
    data, work = _begun(world, name, folder)
    lying = preceded(partial(lie, rng), work)
    end = killed_before(lying, rng.randrange(world.changes[name]))
    _scramble(data, rng)
    return _held(world, name, data, end, mend=lambda: value_of(lying))


def _scramble(data, rng):
    """Set the times of all files and folders to random ones, some in the future."""
    for path in data.rglob("*"):
        seconds = time.time() + rng.uniform(-365, 365) * 86_400
        os.utime(path, (seconds, seconds))


# rivals: whoever comes second finds the work done, does it, or is told that another is at it


def twice(world, name, folder, rng) -> bool:
    data, work = _begun(world, name, folder)
    ends = _race(work, work, rng.uniform(0, world.seconds[name]))
    told = [e.kind == "RuntimeError" and "another process is" in e.message for e in ends]
    for end, was_told in zip(ends, told, strict=True):
        _held(world, name, data, end, lambda _, was_told=was_told: was_told)
    if all(told):
        raise AssertionError(f"none came through: {ends}")
    return any(told)


def _race(first, second, wait):
    def pause(*_):
        time.sleep(PAUSE)

    def late():
        watch(pause)
        time.sleep(wait)

    children = Child(preceded(lambda: watch(pause), first)), Child(preceded(late, second))
    return [child.end() for child in children]


def read(world, name, folder, rng) -> bool:
    """Open everything over and over while the work is done."""
    data, work = _begun(world, name, folder)
    child, looks = Child(preceded(lambda: watch(lambda *_: time.sleep(PAUSE)), work)), 0
    while child.end(0) is None:
        world.check(name, data)
        looks += 1
    _held(world, name, data, child.end())
    return looks > 0


def two(world, first, second, folder, rng) -> bool:
    """Do two different works on one run at once, then both in turn; all must be as if in turn."""
    data = world.begin("encoding", folder)
    ends = _race(partial(first, data), partial(second, data), rng.uniform(0, 0.1))
    if unclear := [end for end in ends if end.how == "error" and not is_clear(end)]:
        raise AssertionError(f"no clear refusal: {unclear}")
    for what, (well, found) in survey(data).items():
        if not well and " kept" in what and "second map" not in what:
            raise AssertionError(f"{what} is lost: {found}")
    for work in (_train_on, _encode, _map):
        value_of(partial(work, data))
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
