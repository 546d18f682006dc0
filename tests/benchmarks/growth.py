"""Time and peak memory of whole steps, and how both grow with the number of pictures.

Each step runs in a process of its own at each size, one after the other: the portraits are packed
into a store, the store is encoded by the default run; statistics and maps get random z-points.
"""

import contextlib
import multiprocessing
import shutil
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path

import psutil

from benchmarks.timing import Growth, Line, at_most

SIZES = (10_000, 40_000, 165_000)
BUDGET = 4000  # MB, any step at the largest size
D = 256
PAUSE = 0.02  # seconds between two looks at the memory
REPEATS = 5  # of what takes a second at most; their median counts
NAME = "growing"  # of store and run


def growth(plan):
    sizes = [plan.n(n, least=200) for n in SIZES]
    found = {step: [] for step in STEPS}
    with tempfile.TemporaryDirectory() as folder:
        for n in sizes:
            for step in STEPS:
                found[step].append(alone(STEPS[step], n, folder))
            shutil.rmtree(Path(folder, "stores"))  # 5 GB at the largest size
    for step, values in found.items():
        yield from reported(step, sizes, values)


def growth_tsne(plan):
    yield from maps(plan, SIZES[:2])


def growth_tsne_165k(plan):
    yield from maps(plan, SIZES[2:])


def maps(plan, full):
    sizes = [plan.n(n, least=200) for n in full]
    found = [alone(partial(of_z, "t-SNE"), n, "") for n in sizes]
    yield from reported("t-SNE, 750 iterations", sizes, found)


def reported(step, sizes, values):
    """Yield the growth of a step, and the line of its memory at the largest size measured."""
    seconds, private, resident = zip(*values, strict=True)
    yield Growth(step, sizes, list(seconds), list(private))
    budget = at_most(BUDGET, private[-1], "MB") if sizes[-1] == SIZES[-1] else {}
    note = f"{resident[-1]:,.0f} MB with mapped files, which the system can take back"
    what = f"peak of memory: {step}"
    yield Line(what, f"{sizes[-1]:,}", "MB", private[-1], note=note, **budget)


def alone(step, n, folder):
    """Return seconds, and peaks of private and of all resident MB, of a step in a new process."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=timed, args=(step, n, folder, sender))
    process.start()
    sender.close()  # so that the end of the process ends what is received
    private, resident = peak_of(process)
    if process.exitcode:
        name = step.args[0] if isinstance(step, partial) else step.__name__
        raise RuntimeError(f"{name} of {n:,} ended with exit status {process.exitcode}.")
    return receiver.recv(), private, resident


def peak_of(process):
    """Wait for a process; return the peaks of private and of all MB, with what it starts."""
    peaks = [0.0, 0.0]
    while process.is_alive():
        sums = [0.0, 0.0]
        with contextlib.suppress(psutil.NoSuchProcess):  # it has ended
            parent = psutil.Process(process.pid)
            for one in [parent, *parent.children(recursive=True)]:
                info = one.memory_info()
                sums[0] += (info.rss - getattr(info, "shared", 0)) / 1e6  # told on Linux only
                sums[1] += info.rss / 1e6
        peaks = [max(pair) for pair in zip(peaks, sums, strict=True)]
        process.join(PAUSE)
    return tuple(peaks)


def timed(step, n, folder, sender):
    seconds = []
    work, repeats = step(n, Path(folder))
    for _ in range(repeats):
        begun = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begun)
    sender.send(statistics.median(seconds))


def packing(n, data):
    from aelatent import Run, settings
    from aelatent.images import open_source, pack

    size = Run.open(settings.default_run()).config.size
    source = open_source("portraits", n=n)
    return lambda: pack(source, NAME, size=size, data=data, progress=False), 1


def encoding(n, data):
    from aelatent import ImageStore, Run, settings

    run = Run.open(settings.default_run())
    files = [entry["file"] for entry in run.info["weights"].values()]
    copy = data / "runs" / NAME
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    for name in ("run.json", "history.csv", *files):
        shutil.copyfile(run.path / name, copy / name)
    run, store = Run.open(NAME, data=data), ImageStore.open(NAME, data=data)
    run.encode(store.images[:64])  # compiles
    return lambda: run.encode_store(store, progress=False), 1


def of_z(what, n, _):
    """Take a statistic of random z-points, or make a map of them."""
    from aelatent.latent import Densities, Moments, PrincipalAxes, tsne
    from benchmarks.clouds import random_z

    z = random_z(n, D)
    if what == "D²":
        return partial(PrincipalAxes.fit(z).d2, z), REPEATS
    if what == "covariance":
        return lambda: Moments.of(z).covariance, REPEATS
    work = {"densities": Densities.of, "t-SNE": tsne}[what]
    return partial(work, z), 1 if what == "t-SNE" else REPEATS


STEPS = {
    "drawing and packing portraits": packing,
    "encoding": encoding,
    **{what: partial(of_z, what) for what in ("densities", "covariance", "D²")},
}
