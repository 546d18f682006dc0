"""The drawn portraits: speed, what the face detector finds, and how much they vary.

    python tests/benchmarks/portraits.py [--n 2000] [--seed 77] [--beside STORE] [--sheet FILE.png]

Prints pictures per second in one process and in as many as there are cores; the detector's rates
on the portraits and on their two controls; and, beside those of a store of photos if one is named,
the error that the mean picture would have and how many principal axes the pictures need.
``--sheet`` writes 300 portraits on one sheet.
"""

import argparse
import time
from concurrent.futures import ProcessPoolExecutor

import cv2
import joblib
import numpy as np
from PIL import Image

from aelatent.images import ImageStore, detect_faces, portraits

ROUNDS, PART = 5, 500
SHEET = 15, 20  # rows and columns


def draw_part(start):
    """Draw some portraits; return their number."""
    return len(portraits.draw(portraits.sample_factors(PART, 0, start)))


def speeds():
    """Yield (number of processes, pictures per second) of each round."""
    cores = joblib.cpu_count()
    with ProcessPoolExecutor(cores) as pool:
        for workers, run in ((1, map), (cores, pool.map)):
            list(run(draw_part, range(0, workers * PART, PART)))  # warm
            for _ in range(ROUNDS):
                begun = time.perf_counter()
                drawn = sum(run(draw_part, range(0, 2 * workers * PART, PART)))
                yield workers, drawn / (time.perf_counter() - begun)


def rate(images, rows=slice(None)):
    """Return the detector's rate with its standard error."""
    found = detect_faces(images)[rows]
    share = found.mean()
    return f"{share:.4f} ± {np.sqrt(share * (1 - share) / len(found)):.4f} (n = {len(found):,})"


def variation(images):
    """Return how pictures vary: error of the mean one, and axes of the thumbnails."""
    light = images.astype(np.float32) / 255
    small = [cv2.resize(one, (24, 24), interpolation=cv2.INTER_AREA) for one in light]
    small = np.reshape(small, (len(images), -1))
    spectrum = np.linalg.svd(small - small.mean(0), compute_uv=False) ** 2
    spectrum /= spectrum.sum()
    axes = np.searchsorted(spectrum.cumsum(), [0.9, 0.95]) + 1
    return (
        f"mean squared error of the mean picture {light.var(0).mean():.4f}, participation ratio "
        f"{1 / np.square(spectrum).sum():.1f}, axes for 90 % and 95 % {axes[0]} and {axes[1]}"
    )


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=77)
    parser.add_argument("--beside", help="a store of photos")
    parser.add_argument("--sheet")
    options = parser.parse_args()
    if options.sheet:
        rows, columns = SHEET
        drawn = portraits.draw(portraits.sample_factors(rows * columns, options.seed))
        sheet = drawn.reshape(rows, columns, *drawn.shape[1:]).swapaxes(1, 2)
        Image.fromarray(sheet.reshape(rows * 96, columns * 96, 3)).save(options.sheet)
    measured = {}
    for workers, speed in speeds():
        measured.setdefault(workers, []).append(speed)
    for workers, values in measured.items():
        print(f"{workers} process(es): {np.median(values):,.0f} a second,", end=" ")
        print(f"median of {len(values)} ({min(values):,.0f} to {max(values):,.0f})")
    factors = portraits.sample_factors(options.n, options.seed)
    images = portraits.draw(factors)
    near = np.hypot(factors["yaw"], factors["pitch"]).to_numpy() < 20
    print(f"faces found, all: {rate(images)}")
    print(f"  within 20 degrees of frontal: {rate(images, near)}")
    print(f"  without a face: {rate(portraits.faceless(factors))}")
    print(f"  scrambled: {rate(portraits.scrambled(factors))}")
    print(f"portraits: {variation(images)}")
    if options.beside:
        photos = ImageStore.open(options.beside).images[: options.n]
        print(f"{options.beside}, n = {len(photos):,}: {variation(photos)}")


if __name__ == "__main__":
    main()
