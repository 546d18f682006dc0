import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from aelatent.plots import loss_curve


def history(val_loss, loss=None):
    epochs = np.arange(1, len(val_loss) + 1)
    loss = val_loss if loss is None else loss
    return pd.DataFrame({"epoch": epochs, "loss": loss, "val_loss": val_loss, "seconds": 1.0})


def curves(ax):
    return {line.get_label(): line for line in ax.lines}


def test_shows_both_curves_and_the_best_epoch():
    table = history([0.04, 0.02, 0.01, 0.012], loss=[0.05, 0.02, 0.011, 0.009])
    ax = loss_curve(table, title="a run")
    lines = curves(ax)
    np.testing.assert_array_equal(lines["training"].get_xydata(), table[["epoch", "loss"]])
    np.testing.assert_array_equal(lines["validation"].get_xydata(), table[["epoch", "val_loss"]])
    np.testing.assert_array_equal(lines["best: 0.0100 in epoch 3"].get_xydata(), [[3, 0.01]])
    assert ax.get_xlabel() == "epoch"
    assert ax.get_ylabel() == "mean squared error, pixels in 0..1"


def test_one_epoch_and_epochs_that_are_not_finite():
    assert "best: 0.0300 in epoch 1" in curves(loss_curve(history([0.03])))
    assert "best: 0.0200 in epoch 2" in curves(loss_curve(history([np.inf, 0.02, np.nan])))
    assert not any(label.startswith("best") for label in curves(loss_curve(history([np.nan]))))
    for number in plt.get_fignums():
        plt.figure(number).canvas.draw()  # warnings are errors


def test_draws_on_the_axes_given():
    figure, ax = plt.subplots()
    assert loss_curve(history([0.03, 0.02]), ax=ax) is ax
    assert plt.get_fignums() == [figure.number]


def test_refuses_what_is_no_history():
    with pytest.raises(ValueError, match="a table without epoch, val_loss"):
        loss_curve(pd.DataFrame({"loss": [0.1]}))
    with pytest.raises(ValueError, match="got no epoch"):
        loss_curve(history([]))
