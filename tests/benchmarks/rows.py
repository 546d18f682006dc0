"""The rows of the table: their names, where they are measured, and which run unasked."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A row: what it compares, and the function of `Plan` that measures it."""

    home: str  # ``module.function`` below `benchmarks`
    what: str
    asked: bool = False  # whether it runs only when it is named

    def load(self) -> Callable:
        """Return the function; only now its module is imported."""
        module, _, name = self.home.partition(".")
        return getattr(importlib.import_module(f"benchmarks.{module}"), name)


ROWS = {
    "import": Row("importing.importing", "import aelatent, against importing TensorFlow"),
    "training": Row("training.training", "against Keras float32 fit, and PyTorch where it is"),
    "pipeline": Row("training.pipeline", "share of a training step that the pictures' way takes"),
    "encoding": Row("encoding.encoding", "against the bare compiled float32 forward pass"),
    "strip": Row("strip.strip", "8 vectors to JPEG bytes, against predict and PNG"),
    "tsne": Row("maps.tsne_20k", "t-SNE of 20,000 z-points, against scikit-learn's"),
    "statistics": Row("clouds.clouds", "densities, covariance, D², against the obvious loops"),
    "drawing": Row("drawing.drawing", "portraits drawn on all cores, against one process"),
    "packing": Row("packing.packing", "JPEGs into a store, against a bare loop on all cores"),
    "latency": Row("latency.lab", "explorers in JupyterLab, from mouse to faces"),
    "latency-page": Row("latency.page", "the same in the page that decodes"),
    "engines": Row("engines.engines", "8 faces decoded in Chromium, Firefox and WebKit"),
    "growth": Row("growth.growth", "time and memory at 10,000, 40,000 and 165,000 pictures"),
    "growth-tsne": Row("growth.growth_tsne", "the same of t-SNE, at 10,000 and 40,000 z-points"),
    "tsne-80k": Row("maps.tsne_80k", "t-SNE of 80,000; scikit-learn's takes hours", asked=True),
    "growth-tsne-165k": Row(
        "growth.growth_tsne_165k", "time and memory of t-SNE at 165,000 z-points", asked=True
    ),
}


def chosen(names: list[str]) -> list[str]:
    """Return the rows to run, in the table's order: those named, or all that run unasked."""
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        raise ValueError(f"there is no row {unknown[0]!r}; expected some of {', '.join(ROWS)}.")
    return [name for name, row in ROWS.items() if (name in names if names else not row.asked)]
