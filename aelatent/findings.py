"""What a table says: a function a claim, with the threshold that decides whether it holds.

Each takes what the notebook has just shown. A threshold is the band of a control where there is
one; where there is none it is our choice, and says so.
"""

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
        against = f"{self.rule}: measured {self.value:.3g}, threshold {self.threshold:.3g}"
        return f"**Finding.** {self.text}\n\n<small>*{against}.*</small>"


def inside_the_cloud(shares, n: int) -> Finding:
    """Say whether the cloud's mean and covariance bring vectors into its core; n of each kind."""
    plain, fitted = shares["standard normal"], shares["multivariate normal"]
    gain = fitted - plain
    noise = 2 * np.sqrt((plain * (1 - plain) + fitted * (1 - fitted)) / n)
    often = "more often than" if gain > noise else "no more often than"
    text = (
        f"Vectors with the mean and covariance of the cloud lie in its core {often} those from "
        f"N(0, I), which know nothing of it: {fitted:.0%} against {plain:.0%}."
    )
    rule = "gain in the share inside the core, against two standard errors of such a difference"
    return Finding(text, bool(gain > noise), gain, noise, rule)
