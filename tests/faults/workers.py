"""Family ``workers``: packing on several threads; works in progress that are damaged."""

import os
import signal
import tempfile
import time
from functools import partial
from pathlib import Path

import children
from children import Child, preceded, value_of
from survey import contents, is_clear, same
from works import SIZE, photos

from aelatent.images import open_source, pack

PHOTOS = 200  # in batches of 8


def workers(base: Path, world) -> dict[str, list]:
    bench = Bench(base / "bench")
    return {
        "two workers, killed at a random moment": [bench.killed] * 12,
        "two workers, Ctrl-C": [bench.interrupted] * 10,
        "two workers, limit on file sizes": [bench.limited] * 4,
        "packing, work in progress cut or changed": [partial(damaged, world, "packing")] * 25,
        "encoding, work in progress cut or changed": [partial(damaged, world, "encoding")] * 25,
    }


class Bench:
    """Photos, and the store that an undisturbed call makes of them."""

    def __init__(self, base: Path):
        self.photos = base / "photos"
        photos(self.photos, PHOTOS)
        self.seconds = children.seconds_of(lambda: self.pack(base / "data"))
        self.expected = contents(base / "data")

    def pack(self, data: Path, workers: int = 2) -> None:
        source = open_source("folder", self.photos)
        pack(source, "many", size=SIZE, workers=workers, data=data, progress=False)

    def quietly(self, folder) -> None:
        """Pack; what serves the workers, or one that could not start, may complain unheard."""
        with open(os.devnull, "wb") as nothing:
            os.dup2(nothing.fileno(), 2)
        self.pack(folder)

    def held(self, data: Path, rng, end, accepts=lambda end: False) -> bool:
        """Raise unless a repeated call, with workers or without, ends as it should."""
        assert end.how != "error" or accepts(end), f"no clear error: {end.trace}"
        found = contents(data)
        if any("/.many.partial/" not in name for name in found):  # in place: then it is whole
            same({name: found[name] for name in self.expected}, self.expected)
        value_of(lambda: self.pack(data, rng.choice([1, 2])))
        same(contents(data), self.expected)
        return end.how != "well"

    def killed(self, folder, rng) -> bool:
        end = children.killed_after(lambda: self.quietly(folder), rng.uniform(0, self.seconds))
        return self.held(folder, rng, end)

    def limited(self, folder, rng) -> bool:
        largest = max(map(len, self.expected.values()))
        end = children.within_limit(lambda: self.quietly(folder), rng, largest)
        return self.held(folder, rng, end, lambda e: e.kind == "OSError" and is_clear(e))

    def interrupted(self, folder, rng) -> bool:
        """Send Ctrl-C as a terminal does: to all processes. None of them may complain."""
        with tempfile.TemporaryFile("w+") as errors:

            def alone():
                os.setsid()
                children.heed_ctrl_c()
                os.dup2(errors.fileno(), 2)

            child = Child(preceded(alone, lambda: self.pack(folder)))
            while child.end(0) is None and not (folder / "stores").exists():
                time.sleep(0.01)
            if child.end(rng.uniform(0, self.seconds / 4)) is None:  # listing comes before
                os.killpg(child.pid, signal.SIGINT)
            end = child.end()
            errors.seek(0)
            said = errors.read()
            assert not said, f"a worker complained: {said}"
        return self.held(folder, rng, end, lambda e: e.kind == "KeyboardInterrupt")


def damaged(world, name, folder, rng) -> bool:
    """Kill a work, damage what it left of itself, and go on."""
    data, work = world.begun(name, folder)
    children.killed_before(work, rng.randrange(world.changes[name]))
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
