"""A page in which readers decode faces by themselves: no kernel behind it, and no server."""

import base64
import html
import io
import math
from pathlib import Path
from string import Template

import numpy as np
from PIL import Image

from aelatent._checks import subsample
from aelatent._files import write_text
from aelatent.export.notice import ships, store_of
from aelatent.export.whole import whole_folder
from aelatent.kept import rows_of
from aelatent.latent.planes import seed_planes
from aelatent.latent.samplers import matching_bound, samplers_for
from aelatent.model.plain import decode
from aelatent.widgets import _front
from aelatent.widgets._bundle import Bundle, bundle_of, encoder_of, why_not
from aelatent.widgets._curves import curves_of
from aelatent.widgets._front import STATIC
from aelatent.widgets._path_scene import Scene

FILES = ("index.html", "code.js", "style.css", "run.js", "encoder.js")
QUANTILES = 256  # of each component
D2_QUANTILES = 257  # 0 to 1
CLOUD = 3000  # z-points in a plane
COMPONENTS = 32  # to walk along
DRAWN, FITTED = 100, 5000  # vectors of each sampler that only Python has; z-points it sees
PYTHONS = ("method X", "Gaussian mixture")
NEAR, SIDE, ACROSS = 200, 48, 20  # pictures to be nearest; of a thumbnail, pixels; in a row
SAMPLES = 6  # whole pictures, to encode
EXPLAINED = 8  # principal axes whose share of the variance is told
BLOCKS = 12  # to a side of the pictures that the page checks itself by
ROUNDED = 8  # z-points at which the rounding of the weights is measured


def export_page(run, out, *, publish: bool = False) -> Path:
    """Write a page that decodes faces in the browser, also from a disk: open its ``index.html``.

    It mixes faces, walks along paths and components, and encodes pictures of the reader's own. Its
    files hold, and who gives them away publishes, the Decoder and the Encoder, statistics and some
    hundred z-points, and thumbnails. The run that ships, on drawn portraits, is written without
    asking. CelebA's license does not allow to publish any part of it.

    Parameters
    ----------
    run : Run
        With z-points; without its store the page has no pictures to compare with. TensorFlow is
        not needed.
    out : path
        The folder to write, whole or not at all: a new one, or one of an earlier page.
    publish : bool
        Write the page of another run, too: its pictures may be published.

    Returns
    -------
    pathlib.Path
        The folder: ``index.html``, ``code.js``, ``style.css``, ``run.js`` and ``encoder.js``.

    Raises
    ------
    ValueError
        Where the browser cannot decode for the model, the run may not be published, weights are
        damaged, or the folder holds something else.

    Examples
    --------
    >>> export_page(Run.open("portraits"), "page")   # doctest: +SKIP
    PosixPath('page')
    """
    _check_run(run, publish)
    with whole_folder(out, FILES) as folder:
        bundle = page_bundle(run)
        _write(run, bundle, folder)
        write_text(folder / "index.html", _index(run, bundle.info))
    return Path(out)


def write_data(run, folder: Path, *, publish: bool = False) -> None:
    """Write all of a page but ``index.html`` into a folder: what a page of one's own loads."""
    _check_run(run, publish)
    bundle = page_bundle(run)
    Path(folder).mkdir(parents=True, exist_ok=True)
    _write(run, bundle, Path(folder))


def page_bundle(run) -> Bundle:
    """Return what ``run.js`` holds: what decoding takes, and all that the page says of the run."""
    bundle, described = bundle_of(run, half=True), run.described
    info, weights = bundle.info, run.info["weights"]
    info["weights"] = {part: weights[part]["sha256"] for part in ("decoder", "encoder")}
    info["explained"] = run.axes.explained[:EXPLAINED].tolist()
    _add_samplers(bundle, run)
    _add_planes(bundle, run)
    widest = described["fwhm"].sort_values(ascending=False, kind="stable").index
    info["components"] = [int(k) for k in widest[:COMPONENTS]]
    bundle.add("curves", curves_of(run, info["components"]))
    _add_pictures(bundle, run)
    _add_check(bundle, run)
    info["notice"] = _notice(run)
    return bundle


def _add_samplers(bundle: Bundle, run) -> None:
    """Add what the samplers need, and vectors of those that JavaScript does not draw itself."""
    z, info = run.z, bundle.info
    levels = (np.arange(QUANTILES) + 0.5) / QUANTILES
    # A component at a time: a column of 165,000 z-points is 1 MB.
    columns = (np.asarray(z[:, k], np.float64) for k in range(z.shape[1]))
    found = np.stack([np.quantile(column, [*levels, 0.05, 0.95]) for column in columns])
    bundle.add("quantiles", found[:, :QUANTILES], "<f2")
    bundle.add("range", found[:, QUANTILES:])
    bundle.add("component_sd", run.described["sd"])
    bundle.add("d2", np.quantile(run.axes.d2(z), np.linspace(0, 1, D2_QUANTILES)))
    info["bound"] = matching_bound(z)
    samplers = samplers_for(z)
    info["samplers"] = list(samplers)
    for name in PYTHONS:
        if name in samplers:
            fitted = subsample(z, FITTED, 0)  # to all of 20,000 a mixture takes a minute
            bundle.add(f"drawn/{name}", samplers[name](fitted, DRAWN, 0), "<f2")


def _add_planes(bundle: Bundle, run) -> None:
    """Add the planes of the posts' zooms; none where z-points are too few for a core."""
    planes = bundle.info["planes"] = []
    if "border" not in bundle.info["core"]:
        return
    drawn = subsample(run.z, CLOUD, 0)
    for i, (role, plane) in enumerate(seed_planes(run.axes, run.described).items()):
        scene = Scene.of(plane, run.core, len(run.z), drawn, run.axes.mean)
        message = scene.message()
        del message["mean"], message["colors"]  # it is the axes'; the page has its own
        for name in ("cloud", "section", "basis", "offset"):
            raw = np.frombuffer(message.pop(name), np.float32)
            shape = -1 if name == "offset" else (-1, 2)
            bundle.add(f"plane{i}/{name}", raw.reshape(shape), "<f2" if name == "cloud" else "<f4")
        first = scene.first_ends().tolist()
        planes.append({"role": role, "name": plane.name, "scene": message, "first": first})


def _add_pictures(bundle: Bundle, run) -> None:
    """Add thumbnails to be nearest and pictures to be encoded, where the store is at hand."""
    store, info = store_of(run), bundle.info
    info["samples"] = []
    if store is None:
        return
    rows = rows_of(run, NEAR, 0)
    sprite = Image.new("RGB", (ACROSS * SIDE, -(-len(rows) // ACROSS) * SIDE))
    for at, row in enumerate(rows):
        small = Image.fromarray(store.images[row]).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        sprite.paste(small, (at % ACROSS * SIDE, at // ACROSS * SIDE))
    bundle.add("near/z", run.z[rows], "<f2")
    info["near"] = {"rows": rows.tolist(), "sprite": _url(sprite, "jpeg"), "side": SIDE}
    samples = (Image.fromarray(store.images[row]) for row in rows_of(run, SAMPLES, 1))
    info["samples"] = [_url(picture, "png") for picture in samples]


def _add_check(bundle: Bundle, run) -> None:
    """Add two vectors and coarse pictures of them, by which the page checks that it decodes."""
    config, weights, axes = run.config, run.weights("decoder"), run.axes
    probe = axes.unwhiten(np.array([[0.0], [2.0]]) * np.eye(1, axes.rank)).astype(np.float32)
    blocks = math.gcd(config.size, BLOCKS)
    block = config.size // blocks
    pictures = decode(config, weights, probe)
    bundle.add("probe", probe)
    means = pictures.reshape(2, blocks, block, blocks, block, 3).mean(axis=(2, 4))
    bundle.add("expected", means)
    z = run.z[rows_of(run, ROUNDED, 0)]
    half = {name: array.astype(np.float16) for name, array in weights.items()}
    off = np.abs(decode(config, half, z) - decode(config, weights, z)).max()
    bundle.info["rounding"] = float(off)  # greatest difference of a color, in 0..1


def _write(run, bundle: Bundle, folder: Path) -> None:
    write_text(folder / "code.js", _front.classic())
    write_text(folder / "style.css", _front.style())
    write_text(folder / "run.js", bundle.script("run"))
    write_text(folder / "encoder.js", encoder_of(run, half=True).script("encoder"))


def _index(run, info: dict) -> str:
    said = {"run": run.name, "n": f"{info['n']:,}", "notice": info["notice"]}
    said |= {"size": run.config.size, "d": run.config.z_dim}
    template = Template((STATIC / "page.html").read_text(encoding="utf-8"))
    return template.substitute({name: html.escape(str(value)) for name, value in said.items()})


def _url(picture: Image.Image, kind: str) -> str:
    file = io.BytesIO()
    picture.save(file, kind, optimize=True)
    return f"data:image/{kind};base64,{base64.b64encode(file.getvalue()).decode('ascii')}"


def _holds(run) -> str:
    """Say what a page publishes."""
    n, pictures = len(run.z), "no pictures"
    if store_of(run):
        pictures = f"{min(NEAR, n)} of them with thumbnails, {min(SAMPLES, n)} pictures"
    return (
        f"the Decoder and the Encoder of run {run.name!r}, statistics of its {n:,} z-points, "
        f"{pictures}"
    )


def _notice(run) -> str:
    """Say what it is that the page holds, and on what terms."""
    if ships(run):
        return (
            f"The page holds {_holds(run)}. The portraits are drawn by a program and show nobody. "
            "All of it belongs to aelatent and is under the MIT license."
        )
    return (
        f"The page holds {_holds(run)}. The terms are those of the pictures that the run was "
        "trained on; whoever made the page has said that they may be published."
    )


def _check_run(run, publish: bool) -> None:
    """Refuse a run that no browser decodes for, or that may not be meant to be published."""
    if reason := why_not(run.config):
        raise ValueError(
            f"a browser cannot decode for run {run.name!r}: {reason}. Train a run without that, "
            "or let a notebook decode."
        )
    if not (publish or ships(run)):
        raise ValueError(
            f"a page publishes what it holds: {_holds(run)}. Unasked that is done only with the "
            "run 'portraits' as it ships, with z-points of a store of drawn portraits at hand. "
            "Neither CelebA's pictures nor z-points of them may be published: its license. Where "
            "all this may be, pass publish=True (--publish)."
        )
