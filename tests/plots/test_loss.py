import numpy as np
import pandas as pd
import pytest

from aelatent.plots import loss_curve
from tests.plots.reading import lines


def history(val_loss):
    epochs, val_loss = np.arange(1, len(val_loss) + 1), np.array(val_loss, float)
    return pd.DataFrame({"epoch": epochs, "loss": val_loss / 2, "val_loss": val_loss, "seconds": 1})


def test_shows_both_curves_and_the_best_epoch():
    table = history([0.04, 0.02, 0.01, 0.012])
    ax = loss_curve(table)
    drawn = lines(ax)
    np.testing.assert_array_equal(drawn["training"].get_xydata(), table[["epoch", "loss"]])
    np.testing.assert_array_equal(drawn["validation"].get_xydata(), table[["epoch", "val_loss"]])
    np.testing.assert_array_equal(drawn["best: 0.0100 in epoch 3"].get_xydata(), [[3, 0.01]])
    assert (ax.get_yscale(), ax.get_xlim()) == ("log", (0.5, 4.5))
    assert ax.get_xlabel() == "epoch"
    assert ax.get_ylabel() == "mean squared error, pixels in 0..1"


@pytest.mark.parametrize(
    ("values", "best"),
    [([0.03], ["best: 0.0300 in epoch 1"]), ([np.inf, 0.02, np.nan], ["best: 0.0200 in epoch 2"]),
     ([np.nan], [])],
)  # fmt: skip
def test_one_epoch_and_epochs_that_are_not_finite(values, best):
    ax = loss_curve(history(values))
    assert [label for label in lines(ax) if label.startswith("best")] == best
    ax.figure.canvas.draw()  # warnings are errors


def test_what_is_no_history_is_refused():
    with pytest.raises(ValueError, match=r"a table without epoch, val_loss.*Pass run\.history"):
        loss_curve(pd.DataFrame({"loss": [0.1]}))
    with pytest.raises(ValueError, match="a table without rows"):
        loss_curve(history([]))
