"""A film strip: 8 latent vectors to pictures to JPEG bytes, against ``predict`` and PNG."""

import io

import numpy as np
from PIL import Image

from aelatent import Run, settings
from aelatent.widgets._parts import jpeg
from benchmarks.timing import OURS, Line, at_most, take_turns

FRAMES = 8
BUDGET = 25  # ms at the 95th percentile
PREDICT = "predict"


def strip(plan):
    """Time strips of new vectors, decoded and compressed by both sides in turns."""
    run = Run.open(settings.default_run())
    rounds = plan.n(300, least=20)  # a strip takes no time, and a percentile needs many
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(rounds + 1, FRAMES, run.config.z_dim)).astype(np.float32)
    mine, theirs = iter(vectors), iter(vectors)
    decoder = run.autoencoder.decoder

    def ours():
        return jpeg(np.concatenate(list(run.decode(next(mine))), axis=1))

    def predicted():
        pictures = decoder.predict(next(theirs), verbose=0)
        return png(np.concatenate(list(pictures), axis=1))

    turns, made = take_turns({OURS: ours, PREDICT: predicted}, rounds)
    check(*made.values())
    size = f"{FRAMES} of {run.config.size} x {run.config.size}, {rounds} strips"
    yield turns.line(PREDICT, "film strip, against predict and PNG: median", size, unit="ms")
    high, slow = (1000 * turns.quantile(0.95, side) for side in (OURS, PREDICT))
    what = "film strip, against predict and PNG: 95th percentile"
    yield Line(what, size, "ms", high, slow, slow / high, **at_most(BUDGET, high, "ms"))


def png(image):
    out = io.BytesIO()
    Image.fromarray(np.rint(image * 255).astype(np.uint8)).save(out, "PNG")
    return out.getvalue()


def check(ours, theirs):
    mine, other = (np.asarray(Image.open(io.BytesIO(data)), float) for data in (ours, theirs))
    error = np.abs(mine - other).mean()
    if error > 5:  # levels of 255; strips of other vectors differ by far more
        raise RuntimeError(f"the two strips differ by {error:.1f} levels; expected the same one.")
