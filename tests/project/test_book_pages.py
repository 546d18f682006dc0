"""docs/: what becomes of executed notebooks, and that the gallery leads to their figures."""

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
        hostile = executed("A", ('## "><script>x</script>', "a", [figure()]))
        pages.make_page(hostile, "00_a", tmp_path)
        assert self.markup(hostile).select("script") == []  # it cannot break out
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

    def test_tables_scroll_players_stay_and_links_lead_to_pages(self, pages, tmp_path):
        player = '<div class="aelatent-scrubber"><script>play()</script></div>'
        outputs = [shown(html="<table></table>", plain="t"), shown(html=player, plain="p")]
        outputs.append(shown(markdown=READING))
        notebook = executed("A", ("## B", "b", outputs))
        assert pages.make_page(notebook, "00_a", tmp_path) == ("00 A", [])
        assert outputs[1].data["text/html"] == player
        assert outputs[2].data["text/markdown"] == READING.replace(".ipynb#", ".html#")
        box = BeautifulSoup(outputs[0].data["text/html"], "html.parser").div
        assert box["tabindex"] == "0"
        assert box.table is not None

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
