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

import children
import mounts
from children import Child, attempt, preceded, value_of, watch
from survey import MAP, contents, is_clear, same, survey
from works import trained

from aelatent import Run, kept

PAUSE = 0.003  # seconds before each change of a file, so that works of rivals overlap


def kills(base: Path, world) -> dict[str, list]:
    def kinds(name):
        return {
            "before each change of a file": _each_change(world, name, before_a_change),
            "at a random moment": [at_a_moment] * 25,
        }

    return _of_each_work(world, kinds)


def disks(base: Path, world) -> dict[str, list]:
    mounted = 8 if _mounting("disks") else 0

    def kinds(name):
        return {
            "limit on file sizes": [limited] * 8,
            "disk error put in at each change": _each_change(
                world, name, partial(failing, (errno.ENOSPC, errno.EDQUOT, errno.EIO))
            ),
            "tmpfs without room": [partial(on_a_small_disk, "pages")] * mounted,
            "tmpfs without room for more files": [partial(on_a_small_disk, "files")] * mounted,
        }

    return _of_each_work(world, kinds)


def readonly(base: Path, world) -> dict[str, list]:
    mounted = _mounting("readonly")

    def kinds(name):
        # a training that is finished takes its lock all the same
        done = [False] if name == "training" else [False, True]
        return {
            "no leave to write": [partial(without_leave, share) for share in (0, *[0.5] * 4)],
            "refusal put in at each change": _each_change(
                world, name, partial(failing, (errno.EROFS, errno.EACCES))
            ),
            "read-only file system": [partial(on_a_read_only_disk, again) for again in done]
            if mounted
            else [],
        }

    return _of_each_work(world, kinds)


def clocks(base: Path, world) -> dict[str, list]:
    kinds = {
        "clock jumps during the work": [with_a_jumping_clock] * 6,
        "killed, clock and times of files jump": [killed_on_the_way] * 6,
    }
    return _of_each_work(world, lambda name: kinds)


def rivals(base: Path, world) -> dict[str, list]:
    kinds = {"twice at once": [twice] * 8, "and a reader": [read] * 8}
    return _of_each_work(world, lambda name: kinds) | {
        "encoding, and training on": [partial(two, world, _encode, _train_on)] * 8,
        "encoding, and mapping": [partial(two, world, _encode, _map)] * 8,
        "training on, and mapping": [partial(two, world, _train_on, _map)] * 8,
    }


def _of_each_work(world, kinds):
    return {
        f"{name}, {kind}": [partial(case, world=world, name=name) for case in cases]
        for name in world.works
        for kind, cases in kinds(name).items()
    }


def _each_change(world, name, case):
    return [partial(case, number=number) for number in range(world.changes[name])]


def _mounting(family):
    permitted = mounts.permitted()
    if not permitted:
        print(f"{family}: no file system may be mounted here; the other kinds stand in")
    return permitted


def _held(world, name, data, end, accepts=is_clear, mend=lambda: None) -> bool:
    """Raise unless all is whole after a disturbed work, and a repeated call ends as it should.

    Returns whether the work was disturbed. An error must be one that `accepts` takes; `mend` is
    called before the work is repeated.
    """
    assert end.how != "error" or accepts(end), f"no clear error: {end.trace}"
    world.check(name, data)
    mend()
    world.go_on(name, data)
    return end.how != "well"


def none(end) -> bool:
    """Take no error at all."""
    return False


# kills


def before_a_change(folder, rng, *, world, name, number) -> bool:
    data, work = world.begun(name, folder)
    return _held(world, name, data, children.killed_before(work, number), none)


def at_a_moment(folder, rng, *, world, name) -> bool:
    data, work = world.begun(name, folder)
    ends = []
    for _ in range(rng.randint(1, 3)):  # several times in a row
        ends.append(children.killed_after(work, rng.uniform(0, world.seconds[name])))
        world.check(name, data)
    struck = [_held(world, name, data, end, none) for end in ends]
    return any(struck)


# disks


def limited(folder, rng, *, world, name) -> bool:
    data, work = world.begun(name, folder)
    largest = max(map(len, world.new_contents(name).values()))
    return _held(world, name, data, children.within_limit(work, rng, largest))


def failing(errors, folder, rng, *, world, name, number) -> bool:
    data, work = world.begun(name, folder)
    error = rng.choice(errors)
    end = children.failing_from(work, number, error, lasting=rng.random() < 0.5)
    # a broken disk is left to the system to describe
    broken = error == errno.EIO and end.kind == "OSError"
    return _held(world, name, data, end, lambda end: broken or is_clear(end))


def on_a_small_disk(scarce, folder, rng, *, world, name) -> bool:
    if scarce == "pages":
        used, wanted = (
            sum(-(-len(content) // 4096) for content in world.contents(name, when).values())
            for when in ("before", "after")
        )
        room = {"pages": used + rng.randrange(max(wanted - used, 1))}
    else:
        there = sum(1 for _ in (world.base / "before" / name).rglob("*")) + 1  # the root, too
        room = {"files": there + rng.randrange(len(world.new_contents(name)))}

    def there_alone():
        mounts.alone()
        mounts.small(folder, **room)
        data, work = world.begun(name, folder)
        return _held(world, name, data, attempt(work), mend=lambda: mounts.grow(folder))

    return value_of(there_alone)


# folders and file systems that cannot be written to


def on_a_read_only_disk(again, folder, rng, *, world, name) -> bool:
    """Call where nothing can be written: refused, unless (`again`) all is there already."""

    def there_alone():
        mounts.alone()
        mounts.small(folder)
        data, work = world.begun(name, folder)
        if again:
            work()
        before = contents(data)
        mounts.read_only(folder, True)
        end = attempt(work)
        assert end.how == ("well" if again else "error"), f"expected the contrary: {end}"

        def mend():
            same(contents(data), before)
            mounts.read_only(folder, False)

        _held(world, name, data, end, mend=mend)
        return True

    return value_of(there_alone)


def without_leave(share, folder, rng, *, world, name) -> bool:
    """Work without leave to write, but in a random `share` of the folders."""
    data, work = world.begun(name, folder)
    folders = [data, *(path for path in data.rglob("*") if path.is_dir())]
    for path in folders:
        path.chmod(0o755 if rng.random() < share else 0o555)
    end = attempt(preceded(mounts.as_anybody, work))
    value_of(preceded(mounts.as_anybody, partial(world.check, name, data)))
    for path in folders:
        path.chmod(0o755)
    return _held(world, name, data, end)


# clocks


def with_a_jumping_clock(folder, rng, *, world, name) -> bool:
    data, work = world.begun(name, folder)
    end = attempt(preceded(partial(children.lie, rng), work))
    _scramble(data, rng)
    _held(world, name, data, end, none)
    return True


def killed_on_the_way(folder, rng, *, world, name) -> bool:
    data, work = world.begun(name, folder)
    lying = preceded(partial(children.lie, rng), work)
    end = children.killed_before(lying, rng.randrange(world.changes[name]))
    _scramble(data, rng)
    return _held(world, name, data, end, none, mend=lambda: value_of(lying))


def _scramble(data, rng):
    """Set the times of all files and folders to random ones, some in the future."""
    for path in data.rglob("*"):
        seconds = time.time() + rng.uniform(-365, 365) * 86_400
        os.utime(path, (seconds, seconds))


# rivals: whoever comes second finds the work done, does it, or is told that another is at it


def twice(folder, rng, *, world, name) -> bool:
    data, work = world.begun(name, folder)
    ends = _race(work, work, rng.uniform(0, world.seconds[name]))

    def told(end):
        return end.kind == "RuntimeError" and "another process is" in end.message

    for end in ends:
        _held(world, name, data, end, told)
    assert not all(map(told, ends)), f"none came through: {ends}"
    return any(map(told, ends))


def _slowly(work):
    return preceded(lambda: watch(lambda *_: time.sleep(PAUSE)), work)


def _race(first, second, wait):
    racing = Child(_slowly(first)), Child(preceded(lambda: time.sleep(wait), _slowly(second)))
    return [child.end() for child in racing]


def read(folder, rng, *, world, name) -> bool:
    """Open everything over and over while the work is done."""
    data, work = world.begun(name, folder)
    child, looks = Child(_slowly(work)), 0
    while child.end(0) is None:
        world.check(name, data)
        looks += 1
    _held(world, name, data, child.end(), none)
    return looks > 0


def two(world, first, second, folder, rng) -> bool:
    """Do two different works on one run at once, then both in turn; all must be as if in turn."""
    data = world.begin("encoding", folder)
    ends = _race(partial(first, data), partial(second, data), rng.uniform(0, 0.1))
    failed = [end for end in ends if end.how == "error"]
    assert all(map(is_clear, failed)), f"no clear refusal: {failed}"
    for what, (well, found) in survey(data).items():
        assert well or " kept" not in what or "second map" in what, f"{what} is lost: {found}"
    for work in (_train_on, _encode, _map):
        value_of(partial(work, data))
    refused = {what for what, (well, _) in survey(data).items() if not well}
    assert refused <= {"second map of run again", "second map of run kept"}, refused
    return bool(failed)


def _encode(data):
    Run.open("again", data=data).encode_store(progress=False)


def _train_on(data):
    trained(data, "again", epochs=6)


def _map(data):
    kept.map_of(Run.open("again", data=data), MAP, progress=False)
