"""What may be said of the cloud: its shape, what its components and axes carry, its center."""

import numpy as np

from aelatent.findings.finding import Finding, two_errors


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
        f"were moved along the narrow axes only, in {wide:.0%} of those moved along all others."
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
    text = (
        f"Left out on this run: {'; '.join(said)}." if said else "On this run nothing is left out."
    )
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
        f" times as large at one end as at the other in the median, {table['ratio'].max():.2f} "
        f"times at most. {out} of {len(table)} are out of the band of elliptical surrogates."
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
