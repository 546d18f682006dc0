"""README and its companions speak of what there is."""

import re

import pytest

DOCUMENTS = ["README.md", "CONTRIBUTING.md", "data/README.md"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_within_the_project_lead_somewhere(checkout, name):
    page = checkout / name
    targets = re.findall(r"\]\(([^)#]+)", page.read_text())
    inside = [target for target in targets if not target.startswith("https://")]
    assert [target for target in inside if not (page.parent / target).exists()] == []


def test_readme_lists_every_notebook(checkout):
    linked = re.findall(r"\(notebooks/(\w+\.ipynb)\)", (checkout / "README.md").read_text())
    assert linked == sorted(path.name for path in (checkout / "notebooks").glob("[0-9]*.ipynb"))


def test_readme_states_the_disk_space_that_the_set_up_asks_for(checkout, load_tool):
    asked = f"{load_tool('setup_env').NEEDED_GB:.0f} GB of free disk"
    assert asked in (checkout / "README.md").read_text()
