"""What may be said of faces: what they need, where samplers and paths keep them."""

import numpy as np

from aelatent.findings.finding import Finding, leads, paired

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
        text += f" Of a gain of {100 * mean.sum():.0f} points in the share with a face, the "
        text += f"*{mean.idxmax()}* brings {100 * mean.max():.0f}."
    harm = ", ".join(f"*{name}*" for name in _RECIPE if certain[name] < -2)
    text += f" The share is lowered by {harm}." if harm else ""
    holds = {"center", "correlation"} <= set(needed) and "radius" not in needed
    rule = "lesser credit of center and correlation, in standard errors; the radius stays below two"
    value = certain[["center", "correlation"]].min()
    return Finding(text, holds, float(value), 2.0, rule)


def best_sampler(board) -> Finding:
    """Say which sampler shows faces most often, or which ones cannot be told apart."""
    rows = board.drop(["originals", "reconstructions"], errors="ignore")
    lead = leads(rows["faces"], rows["faces error"])
    most = [f"*{name}*" for name in rows.index[lead <= 2]]
    best = f"a face in {rows['faces'].max():.0%}"
    text = f"{most[0]} shows a face most often: {best}."
    if len(most) > 1:
        names = ", ".join(most) if len(most) < 7 else f"{len(most)} of {len(rows)} samplers"
        text = f"No sampler is the best: {names} cannot be told apart, with {best} at most."
    if rows["frechet_decoded"].notna().any():
        away = leads(-rows["frechet_decoded"], rows["frechet_decoded error"])
        near = [f"*{name}*" for name in rows.index[away <= 2]]
        text += f" Nearest to the reconstructions as a set: {', '.join(near)}."
    rule = "lead over the next sampler, in standard errors of such a difference"
    return Finding(text, len(most) == 1, float(lead.nsmallest(2).iloc[-1]), 2.0, rule)


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
        f"Compared with the face, {' and '.join(how)}"
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
    narrow = "origin's D² from the 20 narrowest axes"
    ahead = value[center] - value[together] > 2 * np.hypot(error[center], error[together])
    claims = {
        "the center brings faces": beyond[center],
        "the correlations bring faces": beyond[together],
        "the center brings more of them": ahead,
        "the radius brings none": ~beyond["credit: radius"],
        "a multivariate normal beats N(0, I)": gap,
        "D² spreads wider than that of a normal cloud": value["spread of D² over its law"] > 1,
        "the center shows a face": value["face at the center"] > 0.5,
        "the narrowest axes hold most of the origin's D²": value[narrow] > 0.5,
    }
    agree = [claim for claim, met in claims.items() if met.all()]
    text = f"On all {len(value)} runs {', '.join(agree) or 'nothing of this holds'}."
    text += "".join(
        f" {'Not on all' if met.any() else 'On none'}: {claim}."
        for claim, met in claims.items()
        if not met.all()
    )
    rule = "conclusions that hold on all runs, by two standard errors, of so many"
    return Finding(text, len(agree) == len(claims), len(agree), len(claims), rule)


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
        f"Faces appear along the path: half of the paths show one after {first:.0%} of it, a place "
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
    text = (text if good else "") + (f"No such lead is certain for {bad}." if bad else "")
    return Finding(text.strip(), not bad, float(table["lead"].min()), 2.0, rule)


def _not_counted(rate) -> Finding:
    """Say that faces on paths are not counted on this run."""
    text = f"What paths do to faces is left out here: the detector finds one in {rate:.0%} of the "
    return Finding(text + "pictures that they start from, or end at.", False, np.nan, np.nan, "")
