"""Workers: batches of a source made on all cores, handed back in order."""

import hashlib
import signal
from collections import deque
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool

import joblib
from joblib.externals.loky import ProcessPoolExecutor

from aelatent.images.batches import Batch

#: So few batches are done before worker processes have started.
FEW = 4


def batches_in_order(source, parts, size, crop, workers=None) -> Iterator[tuple[Batch, bytes]]:
    """Yield each part of a source as a batch, with the joined SHA-256 of its pictures.

    The processes start afresh (loky): a parent that has loaded TensorFlow is no problem, and a
    script needs no ``if __name__ == "__main__"``. Only a few batches are ahead of the consumer, so
    that a slow disk does not fill the memory.

    Parameters
    ----------
    source : Source
    parts : list of (start, stop)
    size, crop
        As in `pictures.crop_and_resize`.
    workers : int, optional
        Number of processes; default: as many as this process may use cores.

    Raises
    ------
    RuntimeError
        If a worker process died.
    """
    workers = min(workers or joblib.cpu_count(), len(parts))
    if workers <= 1 or len(parts) <= FEW:
        for start, stop in parts:
            yield _work(source.task(start, stop), size, crop)
        return
    pool = ProcessPoolExecutor(workers, initializer=_leave_interrupts_to_the_parent)
    try:
        ahead = deque()
        for start, stop in parts:
            ahead.append(pool.submit(_work, source.task(start, stop), size, crop))
            if len(ahead) > 2 * workers:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    except BrokenProcessPool as error:
        raise RuntimeError(
            f"a worker process ended unexpectedly, most often for lack of memory: {error}. Repeat "
            "the same call, it goes on where it stopped; workers=1 takes the least memory."
        ) from error
    finally:
        pool.shutdown(wait=True, kill_workers=True)


def _work(task, size, crop):
    batch = task(size, crop)
    return batch, b"".join(hashlib.sha256(image).digest() for image in batch.images)


def _leave_interrupts_to_the_parent():
    # Ctrl-C reaches every process of a terminal; the parent ends its workers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
