"""The tools as modules, and the checkout."""

import importlib.util
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout():
    """Root of the checkout."""
    return CHECKOUT


@pytest.fixture
def load_tool():
    """Import a script of tools/ as a fresh module."""

    def load(name):
        spec = importlib.util.spec_from_file_location(name, CHECKOUT / "tools" / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load
