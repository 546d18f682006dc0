"""A tiny model and tiny pictures that can be learned, for all tests of the model floor."""

import numpy as np
import pytest

from aelatent.model.config import ModelConfig


@pytest.fixture(scope="session")
def tiny():
    return ModelConfig(size=32, filters=(8, 16), z_dim=10)


@pytest.fixture(scope="session")
def pictures():
    """600 smooth pictures: mixtures of eight fixed ones, so that ten components suffice."""
    rng = np.random.default_rng(0)
    x, y = np.meshgrid(*2 * [np.linspace(0, np.pi, 32)])
    waves = [np.cos(a * x) * np.cos(b * y) for a in range(3) for b in range(3)][1:]
    base = np.stack([np.stack([w, w.T, -w], -1) for w in waves])
    mixed = np.tensordot(rng.normal(size=(600, 8)) * 25, base, 1) + 128
    return mixed.clip(0, 255).astype(np.uint8)
