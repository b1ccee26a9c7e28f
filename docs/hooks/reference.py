"""The reference of every public name: pages that are made while the site is built, from the packages' ``__all__``."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import griffe
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from model_cards import card_uris, class_of, model_of

import mmgraph

HOOKS = Path(__file__).parent
ROOMS = ("datasets", "transforms", "losses", "models", "loader", "training", "evaluation", "extension")
"""Packages with a page of their own; ``nn`` has one for each of its rooms."""
BESIDE = {
    "datasets": ["mmgraph.datasets.base.InteractionDataset"],
    "evidence": [
        "mmgraph.evidence.analyses.base.Analysis",
        "mmgraph.evidence.comparison.ComparedRow",
        "mmgraph.evidence.comparison.Comparison",
        "mmgraph.evidence.reproduce.api.Reproduction",
        "mmgraph.evidence.reproduce.outline.Outline",
    ],
    "pipeline": ["mmgraph.pipeline.catalog.ModelInfo", "mmgraph.pipeline.report.RunReport"],
    "prepare": ["mmgraph.prepare.features.compare.ComparedEncoder"],
}
"""What public names lead to, on the same page."""


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Adds the pages."""
    package = griffe.load(
        "mmgraph",
        search_paths=[HOOKS.parents[1] / "src"],
        extensions=griffe.load_extensions(HOOKS / "docstrings.py"),
    )
    pages = {
        "api/index.md": _face(package),
        "api/evidence.md": _face_of("evidence", package),
        "api/pipeline.md": _face_of("pipeline", package),
        "api/prepare.md": _face_of("prepare", package),
        "api/typing.md": _typing(package),
    }
    elsewhere = {class_of(model_of(uri)) for uri in card_uris(files.src_uris)}
    for room in ROOMS:
        pages[f"api/{room}.md"] = _page(
            package[room], package, _exports(package[room]) + BESIDE.get(room, []), elsewhere
        )
    for room, places in _rooms_of_nn(package["nn"]).items():
        pages[f"api/nn/{room}.md"] = _page(package["nn"][room], package, places)
    for uri, text in pages.items():
        files.append(File.generated(config, uri, content=text))
    return files


def _face(package: griffe.Module) -> str:
    """What ``import mmgraph`` gives. The names are anchors too, so that both names of a thing lead to it."""
    rows = []
    for name, home in sorted(mmgraph._PLACES.items(), key=lambda place: place[0].casefold()):
        if name in [*_names_of("pipeline"), *_names_of("prepare"), *_names_of("evidence")]:
            rows.append(_row(f"mmgraph.{name}", package))
        else:
            row = _row(_place(package[home.removeprefix("mmgraph.")], name), package)
            rows.append(f"| [](){{#mmgraph.{name}}}" + row.removeprefix("| "))
    return "\n".join([_head(package), *rows])


def _face_of(room: str, package: griffe.Module) -> str:
    """A room whose names are those that ``mmgraph`` gives it."""
    places = [f"mmgraph.{name}" for name in _names_of(room)]
    return _page(package[room], package, places + BESIDE[room])


def _names_of(room: str) -> list[str]:
    return [name for name, home in mmgraph._PLACES.items() if home.startswith(f"mmgraph.{room}.")]


def _typing(package: griffe.Module) -> str:
    """All that the module defines."""
    module = package["typing"]
    return _page(module, package, [member.path for member in module.members.values() if not member.is_alias])


def _exports(module: griffe.Module) -> list[str]:
    return [_place(module, name) for name in module.exports or ()]


def _place(module: griffe.Module, name: str) -> str:
    """The full name of what a module exports; where a function has the name of its file, the source shows the file."""
    return f"{module.path}.{name}.{name}" if module[name].is_module else f"{module.path}.{name}"


def _rooms_of_nn(module: griffe.Module) -> dict[str, list[str]]:
    """The layers' names by the folder from which ``mmgraph.nn`` imports them."""
    rooms = defaultdict(list)
    for place in _exports(module):
        home = module[place.rpartition(".")[2]].target_path
        rooms[home.split(".")[2]].append(place)
    return rooms


def _page(module: griffe.Module, package: griffe.Module, places: Iterable[str], elsewhere: Iterable[str] = ()) -> str:
    """A table of names, then all of them but those that have a page ``elsewhere``."""
    rows = [_row(place, package) for place in places]
    return "\n".join([_head(module), *rows, "", *(f"::: {place}" for place in places if place not in elsewhere)])


def _head(module: griffe.Module) -> str:
    return f"# {module.name}\n\n{module.docstring.value}\n\n| name | what |\n| -- | -- |"


def _row(place: str, package: griffe.Module) -> str:
    docstring = package[place.removeprefix("mmgraph.")].docstring
    if docstring is None:
        raise PluginError(f"{place} is public and has no docstring")
    summary = docstring.value.partition("\n\n")[0]
    return f"| [`{place.rpartition('.')[2]}`][{place}] | {' '.join(summary.split()).replace('|', '&#124;')} |"
