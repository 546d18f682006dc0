"""Workers: batches of a source made on all cores, handed back in order."""

import contextlib
import functools
import hashlib
import os
import signal
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import resource_tracker
from pathlib import Path

import joblib
import numpy as np
from joblib.externals.loky import ProcessPoolExecutor

from aelatent.images.containers import Batch

#: So few batches are done before worker processes have started.
FEW = 8

SCRATCH = "scratch-"  # how the names of the files begin through which pixels are handed over


def batches_in_order(
    source, parts, size, crop, folder: Path, workers: int | None = None
) -> Iterator[tuple[Batch, bytes]]:
    """Yield each part of a source as a batch, with the joined SHA-256 of its pictures."""
    # A batch's pixels are valid until the next is asked for; the caller removes the scratch file
    # made in `folder`. The processes start afresh (loky): a parent that has loaded TensorFlow is no
    # problem, and a script needs no `if __name__ == "__main__"`.
    workers = min(workers or joblib.cpu_count(), len(parts))
    if workers <= 1 or len(parts) <= FEW:
        for start, stop in parts:
            batch = source.task(start, stop)(size, crop)
            yield batch, _digests(batch.images)
        return
    # Pixels sent through a pipe cost a tenth of the time of decoding them. They go through a
    # mapped file instead, in slots that are used again; not through shared memory, which is small
    # in containers and stays behind after a kill.
    slot = (max(stop - start for start, stop in parts), size, size, 3)
    slots = deque(range(workers + workers // 2 + 2))
    scratch, pixels = _make_scratch(folder, (len(slots), *slot))
    ahead = deque()  # only a few, so that a slow disk does not fill the memory
    pool = ProcessPoolExecutor(workers, initializer=_serve, initargs=(os.getpid(),))
    try:
        for start, stop in parts:
            if not slots:
                yield _collect(pixels, slots, *ahead.popleft())
            free = slots.popleft()
            task = source.task(start, stop)
            with _interrupts_blocked():
                future = pool.submit(_work, task, size, crop, scratch, pixels.shape, free)
            ahead.append((free, future))
        while ahead:
            yield _collect(pixels, slots, *ahead.popleft())
    except BrokenProcessPool as error:
        raise RuntimeError(
            "a worker process ended unexpectedly, most often for lack of memory. Repeat the same "
            "call, it goes on where it stopped; workers=1 takes the least memory."
        ) from error
    finally:
        for _, future in ahead:  # what has begun is waited for: killing it would upset loky
            future.cancel()
        pool.shutdown(wait=True)


def _collect(pixels, slots, slot, future):
    image_ids, skipped, digests = future.result()
    slots.append(slot)  # free once the consumer asks for the next batch
    return Batch(pixels[slot, : len(image_ids)], image_ids, skipped), digests


def _make_scratch(folder, shape):
    """Map a new file; it is written first, since a full disk would kill who writes to a map."""
    # a new name each time: a worker whose parent was killed must not find the next one's
    handle, name = tempfile.mkstemp(dir=folder, prefix=SCRATCH)
    zeros = bytes(int(np.prod(shape[1:])))
    with open(handle, "wb", buffering=0) as file:
        for _ in range(shape[0]):
            rest = memoryview(zeros)
            while rest:
                rest = rest[file.write(rest) :]
    return name, np.memmap(name, np.uint8, "r+", shape=shape)


def _work(task, size, crop, scratch, shape, slot):
    batch = task(size, crop)
    _mapped(scratch, shape)[slot, : len(batch.images)] = batch.images
    return batch.image_ids, batch.skipped, _digests(batch.images)


@functools.lru_cache(maxsize=1)  # a map made anew costs a fault for every page of it
def _mapped(scratch, shape):
    return np.memmap(scratch, np.uint8, "r+", shape=shape)


def _digests(images):
    return b"".join(hashlib.sha256(image).digest() for image in images)


@contextlib.contextmanager
def _interrupts_blocked():
    """Block Ctrl-C for the processes started meanwhile: their parent ends them itself."""
    # A terminal sends it to all of its processes; one that is still importing would complain.
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # where it is started later, it unblocks the signal
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(parent):
    """Prepare a worker: it ends with its parent, however that ends, and not by itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent):
    while os.getppid() == parent:  # another process takes over the children of a killed one
        time.sleep(1)
    os._exit(1)
