"""Packing JPEGs into a store against a bare loop of decode, crop and resize on all cores.

Both sides read the same files from a folder: ours with threads, the bare loop with processes. The
loop keeps nothing: no pixels handed back, hashed or written, no index. ``AELATENT_CELEBA`` names a
folder with img_align_celeba.zip; without, photo-like JPEGs are made.
"""

import functools
import multiprocessing
import os
import shutil
import tempfile
import time
import zipfile
from pathlib import Path

import joblib
import numpy as np
from PIL import Image, ImageFilter

from aelatent.images import open_source, pack
from benchmarks.timing import OURS, Turns, at_least, in_turns

SIZE = 96
BATCH = 256
PHOTOS = 10_000  # different ones at most
TIMES = 4  # how often each is linked: of many, the loop's start of processes is little
BUDGET = 0.9
LOOP = "loop"


def packing(plan):
    with tempfile.TemporaryDirectory() as temporary:
        photos = Path(temporary, "photos")
        photos.mkdir()
        kind = fill(photos, plan.n(PHOTOS, least=30))
        count = len(list(photos.iterdir()))
        sides = {OURS: lambda: packed(photos, Path(temporary)), LOOP: lambda: bare_loop(photos)}
        measure = functools.partial(cost, count)
        in_turns(sides, 1, measure)  # reads the files
        costs = in_turns(sides, plan.rounds(5), measure)
    wall, processor = (
        Turns({side: [cost[column] for cost in values] for side, values in costs.items()})
        for column in (0, 1)
    )
    size, what = f"{count:,} {kind}", "against a bare loop on all cores"
    budget = at_least(BUDGET, wall.ratio(LOOP))
    yield wall.line(LOOP, f"packing JPEGs, {what}", size, n=count, unit="pictures/s", **budget)
    yield processor.line(
        LOOP,
        f"packing JPEGs, processor time, {what}",
        size,
        n=count,
        unit="pictures/processor s",
        note="the steadier ratio on a busy machine",
    )


def fill(folder, count):
    celeba = os.environ.get("AELATENT_CELEBA", "").strip()
    if celeba:
        with zipfile.ZipFile(Path(celeba, "img_align_celeba.zip")) as opened:
            names = [name for name in opened.namelist() if name.endswith(".jpg")]
            for name in names[:count]:
                (folder / Path(name).name).write_bytes(opened.read(name))
    else:
        make_photos(folder, count)
    photos = list(folder.iterdir())
    with Image.open(photos[0]) as photo:
        width, height = photo.size
    for path in photos:
        for i in range(1, TIMES):
            os.link(path, path.with_stem(f"{path.stem}-{i}"))
    return f"{'CelebA' if celeba else 'made'} photos of {width} x {height}"


def make_photos(folder, count):
    """Write blurred noise of CelebA's size: it compresses about as well as a photo does."""
    rng = np.random.default_rng(0)
    for i in range(count):
        noise = Image.fromarray(rng.integers(0, 256, (218, 178, 3), dtype=np.uint8))
        noise.filter(ImageFilter.GaussianBlur(1.5)).save(folder / f"{i:06d}.jpg", quality=85)


def packed(photos, data):
    return pack(open_source("folder", photos), "round", size=SIZE, data=data, progress=False)


def bare_loop(folder):
    """Decode, crop and resize all files of a folder on all cores."""
    paths = sorted(folder.iterdir())
    parts = [paths[i : i + BATCH] for i in range(0, len(paths), BATCH)]
    with multiprocessing.Pool(joblib.cpu_count()) as pool:
        pool.map(bare_batch, parts, chunksize=1)


def bare_batch(paths):
    for path in paths:
        with Image.open(path) as picture:
            width, height = picture.size
            side = min(width, height)
            left, top = (width - side) // 2, (height - side) // 2
            box = (left, top, left + side, top + side)
            np.asarray(picture.convert("RGB").resize((SIZE, SIZE), Image.Resampling.BICUBIC, box))


def cost(count, work):
    """Return the seconds that a call takes, and those of processor time; remove its store."""
    start, spent = time.perf_counter(), processor_seconds()
    store = work()
    seconds = time.perf_counter() - start, processor_seconds() - spent
    if store is not None:
        if len(store) != count:
            raise RuntimeError(f"packed {len(store):,} pictures; expected {count:,}.")
        shutil.rmtree(store.path)
    return seconds


def processor_seconds():
    return sum(os.times()[:4])  # of this process and of its children that have ended
