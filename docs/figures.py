"""Draw the pictures of README and of the story from the run that ships: ``python docs/figures.py``.

They hold drawn portraits and what the Decoder makes of them; nothing else is shown. The moving one
is taken from the run's page in Chromium, alone with ``python docs/figures.py moving``.
"""

import io
import sys
import tempfile
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

import aelatent
from aelatent import kept, plots, portraits
from aelatent.images import detect_faces
from aelatent.latent import (
    SAMPLERS,
    Moments,
    PrincipalAxes,
    along_ellipse,
    pearson,
    strongest_pairs,
    whitened_slerp,
)
from aelatent.latent.conditions import draw_with

OUT = Path(__file__).parent / "images"
SEED, COUNT = 3, 8
SHEET = 6, 12  # rows and columns of the contact sheet
FRAMES, PAUSE = 40, 80  # of the moving picture; milliseconds
WIDE = 800  # pixels
#: Where a reader would have the arrow; a screenshot lacks it.
ARROW = """([x, y]) => {
  document.querySelector("#arrow")?.remove();
  const svg = `<svg id="arrow" width="18" height="26" style="position: fixed; z-index: 9;
    pointer-events: none; left: ${x}px; top: ${y}px">
    <path d="M1 1v20l5-5 4 9 4-2-4-8h7z" fill="#111" stroke="#fff" stroke-width="1.5"/></svg>`;
  document.body.insertAdjacentHTML("beforeend", svg);
}"""
SHOWN = "root => root.dataset.shown && root.dataset.shown === root.dataset.asked"


def save(figure: Figure, name: str) -> None:
    """Write one picture, without the date that would change it on every call."""
    jpeg = name.endswith("jpg")  # rows of pictures are a fifth as large
    options = {"pil_kwargs": {"quality": 90}} if jpeg else {"metadata": {"Software": None}}
    figure.savefig(OUT / name, dpi=100 + 50 * jpeg, facecolor="white", **options)
    print(f"{OUT.name}/{name}: {(OUT / name).stat().st_size / 1000:.0f} kB")


def contact_sheet() -> None:
    """Write the first portraits of a seed, without choosing."""
    rows, columns = SHEET
    drawn = portraits.draw(portraits.sample_factors(rows * columns, SEED))
    sheet = drawn.reshape(rows, columns, *drawn.shape[1:]).swapaxes(1, 2)
    sheet = sheet.reshape(rows * drawn.shape[1], -1, 3)
    path = OUT / "portraits.jpg"
    Image.fromarray(sheet).save(path, quality=88)
    print(f"{OUT.name}/{path.name}: {path.stat().st_size / 1000:.0f} kB")


def two_maps(run) -> None:
    """Draw the map of two principal axes, and with the same settings that of a Gaussian."""
    settings = kept.STORY["2 axes"]
    pair = [
        aelatent.map_of(run, settings, n=20_000, surrogate=of).coordinates
        for of in (None, kept.SURROGATE)
    ]
    figure = Figure(figsize=(9.6, 5.7), layout="constrained")
    figure.suptitle(f"t-SNE of two principal axes, n = {len(pair[0]):,} each", fontsize=10)
    maps = dict(zip(("z-points", kept.SURROGATE), pair, strict=True))
    plots.map_panels(maps, voids=True, axes=figure.subplots(1, 2))
    save(figure, "maps.png")


def paths(run) -> None:
    """Draw a path that leaves all other components behind, one that takes them along, a turn."""
    z = run.z
    i, j = strongest_pairs(pearson(Moments.of(z)), 1)[["i", "j"]].iloc[0].astype(int)
    start, end = np.random.default_rng(SEED).choice(run.held_out, 2, replace=False)
    reached = {"reach": 4, "n": 9}
    strips = {
        "two correlated components move, all others stay": along_ellipse(z, i, j, **reached),
        "the same two move, the others follow": along_ellipse(
            z, i, j, others="conditional", **reached
        ),
        "from one portrait to another": whitened_slerp(PrincipalAxes.fit(z), z[start], z[end], n=9),
    }
    figure = Figure(figsize=(9.6, 4.2), layout="constrained")
    for ax, (title, path) in zip(figure.subplots(len(strips)), strips.items(), strict=True):
        plots.film_strip(run.decode(path.z), title=title, ax=ax)
    save(figure, "paths.png")


def thin_sheet(run) -> None:
    """Draw the cloud along two wide axes, and the origin beside it across a narrow one."""
    others = {"N(0, I)": SAMPLERS["standard normal"](run.z, 500, SEED)}
    axs = plots.thin_sheet(run.axes, run.z, others, seed=SEED)
    save(axs[0].figure, "thin-sheet.png")


def along_pc_1(run) -> None:
    """Draw a path along PC 1 through the center, and through a person."""
    steps, principal = np.linspace(-3, 3, 8), run.axes
    person = principal.whiten(run.z[run.held_out[SEED : SEED + 1]])
    stops = np.zeros((2, len(steps), principal.rank))
    stops[1] = person
    stops[:, :, 0] = steps
    labels = [f"{step:+.1f} sd" for step in steps] * 2
    decoded = run.decode(principal.unwhiten(stops.reshape(-1, principal.rank)))
    found = detect_faces(decoded).reshape(2, -1).sum(axis=1)
    heads = [
        f"along PC 1 through {what}: a detector finds a face in {n} of {len(steps)}"
        for what, n in zip(("the center", "a person"), found, strict=True)
    ]
    save(plots.image_grid(decoded, heads=heads, labels=labels).figure, "along-pc-1.jpg")


def what_a_face_needs(run, n: int = 300) -> None:
    """Draw eight vectors for each of what they keep of the z-points, the share of faces above."""
    known = {
        "nothing": (),
        "spread and correlations": ("spread", "correlation"),
        "the center": ("center",),
        "center, spread and correlations": ("center", "spread", "correlation"),
    }
    rows = {f"random vectors that keep {what}": draw_with(run.z, n, SEED, keep=keep)
            for what, keep in known.items()}  # fmt: skip
    rows["reconstructions of portraits never seen"] = run.z[run.held_out[:n]]
    images, heads = [], []
    for what, vectors in rows.items():
        decoded = run.decode(vectors)
        faces = detect_faces(decoded).mean()
        heads.append(f"{what}: {faces:.0%} with a face (n = {len(vectors)})")
        images.append(decoded[:COUNT])
    save(plots.image_grid(np.concatenate(images), heads=heads).figure, "what-a-face-needs.jpg")


def moving(run) -> None:
    """Film how the end of a path is dragged around in the page of a run, once in a circle."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))
    from headless import chromium

    frames = []
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        index = aelatent.export_page(run, Path(folder) / "page") / "index.html"
        page = browser.new_page(
            viewport={"width": WIDE + 40, "height": 900}, color_scheme="light", locale="en-US"
        )
        page.goto(index.as_uri())
        place = page.locator("[data-aelatent=path][data-live=yes]")
        place.locator("select").select_option(index=3)  # in it the core is in view
        root = place.locator(".aelatent-path")
        root.scroll_into_view_if_needed()
        box, handle = root.bounding_box(), root.locator(".aelatent-path-end").bounding_box()
        x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        for turn in np.linspace(0, 2 * np.pi, FRAMES, endpoint=False):
            at = [x - 105 * (1 - np.cos(turn)), y - 120 * np.sin(turn)]
            page.mouse.move(*at)
            page.evaluate(ARROW, at)
            page.wait_for_function(SHOWN, arg=root.element_handle())
            frames.append(Image.open(io.BytesIO(page.screenshot(clip=box))).convert("RGB"))
        page.mouse.up()
    path, rest = OUT / "path.webp", {"append_images": frames[1:], "save_all": True, "loop": 0}
    frames[0].save(path, duration=PAUSE, quality=80, method=6, **rest)
    print(f"{OUT.name}/{path.name}: {path.stat().st_size / 1000:.0f} kB")


def still(run) -> None:
    """Draw all pictures that do not move."""
    contact_sheet()
    two_maps(run)
    paths(run)
    thin_sheet(run)
    along_pc_1(run)
    what_a_face_needs(run)
    rng = np.random.default_rng(SEED)
    principal = PrincipalAxes.fit(run.z)
    rows = np.sort(rng.choice(run.held_out, COUNT, replace=False))
    ladder = {
        "portraits that the training did not see": run.store.images[rows],
        "decoded from their z-points": run.decode(run.z[rows]),
        "decoded from random vectors, each component N(0, 1)": run.decode(
            rng.standard_normal((COUNT, run.config.z_dim))
        ),
        "decoded from random vectors with the mean and covariance of the z-points": run.decode(
            principal.unwhiten(rng.standard_normal((COUNT, principal.rank)))
        ),
    }
    figure = Figure(figsize=(9.6, 6.2), layout="constrained")
    for ax, (title, images) in zip(figure.subplots(len(ladder)), ladder.items(), strict=True):
        plots.film_strip(images, title=title, ax=ax)
    save(figure, "random-vectors.png")


def main() -> None:
    """Draw them all."""
    OUT.mkdir(exist_ok=True)
    run = aelatent.prepare("portraits", "default")
    if sys.argv[1:] != ["moving"]:
        still(run)
    moving(run)


if __name__ == "__main__":
    main()
