"""Pictures of items: those that the item table names, in one folder, and nothing else."""

from pathlib import Path

_KINDS = {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}
"""No SVG: it may hold scripts."""


class ImageFolder:
    """The folder of the pictures.

    Args:
        root: the folder.

    Example:
        >>> import tempfile
        >>> root = Path(tempfile.mkdtemp())
        >>> (root / "a.png").touch()
        >>> images = ImageFolder(root)
        >>> images.path_of("a.png").name, images.path_of("../secret.png"), images.path_of("b.png")
        ('a.png', None, None)
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def path_of(self, name: str | None) -> Path | None:
        """Where the picture of this name lies; None if there is none, it is no picture or lies outside the folder."""
        if not name or "\0" in name or Path(name).suffix.lower() not in _KINDS:
            return None
        path = (self.root / name).resolve()
        return path if path.is_relative_to(self.root) and path.is_file() else None


def media_type(path: Path) -> str:
    """What a picture is sent as."""
    return _KINDS[path.suffix.lower()]
