"""The drawn portraits: what the face detector finds, and how much they vary.

    python -m tests.benchmarks.portraits [--n 2000] [--seed 77] [--beside STORE] [--sheet FILE.png]

Prints the detector's rates on the portraits and on their two controls; and, beside those of a store
of photos if one is named, the error that the mean picture would have and how many principal axes
the pictures need. ``--sheet`` writes 300 portraits on one sheet. How fast they are drawn is the
benchmarks' row ``drawing``.
"""

import argparse

import cv2
import numpy as np
from PIL import Image

from aelatent import portraits
from aelatent.images import ImageStore, detect_faces
from tests.portraits import controls

SHEET = 15, 20  # rows and columns


def rate(images, rows=slice(None)):
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
    factors = portraits.sample_factors(options.n, options.seed)
    images = portraits.draw(factors)
    near = np.hypot(factors["yaw"], factors["pitch"]).to_numpy() < 20
    print(f"faces found, all: {rate(images)}")
    print(f"  within 20 degrees of frontal: {rate(images, near)}")
    print(f"  without a face: {rate(controls.faceless(factors))}")
    print(f"  scrambled: {rate(controls.scrambled(factors))}")
    print(f"portraits: {variation(images)}")
    if options.beside:
        photos = ImageStore.open(options.beside).images[: options.n]
        print(f"{options.beside}, n = {len(photos):,}: {variation(photos)}")


if __name__ == "__main__":
    main()
