"""Encoder and Decoder as files of Keras, which needs nothing of aelatent to load them."""

FILES = ("encoder.keras", "decoder.keras")
PICTURES = False


def write(run, folder, terms: str, progress: bool) -> str:
    """Write both networks; say what they are."""
    for part in ("encoder", "decoder"):
        getattr(run.autoencoder, part).save(folder / f"{part}.keras")
    return (
        f"Encoder and Decoder of run {run.name!r} as Keras models, float32, weights of the best "
        f"epoch: keras.models.load_model('decoder.keras')"
    )
