"""Configuration of the book: Sphinx with MyST-NB, run by ``tools/book.py`` on a tree it puts up."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

import aelatent
from aelatent import settings

project = "aelatent"
author = "The aelatent contributors"
release = version = aelatent.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "numpydoc", "api_reference", "notebook_pages"]
exclude_patterns = ["_*", "README.md"]  # README: pages include parts of it
templates_path = ["_templates"]
default_role = "py:obj"  # `name` in a docstring leads to its documentation, if there is any

nb_execution_mode = "off"  # tools/book.py executes, and remembers what came out
nb_ipywidgets_js = {}  # nothing is loaded from elsewhere
nb_merge_streams = True
nb_output_stderr = "remove"  # what TensorFlow greets a machine without a GPU with
myst_heading_anchors = 3

autodoc_typehints = "none"  # the docstrings say it, with shapes and units
autodoc_member_order = "bysource"
numpydoc_show_class_members = False

html_theme = "pydata_sphinx_theme"
html_title = "aelatent"
html_static_path = ["_static"]
html_css_files = ["book.css"]
live = Path(__file__).parent / "_static" / "live"  # of a run that may be published
if live.is_dir():
    about = json.loads((live / "about.json").read_text(encoding="utf-8"))
    html_css_files.append("live/style.css")
    html_js_files = [("live/loader.js", {"data-run": about["key"], "data-size": about["size"]})]
html_copy_source = False
html_show_sourcelink = False
html_context = {"default_mode": "auto", "run": settings.default_run(), "scale": settings.scale()}
html_theme_options = {
    "logo": {"text": "aelatent"},
    "navbar_end": ["theme-switcher"],
    "footer_start": ["book-footer"],
    "footer_end": ["theme-version"],
    "show_prev_next": True,
    "show_toc_level": 2,
    "search_bar_text": "Search",
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars = {"index": [], "gallery": [], "glossary": [], "references": []}
