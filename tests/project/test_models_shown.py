"""docs/models: models that only know a store, made beside the project, and adopted by it."""

import runpy
import sys

import pytest

from aelatent import Run
from aelatent.images import open_source, pack

NAMES = ("vae", "torch_autoencoder", "compare")


@pytest.mark.parametrize("name", NAMES)
def test_it_is_python_and_short(checkout, name):
    text = (checkout / "docs" / "models" / f"{name}.py").read_text()
    compile(text, name, "exec")
    assert len(text.splitlines()) <= 90


@pytest.mark.filterwarnings("ignore:__array__ implementation")  # of Keras, where it saves
def test_what_the_vae_saves_is_adopted(checkout, tmp_path, monkeypatch):
    pack(open_source("portraits", n=160), "few", size=32, progress=False)
    script = str(checkout / "docs" / "models" / "vae.py")
    out = tmp_path / "vae"
    asked = ["few", "--epochs", "1", "--z-dim", "5", "--out", str(out)]
    monkeypatch.setattr(sys, "argv", [script, *asked])
    runpy.run_path(script, run_name="__main__")
    with pytest.warns(UserWarning, match="error on 8 pictures"):  # one epoch teaches little
        run = Run.adopt("vae", out / "encoder.keras", out / "decoder.keras", "few")
    run.encode_store(progress=False)
    assert run.z.shape == (160, 5)
    assert run.decode(run.z[:2]).shape == (2, 32, 32, 3)
