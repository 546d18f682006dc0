"""Family ``clocks``: clocks that go back or ahead by up to a year, and times of files at random.

The clock of the machine belongs to others, too: in the child `time.time` and its kin lie instead,
and the times of all files are set anew. Nothing may rely on their order.
"""

import functools
import os
import time
from pathlib import Path

from children import attempt, killed_before

TIMES = 6
DAY = 86_400.0


def kinds(base: Path, world) -> dict[str, list]:
    found = {}
    for name in world.works:
        number = world.changes[name]
        found[f"{name}, clock jumps during the work"] = [
            functools.partial(during, world, name)
        ] * TIMES
        found[f"{name}, killed, clock and times of files jump"] = [
            functools.partial(between, world, name, number)
        ] * TIMES
    return found


def lie(rng) -> None:
    """Let the clocks of this process jump by up to a year, back or ahead, at every look."""
    real, real_ns = time.time, time.time_ns

    def jump():
        return rng.choice([-365, -1, 1, 365, rng.uniform(-2, 2)]) * DAY

    time.time = lambda: real() + jump()
    time.time_ns = lambda: real_ns() + int(jump() * 1e9)


def scramble(data: Path, rng) -> None:
    """Set the times of all files and folders to random ones, some in the future."""
    for path in data.rglob("*"):
        seconds = time.time() + rng.uniform(-365, 365) * DAY
        os.utime(path, (seconds, seconds))


def _lying(work, rng):
    def done():
        lie(rng)
        return work()

    return done


def during(world, name, folder, rng) -> bool:
    data = world.begin(name, folder)
    end = attempt(_lying(lambda: world.works[name].do(data), rng))
    if end.how != "well":
        raise AssertionError(end.trace)
    scramble(data, rng)
    world.check(name, data)
    world.go_on(name, data)
    return True


def between(world, name, number, folder, rng) -> bool:
    data = world.begin(name, folder)
    work = functools.partial(world.works[name].do, data)
    end = killed_before(_lying(work, rng), rng.randrange(number))
    scramble(data, rng)
    world.check(name, data)
    if attempt(_lying(work, rng)).how != "well":
        raise AssertionError("repeating the call with another clock failed")
    world.go_on(name, data)
    return end.how == "killed"
