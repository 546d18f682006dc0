import os
import subprocess
import sys

import numpy as np
import pytest

from aelatent.images import workers
from aelatent.images.containers import Batch

from .test_store import Plain


def test_batches_come_in_order_whoever_is_first(tmp_path):
    source = Plain([str(i) for i in range(60)])
    parts = source.batches(3)
    results = [
        (batch.images.copy(), batch.image_ids)
        for batch, _ in workers.batches_in_order(source, parts, 8, "center", tmp_path, 2)
    ]
    assert [i for _, ids in results for i in ids] == source.image_ids
    assert np.concatenate([images for images, _ in results])[:, 0, 0, 0].tolist() == list(range(60))


class Deadly(Plain):
    def read(self, start, stop, size, crop):
        if start >= 30:
            os._exit(9)
        return super().read(start, stop, size, crop)


class Failing(Plain):
    def read(self, start, stop, size, crop):
        raise FileNotFoundError("the archive is gone")


def test_a_worker_that_dies_is_told(tmp_path):
    source = Deadly([str(i) for i in range(60)])
    with pytest.raises(RuntimeError, match=r"worker process ended unexpectedly.*workers=1"):
        list(workers.batches_in_order(source, source.batches(3), 8, "center", tmp_path, 2))


def test_errors_of_workers_come_through(tmp_path):
    source = Failing([str(i) for i in range(60)])
    with pytest.raises(FileNotFoundError, match="the archive is gone"):
        list(workers.batches_in_order(source, source.batches(3), 8, "center", tmp_path, 2))


def test_workers_load_neither_pandas_nor_opencv_nor_tensorflow():
    code = (
        "import sys, aelatent.images.containers\n"
        "print([m for m in ('pandas', 'cv2', 'tensorflow', 'sklearn') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_batch_is_a_plain_tuple():
    images, image_ids, skipped = Batch(np.zeros((0, 1, 1, 3)), [], [])
    assert len(images) == len(image_ids) == len(skipped) == 0
