import keras
import numpy as np
import pytest

from aelatent import export_run


@pytest.mark.filterwarnings("ignore:__array__ implementation")  # of Keras 3.15, when it loads
def test_keras_loads_what_it_knows_and_computes_the_same(run, tmp_path):
    out = export_run(run, "keras", tmp_path / "networks")
    encoder, decoder = (
        keras.models.load_model(out / f"{part}.keras", safe_mode=True)
        for part in ("encoder", "decoder")
    )
    pictures = run.store.images[:4].astype(np.float32) / 255
    z = run.encode(pictures)
    assert np.array_equal(encoder(pictures), run.autoencoder.encoder(pictures))
    assert np.allclose(encoder(pictures), z, atol=1e-6)
    assert np.allclose(decoder(z), run.decode(z), atol=1e-6)
