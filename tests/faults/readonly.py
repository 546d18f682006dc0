"""Family ``readonly``: folders and file systems that cannot be written to.

Folders lose their leave to write; root, who may write all the same, gives up that capability in
the child. Where mounting is permitted there is a read-only file system, too; and everywhere
refusals put in at each change of a file.
"""

import errno
import functools
from pathlib import Path

import mounts
from children import attempt, failing_from, value_of
from survey import clear, contents, same

TIMES = 4


def kinds(base: Path, world) -> dict[str, list]:
    found, mounting = {}, mounts.permitted()
    if not mounting:
        print(
            "readonly: no file system may be mounted here; folders without leave to write stand in"
        )
    for name in world.works:
        if mounting:
            found[f"{name}, read-only file system"] = [
                functools.partial(on_a_read_only_disk, world, name, again)
                for again in ([False] if name == "training" else [False, True])
            ]
        found[f"{name}, no leave to write"] = [
            functools.partial(without_leave, world, name, share) for share in (0, *[0.5] * TIMES)
        ]
        found[f"{name}, refusal put in at each change"] = [
            functools.partial(refusing, world, name, number)
            for number in range(world.changes[name])
        ]
    return found


def on_a_read_only_disk(world, name, again, folder, rng) -> bool:
    """Call where nothing can be written: refused, unless (`again`) all is there already."""

    def there_alone():
        mounts.alone()
        mounts.small(folder, 10_000)
        data = world.begin(name, folder)
        if again:
            world.works[name].do(data)
        before = contents(data)
        mounts.read_only(folder, True)
        end = attempt(lambda: world.works[name].do(data))
        if again and end.how != "well":
            raise AssertionError(f"all was there; {end.trace}")
        if not again and not (end.how == "error" and clear(end.kind, end.message)):
            raise AssertionError(f"no clear error: {end}")
        world.check(name, data)
        same(contents(data), before)
        mounts.read_only(folder, False)
        world.go_on(name, data)
        return True

    return value_of(there_alone)


def without_leave(world, name, share, folder, rng) -> bool:
    """Work without leave to write, but in a random `share` of the folders."""
    data = world.begin(name, folder)
    folders = [data, *(path for path in data.rglob("*") if path.is_dir())]
    own = [path for path in folders if rng.random() < share]
    for path in folders:
        path.chmod(0o755 if path in own else 0o555)
    end = attempt(_without_capabilities(lambda: world.works[name].do(data)))
    if end.how == "error" and not clear(end.kind, end.message):
        raise AssertionError(f"no clear error: {end.trace}")
    value_of(_without_capabilities(lambda: world.check(name, data)))
    for path in folders:
        path.chmod(0o755)
    world.go_on(name, data)
    return end.how == "error"


def _without_capabilities(work):
    def done():
        mounts.as_anybody()
        return work()

    return done


def refusing(world, name, number, folder, rng) -> bool:
    data = world.begin(name, folder)
    error, lasting = rng.choice([errno.EROFS, errno.EACCES]), rng.random() < 0.5
    end = failing_from(lambda: world.works[name].do(data), number, error, lasting)
    if end.how == "error" and not clear(end.kind, end.message):
        raise AssertionError(f"no clear error: {end.trace}")
    world.check(name, data)
    world.go_on(name, data)
    return end.how == "error"
