from pathlib import Path

import pytest

from aelatent import settings


def test_the_environment_chooses(monkeypatch, tmp_path):
    monkeypatch.setenv("AELATENT_DATA", str(tmp_path))
    monkeypatch.setenv("AELATENT_RUN", "celeba")
    monkeypatch.setenv("AELATENT_SCALE", "smoke")
    assert settings.data_dir() == tmp_path
    assert settings.default_run() == "celeba"
    assert settings.scale() == "smoke"
    assert settings.scale("seed") == "seed"


@pytest.mark.parametrize("value", [None, "", "  "])
def test_defaults_hold_where_nothing_is_set(monkeypatch, value):
    for name in ("AELATENT_DATA", "AELATENT_RUN", "AELATENT_SCALE"):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    assert settings.data_dir() == settings.CHECKOUT / "data"
    assert settings.default_run() == "portraits"
    assert settings.scale() == "default"


def test_home_and_relative_folders_become_absolute(monkeypatch):
    monkeypatch.setenv("AELATENT_DATA", "~/faces")
    assert settings.data_dir() == Path.home() / "faces"
    monkeypatch.setenv("AELATENT_DATA", "faces")
    assert settings.data_dir() == Path.cwd() / "faces"


def test_an_unknown_scale_is_refused(monkeypatch):
    monkeypatch.setenv("AELATENT_SCALE", "huge")
    with pytest.raises(ValueError, match=r"'smoke', 'default', 'seed'; got 'huge'"):
        settings.scale()


@pytest.mark.parametrize("name", ["celeba-10k", "a", "x_1.2"])
def test_plain_names_pass(name):
    assert settings.check_name(name, "store") == name


@pytest.mark.parametrize("name", ["..", "a/b", "a\\b", "-x", ".x", "", " ", "a b", "é", 3, "a\n"])
def test_other_names_do_not(name):
    with pytest.raises(ValueError, match=r"store name .* is not usable"):
        settings.check_name(name, "store")
