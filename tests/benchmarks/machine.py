"""What the numbers were measured on."""

import datetime
import importlib.metadata
import os
import platform
from pathlib import Path

import joblib
import psutil

from aelatent.model.fitting import _BFLOAT16_FLAGS, _cpu_flags

PACKAGES = (
    "aelatent tensorflow keras torch numpy scipy scikit-learn openTSNE pandas pillow "
    "opencv-python-headless"
).split()
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def describe() -> dict[str, str]:
    """Return what to know about this machine: name -> text."""
    return {
        "date": datetime.date.today().isoformat(),
        "system": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "processor": processor(),
        "cores": str(joblib.cpu_count()),
        "bfloat16": bfloat16(),
        "memory": f"{psutil.virtual_memory().total / 1e9:.0f} GB",
        "load before": f"{psutil.getloadavg()[0]:.2f} (of the last minute)",
        "threads": ", ".join(f"{k}={os.environ[k]}" for k in THREADS if k in os.environ)
        or "not restricted",
        "Python": platform.python_version(),
        **versions(),
    }


def processor(path: Path = Path("/proc/cpuinfo")) -> str:
    """Return the processor's name, as far as the system tells it."""
    if path.is_file():
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def bfloat16() -> str:
    """Say whether the processor computes in bfloat16, and what says so."""
    named = sorted(_BFLOAT16_FLAGS & _cpu_flags())
    return f"yes ({', '.join(named)})" if named else "no"


def versions() -> dict[str, str]:
    """Return the version of each package that is there."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found
