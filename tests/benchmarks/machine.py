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
    threads = [f"{name}={os.environ[name]}" for name in THREADS if name in os.environ]
    there = {found.name: found.version for found in importlib.metadata.distributions()}
    named = ", ".join(sorted(_BFLOAT16_FLAGS & _cpu_flags()))
    return {
        "date": datetime.date.today().isoformat(),
        "system": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "processor": processor(),
        "cores": str(joblib.cpu_count()),
        "bfloat16": f"yes ({named})" if named else "no",
        "memory": f"{psutil.virtual_memory().total / 1e9:.0f} GB",
        "load before": f"{psutil.getloadavg()[0]:.2f} (of the last minute)",
        "threads": ", ".join(threads) or "not restricted",
        "Python": platform.python_version(),
        **{name: there.get(name, "not installed") for name in PACKAGES},
    }


def processor() -> str:
    path = Path("/proc/cpuinfo")
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    found = re.search(r"^model name\s*: *(.*)$", text, re.MULTILINE)
    return found[1] if found else platform.processor() or "unknown"
