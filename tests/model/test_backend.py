import contextlib
import sys

import numpy as np
import pytest

from aelatent.model._backend import load, without_remapping
from aelatent.model.autoencoder import build_autoencoder
from aelatent.model.coding import Coder
from aelatent.model.config import TrainConfig
from aelatent.model.fitting import fit
from aelatent.model.record import Record


def results(folder, tiny, pictures):
    """Return z-points and pictures of a model, and the losses of one epoch of another."""
    coder = Coder(build_autoencoder(tiny, seed=3))
    z = coder.encode(pictures[:9])
    config = TrainConfig(epochs=1, batch_size=16).to_dict()
    info = {"model": tiny.to_dict(), "training": config, "precision": "float32"}
    folder.mkdir()
    record = Record(folder, info | {"epochs_done": 0, "best": None})
    fit(record, pictures, (np.arange(64), np.arange(64, 80)), progress=False)
    return z, coder.decode(z * 1000), record.history[["loss", "val_loss"]].to_numpy()


@pytest.fixture(scope="module")
def expected(tmp_path_factory, tiny, pictures):
    return results(tmp_path_factory.mktemp("expected") / "run", tiny, pictures)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("floatx", "float16"),
        ("dtype_policy", "mixed_float16"),
        ("image_data_format", "channels_first"),
    ],
)
def test_settings_of_keras_change_no_result(tmp_path, tiny, pictures, expected, name, value):
    config = load().keras.config
    before = getattr(config, name)()
    getattr(config, f"set_{name}")(value)
    try:
        z, decoded, losses = results(tmp_path / "run", tiny, pictures)
        kept = getattr(config, name)()
        assert getattr(kept, "name", kept) == value
    finally:
        getattr(config, f"set_{name}")(before)
    np.testing.assert_array_equal(z, expected[0], strict=True)
    np.testing.assert_array_equal(decoded, expected[1], strict=True)
    np.testing.assert_allclose(losses, expected[2], rtol=1e-6)


@pytest.mark.parametrize("installed", [True, False])
def test_another_backend_of_keras_is_named_with_its_variable(monkeypatch, installed):
    if installed:
        monkeypatch.setattr(load().keras.backend, "backend", lambda: "torch")
    else:
        monkeypatch.setenv("KERAS_BACKEND", "torch")
        monkeypatch.setitem(sys.modules, "keras", None)  # as if it could not be imported
    with pytest.raises(ImportError, match=r"backend 'torch'.*Unset KERAS_BACKEND.*restart"):
        load.__wrapped__()


@pytest.mark.parametrize("before", [True, False])
def test_remapping_is_off_inside_and_as_before_outside(before):
    options = load().tf.config.optimizer
    options.set_experimental_options({"remapping": before})
    try:
        with contextlib.suppress(KeyboardInterrupt), without_remapping():
            assert options.get_experimental_options()["remapping"] is False
            raise KeyboardInterrupt
        assert options.get_experimental_options()["remapping"] is before
    finally:
        options.set_experimental_options({"remapping": True})
