"""Pages of models and of decisions: their lists, and below a model's card its settings and its class."""

import re
import warnings

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from model_cards import card_uris, class_of, model_of, settings_of

import mmgraph

_MODELS = """# Models

Each is written from its equations; where paper and official code differ, its card says how, and which reading is the
default. What they reach on real data is in [Results](../results.md).

| `model=` | class | from | features | cost |
| -- | -- | -- | -- | -- |
"""
_DECISIONS = "# Decisions\n\nWhat took a discussion, half a page each.\n\n"


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Adds the two lists."""
    cards = {model_of(uri): uri for uri in card_uris(files.src_uris)}
    decisions = [file for file in files if re.match(r"adr/\d", file.src_uri) and "template" not in file.src_uri]
    lines = [f"- [{_title(file)}]({file.src_uri.removeprefix('adr/')})" for file in decisions]
    files.append(File.generated(config, "models/index.md", content=_MODELS + _models(cards)))
    files.append(File.generated(config, "adr/index.md", content=_DECISIONS + "\n".join(sorted(lines))))
    return files


def on_page_markdown(markdown: str, *, page: Page, **_: object) -> str:
    """Puts a model's settings and its class below its card."""
    if page.file.src_uri not in card_uris([page.file.src_uri]):
        return markdown
    model = model_of(page.file.src_uri)
    settings = f"## Settings of `model={model}`\n\n```yaml\n{settings_of(model)}```"
    return f"{markdown}\n{settings}\n\n## Class\n\n::: {class_of(model)}\n"


def _title(file: File) -> str:
    return file.content_string.partition("\n")[0].removeprefix("# ")


def _models(cards: dict[str, str]) -> str:
    rows = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # PyG's, as it is imported
        models = mmgraph.list_models()
    for model in models:
        place = class_of(model.name)
        card = cards.get(model.name) or next((uri for name, uri in cards.items() if class_of(name) == place), None)
        name = f"[`{model.name}`]({card.removeprefix('models/')})" if card else f"`{model.name}`"
        needs = "needed" if model.needs_modalities else ""
        rows.append(f"| {name} | [`{place.rpartition('.')[2]}`][{place}] | {model.paper} | {needs} | {model.cost} |")
    return "\n".join(rows)
