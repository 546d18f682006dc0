import io
import itertools

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from PIL import Image

from aelatent.widgets import LiveLoss


def test_each_epoch_replaces_the_picture_in_place_and_leaves_no_figure_open():
    watch = LiveLoss("first steps")
    assert watch.value == b""
    seen = []
    history = pd.DataFrame({"epoch": range(1, 6), "loss": 0.1, "val_loss": [5, 4, 3, 2, 1]})
    for epochs in (1, 2, 5):
        watch(history[:epochs])
        seen.append(np.asarray(Image.open(io.BytesIO(watch.value)).convert("L"), float))
    for before, after in itertools.pairwise(seen):
        assert np.abs(after - before).max() > 50  # of one size: another would move the page
    assert seen[0].shape == (384, 840)
    assert plt.get_fignums() == []
