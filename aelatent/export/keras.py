"""Encoder and Decoder as files of Keras, which needs nothing of aelatent to load them."""

import warnings

FILES = ("encoder.keras", "decoder.keras")
PICTURES = False


def write(run, folder, terms: str, progress: bool) -> str:
    """Write both networks; say what they are."""
    networks = run.autoencoder
    with warnings.catch_warnings():
        # Keras 3.15 asks TensorFlow's variables for arrays as NumPy 2 no longer likes.
        warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)
        for part in ("encoder", "decoder"):
            getattr(networks, part).save(folder / f"{part}.keras")
    return (
        f"Encoder and Decoder of run {run.name!r} as Keras models, float32, weights of the best "
        f"epoch: keras.models.load_model('decoder.keras')"
    )
