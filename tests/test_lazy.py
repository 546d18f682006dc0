import pkgutil
import subprocess
import sys

import pytest

import aelatent
from aelatent import latent

PARTS = ("findings", "images", "latent", "model", "plots", "portraits", "widgets")
PACKAGES = [aelatent, *(getattr(aelatent, name) for name in PARTS[1:])]


def test_an_unknown_name_is_named():
    with pytest.raises(AttributeError, match=r"aelatent.latent.* principals"):
        _ = latent.principals


@pytest.mark.parametrize(
    ("names", "unwanted"),
    [
        ("from aelatent.latent import PrincipalAxes", {"pandas"}),
        ("from aelatent import Run", {"tensorflow", "openTSNE", "matplotlib"}),
    ],
)
def test_they_load_without_the_larger_libraries(names, unwanted):
    code = f"import sys; {names}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    unwanted |= {"scipy.stats", "scipy.signal", "sklearn"}
    assert not unwanted & set(loaded.stdout.split())


def test_a_checkout_on_the_path_needs_no_installation():
    code = """
import importlib.metadata as m
def version(name): raise m.PackageNotFoundError(name)
m.version = version
import aelatent; print(aelatent.__version__)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "not installed\n"


@pytest.mark.parametrize("package", PACKAGES)
def test_no_name_is_hidden_by_a_module_of_its_name(package):
    # A submodule becomes an attribute of its package when it is imported.
    modules = {module.name for module in pkgutil.iter_modules(package.__path__)}
    assert not modules & set(package.__all__) - set(PARTS)
