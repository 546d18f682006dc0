import io

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from PIL import Image

from aelatent.widgets import LiveLoss


def history(epochs):
    values = 0.1 / np.arange(1, epochs + 1)
    return pd.DataFrame({"epoch": range(1, epochs + 1), "loss": values, "val_loss": values * 1.1})


def picture(widget):
    return np.asarray(Image.open(io.BytesIO(widget.value)).convert("L"), float)


def test_each_epoch_replaces_the_picture_in_place():
    watch = LiveLoss("first steps")
    assert watch.value == b""
    sizes, previous = set(), None
    for epochs in (1, 2, 5):
        watch(history(epochs))
        now = picture(watch)
        sizes.add(now.shape)
        assert previous is None or np.abs(now - previous).max() > 50
        previous = now
    assert len(sizes) == 1  # a picture that changes its size would move the page


def test_watching_leaves_no_figure_open():
    LiveLoss()(history(3))
    assert plt.get_fignums() == []


def test_a_history_without_epochs_is_refused():
    with pytest.raises(ValueError, match=r"no epoch"):
        LiveLoss()(history(0))
