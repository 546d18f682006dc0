"""docs/: what becomes of executed notebooks, and that the book's own pages leave nothing out."""

import io
import re
import zlib

import nbformat
import pytest
from bs4 import BeautifulSoup
from PIL import Image

from .tiny_book import CHECKOUT, READING, executed, figure, load, shown, write_executed


class TestPages:
    """What becomes of an executed notebook."""

    @pytest.fixture
    def pages(self):
        return load("docs/_ext/notebook_pages.py")

    def markup(self, notebook):
        """Return the HTML outputs of a notebook as one tree."""
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
        return BeautifulSoup("".join(o.data.get("text/html", "") for o in outputs), "html.parser")

    def test_figures_become_files_with_their_description(self, pages, tmp_path):
        notebook = executed(
            "Colors",
            ("## What is `blue`?\n\nA *blue* [sheet](x.md). More.", "a", [figure(640, 240)]),
            ("No heading. More.", "b", [figure(30, 20, "red"), figure(20, 30)]),
        )
        title, figures = pages.make_page(notebook, "00_colors", tmp_path)
        assert title == "00 Colors"
        alts = [image["alt"] for image in self.markup(notebook).select("figure img")]
        assert alts == [found.alt for found in figures]
        assert alts == [
            "What is blue? A blue sheet.",
            "What is blue? No heading. (1 of 2)",
            "What is blue? No heading. (2 of 2)",
        ]
        for found, size in zip(figures, [(640, 240), (30, 20), (20, 30)], strict=True):
            with Image.open(tmp_path / f"{found.file}.webp") as picture:
                assert picture.size == size == found.size
            with Image.open(tmp_path / f"{found.file}.small.webp") as small:
                assert max(small.size) <= 300
        with Image.open(tmp_path / "00_colors-cell-1-1.webp") as picture:
            assert picture.getpixel((5, 5)) == (255, 0, 0)  # lossless
        assert [tag["id"] for tag in self.markup(notebook).select("figure")] == [
            found.file for found in figures
        ]

    def test_a_description_cannot_break_out(self, pages, tmp_path):
        notebook = executed("A", ('## "><script>x</script>', "a", [figure()]))
        pages.make_page(notebook, "00_a", tmp_path)
        assert self.markup(notebook).select("script") == []

    def test_tables_scroll_and_markup_of_players_stays(self, pages, tmp_path):
        player = '<div class="aelatent-scrubber"><script>play()</script></div>'
        outputs = [shown(html="<table></table>", plain="t"), shown(html=player, plain="p")]
        notebook = executed("A", ("## B", "b", outputs))
        assert pages.make_page(notebook, "00_a", tmp_path) == ("00 A", [])
        assert outputs[1].data["text/html"] == player
        box = BeautifulSoup(outputs[0].data["text/html"], "html.parser").div
        assert box["tabindex"] == "0"
        assert box.table is not None

    def test_links_in_computed_text_lead_to_pages(self, pages, tmp_path):
        notebook = executed("A", ("## B", "b", [shown(markdown=READING)]))
        pages.make_page(notebook, "00_a", tmp_path)
        (output,) = notebook.cells[-1].outputs
        assert output.data["text/markdown"] == READING.replace(".ipynb#", ".html#")

    def test_what_a_widget_says_in_html_stands_in_for_it(self, pages, tmp_path):
        with_view, without = shown(html="<b>static</b>", plain="w"), shown(plain="Slider()")
        for output in (with_view, without):
            output.data[pages.WIDGET] = {"model_id": "1"}
        bar = shown(plain="count:  12%|#2  ")
        bar.data[pages.WIDGET] = {"model_id": "2"}
        notebook = executed("A", ("## B", "b", [with_view, without, bar]))
        pages.make_page(notebook, "00_a", tmp_path)
        first, second = notebook.cells[-1].outputs
        assert first.data == {"text/html": "<b>static</b>"}
        assert second.data == {"text/html": pages.STANDS_IN}


def inventory(site):
    """Return {kind: names} of what the pages of a site document, from its objects.inv."""
    file = io.BytesIO((site / "objects.inv").read_bytes())
    for _ in range(4):  # its head
        file.readline()
    found = {}
    for line in zlib.decompress(file.read()).decode().splitlines():
        name, kind = re.match(r"(.+?)\s+(\S+:\S+)\s+-?\d+\s", line).groups()
        found.setdefault(kind, set()).add(name)
    return found


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The book's own pages with the reference, around notebooks of one figure each."""
    folder = tmp_path_factory.mktemp("book")
    book = load("tools/book.py")
    book.put_up(CHECKOUT, folder / "source")
    names = sorted(path.stem for path in (CHECKOUT / "notebooks").glob("*.ipynb"))
    made = {name: executed(name[3:], ("## See\n\nThis.", "x", [figure()])) for name in names}
    write_executed(made, folder / "source")
    with pytest.MonkeyPatch.context() as patched:  # before own_data, which is each test's own
        for name in ("AELATENT_RUN", "AELATENT_SCALE"):
            patched.delenv(name, raising=False)
        book.run_sphinx(folder / "source", folder / "site")  # warnings are errors
    return folder / "site"


def test_the_reference_holds_every_public_name(site):
    reference = load("docs/_ext/api_reference.py")
    found = set().union(*inventory(site).values())
    names = reference.public_names()
    owner = reference.owners(names)
    for package, members in names.items():
        text = (site / "api" / f"{package}.html").read_text()
        for name, (_, home) in members.items():
            best = owner[home, name]
            assert f"{best}.{name}" in found, f"{package}.{name}"
            assert name in text


def test_the_gallery_leads_to_every_figure(site):
    soup = BeautifulSoup((site / "gallery.html").read_text(), "html.parser")
    links = soup.select(".book-gallery a")
    assert len(links) == len([*(CHECKOUT / "notebooks").glob("*.ipynb")])
    for link in links:
        page, _, anchor = link["href"].partition("#")
        target = BeautifulSoup((site / page).read_text(), "html.parser")
        assert target.find("figure", id=anchor) is not None
        assert (site / link.img["src"]).is_file()
        assert link.img["alt"] == "See: This."


CITED = re.compile(
    r"\b([A-ZÀ-Ž][\w'-]+)(?: et al\.| (?:&|and) [A-Z]\w+)[,.]?[ \n]+\(?((?:19|20)\d\d)"
)


def test_the_references_name_what_is_cited(site):
    entries = (CHECKOUT / "docs" / "references.md").read_text().split("\n- ")
    texts = [path.read_text() for path in (CHECKOUT / "aelatent").rglob("*.py")]
    for path in (CHECKOUT / "notebooks").glob("*.ipynb"):
        texts += [cell.source for cell in nbformat.read(path, as_version=4).cells]
    cited = {found for text in texts for found in CITED.findall(text)}
    assert len(cited) > 20
    missing = {
        (name, year)
        for name, year in cited
        if not any(name in entry and year in entry for entry in entries)
    }
    assert missing == set()


def test_the_footer_says_what_was_executed(site):
    page = BeautifulSoup((site / "index.html").read_text(), "html.parser")
    said = " ".join(page.select_one(".book-footer").get_text().split())
    assert re.match(r"aelatent \d+\.\d+\.\d+; notebooks executed on the run portraits, ", said)
