"""Packing JPEGs into a store against a bare loop of decode, crop and resize on all cores.

Run: ``python tests/benchmarks/packing.py [--zip img_align_celeba.zip] [--rounds 3]``. Without an
archive, photo-like JPEGs are made. Both sides read the same files from a folder, start their own
processes, and take turns; printed are the medians and their ratio (budget: at least 0.9). The bare
loop keeps nothing: no pixels handed back, hashed or written, no index.
"""

import argparse
import multiprocessing
import os
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


def seconds(call, *arguments, **options):
    start = time.perf_counter()
    call(*arguments, **options)
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = os.environ.get("AELATENT_CELEBA")
    parser.add_argument(
        "--zip", type=Path, default=default and Path(default, "img_align_celeba.zip")
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--made", type=int, default=5000, help="photos made without an archive")
    parser.add_argument("--times", type=int, default=4, help="how often each photo is linked")
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
            bare.append(seconds(bare_loop, photos))
            source = open_source("folder", photos)
            name, data = f"round-{number}", Path(temporary)
            packing.append(seconds(pack, source, name, size=SIZE, data=data, progress=False))
            shutil.rmtree(data / "stores" / name)
    for label, times in (("bare loop", bare), ("packing", packing)):
        rates = ", ".join(f"{count / t:,.0f}" for t in times)
        print(f"{label:10}{count / statistics.median(times):9,.0f} pictures/s   (rounds: {rates})")
    ratios = [b / p for b, p in zip(bare, packing, strict=True)]
    print(
        f"ratio of the medians {statistics.median(bare) / statistics.median(packing):.2f}, ", end=""
    )
    print(f"median of the ratios {statistics.median(ratios):.2f} (budget: 0.9)")


if __name__ == "__main__":
    main()
