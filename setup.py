"""Put what ships beside the package into its wheel: notebooks, and what git tracks of data/."""

import shutil
import subprocess
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

RUNS = ("portraits", "portraits-judge")
PATTERNS = ("notebooks/*.ipynb", "data/*.csv", *(f"data/runs/{run}/**/*.*" for run in RUNS))


def shipped() -> list[str]:
    """List the files; in an unpacked sdist or archive, which has no git, all that are there."""
    names = [p.as_posix() for pattern in PATTERNS for p in Path().glob(pattern) if p.is_file()]
    names = [name for name in names if "/." not in name and "/z_points." not in name]
    if not Path(".git").exists():
        return names
    try:
        told = subprocess.run(["git", "ls-files", "-z"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):  # no git here, or the checkout is another's
        return names
    return [name for name in names if name.encode() in told.stdout.split(b"\0")]


class BuildWithShipped(build_py):
    """Build the package; ``_shipped/`` in it is laid out as the checkout is."""

    def get_source_files(self):
        """Name what an sdist needs."""
        return [*super().get_source_files(), *shipped()]

    def run(self):
        """Copy the files, unless the package stays where they are."""
        super().run()
        if self.editable_mode:
            return
        folder = Path(self.build_lib, "aelatent", "_shipped")
        shutil.rmtree(folder, ignore_errors=True)  # of an earlier build
        for name in shipped():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(name, folder / name)


setup(cmdclass={"build_py": BuildWithShipped})
