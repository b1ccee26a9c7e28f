import pytest

from mmgraph.reading.images import ImageFolder, media_type


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "images"
    (root / "deep").mkdir(parents=True)
    for name in ("a.png", "deep/b.JPG", "notes.txt", "c.svg"):
        (root / name).touch()
    (tmp_path / "secret.png").touch()
    (root / "link.png").symlink_to(tmp_path / "secret.png")
    (root / "folder.png").mkdir()
    return root


@pytest.mark.parametrize("name", ["a.png", "deep/b.JPG", "deep/../a.png"])
def test_pictures_of_the_folder(folder, name):
    path = ImageFolder(folder).path_of(name)
    assert path is not None
    assert media_type(path).startswith("image/")


@pytest.mark.parametrize(
    "name",
    [
        None,
        "",
        "../secret.png",
        "deep/../../secret.png",
        "link.png",
        "notes.txt",
        "c.svg",
        "folder.png",
        "b.png",
        "a.png\0",
    ],
)
def test_nothing_else(folder, name):
    assert ImageFolder(folder).path_of(name) is None


def test_no_absolute_path(folder):
    assert ImageFolder(folder).path_of(str(folder.parent / "secret.png")) is None
