"""Family ``kills``: each work killed before each change of a file, and at random moments."""

import functools
from pathlib import Path

from children import killed_after, killed_before

RANDOM = 25  # kills at random moments of each work


def kinds(base: Path, world) -> dict[str, list]:
    found = {}
    for name in world.works:
        found[f"{name}, before each change of a file"] = [
            functools.partial(before_a_change, world, name, i) for i in range(world.changes[name])
        ]
        found[f"{name}, at a random moment"] = [
            functools.partial(at_a_moment, world, name, world.seconds[name])
        ] * RANDOM
    return found


def before_a_change(world, name, number, folder, rng) -> bool:
    data = world.begin(name, folder)
    end = killed_before(lambda: world.works[name].do(data), number)
    return _survived(world, name, data, end)


def at_a_moment(world, name, seconds, folder, rng) -> bool:
    data, killed = world.begin(name, folder), False
    for _ in range(rng.randint(1, 3)):  # several times in a row
        end = killed_after(lambda: world.works[name].do(data), rng.uniform(0, seconds))
        killed |= _survived(world, name, data, end, go_on=False)
    world.go_on(name, data)
    return killed


def _survived(world, name, data, end, go_on=True) -> bool:
    if end.how == "error":
        raise AssertionError(f"no kill, but {end.trace}")
    world.check(name, data)
    if go_on:
        world.go_on(name, data)
    return end.how == "killed"
