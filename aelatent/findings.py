"""What a table says: a function a claim, with the threshold that decides whether it holds.

Each takes what the notebook has just shown. A threshold is the band of a control where there is
one; where there is none it is our choice, and says so.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import spearmanr


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


def learned(table) -> Finding:
    """Say whether a run reconstructs: column error, first the mean picture's, last the run's."""
    share = 1 - float(table["error"].iloc[-1]) / float(table["error"].iloc[0])
    holds, rule = share >= 0.9, "explained variance of held-out pictures (threshold: our choice)"
    text = (
        f"The run has learned its pictures: it keeps {share:.0%} of what distinguishes them."
        if holds
        else f"The run has **not** learned enough: it keeps only {share:.0%} of what distinguishes "
        "the pictures. Take more pictures, or train longer, before you believe what follows."
    )
    return Finding(text, holds, share, 0.9, rule)


def follows_contrast(errors, contrast) -> Finding:
    """Say whether pictures with more contrast have larger errors: an entry each per picture."""
    rank = float(spearmanr(errors, contrast).statistic)
    limit = 2 / (len(errors) - 1) ** 0.5
    text = (
        "The error follows the contrast of a picture: what counts as *best* is mainly plain, and "
        "no better kept. Compare shares of a picture's own variance instead."
        if rank > limit
        else "The error does not follow the contrast of a picture here."
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
    tie = "" if lead > 2 else f", and within its error the {second} as much"
    text = (
        f"Lost first: the **{first}** ({most:.0%} of what differs there){tie}. "
        f"Kept best: the {parts.index[-1]} ({least:.1%} lost)."
    )
    return Finding(text, bool(lead > 2), float(lead), 2.0, rule)


def shows_faces(originals: float, reconstructions: float) -> Finding:
    """Say whether faces survive, by the shares of pictures in which the detector finds one."""
    rule = "faces in reconstructions against originals (threshold: our choice)"
    if originals < 0.5:
        text = "The detector finds too few faces in the originals to judge reconstructions by it."
        return Finding(text, False, np.nan, 0.8, rule)
    kept = reconstructions / originals
    word = "Faces stay faces" if kept >= 0.8 else "Many faces are **lost**"
    text = f"{word}: of 100 pictures with a face, about {100 * min(kept, 1):.0f} still show one."
    return Finding(text, bool(kept >= 0.8), float(kept), 0.8, rule)


def center_is_a_face(found: bool, originals: float) -> Finding:
    """Say whether the cloud's center decodes to a face; `originals`: share in which one is seen."""
    rule = "faces at the center (threshold: our choice)"
    if originals < 0.5:
        text = "The detector finds too few faces in the originals to judge the center by it."
        return Finding(text, False, np.nan, 1.0, rule)
    text = (
        "The center of the cloud decodes to a face: the faces lie in one place."
        if found
        else "The center of the cloud decodes to **no face**: align the pictures by the eyes."
    )
    return Finding(text, bool(found), float(found), 1.0, rule)


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


def thin_sheet(along, apart, border: float, seed: int = 0) -> Finding:
    """Say whether the origin is off the cloud along its narrowest axes (`latent.d2_by_axis`)."""
    narrow = (along["sd"].rank(method="first") <= max(len(along) // 10, 1)).to_numpy()
    share = along["share"][narrow].sum()
    directions = np.random.default_rng(seed).standard_normal((2000, len(along)))
    d2 = (directions / along["sd"].to_numpy()) ** 2
    chance = np.quantile(d2[:, narrow].sum(axis=1) / d2.sum(axis=1), 0.975)
    inside = {True: "inside the core", False: "outside the core"}
    holds = bool(share > chance and along["d2"].sum() > border)
    seen = inside[bool(apart["d2"].sum() <= border)]
    place = inside[bool(along["d2"].sum() <= border)]
    what = "The cloud is a thin sheet, and the origin lies beside it"
    text = (
        f"{what if holds else 'The cloud is no sheet beside the origin'}: the narrowest tenth of "
        f"the axes gives {share:.1%} of the origin's D². By this D² the origin lies {place}; added "
        f"up component by component, as if there were no correlations, it would lie {seen}."
    )
    rule = "that share, against what 97.5 % of 2,000 random directions stay below"
    return Finding(text, holds, share, chance, rule)


def onto_the_sheet(faces, n: int) -> Finding:
    """Say whether a move along the narrow axes brings back faces; shares found in n draws each."""
    narrow, wide = faces["moved along the narrow axes"], faces["moved along the wide axes"]
    noise = 2 * np.sqrt((narrow * (1 - narrow) + wide * (1 - wide)) / n)
    holds = bool(narrow - wide > noise)
    text = (
        "The move across the sheet is the one that counts: moved along the narrow axes only, "
        if holds
        else "The move across the sheet counts no more than others: moved along the narrow axes, "
    )
    text += f"{narrow:.0%} of the vectors decode to a face, along all other axes {wide:.0%}."
    rule = "gain in the share with a face, against two standard errors of such a difference"
    return Finding(text, holds, narrow - wide, noise, rule)


def right_length_wrong_place(radius, faces, n: int) -> Finding:
    """Say whether vectors of the z-points' mean radius miss their faces; shares in n draws each."""
    off = abs(radius["matched normal"] / radius["z-points"] - 1)
    own, drawn = faces["held-out z-points"], faces["matched normal"]
    noise = 2 * np.sqrt((own * (1 - own) + drawn * (1 - drawn)) / n)
    holds = bool(off < 0.01 and own - drawn > noise)
    less = "far fewer" if own - drawn > 0.5 else "fewer"
    text = (
        f"The right length does not make a face: as long as z-points, random vectors give {less} "
        if holds
        else "Nothing is missed that the length did not give: random vectors of it give as many "
    )
    text += f"faces as z-points do, {drawn:.0%} against {own:.0%}."
    rule = "loss in the share with a face, against two standard errors of such a difference"
    return Finding(
        text.replace("fewer faces as", "fewer faces than"), holds, own - drawn, noise, rule
    )
