"""Models and their cards: what the site and the README are made from."""

import re
from collections.abc import Iterable
from pathlib import Path

import yaml

from mmgraph.config.compose import conf_dir

MODELS = Path(__file__).parents[1] / "models"


def card_uris(uris: Iterable[str]) -> list[str]:
    """Those of the pages that are a model's card."""
    return [uri for uri in uris if re.fullmatch(r"models/(?!index)[\w-]+\.md", uri)]


def model_of(uri: str) -> str:
    """The name that ``model=`` takes, by the card's file."""
    return uri.removeprefix("models/").removesuffix(".md").replace("-", "_")


def class_of(model: str) -> str:
    """The class that the model's settings name, or those of the model that it is a variant of."""
    settings = yaml.safe_load(settings_of(model))
    return settings["_target_"] if "_target_" in settings else class_of(settings["defaults"][0])


def settings_of(model: str) -> str:
    """The text of the model's file in ``conf/model``."""
    return (conf_dir() / "model" / f"{model}.yaml").read_text(encoding="utf-8")


def is_built_in(model: str) -> bool:
    """Whether it is one of mmgraph's own, not a plugin's."""
    return (conf_dir() / "model" / f"{model}.yaml").is_file()


def cards() -> dict[str, Path]:
    """The cards by the name of the model."""
    return {model_of(path.name): path for path in sorted(MODELS.glob("*.md"))}
