"""Kill the encoding of a store at every file operation and at random moments; resume; compare.

    python tests/faults/encoding.py                # every file operation, then 100 random moments
    python tests/faults/encoding.py --random 0

The Encoder is a fixed linear map, so that a case takes milliseconds; the files are the real ones.
Checked after every kill: z-points are either whole and right, or refused. Checked after resuming:
the same bytes as without a kill, old z-points of other weights never taken for new ones.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from kills import killed_after, killed_at

from aelatent import _zpoints
from aelatent._files import sha256

IMAGES = np.random.default_rng(0).integers(0, 256, (5 * _zpoints.CHUNK + 7, 2, 2, 3), np.uint8)


class Store:
    name, fingerprint = "store", "f" * 64

    def __len__(self):
        return len(IMAGES)


def encode(weights: str, pause: float = 0.0):
    matrix = np.random.default_rng(len(weights)).normal(size=(12, 6)).astype(np.float32)

    def run(images):
        time.sleep(pause)
        return images.reshape(-1, 12).astype(np.float32) @ matrix

    return run


def write(folder: Path, weights: str, pause: float = 0.0) -> None:
    belongs = _zpoints.identity(weights, Store())
    _zpoints.write(folder, belongs, IMAGES, encode(weights, pause), progress=False)


def check(folder: Path, weights: str) -> bool:
    """Return whether the z-points of `weights` are there; raise if others are taken for them."""
    try:
        z, _ = _zpoints.read(folder, weights)
    except (FileNotFoundError, ValueError):
        return False
    expected = np.concatenate(
        [encode(weights)(IMAGES[i : i + _zpoints.CHUNK]) for i in range(0, len(IMAGES), 2048)]
    )
    np.testing.assert_array_equal(z, expected)
    return True


def one_case(folder: Path, kill, reference: str) -> bool:
    """Re-encode a run whose weights changed, with a kill on the way; return whether it came."""
    folder.mkdir()
    write(folder, "old")
    killed = kill(folder)
    check(folder, "old")
    check(folder, "newer")
    write(folder, "newer")
    left = sorted(p.name for p in folder.iterdir())
    if left != ["z_points.json", "z_points.npy"] or not check(folder, "newer"):
        raise AssertionError(f"after resuming there is {left}")
    if sha256(folder / "z_points.npy") != reference:
        raise AssertionError("the bytes differ from those of an encoding that nobody disturbed")
    return killed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--random", type=int, default=100, help="kills at random moments")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as base:
        whole = Path(base) / "reference"
        whole.mkdir()
        write(whole, "newer")
        reference = sha256(whole / "z_points.npy")
        cases, killed = 0, True
        while killed:
            folder = Path(base) / f"operation-{cases}"
            at = cases
            killed = one_case(
                folder, lambda f, at=at: killed_at(lambda: write(f, "newer"), at), reference
            )
            cases += killed
        print(f"encoding, every file operation: {cases} killed, {cases} whole and resumed")
        kills = 0
        for number in range(arguments.random):
            seconds = rng.uniform(0, 0.2)
            kills += one_case(
                Path(base) / f"random-{number}",
                lambda f, s=seconds: killed_after(lambda: write(f, "newer", 0.02), s),
                reference,
            )
        print(f"encoding, random moments: {arguments.random} tried, {kills} killed, all resumed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
