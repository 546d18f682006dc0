"""What may be said of a training: what is kept, what is lost first, whether faces survive."""

import numpy as np
from scipy.stats import spearmanr

from aelatent.findings.finding import Finding


def learned(table) -> Finding:
    """Say whether a run reconstructs: column error, first the mean picture's, last the run's."""
    share = 1 - float(table["error"].iloc[-1]) / float(table["error"].iloc[0])
    holds, rule = share >= 0.9, "explained variance of held-out pictures (threshold: our choice)"
    text = (
        f"The run has learned its pictures: it keeps {share:.0%} of what distinguishes them."
        if holds
        else f"The run has **not** learned enough: it keeps only {max(share, 0):.0%} of what "
        "distinguishes the pictures. Take more of them or train longer before you believe the rest."
    )
    return Finding(text, holds, share, 0.9, rule)


def follows_contrast(errors, contrast) -> Finding:
    """Say whether pictures with more contrast have larger errors: an entry each per picture."""
    rank = float(spearmanr(errors, contrast).statistic)
    limit = 2 / (len(errors) - 1) ** 0.5
    text = (
        "The error tends to grow with the contrast of a picture, so plain pictures have an "
        "advantage. An error alone does not say how well a face is kept."
        if rank > limit
        else "The error does not grow with the contrast of a picture here."
    )
    rule = "rank correlation with contrast (threshold: two standard errors of none)"
    return Finding(text, rank > limit, rank, limit, rule)


def lost_first(table) -> Finding:
    """Say which region loses the largest share of what differs there: by `region_errors`."""
    rule = "lead over the second, in its standard errors (threshold: two)"
    parts = table.drop(index="all").dropna().sort_values("unexplained", ascending=False)
    if len(parts) < 2:
        text = "These pictures come without masks of their parts: the table by parts is left out."
        return Finding(text, False, np.nan, 2.0, rule)
    first, second = parts.index[:2]
    lead = -np.diff(parts["unexplained"])[0] / np.hypot(*parts["se"].iloc[:2])
    most, least = parts["unexplained"].iloc[[0, -1]]
    if most >= 1:
        text = f"In the {first} the run is no better than the mean picture: nothing is kept yet."
        return Finding(text, False, float(lead), 2.0, rule)
    tie = "" if lead > 2 else f", and within its error no less in the {second}"
    text = (
        f"Lost first: the **{first}** ({most:.0%} of what differs there){tie}. "
        f"Kept best: the {parts.index[-1]} ({least:.1%} lost)."
    )
    return Finding(text, bool(lead > 2), float(lead), 2.0, rule)


def shows_faces(rates) -> Finding:
    """Say whether faces survive: shares with a face of the originals and the reconstructions."""
    originals, reconstructions = rates["originals"], rates["reconstructions"]
    rule = "faces in reconstructions against originals (threshold: our choice)"
    if originals < 0.5:
        text = "The detector finds too few faces in the originals to judge reconstructions by it."
        return Finding(text, False, np.nan, 0.8, rule)
    kept = reconstructions / originals
    word = "Faces stay faces" if kept >= 0.8 else "Many faces are **lost**"
    text = f"{word}: of 100 pictures with a face, about {100 * min(kept, 1):.0f} still show one."
    return Finding(text, bool(kept >= 0.8), float(kept), 0.8, rule)


def center_is_a_face(rates) -> Finding:
    """Say whether the center decodes to a face: shares with a face of the originals, of itself."""
    originals, found = rates["originals"], bool(rates["the center"])
    rule = "faces at the center (threshold: our choice)"
    if originals < 0.5:
        text = "The detector finds too few faces in the originals to judge the center by it."
        return Finding(text, False, np.nan, 1.0, rule)
    text = (
        "The center of the cloud decodes to a face: the faces lie in one place."
        if found
        else "The center of the cloud decodes to **no face**. Is the run trained enough, and are "
        "the eyes in place?"
    )
    return Finding(text, found, float(found), 1.0, rule)


def alignment_pays(table) -> Finding:
    """Say whether random vectors show more faces when portraits are aligned: two rows of rates."""
    rate, n = table["faces: multivariate normal"], table["draws"]
    gain = float(rate["aligned"] - rate["free"])
    limit = 2 * float(np.sqrt((rate * (1 - rate) / n).sum()))
    word = "pays" if gain > limit else "shows no gain"
    text = (
        f"Alignment {word}: of random vectors with the right mean and covariance, "
        f"{rate['aligned']:.0%} decode to a face, and {rate['free']:.0%} without it."
    )
    rule = "gain (threshold: two standard errors of the difference)"
    return Finding(text, gain > limit, gain, limit, rule)
