"""Open JupyterLab on the first notebook: on this machine only, and without calls to the network.

Command-line options are passed on to JupyterLab, for instance ``--no-browser`` or ``--port=8889``.
"""

import os
import sys
from pathlib import Path

TOOLS = Path(__file__).resolve().parent
SETTINGS = [
    "--ServerApp.ip=127.0.0.1",
    f"--ServerApp.root_dir={TOOLS.parent}",
    "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb",
    # JupyterLab would ask the network for these three:
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
]


def main() -> None:
    """Become JupyterLab."""
    # labconfig/ beside this file: without it the page asks whether to fetch news all the same
    known = os.environ.get("JUPYTER_CONFIG_PATH")
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join([str(TOOLS), *([known] if known else [])])
    as_root = ["--allow-root"] if os.geteuid() == 0 else []
    command = [sys.executable, "-m", "jupyterlab", *SETTINGS, *as_root, *sys.argv[1:]]
    os.execv(sys.executable, command)


if __name__ == "__main__":
    main()
