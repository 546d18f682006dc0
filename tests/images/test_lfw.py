import pytest

from aelatent.images import lfw, open_source
from aelatent.images.lfw import LFW
from aelatent.images.pictures import crop_and_resize, read_picture

from .bad_files import photo, zipped

PEOPLE = {"Ada_Byron": 2, "Alan_Turing": 1, "NA": 1}


def make_home(folder):
    """Write what scikit-learn leaves in its data home."""
    photos = folder / "lfw_home" / "lfw_funneled"
    for person, count in PEOPLE.items():
        (photos / person).mkdir(parents=True)
        for i in range(1, count + 1):
            (photos / person / f"{person}_{i:04d}.jpg").write_bytes(photo(i, 250, 250))
    (photos / "pairs_01.txt").write_text("x")
    return photos


IDS = ["Ada_Byron_0001.jpg", "Ada_Byron_0002.jpg", "Alan_Turing_0001.jpg", "NA_0001.jpg"]


@pytest.mark.parametrize("inside", [".", "lfw_home", "lfw_home/lfw_funneled"])
def test_a_local_folder_is_read_from_any_of_its_levels(tmp_path, inside):
    make_home(tmp_path)
    source = open_source("lfw", tmp_path / inside)
    assert source.image_ids == IDS
    assert source.table["person"].tolist() == ["Ada Byron", "Ada Byron", "Alan Turing", "NA"]
    assert source.notes == ["found 4 photos of 3 people; the official set has 13,233 of 5,749"]
    assert source.default_crop == 0.75
    assert source.read(0, 4, 32, source.default_crop).image_ids == IDS


def test_the_default_crop_is_the_middle_187_pixels(tmp_path):
    picture = read_picture(photo(1, 250, 250))
    expected = crop_and_resize(picture, 96, (31, 31, 219, 219))
    assert (crop_and_resize(picture, 96, LFW.default_crop) == expected).all()


def test_scikit_learn_fetches_into_the_data_folder_and_loads_little(own_data, monkeypatch):
    calls = []

    def fetch(data_home, **options):
        calls.append(options)
        make_home(own_data / "lfw")
        assert data_home == str(own_data / "lfw")

    monkeypatch.setattr(lfw, "fetch_lfw_people", fetch)
    assert open_source("lfw").image_ids == IDS
    assert open_source("lfw").image_ids == IDS  # the second time it is there
    (options,) = calls
    assert options["color"]
    assert options["min_faces_per_person"] > 300
    assert options["resize"] < 0.2


def test_scikit_learn_takes_these_options(own_data):
    """The real function on a made-up data home: no network is needed once the files are there."""
    from sklearn.datasets import fetch_lfw_people

    photos = make_home(own_data)
    for name in ("pairsDevTrain.txt", "pairsDevTest.txt", "pairs.txt"):
        (photos.parent / name).write_text("0\n")
    faces = fetch_lfw_people(
        data_home=str(own_data), color=True, min_faces_per_person=2, resize=0.1
    )
    assert faces.target_names.tolist() == ["Ada Byron"]


def test_a_failed_download_says_what_to_do(monkeypatch):
    def fetch(**_):
        raise OSError("no network")

    monkeypatch.setattr(lfw, "fetch_lfw_people", fetch)
    with pytest.raises(RuntimeError, match=r"no network.*unpack lfw-funneled\.tgz by hand"):
        open_source("lfw")


def test_an_interrupted_unpacking_is_refused(own_data):
    photos = make_home(own_data / "lfw")
    (photos.parent / "lfw-funneled.tgz").write_bytes(b"x")
    with pytest.raises(RuntimeError, match=r"was interrupted.*Remove the folder"):
        open_source("lfw")


def test_other_folders_and_files_are_refused(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.jpg").write_bytes(photo())
    with pytest.raises(ValueError, match=r"found 1 other pictures; expected PERSON/PERSON_0001"):
        open_source("lfw", tmp_path)
    path = zipped([("a.jpg", photo())], tmp_path / "lfw.zip")
    with pytest.raises(ValueError, match="is a file; expected a folder"):
        open_source("lfw", path)
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        open_source("lfw", tmp_path / "none")


def test_other_pictures_are_noted(tmp_path):
    photos = make_home(tmp_path)
    (photos / "Ada_Byron" / "holiday.jpg").write_bytes(photo())
    source = open_source("lfw", tmp_path)
    assert source.image_ids == IDS
    assert source.notes[-1] == "1 pictures are not named PERSON/PERSON_0001.jpg: left out"
