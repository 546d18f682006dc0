import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from aelatent.plots import loss_curve
from aelatent.plots.loss import error_maps
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


@pytest.mark.parametrize("origin", ["upper", "lower"])
def test_error_maps_stand_in_units_of_their_average(origin):
    rng = np.random.default_rng(0)
    originals = rng.random((40, 6, 8, 3))
    decoded = originals.copy()
    decoded[:, :3] = 1 - originals[:, :3]  # all of the error is in the upper half
    with plt.rc_context({"image.origin": origin}):
        axs = error_maps(originals, decoded, title="n = 40")
    mean, error, lost = (ax.images[0].get_array() for ax in axs)
    np.testing.assert_allclose(mean, originals.mean(axis=0), atol=1e-6)
    off = ((1 - 2 * originals[:, :3]) ** 2).mean(axis=(0, 3))
    np.testing.assert_allclose(error, np.concatenate([2 * off / off.mean(), 0 * off]), rtol=1e-4)
    assert lost[:3].mean() == pytest.approx(2, rel=0.1)
    assert [ax.images[0].origin for ax in axs] == ["upper"] * 3
    axs[0].figure.canvas.draw()


def test_error_maps_of_equal_pictures_without_error():
    images = np.full((3, 4, 4, 3), 0.5)
    axs = error_maps(images, images)
    assert (axs[1].images[0].get_array() == 0).all()
    assert (axs[2].images[0].get_array() == 0).all()
