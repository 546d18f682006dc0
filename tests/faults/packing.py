"""Kill packing at every file operation and at random moments; resume; compare byte by byte.

    python tests/faults/packing.py                    # all cases; 40 kills at random moments
    python tests/faults/packing.py --random 400 --seed 7

Cases: SIGKILL right before each file operation (one process); SIGKILL at random moments with worker
processes, several times in a row; Ctrl-C sent to all processes; a full disk (a limit on file
sizes); a work in progress whose files are cut or changed at random places. After each the same call
is repeated: the store must be the one that an uninterrupted call makes, and nothing else be left.
"""

import argparse
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))
from images.bad_files import bad_pictures, photo
from kills import killed_after, killed_at
from tqdm.auto import tqdm

from aelatent.images import open_source, pack, packing

NAME, SIZE = "store", 16

# The lock of tqdm is shared with forked children: one that is killed while it holds it would stop
# this process for ever.
tqdm.monitor_interval = 0
tqdm.set_lock(threading.RLock())


def make_photos(folder: Path, count: int) -> None:
    """Write photos, with bad ones among them."""
    folder.mkdir()
    for i in range(count):
        (folder / f"{i}.jpg").write_bytes(photo(i, 30 + i % 7, 40))
    for number, (name, (data, _)) in enumerate(bad_pictures().items()):
        (folder / f"{number * count // 12}-{name}").write_bytes(data)


def work(photos: Path, data: Path, workers: int) -> None:
    """Pack the photos in small batches, so that there are many states to be killed in."""
    packing.BATCH = 8
    warnings.filterwarnings("ignore", ".*starting anew")  # where the request was damaged
    pack(open_source("folder", photos), NAME, size=SIZE, workers=workers, data=data, progress=False)


def contents(data: Path) -> dict[str, bytes]:
    """Return everything below a data folder but the lock."""
    files = (path for path in data.rglob("*") if path.is_file() and path.suffix != ".lock")
    return {path.relative_to(data).as_posix(): path.read_bytes() for path in files}


class Bench:
    """Photos, the store that an uninterrupted call makes of them, and a tally of cases."""

    def __init__(self, folder: Path, count: int, seed: int):
        self.folder = folder
        self.photos = folder / "photos"
        self.random = random.Random(seed)
        self.tally: dict[str, list[int]] = {}
        make_photos(self.photos, count)
        start = time.monotonic()
        work(self.photos, folder / "expected", 2)
        self.seconds = time.monotonic() - start
        self.expected = contents(folder / "expected")

    def case(self, label: str, interrupt) -> None:
        """Let `interrupt(data)` leave a work in progress; resume it and compare."""
        data = self.folder / "data"
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir()
        interrupt(data)
        found = contents(data)
        placed = {name for name in found if f"/.{NAME}.partial/" not in name}
        sound = not placed or all(found.get(name) == self.expected[name] for name in self.expected)
        work(self.photos, data, self.random.choice([1, 2]))
        survived = sound and contents(data) == self.expected
        tried = self.tally.setdefault(label, [0, 0])
        tried[0] += 1
        tried[1] += survived
        if not survived:
            print(f"FAILED: {label}, case {tried[0]}; found {sorted(contents(data))}")

    def every_operation(self, step: int) -> None:
        killed, operation = True, 0
        while killed:
            outcome = []
            self.case(
                "killed before each file operation",
                lambda data, k=operation, seen=outcome: seen.append(
                    killed_at(lambda: work(self.photos, data, 1), k)
                ),
            )
            killed, operation = outcome[0], operation + step

    def random_kills(self, count: int, workers: int) -> None:
        def interrupt(data):
            for _ in range(self.random.randint(1, 3)):
                moment = self.random.uniform(0, 1.1 * self.seconds)
                killed_after(lambda: work(self.photos, data, workers), moment)

        for _ in range(count):
            self.case(f"killed at a random moment, workers={workers}", interrupt)

    def interrupts(self, count: int) -> None:
        def interrupt(data):
            child = self._start(data)
            while child.poll() is None and not (data / "stores").exists():
                time.sleep(0.01)
            time.sleep(self.random.uniform(0, 1.1 * self.seconds))
            os.killpg(child.pid, signal.SIGINT)  # as a terminal does: to all of its processes
            _, errors = child.communicate(timeout=60)
            if errors and "KeyboardInterrupt" not in errors:
                raise RuntimeError(f"ended with {child.returncode} and said: {errors}")
            if errors.count("Traceback") > 1:
                raise RuntimeError(f"more than one process complained: {errors}")

        for _ in range(count):
            self.case("Ctrl-C", interrupt)

    def full_disks(self, count: int) -> None:
        def interrupt(data):
            whole = len(self.expected[f"stores/{NAME}/images.npy"])
            child = self._start(data, "--limit", str(self.random.randrange(whole)))
            _, errors = child.communicate(timeout=120)
            if child.returncode == 0 or "repeat the same call" not in errors:
                raise RuntimeError(f"no clear error: {errors}")

        for _ in range(count):
            self.case("full disk", interrupt)

    def damages(self, count: int) -> None:
        def interrupt(data):
            killed_after(lambda: work(self.photos, data, 1), self.random.uniform(0, self.seconds))
            for path in data.glob(f"stores/.{NAME}.partial/*"):
                content = bytearray(path.read_bytes())
                if content and self.random.random() < 0.7:
                    place = self.random.randrange(len(content))
                    if self.random.random() < 0.5:
                        del content[place:]
                    else:
                        content[place] ^= self.random.randrange(1, 256)
                    path.write_bytes(content)

        for _ in range(count):
            self.case("work in progress cut or changed", interrupt)

    def _start(self, data, *options):
        command = [sys.executable, __file__, "--work", str(self.photos), str(data), *options]
        return subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE, text=True)

    def report(self) -> bool:
        """Print the tally; tell whether every case was survived."""
        print(f"{'case':45}{'tried':>7}{'survived':>10}")
        for label, (tried, survived) in self.tally.items():
            print(f"{label:45}{tried:7}{survived:10}")
        return all(tried == survived for tried, survived in self.tally.values())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--random", type=int, default=40, help="kills at random moments")
    parser.add_argument("--others", type=int, default=10, help="cases of each other kind")
    parser.add_argument("--step", type=int, default=1, help="kill before every so many operations")
    parser.add_argument("--photos", type=int, default=1200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", nargs=2, type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--limit", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        if options.limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (options.limit, resource.RLIM_INFINITY))
        work(*options.work, 2)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        few = Bench(Path(folder), 40, options.seed)
        few.every_operation(options.step)
        few.damages(options.others * 4)
        ok = few.report()
    with tempfile.TemporaryDirectory() as folder:
        many = Bench(Path(folder), options.photos, options.seed)
        many.random_kills(options.random // 2, 1)
        many.random_kills(options.random - options.random // 2, 2)
        many.interrupts(options.others)
        many.full_disks(options.others)
        return 0 if many.report() and ok else 1


if __name__ == "__main__":
    sys.exit(main())
