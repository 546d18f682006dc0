"""An exported page opens from a disk, and its policy lets nothing in but its own files."""

import pytest

from aelatent import Run, export_page
from aelatent.widgets import _front
from tests.fronts import stand_in

pytestmark = pytest.mark.browser
PAGE = """
const bundle = openBundle(aelatentRuns.run);
const refused = [];
document.addEventListener("securitypolicyviolation", (event) => {
  refused.push(event.effectiveDirective);
});
const image = (src) => new Promise((end) => {
  Object.assign(new Image(), { src, onload: () => end(true), onerror: () => end(false) });
});
(async () => {
  const bytes = bundleBytes(AELATENT_WASM);
  await WebAssembly.compile(bytes);
  const script = Object.assign(document.createElement("script"), { src: "encoder.js" });
  await new Promise((end, failed) => {
    [script.onload, script.onerror] = [end, failed];
    document.head.append(script);
  });
  const canvas = document.createElement("canvas");
  const blob = await new Promise((end) => canvas.toBlob(end));
  const shown = [bundle.info.near.sprite, URL.createObjectURL(blob)];
  const elsewhere = await image("https://example.org/a.png");
  const asked = await fetch("run.js").then(() => true, () => false);
  const inline = Object.assign(document.createElement("script"), { textContent: "inlined = 1" });
  document.head.append(inline);
  window.seen = {
    run: bundle.info.run, d2: axesOf(bundle).d2(bundle.array("mean")),
    encoder: openBundle(aelatentRuns.encoder).names.length,
    images: await Promise.all(shown.map(image)), elsewhere, asked,
    inlined: "inlined" in window, refused: [...new Set(refused)].sort(),
    live: Array.from(document.querySelectorAll(".aelatent-live"), (e) => e.dataset.aelatent),
  };
})();
"""


def test_a_page_opens_from_a_disk_and_loads_only_its_own(page, small_world, tmp_path, monkeypatch):
    monkeypatch.setattr(_front, "STATIC", stand_in(tmp_path / "static", page=PAGE))
    run = Run.open("small", data=small_world)
    out = export_page(run, tmp_path / "a page", publish=True)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((out / "index.html").as_uri())
    page.wait_for_function("() => window.seen")
    assert page.evaluate("() => window.seen") == {
        "run": "small",
        "d2": 0,
        "encoder": len(run.weights("encoder")),
        "images": [True, True],
        "elsewhere": False,
        "asked": False,
        "inlined": False,
        "refused": ["connect-src", "img-src", "script-src-elem"],
        "live": ["mixer", "path", "component", "photo"],
    }
    assert errors == []
    assert page.title() == "small: faces from a latent space"
    for scheme, color in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(22, 22, 22)")):
        page.emulate_media(color_scheme=scheme)
        background = "() => getComputedStyle(document.body).backgroundColor"
        assert page.evaluate(background) == color
