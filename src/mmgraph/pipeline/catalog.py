"""Which models there are."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from mmgraph.config.compose import conf_dir, conf_dirs, option_names
from mmgraph.config.instantiate import allowed_class
from mmgraph.config.search_path import plugins_left_out
from mmgraph.config.targets import TARGET
from mmgraph.models import Recommender


class ModelInfo(NamedTuple):
    """What one should know of a model before choosing it.

    Attributes:
        name: what ``model=`` and ``mmgraph.run`` call it.
        paper: where it comes from, by the first line of its file.
        needs_modalities: whether items must have features.
        cost: ``closed form`` (no epochs), or an epoch on Amazon Sports (296,337 interactions, one thread of a CPU):
            ``light`` up to 20 s, ``medium`` up to 60 s, ``heavy`` beyond.
    """

    name: str
    paper: str
    needs_modalities: bool
    cost: str


class ModelList(list[ModelInfo]):
    """Models, printed as a table."""

    def __repr__(self) -> str:
        """A line for each model."""
        width = max((len(model.name) for model in self), default=0)
        return "\n".join(
            f"{name:<{width}}  {'features' if needs_modalities else '-':<8}  {cost:<11}  {paper}"
            for name, paper, needs_modalities, cost in self
        )


def list_models() -> ModelList:
    """Every model that ``model=`` and :func:`mmgraph.run` know, by name, those of plugins too; printed, it is a table.

    A model of a plugin that cannot be imported is left out with a warning.

    Example:
        >>> next(model for model in list_models() if model.name == "vbpr")
        ModelInfo(name='vbpr', paper='VBPR, He and McAuley, AAAI 2016', needs_modalities=True, cost='light')
    """
    for problem in plugins_left_out(conf_dir()):
        warnings.warn(problem, stacklevel=2)
    return ModelList(_described(option_names("model")))


def _described(names: list[str]) -> Iterator[ModelInfo]:
    for name in names:
        try:
            yield _describe(name)
        except Exception as error:  # whatever is wrong with somebody else's file or package
            if _file(name).is_relative_to(conf_dir()):
                raise
            warnings.warn(f"model={name} is left out: {error}", stacklevel=3)


def _describe(name: str) -> ModelInfo:
    first_line = _file(name).read_text(encoding="utf-8").partition("\n")[0]
    paper = first_line.removeprefix("# ") if first_line.startswith("#") else ""
    cls = model_class(name)
    return ModelInfo(name, paper, cls.needs_modalities, cls.cost)


def model_class(name: str) -> type[Recommender]:
    """The class that ``model=name`` makes.

    Raises:
        ValueError: if what the file names is no model.
    """
    cls = allowed_class(_target(name), f"model={name}")
    if not issubclass(cls, Recommender):
        raise ValueError(f"{cls.__name__} is no mmgraph.models.Recommender")
    return cls


def _file(name: str) -> Path:
    files = [folder / "model" / f"{name}.yaml" for folder in conf_dirs()]
    return next(path for path in files if path.is_file())


def _target(name: str) -> str:
    """The model's class, which a variant's file leaves to the file that it starts from."""
    node = yaml.safe_load(_file(name).read_text(encoding="utf-8"))
    return str(node[TARGET]) if TARGET in node else _target(str(node["defaults"][0]))
