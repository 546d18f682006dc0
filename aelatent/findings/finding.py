"""A claim, with what decides it, and errors of differences."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Finding:
    """A claim, and what decides it; shows itself as Markdown."""

    text: str  # Markdown: the meaning first, then two numbers at most
    holds: bool  # whether the claim that the function is named for is met
    value: float  # what was measured, in the unit that `rule` names
    threshold: float  # what it was held against
    rule: str  # the threshold in words, and where it comes from

    def _repr_markdown_(self) -> str:
        """Return the sentence, and beneath it by what it was decided."""
        if np.isnan(self.value):  # nothing to measure: the sentence says what is left out
            return self.text
        value, threshold = (
            f"{x:,.0f}" if abs(x) >= 1000 else f"{x:.3g}" for x in (self.value, self.threshold)
        )
        against = f"{self.rule}: measured {value}, threshold {threshold}"
        return f"**Finding.** {self.text}\n\n<small>*{against}.*</small>"


def two_errors(p: float, q: float, n: int) -> float:
    """Return two standard errors of the difference of two shares, each found in n pictures."""
    return 2 * float(np.sqrt((p * (1 - p) + q * (1 - q)) / n))


def paired(a, b) -> tuple[float, float]:
    """Return how much larger `a` is than `b` on average, and two standard errors; rows go along."""
    a, b = np.asarray(a), np.asarray(b)
    apart = a.astype(float) - b
    n, spread = len(apart), apart.var(ddof=1)
    if a.dtype == bool:  # half a count in each cell (Agresti & Min 2005): never an error of 0
        total, n = apart.sum(), n + 2
        spread = (np.sum(apart**2) + 1 - total**2 / n) / n
    return float(apart.mean()), 2 * float(np.sqrt(spread / n))


def plus_minus(values, errors, digits: int = 1) -> list[str]:
    """Write values with two standard errors, for a table; alone where an error is NaN."""
    errors = np.broadcast_to(errors, np.shape(values))
    values = np.round(values, digits) + 0.0  # no -0.0
    shown = (f"{v:.{digits}f} ± {2 * e:.{digits}f}" for v, e in zip(values, errors, strict=True))
    return [text.removesuffix(" ± nan") for text in shown]


def leads(values, errors):
    """Return by how many standard errors the largest value is ahead of each."""
    best = values.idxmax()
    return (values[best] - values) / np.hypot(errors, errors[best])
