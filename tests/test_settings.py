from pathlib import Path

import pytest

from aelatent import settings


def test_the_environment_chooses(monkeypatch, tmp_path):
    monkeypatch.setenv("AELATENT_DATA", str(tmp_path))
    monkeypatch.setenv("AELATENT_RUN", "celeba")
    monkeypatch.setenv("AELATENT_SCALE", "smoke")
    found = settings.data_dir(), settings.default_run(), settings.scale(), settings.scale("seed")
    assert found == (tmp_path, "celeba", "smoke", "seed")


@pytest.mark.parametrize("value", [None, "  "])
def test_defaults_hold_where_nothing_is_set(monkeypatch, value):
    for name in ("AELATENT_DATA", "AELATENT_RUN", "AELATENT_SCALE"):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    found = settings.data_dir(), settings.default_run(), settings.scale()
    assert found == (settings.CHECKOUT / "data", "portraits", "default")


def test_a_relative_folder_is_meant_from_the_checkout_wherever_one_is(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)  # as kernels are in notebooks/, and the book in a copy of it
    for given, expected in (("~/faces", Path.home()), ("faces", settings.CHECKOUT)):
        monkeypatch.setenv("AELATENT_DATA", given)
        assert settings.data_dir() == expected / "faces"


def test_installed_the_users_data_folder_and_the_current_one_stand_for_the_checkout(
    monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(settings, "CHECKOUT", None)
    monkeypatch.setenv("AELATENT_DATA", "faces")
    assert settings.data_dir() == tmp_path / "faces"
    monkeypatch.delenv("AELATENT_DATA")
    own = settings.data_dir()
    assert (own.is_absolute(), own.name) == (True, "aelatent")
    assert not own.is_relative_to(settings.SHIPPED.parent)


def test_an_unknown_scale_is_refused(monkeypatch):
    monkeypatch.setenv("AELATENT_SCALE", "huge")
    with pytest.raises(ValueError, match=r"'smoke', 'default', 'seed'; got 'huge'"):
        settings.scale()


def test_plain_names_pass():
    for name in ("celeba-10k", "a", "x_1.2"):
        assert settings.check_name(name, "store") == name


@pytest.mark.parametrize("name", ["..", "a/b", "a\\b", "-x", ".x", "", " ", "a b", "é", 3, "a\n"])
def test_other_names_do_not(name):
    with pytest.raises(ValueError, match=r"store name .* is not usable"):
        settings.check_name(name, "store")
