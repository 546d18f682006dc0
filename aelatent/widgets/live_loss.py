"""Watch a training: its loss curve, redrawn after every epoch."""

import ipywidgets
import pandas as pd
from matplotlib.figure import Figure

from aelatent.plots.loss import loss_curve
from aelatent.widgets._parts import png


class LiveLoss(ipywidgets.Image):
    """A loss curve that follows a training; give it to `aelatent.train` as ``on_epoch``.

    It is empty until the first epoch has ended; after the training the last curve stays.

    Parameters
    ----------
    title : str, optional
        Title above the curves.
    """

    def __init__(self, title: str | None = None):
        super().__init__(format="png", layout={"width": "640px", "max_width": "100%"})
        self._title = title

    def __call__(self, history: pd.DataFrame) -> None:
        """Show `history`: columns epoch, loss, val_loss (see `plots.loss_curve`)."""
        figure = Figure(figsize=(7, 3.2), layout="constrained")  # apart from pyplot's own figures
        loss_curve(history, title=self._title, ax=figure.subplots())
        self.value = png(figure, dpi=120)
