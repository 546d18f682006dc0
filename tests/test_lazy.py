import subprocess
import sys

import pytest

import aelatent
from aelatent import latent


def test_every_name_loads_from_where_it_is_defined():
    for package in (aelatent, latent):
        assert set(dir(package)) >= set(package.__all__)
        for name in package.__all__:
            assert getattr(package, name) is not None
    assert latent.PrincipalAxes is latent.principal.PrincipalAxes


def test_an_unknown_name_is_named():
    with pytest.raises(AttributeError, match=r"'aelatent.latent' has no attribute 'principals'"):
        _ = latent.principals


def test_principal_axes_load_without_the_larger_libraries():
    code = "import sys; from aelatent.latent import PrincipalAxes; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert loaded.returncode == 0, loaded.stderr
    assert not {"scipy.stats", "scipy.signal", "sklearn", "pandas"} & set(loaded.stdout.split())


def test_no_name_is_hidden_by_the_module_that_defines_it():
    # A submodule becomes an attribute of its package when it is imported.
    for package in (latent, aelatent.plots, aelatent.widgets):
        for name, home in package._HOME.items():
            assert home != f"{package.__name__}.{name}"
