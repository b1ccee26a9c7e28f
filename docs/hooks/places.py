"""Where pages lie: files from outside docs/ that are pages too, links as they are in the repository, and the menu."""

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
OUTSIDE = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md", "benchmarks/README.md": "measuring.md"}
"""Pages of the site by their file in the repository, where that is not below docs/."""
FOLDERS = {"docs/models": "models/index.md", "docs/adr": "adr/index.md", "docs/reproductions": "reproductions/index.md"}
"""What a link to a folder leads to."""
_LINK = re.compile(r"\]\(([\w./-]+(?:\.md|/))(#[^)\s]*)?\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Replaces patterns in the menu, ``models/*.md``, by the files."""
    config.nav = _expanded(config.nav, Path(config.docs_dir))
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Adds the pages from outside."""
    for path, uri in OUTSIDE.items():
        files.append(File.generated(config, uri, content=(ROOT / path).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, *, page: Page, **_: object) -> str:
    """Turns links between files of the repository into links between pages."""
    uri = page.file.src_uri
    path = next((path for path, outside in OUTSIDE.items() if outside == uri), f"docs/{uri}")

    def relinked(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), link[1]))
        page = (OUTSIDE | FOLDERS).get(target, target.removeprefix("docs/"))
        return f"]({posixpath.relpath(page, posixpath.dirname(uri) or '.')}{link[2] or ''})"

    return _LINK.sub(relinked, markdown)


def _expanded(nav: list, docs: Path) -> list:
    entries = []
    for entry in nav:
        if isinstance(entry, str):
            entries += sorted(path.relative_to(docs).as_posix() for path in docs.glob(entry)) or [entry]
            continue
        for title, part in entry.items():
            entries.append({title: _expanded(part, docs) if isinstance(part, list) else part})
    return entries
