"""Packing JPEGs into a store against a bare loop of decode, crop and resize on all cores.

Run: ``python tests/benchmarks/packing.py [--zip img_align_celeba.zip] [--rounds 5]``. Without an
archive, photo-like JPEGs are made. Both sides read the same files from a folder, start their own
processes, and take turns; printed are the medians and their ratio (budget: at least 0.9). The bare
loop keeps nothing: no pixels handed back, hashed or written, no index. On a busy machine the ratio
of processor time is the steadier one.
"""

import argparse
import multiprocessing
import os
import resource
import shutil
import statistics
import tempfile
import time
import zipfile
from pathlib import Path

import joblib
import numpy as np
from PIL import Image, ImageFilter

from aelatent.images import open_source, pack

SIZE = 96
BATCH = 256


def bare_batch(paths):
    """Decode, crop and resize; keep nothing."""
    for path in paths:
        with Image.open(path) as picture:
            width, height = picture.size
            side = min(width, height)
            left, top = (width - side) // 2, (height - side) // 2
            box = (left, top, left + side, top + side)
            np.asarray(picture.convert("RGB").resize((SIZE, SIZE), Image.Resampling.BICUBIC, box))


def bare_loop(folder):
    paths = sorted(folder.iterdir())
    parts = [paths[i : i + BATCH] for i in range(0, len(paths), BATCH)]
    with multiprocessing.Pool(joblib.cpu_count()) as pool:
        pool.map(bare_batch, parts, chunksize=1)


def make_photos(folder, count):
    """Write blurred noise of CelebA's size: it compresses about as well as a photo does."""
    rng = np.random.default_rng(0)
    for i in range(count):
        noise = Image.fromarray(rng.integers(0, 256, (218, 178, 3), dtype=np.uint8))
        noise.filter(ImageFilter.GaussianBlur(1.5)).save(folder / f"{i:06d}.jpg", quality=85)


def cost(call, *arguments, **options):
    """Return the seconds that a call takes, and those of processor time, children included."""
    start, spent = time.perf_counter(), processor_seconds()
    call(*arguments, **options)
    return time.perf_counter() - start, processor_seconds() - spent


def processor_seconds():
    users = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(usage.ru_utime + usage.ru_stime for usage in users)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = os.environ.get("AELATENT_CELEBA")
    parser.add_argument(
        "--zip", type=Path, default=default and Path(default, "img_align_celeba.zip")
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--made", type=int, default=5000, help="photos made without an archive")
    parser.add_argument("--times", type=int, default=2, help="how often each photo is linked")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        photos = Path(temporary, "photos")
        photos.mkdir()
        if options.zip:
            with zipfile.ZipFile(options.zip) as archive:
                for name in archive.namelist():
                    if name.endswith(".jpg"):
                        (photos / Path(name).name).write_bytes(archive.read(name))
        else:
            make_photos(photos, options.made)
        for path in list(photos.iterdir()):
            for i in range(1, options.times):
                os.link(path, path.with_stem(f"{path.stem}-{i}"))
        count = len(list(photos.iterdir()))
        bare, packing = [], []
        for number in range(options.rounds):
            bare.append(cost(bare_loop, photos))
            source = open_source("folder", photos)
            name, data = f"round-{number}", Path(temporary)
            packing.append(cost(pack, source, name, size=SIZE, data=data, progress=False))
            shutil.rmtree(data / "stores" / name)
    for column, unit in enumerate(("seconds", "processor seconds")):
        medians = []
        for label, costs in (("bare loop", bare), ("packing", packing)):
            values = [cost[column] for cost in costs]
            medians.append(statistics.median(values))
            rounds = ", ".join(f"{value:.1f}" for value in values)
            print(f"{label:10}{count / medians[-1]:9,.0f} pictures per {unit[:-1]} ({rounds})")
        print(f"{'ratio':10}{medians[0] / medians[1]:9.2f}")


if __name__ == "__main__":
    main()
