"""Peak of the memory of a process and of all that it starts."""

import psutil

PAUSE = 0.02  # seconds between two looks
MB = 1e6


def peak_of(process) -> tuple[float, float]:
    """Wait for a process, and return the peak of its memory."""
    peaks = [0.0, 0.0]
    while process.is_alive():
        sums = [0.0, 0.0]
        for one in family(process.pid):
            for i, used in enumerate(memory_of(one)):
                sums[i] += used / MB
        peaks = [max(pair) for pair in zip(peaks, sums, strict=True)]
        process.join(PAUSE)
    return tuple(peaks)


def family(pid: int) -> list[psutil.Process]:
    """Return a process and its descendants; none when it has ended."""
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def memory_of(process: psutil.Process) -> tuple[int, int]:
    """Return the private and the resident bytes of a process; 0 when it has ended."""
    try:
        info = process.memory_info()
    except psutil.NoSuchProcess:
        return 0, 0
    return info.rss - getattr(info, "shared", 0), info.rss  # only Linux tells what is shared
