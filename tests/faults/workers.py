"""Family ``workers``: packing with worker processes; works in progress that are damaged."""

import functools
import os
import signal
import tempfile
import time
from pathlib import Path

from children import (
    Child,
    attempt,
    heed_ctrl_c,
    killed_after,
    killed_before,
    value_of,
    within_limit,
)
from images.bad_files import photo
from survey import clear, contents, same
from works import SIZE

from aelatent.images import open_source, pack

PHOTOS = 200  # in batches of 8: more than are packed without workers
TIMES = {"kills": 12, "Ctrl-C": 10, "limits": 4, "damages": 25}


def kinds(base: Path, world) -> dict[str, list]:
    bench = Bench(base / "bench")
    return {
        "two workers, killed at a random moment": [bench.killed] * TIMES["kills"],
        "two workers, Ctrl-C to all processes": [bench.interrupted] * TIMES["Ctrl-C"],
        "two workers, limit on file sizes": [bench.limited] * TIMES["limits"],
        **{
            f"{name}, work in progress cut or changed": [
                functools.partial(damaged, world, name, world.changes[name])
            ]
            * TIMES["damages"]
            for name in ("packing", "encoding")
        },
    }


class Bench:
    """Photos, and the store that an undisturbed call makes of them."""

    def __init__(self, base: Path):
        self.photos = base / "photos"
        self.photos.mkdir(parents=True)
        for i in range(PHOTOS):
            (self.photos / f"{i}.jpg").write_bytes(photo(i, 30 + i % 7, 40))
        begun = time.monotonic()
        value_of(lambda: self.pack(base / "data"))
        self.seconds = time.monotonic() - begun
        self.expected = contents(base / "data")

    def pack(self, data: Path, workers: int = 2) -> None:
        source = open_source("folder", self.photos)
        pack(source, "many", size=SIZE, workers=workers, data=data, progress=False)

    def go_on(self, data: Path, rng) -> None:
        """Repeat the call, with workers or without."""
        found = contents(data)
        placed = {name for name in found if "/.many.partial/" not in name}
        if placed:
            same({name: found[name] for name in self.expected}, self.expected)
        end = attempt(lambda: self.pack(data, rng.choice([1, 2])))
        if end.how != "well":
            raise AssertionError(f"repeating the call failed: {end.trace}")
        same(contents(data), self.expected)

    def quietly(self, folder) -> None:
        """Pack; what serves the workers, or one that could not start, may complain unheard."""
        with open(os.devnull, "wb") as nothing:
            os.dup2(nothing.fileno(), 2)
        self.pack(folder)

    def killed(self, folder, rng) -> bool:
        end = killed_after(lambda: self.quietly(folder), rng.uniform(0, self.seconds))
        if end.how == "error":
            raise AssertionError(end.trace)
        self.go_on(folder, rng)
        return end.how == "killed"

    def interrupted(self, folder, rng) -> bool:
        """Send Ctrl-C as a terminal does: to all processes. One of them may complain."""
        with tempfile.TemporaryFile("w+") as errors:

            def alone():
                os.setsid()
                heed_ctrl_c()
                os.dup2(errors.fileno(), 2)
                self.pack(folder)

            child = Child(alone)
            while child.end(0) is None and not (folder / "stores").exists():
                time.sleep(0.01)
            if child.end(rng.uniform(0, self.seconds)) is None:
                os.killpg(child.pid, signal.SIGINT)
            end = child.end()
            errors.seek(0)
            if said := errors.read():
                raise AssertionError(f"a worker complained: {said}")
        if end.how == "error" and end.kind != "KeyboardInterrupt":
            raise AssertionError(end.trace)
        self.go_on(folder, rng)
        return end.how == "error"

    def limited(self, folder, rng) -> bool:
        limit, early = rng.randrange(max(map(len, self.expected.values()))), rng.random() < 0.5
        end = attempt(lambda: within_limit(lambda: self.quietly(folder), limit, early))
        if end.how == "error" and not (end.kind == "OSError" and clear(end.kind, end.message)):
            raise AssertionError(f"no clear error: {end.trace}")
        self.go_on(folder, rng)
        return end.how == "error"


def damaged(world, name, number, folder, rng) -> bool:
    """Kill a work, damage what it left of itself, and go on."""
    data = world.begin(name, folder)
    killed_before(lambda: world.works[name].do(data), rng.randrange(number))
    struck = False
    for path in sorted(data.rglob(".*.partial/*")):
        content = bytearray(path.read_bytes())
        if content and rng.random() < 0.7:
            place = rng.randrange(len(content))
            if rng.random() < 0.5:
                del content[place:]
            else:
                content[place] ^= rng.randrange(1, 256)
            path.write_bytes(content)
            struck = True
    world.check(name, data)
    world.go_on(name, data)
    return struck
