"""Encoding uint8 pictures from a memory map, against the bare compiled float32 forward pass."""

import numpy as np

from aelatent.model._backend import load
from aelatent.model.autoencoder import build_autoencoder
from aelatent.model.coding import BATCH, Coder
from benchmarks.timing import OURS, at_least, take_turns
from benchmarks.training import stored_pictures

BUDGET = 0.95
BARE = "bare"


def encoding(plan):
    """Let `Coder.encode` and the compiled Encoder, fed with ready batches, take turns."""
    tf = load().tf
    model = build_autoencoder()
    coder = Coder(model)
    with stored_pictures(plan) as images:
        spec = [tf.TensorSpec((None, *images.shape[1:]), tf.float32)]
        bare = tf.function(lambda x: model.encoder(x, training=False), input_signature=spec)
        floats = images[:] / np.float32(255)
        batches = [tf.constant(floats[i : i + BATCH]) for i in range(0, len(floats), BATCH)]
        sides = {
            OURS: lambda: coder.encode(images),
            BARE: lambda: np.concatenate([bare(batch).numpy() for batch in batches]),
        }
        turns, found = take_turns(sides, plan.rounds(7))
    np.testing.assert_allclose(found[OURS], found[BARE], atol=1e-4)
    yield turns.line(
        BARE,
        "encoding, against the bare forward pass",
        f"{len(images):,} pictures, batches of {BATCH}",
        n=len(images),
        unit="pictures/s",
        **at_least(BUDGET, turns.ratio(BARE)),
    )
