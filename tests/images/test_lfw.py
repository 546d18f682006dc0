import pytest

from aelatent.images import lfw, open_source
from aelatent.images.pictures import crop_and_resize, read_picture

from .bad_files import photo

IDS = ["Ada_Byron_0001.jpg", "Ada_Byron_0002.jpg", "Alan_Turing_0001.jpg", "NA_0001.jpg"]


def make_home(folder):
    """Write what scikit-learn leaves in its data home."""
    photos = folder / "lfw_home" / "lfw_funneled"
    for name in IDS:
        (photos / name[:-9]).mkdir(parents=True, exist_ok=True)
        (photos / name[:-9] / name).write_bytes(photo(1, 250, 250))
    (photos / "pairs_01.txt").write_text("x")
    return photos


def test_backslashes_that_unpacking_left_in_names_separate(tmp_path):
    for name in IDS:
        (tmp_path / f"{name[:-9]}\\{name}").write_bytes(photo(1, 250, 250))
    (tmp_path / "NA\\NA_0001.png").write_bytes(photo())  # another format of the same
    source = open_source("lfw", tmp_path)
    assert source.image_ids == IDS
    assert source.table["person"].tolist() == ["Ada Byron", "Ada Byron", "Alan Turing", "NA"]
    assert len(source.ignored) == 1
    assert source.read(0, 4, 32, source.default_crop).image_ids == IDS


@pytest.mark.parametrize("inside", [".", "lfw_home", "lfw_home/lfw_funneled"])
def test_a_local_folder_is_read_from_any_of_its_levels(tmp_path, inside):
    (make_home(tmp_path) / "Ada_Byron" / "holiday.jpg").write_bytes(photo())
    source = open_source("lfw", tmp_path / inside)
    assert source.image_ids == IDS
    assert source.table["person"].tolist() == ["Ada Byron", "Ada Byron", "Alan Turing", "NA"]
    assert source.notes == [
        "found 4 photos of 3 people; the official set has 13,233 of 5,749",
        "1 pictures are not named PERSON/PERSON_0001.jpg: left out",
    ]
    batch = source.read(0, 4, 32, source.default_crop)
    assert batch.image_ids == IDS
    middle = crop_and_resize(read_picture(photo(1, 250, 250)), 32, (31, 31, 219, 219))
    assert (batch.images == middle).all()


def test_scikit_learn_fetches_into_the_data_folder_and_loads_little(own_data, monkeypatch):
    calls = []

    def fetch(data_home, **options):
        calls.append(options)
        make_home(own_data / "lfw")
        assert data_home == str(own_data / "lfw")

    monkeypatch.setattr(lfw, "fetch_lfw_people", fetch)
    assert open_source("lfw").image_ids == IDS
    assert open_source("lfw").image_ids == IDS  # the second time it is there
    assert calls == [{"color": True, "min_faces_per_person": 500, "resize": 0.1}]


def test_a_failed_download_and_an_interrupted_unpacking_say_what_to_do(own_data, monkeypatch):
    def fetch(**_):
        raise OSError("no network")

    monkeypatch.setattr(lfw, "fetch_lfw_people", fetch)
    with pytest.raises(RuntimeError, match=r"no network.*unpack lfw-funneled\.tgz by hand"):
        open_source("lfw")
    (make_home(own_data / "lfw").parent / "lfw-funneled.tgz").write_bytes(b"x")
    with pytest.raises(RuntimeError, match=r"was interrupted.*Move the folder"):
        open_source("lfw")
