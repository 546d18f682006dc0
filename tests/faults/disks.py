"""Family ``disks``: full disks, limits on file sizes, disks that fail on the way.

Where mounting is permitted the full disk is a real one, of a few pages or files; everywhere there
are a limit on file sizes (RLIMIT_FSIZE) and errors put in at each change of a file.
"""

import errno
import functools
from pathlib import Path

import mounts
from children import attempt, failing_from, value_of, within_limit
from survey import clear

LEAST = 64  # bytes: joblib makes semaphores, files of 32 bytes that the system keeps in memory
TIMES = 8  # of each work, for each kind that is not one per change


def kinds(base: Path, world) -> dict[str, list]:
    found, mounting = {}, mounts.permitted()
    if not mounting:
        print("disks: no file system may be mounted here; limits and put-in errors stand in")
    for name in world.works:
        if mounting:
            found[f"{name}, tmpfs without room"] = [
                functools.partial(on_a_small_disk, world, name, "pages")
            ] * TIMES
            found[f"{name}, tmpfs without room for more files"] = [
                functools.partial(on_a_small_disk, world, name, "files")
            ] * TIMES
        found[f"{name}, limit on file sizes"] = [functools.partial(limited, world, name)] * TIMES
        found[f"{name}, disk error put in at each change"] = [
            functools.partial(failing, world, name, number) for number in range(world.changes[name])
        ]
    return found


def on_a_small_disk(world, name, scarce, folder, rng) -> bool:
    there = sum(1 for _ in (world.base / "before" / name).rglob("*")) + 1  # the root, too
    used, wanted = (mounts.pages(world.contents(name, when)) for when in ("before", "after"))
    size = {
        "pages": {"pages": used + rng.randrange(max(wanted - used, 1))},
        "files": {"pages": 10_000, "files": there + rng.randrange(len(world.new_contents(name)))},
    }[scarce]

    def there_alone():
        mounts.alone()
        mounts.small(folder, **size)
        data = world.begin(name, folder)
        end = attempt(lambda: world.works[name].do(data))
        return _refused(world, name, data, end, lambda: mounts.grow(folder))

    return value_of(there_alone)


def limited(world, name, folder, rng) -> bool:
    data = world.begin(name, folder)
    largest = max(map(len, world.new_contents(name).values()))
    limit, early = rng.randrange(LEAST, largest), rng.random() < 0.5
    work = functools.partial(world.works[name].do, data)
    return _refused(world, name, data, attempt(lambda: within_limit(work, limit, early)))


def failing(world, name, number, folder, rng) -> bool:
    data = world.begin(name, folder)
    error, lasting = rng.choice([errno.ENOSPC, errno.EDQUOT, errno.EIO]), rng.random() < 0.5
    end = failing_from(lambda: world.works[name].do(data), number, error, lasting)
    return _refused(world, name, data, end, broken=error == errno.EIO)


def _refused(world, name, data, end, mend=lambda: None, broken=False) -> bool:
    """Check a work that met a disk error; a broken disk is left to the system to describe."""
    if end.how == "error":
        told = end.kind == "OSError" if broken else clear(end.kind, end.message)
        if not told or "Error" not in end.kind:
            raise AssertionError(f"no clear error: {end.trace}")
    world.check(name, data)
    mend()
    world.go_on(name, data)
    return end.how == "error"
