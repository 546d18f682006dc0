"""What may be said of filaments: of maps and zooms, of the test, and of the region of faces."""

import numpy as np
from scipy.stats import norm

from aelatent.findings.finding import Finding, paired, two_errors
from aelatent.latent.map_quality import POISSON_VOIDS

ALPHA = 0.05


MARGIN = 0.05  # by which nearest neighbors must lie nearer to tell known curves from a cloud


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
        why = "Heavy tails are enough for that: the elliptical surrogate's map leaves the band, too"
        if other:
            where = f" for {'; '.join(other)}" if len(other) < len(above) else ""
            why = f"Heavy tails do not explain it{where}: an elliptical map is not as empty"
        said = f"Emptier than the maps of Gaussian draws is that of {'; '.join(above)}. {why}."
    less = (
        f" Less empty than those of Gaussian draws is that of {'; '.join(below)}." if below else ""
    )
    rule = f"empty circles of {most}, against the upper end of the band of the draws (95 %)"
    at = shares.loc[most]
    return Finding(said + less, bool(above), float(at["z-points"]), float(at["to"]), rule)


def zooms_are_chance(ratios, fields) -> Finding:
    """Say whether z-points in squares are as far apart as the surrogate's, which are as dense."""
    # ratios: a row for each plane; fields: the same measure of Poisson fields.
    # Each of two clouds errs as a field does; 5 % for all planes together.
    limit = norm.ppf(0.05 / len(ratios)) * np.sqrt(2) * np.std(fields)
    closer = ratios.sub(ratios["the surrogate"], axis=0)
    least, seen = closer["z-points"].min(), int((closer["20 known curves"] < limit).sum())
    holds = bool(least >= limit)
    text = (
        "Chance is enough for what the zooms show: in no plane are nearest neighbors closer than "
        "in the surrogate of the same density, by more than chance. "
        if holds
        else "In at least one plane nearest neighbors are closer than in the surrogate of the same "
        "density, by more than chance. "
    )
    text += f"Points that all lie on 20 known curves would show in {seen} of {len(ratios)} planes."
    rule = "least difference of the ratios, against chance in all planes at once (Poisson fields)"
    return Finding(text, holds, float(least), float(limit), rule)


def left_out_of_maps(names, wanted, properties) -> Finding:
    """Say which maps a run of few axes lacks, and whether its store knows no quantity."""
    missing = [name for name in wanted if name not in names]
    said = [f"the maps of {', '.join(missing)}, for it has fewer axes"] if missing else []
    said += [] if len(properties) else ["colors, for its store names no quantity of a picture"]
    text = (
        f"Left out on this run: {'; '.join(said)}." if said else "On this run nothing is left out."
    )
    return Finding(text, not said, np.nan, np.nan, "")


def left_out_of_zooms(planes: int, count: int) -> Finding:
    """Say which planes a run of few axes lacks, and whether it has too few points for 300."""
    said = [f"{4 - planes} of 4 planes, for it has fewer axes"] if planes < 4 else []
    said += [f"squares of 300 points: {count} here"] if count < 300 else []
    text = (
        f"Left out on this run: {'; '.join(said)}." if said else "On this run nothing is left out."
    )
    return Finding(text, not said, np.nan, np.nan, "")


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
    text = f"Had all points lain on {reach}, near pairs in this plane would have shown it{beyond}."
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
        f"In the full space up to {most:,} filaments would have shown: points on them would lie "
        "nearer to each other than the z-points do."
        if most
        else "In the full space distances do not tell the z-points from points on known curves."
    )
    rule = f"most filaments with nearest neighbors nearer by {MARGIN:g} (our choice)"
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
            "Far from every z-point faces are rarer than beside one, at the same D²: being inside "
            "the region is not all that counts, nearness to z-points helps."
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
    text = "Whether faces are lost at the border of the core is not certain"
    if loss > noise:
        text = "Outside the core faces become rarer"
    text += (
        f": {inside['rate']:.0%} of the rays show one just inside, {outside['rate']:.0%} at "
        f"{outside['x'] / border:.1f} times its D²."
    )
    text += " The center itself " + ("shows a face." if center > 0.5 else "shows **none**.")
    rule = "loss from inside the border to the farthest point, against two standard errors"
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
        text = (
            f"None of {len(null)} kinds of clouds without filaments is rejected more often than "
            f"chance allows; of all such clouds together {null['rate'].mean():.0%} are."
        )
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
    text += f" It misses, always or in more than 20 % of the clouds: {'; '.join(missed) or 'none'}."
    return Finding(text, len(seen) > 0, float(len(seen)), 1.0, rule)


def verdict(clumps: Finding, web: Finding, region: Finding, piece: Finding) -> Finding:
    """Answer the chapter's question from its findings."""
    answer = "Filaments are not needed to explain why random vectors fail"
    if clumps.holds:
        answer = "There is structure that random vectors miss"
    answer += ": they miss **one coherent region**." if region.holds and piece.holds else "."
    answer += "".join(f" {found.text}" for found in (region, piece) if not found.holds)
    text = f"{clumps.text} {web.text} {answer}"
    return Finding(text, not clumps.holds, clumps.value, clumps.threshold, clumps.rule)
