"""The notebooks in JupyterLab: on this machine only, and without calls to the network."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import aelatent
from aelatent import settings
from aelatent._files import replacing
from aelatent._system import say

FIRST = "00_start_here.ipynb"
OPTIONS = [
    "--ServerApp.ip=127.0.0.1",
    # JupyterLab would ask the network for these three:
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
]


def open_lab(folder: str | None, options: list[str], *, progress: bool = True) -> None:
    """Copy the notebooks (a checkout shows its own), prepare the default run, become JupyterLab."""
    environment = dict(os.environ)  # before TensorFlow adds to it
    own = settings.NOTEBOOKS if settings.CHECKOUT else Path("aelatent-notebooks")
    place = (Path(folder).expanduser() if folder else own).resolve()
    if place != settings.NOTEBOOKS:
        say(put_notebooks(place))
    run = aelatent.prepare("portraits", progress=progress)
    say(f"{run.store}\n{run}")
    serve(place, options, environment)


def put_notebooks(folder: Path) -> str:
    """Copy the notebooks that a folder lacks, each whole or not at all; say what was done."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shipped = sorted(settings.NOTEBOOKS.glob("*.ipynb"))
        lacking = [path for path in shipped if not os.path.lexists(folder / path.name)]
        for path in lacking:
            with replacing(folder / path.name) as temporary:
                shutil.copyfile(path, temporary)
    except OSError as error:
        raise OSError(
            f"the notebooks cannot be copied to {folder} ({error.strerror}): expected a folder "
            "that can be written to, or that can be made. Name one with `aelatent lab --notebooks "
            "FOLDER`."
        ) from error
    said = f"{len(lacking)} of {len(shipped)} notebooks copied to {folder}"
    if len(lacking) == len(shipped):
        return f"{said}."
    return f"{said}; those that were there stay as they are. Rename one to get it afresh."


def serve(folder: Path, options: list[str], environment: dict[str, str]) -> None:
    """Become JupyterLab on the first notebook of a folder; its kernels find the same data."""
    # labconfig/ beside this file: without it the page asks whether to fetch news all the same
    known = [environment[name] for name in ["JUPYTER_CONFIG_PATH"] if name in environment]
    config = os.pathsep.join([str(Path(__file__).parent), *known])
    # kernels start in the folder of the notebooks, which a relative path is not meant from
    paths = {name: settings.chosen_path(name) for name in ("AELATENT_DATA", "AELATENT_CELEBA")}
    environment = environment | {name: str(path) for name, path in paths.items() if path}
    environment["JUPYTER_CONFIG_PATH"] = config
    place = f"--ServerApp.root_dir={folder.parent}"
    url = f"--LabApp.default_url=/lab/tree/{quote(folder.name)}/{FIRST}"
    as_root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    # -P: modules in the current folder are none of JupyterLab's
    command = [sys.executable, "-Pm", "jupyterlab", place, url, *OPTIONS, *as_root, *options]
    if os.name == "nt":  # where a process cannot become another one
        raise SystemExit(subprocess.call(command, env=environment))
    os.execve(sys.executable, command, environment)
