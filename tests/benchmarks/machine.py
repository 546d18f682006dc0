"""What the numbers were measured on."""

import datetime
import importlib.metadata
import os
import platform
import re
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
    named = ", ".join(sorted(_BFLOAT16_FLAGS & _cpu_flags()))
    return {
        "date": datetime.date.today().isoformat(),
        "system": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "processor": processor(),
        "cores": str(joblib.cpu_count()),
        "bfloat16": f"yes ({named})" if named else "no",
        "memory": f"{psutil.virtual_memory().total / 1e9:.0f} GB",
        "load before": f"{psutil.getloadavg()[0]:.2f} (of the last minute)",
        "threads": ", ".join(f"{k}={os.environ[k]}" for k in THREADS if k in os.environ)
        or "not restricted",
        "Python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


def processor() -> str:
    """Return the processor's name, as far as the system tells it."""
    path = Path("/proc/cpuinfo")
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    found = re.search(r"^model name\s*: *(.*)$", text, re.MULTILINE)
    return found[1] if found else platform.processor() or "unknown"


def version(name: str) -> str:
    """Return the version of a package, or that it is not there."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
