"""What all tests share: a data folder of their own, and one tiny trained run."""

import os
import tempfile
from pathlib import Path

import hypothesis
import pytest

# Set before NumPy is loaded, and inherited by kernels: on matrices as small as those of the tests,
# threads wait for each other several times longer than they work.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

# A slow machine is no failure; and what CI tries must not differ from one run to the next.
hypothesis.settings.register_profile(
    "aelatent", deadline=None, derandomize=bool(os.environ.get("CI"))
)
hypothesis.settings.load_profile("aelatent")


@pytest.fixture(scope="session")
def data_folders(tmp_path_factory):
    return tmp_path_factory.mktemp("data")


@pytest.fixture(autouse=True)
def own_data(monkeypatch, data_folders):
    """Point AELATENT_DATA to an empty folder, so that no test touches the user's data."""
    for name in ("AELATENT_RUN", "AELATENT_SCALE"):
        monkeypatch.delenv(name, raising=False)
    folder = Path(tempfile.mkdtemp(dir=data_folders))  # pytest's mktemp slows down with each call
    monkeypatch.setenv("AELATENT_DATA", str(folder))
    return folder


@pytest.fixture(scope="session")
def small_world(tmp_path_factory):
    """A data folder with the store ``few`` (160 portraits of 32 x 32) and the run ``small``."""
    from aelatent import train
    from aelatent.images import open_source, pack
    from aelatent.model import ModelConfig, TrainConfig

    data = tmp_path_factory.mktemp("small_world")
    source = open_source("portraits", n=160)
    store = pack(source, "few", size=32, data=data, workers=1, progress=False)
    model = ModelConfig(size=32, filters=(8, 16), z_dim=8)
    config = TrainConfig(epochs=3, batch_size=8, learning_rate=5e-3)
    run = train(store, "small", model, config, data=data, progress=False)
    run.encode_store(store, progress=False)
    return data


@pytest.fixture
def world(small_world, own_data):
    """A copy of `small_world` that a test may damage; AELATENT_DATA points to it."""
    import shutil

    shutil.copytree(small_world, own_data, dirs_exist_ok=True)
    return own_data
