"""What a table says: a function a claim, with the threshold that decides whether it holds.

Each takes what the notebook has just shown. A threshold is the band of a control where there is
one; where there is none it is our choice, and says so.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, spearmanr

from aelatent.latent.map_quality import POISSON_VOIDS


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
        else f"The run has **not** learned enough: it keeps only {max(share, 0):.0%} of what "
        "distinguishes the pictures. Take more of them or train longer before you believe the rest."
    )
    return Finding(text, holds, share, 0.9, rule)


def follows_contrast(errors, contrast) -> Finding:
    """Say whether pictures with more contrast have larger errors: an entry each per picture."""
    rank = float(spearmanr(errors, contrast).statistic)
    limit = 2 / (len(errors) - 1) ** 0.5
    text = (
        "The error follows the contrast of a picture: the *best* are mainly plain pictures. An "
        "error alone does not say how well a face is kept."
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


def right_length_wrong_place(radius, faces, n: int) -> Finding:
    """Say whether vectors as long as z-points miss the faces; shares found in n pictures each."""
    alike = abs(radius["matched normal"] / radius["z-points"] - 1) < 0.01
    drawn, own = faces["matched normal"], faces["held-out z-points"]
    noise = two_errors(drawn, own, n)
    holds = bool(alike and own - drawn > noise)
    rarely = (
        "The right length alone rarely makes a face"
        if holds
        else "It is open whether the length is enough"
    )
    text = (
        f"{rarely}: one is found in {drawn:.0%} of the pictures decoded from random vectors as "
        f"long as z-points, in {own:.0%} of those from z-points."
    )
    rule = "loss in the share with a face, against two standard errors of such a difference"
    return Finding(text, holds, own - drawn, noise, rule)


def thin_sheet(along, apart, border: float, seed: int = 0) -> Finding:
    """Say whether the origin is off the cloud across it; D² as `latent.d2_by_axis` splits it."""
    narrow = (along["sd"].rank(method="first") <= max(len(along) // 10, 1)).to_numpy()
    share, total = along["share"][narrow].sum(), along["d2"].sum()
    anywhere = np.random.default_rng(seed).standard_normal((2000, len(along)))
    d2 = (anywhere / along["sd"].to_numpy()) ** 2
    chance = np.quantile(d2[:, narrow].sum(axis=1) / d2.sum(axis=1), 0.975)
    holds = bool(share > chance and total > border)
    is_sheet = "The cloud is" if holds else "One cannot say that the cloud is"
    at, seen = ("inside" if d2 <= border else "outside" for d2 in (total, apart["d2"].sum()))
    text = (
        f"{is_sheet} a thin sheet beside the origin. The narrowest tenth of its axes gives "
        f"{share:.1%} of the origin's D², which lies {at} the core; added up component by "
        f"component, as if nothing were correlated, it would lie {seen}."
    )
    rule = "that share, against what it stays below for 97.5 % of 2,000 random directions"
    return Finding(text, holds, share, chance, rule)


def onto_the_sheet(faces, n: int) -> Finding:
    """Say whether a move across the sheet brings the faces back; shares in n pictures each."""
    narrow, wide = faces["moved along narrow axes"], faces["moved along wide axes"]
    gain, noise = narrow - wide, two_errors(narrow, wide, n)
    ways = "does less than one along it", "does no more than others", "is what brings faces back"
    which = ways[1 + int(gain > noise) - int(gain < -noise)]
    text = (
        f"A move across the sheet {which}: faces are found in {narrow:.0%} of the vectors that "
        f"were moved along the narrow axes only, in {wide:.0%} of those along all others."
    )
    rule = "gain in the share with a face, against two standard errors of such a difference"
    return Finding(text, bool(gain > noise), gain, noise, rule)


def few_axes(shares, shuffled) -> Finding:
    """Say whether few axes carry half of the variance; shares of it, and after a shuffle."""
    half, ninety = (int(np.searchsorted(np.cumsum(shares), p)) + 1 for p in (0.5, 0.9))
    by_chance = int(np.searchsorted(np.cumsum(shuffled), 0.5)) + 1
    holds = half < by_chance
    fewer = "fewer" if holds else "no fewer"
    text = (
        f"Half of the variance takes {half} of {len(shares)} axes, {fewer} than it would without "
        f"correlations; nine tenths of it take {ninety}."
    )
    rule = "axes for half of the variance, against those of the z-points without correlations"
    return Finding(text, bool(holds), half, by_chance, rule)


def left_out_of_axes(rank: int, carried) -> Finding:
    """Say whether a run has too few axes for all walks, and its pictures lack attributes."""
    said = [f"walks beyond PC {rank}, for there are no more axes"] if rank < 4 else []
    said += [] if len(carried) else ["what an axis carries, for nothing is known of the pictures"]
    text = f"Left out on this run: {'; '.join(said)}." if said else "Nothing is left out here."
    return Finding(text, not said, np.nan, np.nan, "")


def center_is_pixel_mean(center, mean_picture, error: float, face: bool) -> Finding:
    """Say whether the decoded center is the mean of the pictures, by a usual error (rms, 0..1)."""
    apart = 255 * np.sqrt(np.mean((np.asarray(center, float) - mean_picture) ** 2))
    flat = np.sqrt(np.mean((mean_picture - mean_picture.mean(axis=(0, 1))) ** 2))
    least = 255 * min(error, flat)  # a network that paints one color shows no mean
    holds = bool(apart < least)
    same = "is, as well as the network can paint it, the mean" if holds else "is not the mean"
    text = (
        f"The picture at the center {same} of all pictures: the two differ by {apart:.1f} gray "
        f"levels. The detector finds {'a' if face else 'no'} face in it."
    )
    rule = "rms difference in gray levels, against that of a reconstruction, or of a flat color"
    return Finding(text, holds, apart, least, rule)


def two_errors(p: float, q: float, n: int) -> float:
    """Return two standard errors of the difference of two shares, each found in n pictures."""
    return 2 * float(np.sqrt((p * (1 - p) + q * (1 - q)) / n))


def tsne_tears(shares) -> Finding:
    """Say whether t-SNE makes voids of a Gaussian on 2 axes; of the table of `kept.void_shares`."""
    share, even = float(shares["Gaussian"].iloc[0]), POISSON_VOIDS
    holds = share > 2 * even
    what = (
        "t-SNE makes voids, and filaments between them, of a cloud that has none: in the map of a "
        if holds
        else "t-SNE makes no voids here: in the map of a "
    )
    text = f"{what}Gaussian {share:.0%} of the circles are empty, of an even scatter {even:.1%}."
    rule = "share of empty circles, against twice that of an even scatter (our choice)"
    return Finding(text, holds, share, 2 * even, rule)


def more_voids_than_a_gaussian(shares) -> Finding:
    """Say where z-points' maps are emptier than those of Gaussian draws, and whether tails are."""
    over = shares["z-points"] - shares["to"]
    above = list(shares.index[over > 0])
    tails = list(shares.index[shares["elliptical"] > shares["to"]])
    below, most = list(shares.index[shares["z-points"] < shares["from"]]), over.idxmax()
    said = f"None of {len(shares)} maps is emptier than those of Gaussian draws."
    if above:
        other = [name for name in above if name not in tails]
        why = "Heavy tails are enough to explain it: the elliptical surrogate's map is as empty"
        if other:
            where = f" for {'; '.join(other)}" if len(other) < len(above) else ""
            why = f"Heavy tails do not explain it{where}: the elliptical surrogate's map is not as empty"
        said = f"Emptier than the maps of Gaussian draws: {'; '.join(above)}. {why}."
    less = f" Less empty than those of Gaussian draws: {'; '.join(below)}." if below else ""
    rule = f"empty circles of {most}, against the upper end of the band of the draws (95 %)"
    at = shares.loc[most]
    return Finding(said + less, bool(above), float(at["z-points"]), float(at["to"]), rule)


def zooms_are_chance(ratios, fields) -> Finding:
    """Say whether z-points in squares are as far apart as the surrogate's, which are as dense.

    `ratios` has a row for each plane, `fields` the same measure of Poisson fields.
    """
    # Each of two clouds errs as a field does; 5 % for all planes together.
    limit = norm.ppf(0.05 / len(ratios)) * np.sqrt(2) * np.std(fields)
    closer = ratios.sub(ratios["the surrogate"], axis=0)
    least, seen = closer["z-points"].min(), int((closer["20 known curves"] < limit).sum())
    holds = bool(least >= limit)
    text = (
        "What the zooms show is chance: in no plane are nearest neighbors closer than in the "
        "surrogate, which has the same density. "
        if holds
        else "In at least one plane nearest neighbors are closer than in the surrogate, which has "
        "the same density. "
    )
    text += f"All points on 20 known curves would show in {seen} of {len(ratios)} planes."
    rule = "least difference of the ratios, against chance in all planes at once (Poisson fields)"
    return Finding(text, holds, float(least), float(limit), rule)


def left_out_of_maps(names, wanted, properties) -> Finding:
    """Say which maps a run of few axes lacks, and whether its store knows no quantity."""
    missing = [name for name in wanted if name not in names]
    said = [f"the maps of {', '.join(missing)}, for it has fewer axes"] if missing else []
    said += [] if len(properties) else ["colors, for its store names no quantity of a picture"]
    text = f"Left out on this run: {'; '.join(said)}." if said else "Nothing is left out here."
    return Finding(text, not said, np.nan, np.nan, "")


def left_out_of_zooms(planes: int, count: int) -> Finding:
    """Say which planes a run of few axes lacks, and whether it has too few points for 300."""
    said = [f"{4 - planes} of 4 planes, for it has fewer axes"] if planes < 4 else []
    said += [f"squares of 300 points: {count} here"] if count < 300 else []
    text = f"Left out on this run: {'; '.join(said)}." if said else "Nothing is left out here."
    return Finding(text, not said, np.nan, np.nan, "")


def plus_minus(values, errors, digits: int = 1) -> list[str]:
    """Write values with two standard errors, for a table; alone where an error is NaN."""
    errors = np.broadcast_to(errors, np.shape(values))
    values = np.round(values, digits) + 0.0  # no -0.0
    shown = (f"{v:.{digits}f} ± {2 * e:.{digits}f}" for v, e in zip(values, errors, strict=True))
    return [text.removesuffix(" ± nan") for text in shown]


_RECIPE = {
    "center": "put the vector where the faces are",
    "spread": "let each component vary as much as it does",
    "correlation": "let the components move together",
    "radius": "give it the right length",
}


def what_a_face_needs(credits) -> Finding:
    """Say which conditions bring faces, from `latent.credits` of what the detector found."""
    mean = credits["mean"]
    certain = mean / credits["mean error"].clip(lower=1e-12)
    needed = [name for name in _RECIPE if certain[name] > 2]
    text = ", ".join(_RECIPE[name] for name in needed) or "nothing that was kept brings faces"
    text = text[0].upper() + text[1:]
    text += "." if "radius" in needed else "; the length follows by itself." if needed else " here."
    if needed:
        text += f" Of a gain of {mean.sum():.0%} with a face the *{mean.idxmax()}* brings "
        text += f"{mean.max():.0%}."
    holds = {"center", "correlation"} <= set(needed) and "radius" not in needed
    rule = "lesser credit of center and correlation, in standard errors; the radius stays below two"
    value = certain[["center", "correlation"]].min()
    return Finding(text, holds, float(value), 2.0, rule)


def best_sampler(board) -> Finding:
    """Say which sampler shows faces most often, or which ones cannot be told apart."""
    rows = board.drop(["originals", "reconstructions"], errors="ignore")
    lead = _leads(rows["faces"], rows["faces error"])
    most = [f"*{name}*" for name in rows.index[lead <= 2]]
    best = f"a face in {rows['faces'].max():.0%}"
    text = f"{most[0]} shows a face most often: {best}."
    if len(most) > 1:
        names = ", ".join(most) if len(most) < 7 else f"{len(most)} of {len(rows)} samplers"
        text = f"No sampler is the best: {names} share the first place, {best}."
    if rows["frechet_decoded"].notna().any():
        away = _leads(-rows["frechet_decoded"], rows["frechet_decoded error"])
        near = [f"*{name}*" for name in rows.index[away <= 2]]
        text += f" Nearest to the reconstructions as a set: {', '.join(near)}."
    rule = "lead over the next sampler, in standard errors of such a difference"
    return Finding(text, len(most) == 1, float(lead.nsmallest(2).iloc[-1]), 2.0, rule)


def _leads(values, errors):
    """Return by how many standard errors the largest value is ahead of each."""
    best = values.idxmax()
    return (values[best] - values) / np.hypot(errors, errors[best])


def copies_nothing(closer, n: int, held_out: int, control: str = "copies (control)") -> Finding:
    """Say whether draws are copies: shares nearer to what was seen than 99 % of unseen pictures."""
    chance = 0.01 + 2 * np.sqrt(0.01 * 0.99 * (1 / n + 1 / held_out))
    most, found = float(closer.drop(control).max()), closer[control]
    copied = [f"*{name}*" for name in closer.drop(control).index[closer.drop(control) > chance]]
    text = f"No sampler hands out copies; of those put in, the check finds {found:.0%}."
    if copied:
        text = f"Nearer to what it saw than chance allows: {', '.join(copied)}."
    if found <= chance:
        text = "The check is blind here: it does not find the copies that were put in."
    rule = "largest share of draws nearer than 99 % of unseen pictures, against 1 % and two errors"
    return Finding(text, bool(found > chance >= most), most, chance, rule)


def parts_go_together(changes) -> Finding:
    """Say whether parts of a picture suffer alike; a row per group of pictures, the face first."""
    rule = "change of the part most unlike the face, relative to it, beyond 1 (a tenth: our choice)"
    if changes.shape[1] < 2:
        text = "Which part suffers first is left out: these pictures have no masks."
        return Finding(text, False, np.nan, np.nan, rule)
    ratio = changes.iloc[:, 1:].div(changes.iloc[:, 0], axis=0)
    mean, two = ratio.mean(), 2 * ratio.sem()
    off = [name for name in mean.index if abs(mean[name] - 1) - two[name] > 0.1]
    how = [f"the {name} suffers {'more' if mean[name] > 1 else 'less'}" for name in off]
    text = (
        f"Beside the face, {' and '.join(how)}"
        if how
        else "As far as errors tell, all parts suffer alike"
    )
    worst = (mean - 1).abs().idxmax()
    text += f", measured by how much pictures differ there; most unlike is the {worst}, with "
    text += f"{mean[worst]:.2f} ± {two[worst]:.2f} times the face's change."
    return Finding(text, not off, float(abs(mean[worst] - 1)), 0.1, rule)


def same_on_all_runs(table) -> Finding:
    """Say which conclusions hold on all runs; columns run, quantity, value, error."""
    value = table.pivot(index="run", columns="quantity", values="value")
    error = table.pivot(index="run", columns="quantity", values="error").fillna(0)
    beyond = value > 2 * error
    drawn, plain = "faces: multivariate normal", "faces: N(0, I)"
    gap = value[drawn] - value[plain] > 2 * np.hypot(error[drawn], error[plain])
    center, together = "credit: center", "credit: correlation"
    ahead = value[center] - value[together] > 2 * np.hypot(error[center], error[together])
    claims = {
        "the center brings faces": beyond[center],
        "the correlations bring faces": beyond[together],
        "the center brings more of them": ahead,
        "the radius brings none": ~beyond["credit: radius"],
        "a multivariate normal beats N(0, I)": gap,
        "D² spreads wider than that of a normal cloud": value["spread of D² over its law"] > 1,
        "the center shows a face": value["face at the center"] > 0.5,
    }
    agree = [claim for claim, met in claims.items() if met.all()]
    text = f"On all {len(value)} runs {', '.join(agree) or 'nothing of this holds'}."
    text += "".join(f" Not on all: {claim}." for claim in claims if claim not in agree)
    rule = "conclusions that hold on all runs, by two standard errors, of so many"
    return Finding(text, len(agree) == len(claims), len(agree), len(claims), rule)


def carried_by(table, what: str = "the components that stand out") -> Finding:
    """Say which factor most of some columns follow: by `latent.factor_correlations`."""
    rule = f"share of {what} that follow it beyond the chance of shuffled pictures (most: half)"
    first = table.groupby(level=0, sort=False).head(1)
    beyond = first[first["correlation"].abs() > first["chance"]]
    if first.empty:
        text = "These pictures come without attributes, or no component stands out: what goes with "
        text += f"{what} is left out here."
        return Finding(text, False, np.nan, 0.5, rule)
    if beyond.empty:
        text = f"Nothing that is known of the pictures goes with {what} more than chance would."
        return Finding(text, False, 0.0, 0.5, rule)
    counts = beyond["factor"].value_counts()
    name, share = counts.index[0], counts.iloc[0] / len(first)
    r = float(beyond.loc[beyond["factor"] == name, "correlation"].abs().median())
    if len(first) == 1:
        chance = float(beyond["chance"].iloc[0])
        text = f"What goes with {what} most is **{name}**, with a correlation of {r:.2f}."
        return Finding(text, True, r, chance, "correlation, against that of shuffled pictures")
    most = "Most" if share > 0.5 else "A part, but not most,"
    text = (
        f"{most} of {what} follow **{name}**: it is the strongest of {counts.iloc[0]} of "
        f"{len(first)}, with a correlation of {r:.2f} in the median."
    )
    return Finding(text, bool(share > 0.5), float(share), 0.5, rule)


def stronger_per_unit(table) -> Finding:
    """Say whether striking components change the picture more per unit; with 2 errors of each."""
    rule = "difference in gray levels per unit, against two standard errors of such a difference"
    change, error = table["gray levels per unit"], table["± 2 standard errors"]
    more, noise = float(change.diff().iloc[-1]) * -1, float(np.hypot(*error))
    if np.isnan(noise):
        text = "Too few components stand out here, or too few do not: no comparison is made."
        return Finding(text, False, np.nan, np.nan, rule)
    ratio = change.iloc[0] / change.iloc[1]
    text = (
        f"The components that stand out change the picture more also for each unit: {ratio:.1f} "
        "times as much as ordinary ones. So longer steps are only a part of the matter."
        if more > noise
        else f"For each unit the components that stand out change the picture {ratio:.2f} times "
        "as much as ordinary ones, **not more**. They change it by longer steps only."
    )
    return Finding(text, more > noise, more, noise, rule)


def wedge(table) -> Finding:
    """Say whether most pairs are wedges: by `latent.pair_wedges`."""
    rule = "ratio of the ends, in units of what 5 % of elliptical surrogates exceed (median)"
    if table.empty:
        return Finding("There are no pairs of components here.", False, np.nan, 1.0, rule)
    beyond = table["ratio"] / table["chance"]
    out, value = int((beyond > 1).sum()), float(beyond.median())
    shape = "are **wedges**, not ellipses" if value > 1 else "are no more wedges than ellipses are"
    text = (
        f"Most of these pairs {shape}: the scatter across the axis is {table['ratio'].median():.2f}"
        f" times as large at one end as at the other (median). {out} of {len(table)} are out of "
        "the band of elliptical surrogates."
    )
    return Finding(text, value > 1, value, 1.0, rule)


def spread_of_d2(table) -> Finding:
    """Say whether D² spreads more than an MVN's: by `NormalityReport.in_words`."""
    rule = "sd of D² in units of its law's, against the band of 95 % of multivariate normals"
    value, high = (float(table.iloc[0][column]) for column in ("z-points", "MVN high"))
    text = (
        "The cloud is **no** multivariate normal. Some points are near to the center and others "
        f"far from it with all coordinates together: D² spreads {value:.1f} times as widely as "
        "its law allows."
        if value > high
        else "By its distances the cloud may be a multivariate normal: D² spreads no more widely "
        f"than its law allows ({value:.2f} times)."
    )
    return Finding(text, value > high, value, high, rule)


FEW_FACES = 0.2  # of the pictures that a path starts from: with fewer, loss cannot be seen


def path_from_origin(faces, d2, border: float) -> Finding:
    """Say whether faces appear from the origin on: paths by share of the way; D² at each share."""
    gain, noise = paired(faces.iloc[:, -1], faces.iloc[:, 0])
    if faces.iloc[:, -1].mean() < FEW_FACES:
        return _not_counted(faces.iloc[:, -1].mean())
    rates, holds = faces.mean(), bool(gain > noise)
    first = rates.index[rates >= rates.iloc[-1] / 2][0]
    core = "outside" if d2[first] > border else "inside"
    text = (
        f"Faces appear along the path: half of them show one after {first:.0%} of it, a place "
        f"{core} the core (D² {d2[first]:,.0f})."
        if holds
        else "The ends of the paths show no more faces than the origin."
    )
    rule = "gain from the origin to the end, against two standard errors of the paired difference"
    return Finding(text, holds, gain, noise, rule)


def outside_is_worse(faces) -> Finding:
    """Say whether steps beyond the core cost faces: a column per share of its D², pairs in rows."""
    inside, found = faces.iloc[:, 0], {x: paired(faces.iloc[:, 0], faces[x]) for x in faces}
    worse = [x for x, (loss, noise) in found.items() if loss > noise]
    (loss, noise), rate = found[faces.columns[-1]], faces.iloc[:, -1].mean()
    if inside.mean() < FEW_FACES:
        return _not_counted(inside.mean())
    text = f"Even the farthest steps show no fewer faces than those inside ({inside.mean():.0%})."
    if loss > noise:
        text = "Steps far beyond the core cost faces. The loss is certain from "
        text += f"{worse[0]:g} times its D² on; of the farthest steps {rate:.0%} show a face."
    rule = "loss from the first to the last, against two standard errors of the paired difference"
    return Finding(text, bool(loss > noise), loss, noise, rule)


def correlations_matter(following, disregarding) -> Finding:
    """Say whether faces last longer where other components follow: pictures by sd, both paired."""
    gains = {x: paired(following[x], disregarding[x]) for x in following}
    better = [x for x, (gain, noise) in gains.items() if gain > noise]
    gain, noise = gains[following.columns[-1]]
    if following.iloc[:, 0].mean() < FEW_FACES:
        return _not_counted(following.iloc[:, 0].mean())
    later = following.iloc[:, [0, -1]].astype(float) - disregarding.iloc[:, [0, -1]]
    grows = np.greater(*paired(later.iloc[:, 1], later.iloc[:, 0]))
    text = "Whether the others follow makes no certain difference to the faces at the last step."
    if gain > noise:
        text = f"Letting the others follow keeps faces: the gain is certain from {better[0]:g} sd "
        text += f"on, and {100 * gain:.0f} points at the last step. It "
        text += "grows outward." if grows else "does not grow outward for certain."
    rule = "gain at the farthest step, against two standard errors of the paired difference"
    return Finding(text, bool(gain > noise), gain, noise, rule)


def slerp_or_linear(linear, slerp) -> Finding:
    """Say which way shows more faces half way, and which is sharper; scores of the same pairs."""
    faces, noise = paired(slerp["face"], linear["face"])
    if max(slerp["face"].mean(), linear["face"].mean()) < FEW_FACES:
        return _not_counted(slerp["face"].mean())
    sharp, blur = paired(slerp["sharpness"], linear["sharpness"])
    holds = bool(abs(faces) > noise)
    most = f"The {'whitened slerp' if faces > 0 else 'straight line'} shows more faces half way"
    text = f"{most if holds else 'The detector cannot tell the two paths apart half way'}: "
    text += f"{slerp['face'].mean():.0%} on the slerp, {linear['face'].mean():.0%} on the line. "
    kinds = {1: "sharper on the slerp", -1: "sharper on the line", 0: "equally sharp on both"}
    text += f"Pictures are {kinds[int(np.sign(sharp)) if abs(sharp) > blur else 0]}."
    rule = "difference in faces, against two standard errors of the paired difference"
    return Finding(text, holds, abs(faces), noise, rule)


def attribute_is_specific(table) -> Finding:
    """Say which steps move their own attribute most; by `latent.AttributeSteps.compare`."""
    rule = "least lead over others and random steps, in standard errors"
    if table.empty:
        text = "This store names no usual attribute, or all pictures share them: no steps to try."
        return Finding(text, False, np.nan, 2.0, rule)
    good, bad = (
        ", ".join(f"*{name}*" for name in table.index[which])
        for which in (table["lead"] > 2, table["lead"] <= 2)
    )
    text = f"Steps move their own attribute more than any other, and than random ones: {good}. "
    text = (text if good else "") + (f"Not specific, for certain: {bad}." if bad else "")
    return Finding(text.strip(), not bad, float(table["lead"].min()), 2.0, rule)


def _not_counted(rate) -> Finding:
    """Say that faces on paths are not counted on this run."""
    text = f"What paths do to faces is left out here: the detector finds one in {rate:.0%} of the "
    return Finding(text + "pictures that they start from, or end at.", False, np.nan, np.nan, "")


def paired(a, b) -> tuple[float, float]:
    """Return how much larger `a` is than `b` on average, and two standard errors; rows go along."""
    a, b = np.asarray(a), np.asarray(b)
    apart = a.astype(float) - b
    n, spread = len(apart), apart.var(ddof=1)
    if a.dtype == bool:  # half a count in each cell (Agresti & Min 2005): never an error of 0
        total, n = apart.sum(), n + 2
        spread = (np.sum(apart**2) + 1 - total**2 / n) / n
    return float(apart.mean()), 2 * float(np.sqrt(spread / n))


ALPHA = 0.05
MARGIN = 0.05  # by which nearest neighbors must lie nearer to tell known curves from a cloud


def clumping(verdict) -> Finding:
    """Say whether z-points clump below the scale of the test: `filament_evidence(run).verdict`."""
    row = verdict.iloc[0]
    below = f"below {row['scale']:g} standard deviations"
    text = f"**The z-points do not clump** {below}: nothing like a filament shows in these planes."
    if row["p"] <= ALPHA:
        text = f"The z-points differ from a smooth cloud {below}, but lie no nearer to each other."
    if row["clumps"]:
        text = f"**The z-points clump** {below}: they lie nearer to each other than chance has it."
    rule = "p of all planes and statistics, twice the lesser of two (threshold: level of the test)"
    return Finding(text, bool(row["clumps"]), row["p"], ALPHA, rule)


def curves_seen(known) -> Finding:
    """Say up to how many known curves, with all points on them, a plane shows."""
    seen = known.loc[known["effect"] > known["band_high"], "curves"]
    most, tried = (seen.max() if len(seen) else 0), known["curves"].max()
    reach = f"up to {most:,} curves" if most else "not even the fewest curves tried"
    beyond = "" if most == tried else "; a web of more of them it would not"
    text = f"Had all points lain on {reach}, this plane would have shown it{beyond}."
    rule = f"most curves whose excess of pairs leaves the band of the draws, of {tried:,} tried"
    return Finding(text, bool(most), float(most), float(known["curves"].min()), rule)


def web_excluded(full) -> Finding:
    """Say whether distances in the full space exclude a web of thousands of filaments."""
    ratio = full.set_index("cloud")["ratio"]
    own, control = ratio["z-points"], ratio[ratio.index.str.startswith("all on ")]
    out = control.index[control < own - MARGIN]
    numbers = [int("".join(filter(str.isdigit, name))) for name in out]
    most = max(numbers, default=0)
    text = (
        f"In the full space even {most:,} filaments would have shown: points on so few would lie "
        "nearer to each other than the z-points do."
        if most
        else "In the full space distances do not tell the z-points from points on known curves."
    )
    rule = f"filaments excluded, by nearest neighbors nearer by {MARGIN:g} (our choice); thousands"
    return Finding(text, most >= 1000, float(most), 1000.0, rule)


def smooth_curvature(wider) -> Finding:
    """Say whether at the widest scale pairs exceed those of an elliptical cloud's test."""
    last = wider[wider["scale"] == wider["scale"].max()].set_index(["cloud", "plane"])
    own, other = last.loc["z-points"], last.loc["elliptical"]
    noise = np.hypot(*((t["band_high"] - t["band_low"]) / 2 for t in (own, other)))
    beyond = ((own["effect"] - other["effect"]) / noise).max()
    text = (
        "At the widest scale there are more near pairs than in a smooth elliptical cloud: clumps "
        "of that width, or humps, which a plane cannot tell apart."
        if beyond > 1
        else "At the widest scale there are no more near pairs than in a smooth elliptical cloud."
    )
    rule = "largest difference of the excess, in half-widths of both bands together"
    return Finding(text, bool(beyond > 1), float(beyond), 1.0, rule)


def missed_region(table) -> Finding:
    """Say whether faces are missed in voids of the core: of `near_and_far`."""
    faces, n = table["faces"], int(table["n"].min())
    change = faces["voids"] - faces["beside z-points"]
    noise = two_errors(faces["voids"], faces["beside z-points"], n)
    text = (
        "Far from every z-point faces are as frequent as beside one, at the same D²: the vectors "
        "belong to **one region**, not to threads with nothing between them."
    )
    if change < -noise:
        text = (
            "Far from every z-point faces are rarer than beside one, at the same D²: nearness to "
            "z-points counts, beside the region."
        )
    text += (
        f" Faces: {faces['voids']:.0%} in voids, {faces['beside z-points']:.0%} beside z-points."
    )
    rule = "loss in the share with a face, against two standard errors of the difference"
    return Finding(text, bool(change >= -noise), float(-change), noise, rule)


def crossing_the_border(rays, border: float) -> Finding:
    """Say whether faces become rarer where rays leave the core: of `along_rays`."""
    rays = rays[rays["series"] == "random directions"].sort_values("x")
    inside = rays[rays["x"] <= border].iloc[-1]
    outside = rays[rays["x"] > 2 * border]
    outside = (outside if len(outside) else rays).iloc[-1]
    loss = inside["rate"] - outside["rate"]
    noise = two_errors(inside["rate"], outside["rate"], int(inside["n"]))
    center = rays.iloc[0]["rate"]
    text = "The border of the core is no border of the faces: far outside they are as frequent."
    if loss > noise:
        text = (
            f"Outside the core faces become rarer: {inside['rate']:.0%} just inside its border, "
            f"{outside['rate']:.0%} far outside."
        )
    text += " The center itself " + ("shows a face." if center > 0.5 else "shows **none**.")
    rule = "loss from inside the border to far outside, against two standard errors"
    return Finding(text, bool(loss > noise), float(loss), noise, rule)


def one_piece(faces) -> Finding:
    """Say whether middles of segments show as many faces as their ends: of `between_pairs`."""
    middle = faces[:, faces.shape[1] // 2].astype(float)
    change, noise = paired(middle, faces[:, [0, -1]].mean(axis=1))
    text = (
        "Halfway between two persons there are no fewer faces: the region is in one piece, as far "
        "as straight segments tell."
        if change >= -noise
        else "Halfway between two persons faces are rarer: straight segments leave the region."
    )
    rule = "loss from ends to middles, against two standard errors, paired"
    return Finding(text, bool(change >= -noise), float(-change), float(noise), rule)


def level_kept(rates, run: str) -> Finding:
    """Say whether the test rejects clouds without filaments too often: of `rates_for`."""
    null = rates[rates["kind"] == "null"]
    over = null[null["rate"] > null["allowed"]]
    named = ", ".join(f"{row.null} ({row.rate:.0%})" for row in over.itertuples())
    text = f"Too often rejected: {named}. Take a rejection of such a cloud for what it is."
    if over.empty:
        text = f"The test keeps its level on all {len(null)} kinds of clouds without filaments."
    of = rates["of"].iloc[0]
    if of != run:
        text += f" (Simulated for {of}, as a guide: `make calibrate RUN={run}` does it for {run}.)"
    rule = "kinds of clouds rejected more often than chance allows a test at 5 %"
    return Finding(text, over.empty, float(len(over)), 0.0, rule)


def what_is_seen(rates) -> Finding:
    """Say which of the shapes put into clouds the test finds in most of them."""
    rule = "kinds of shapes found in at least 80 % of the clouds (our choice)"
    power = rates[rates["kind"] != "null"]
    named = power["kind"] + " (" + power["share"].map("{:.0%}".format)
    named += " of the points on " + power["count"].map("{:,}".format) + ")"
    seen, missed = named[power["found"] >= 0.8], named[power["found"] < 0.8]
    text = f"The test finds {'; '.join(seen) or 'none of them'}."
    text += f" It often misses {'; '.join(missed) or 'none'}."
    return Finding(text, len(seen) > 0, float(len(seen)), 1.0, rule)


def verdict(clumps: Finding, web: Finding, region: Finding, piece: Finding) -> Finding:
    """Answer the chapter's question from its findings."""
    answer = "Filaments are not needed to explain why random vectors fail"
    if clumps.holds:
        answer = "There is structure that random vectors miss"
    answer += ": they miss **one coherent region**." if region.holds and piece.holds else "."
    text = f"{clumps.text} {web.text} {answer}"
    return Finding(text, not clumps.holds, clumps.value, clumps.threshold, clumps.rule)
