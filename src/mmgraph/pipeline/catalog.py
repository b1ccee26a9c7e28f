"""Which models there are."""

from pathlib import Path
from typing import NamedTuple

import yaml

from mmgraph.config.compose import conf_dir
from mmgraph.config.instantiate import allowed_class
from mmgraph.config.targets import TARGET


class ModelInfo(NamedTuple):
    """What one should know of a model before choosing it.

    Attributes:
        name: what ``model=`` and ``mmgraph.run`` call it.
        paper: where it comes from.
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
    """Every model that ``model=`` and :func:`mmgraph.run` know, by name; printed, it is a table.

    Example:
        >>> next(model for model in list_models() if model.name == "vbpr")
        ModelInfo(name='vbpr', paper='VBPR, He and McAuley, AAAI 2016', needs_modalities=True, cost='light')
    """
    return ModelList(_describe(path.stem) for path in sorted((conf_dir() / "model").glob("*.yaml")))


def _describe(name: str) -> ModelInfo:
    paper = _file(name).read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
    cls = allowed_class(_target(name), f"model={name}")
    return ModelInfo(name, paper, cls.needs_modalities, cls.cost)  # type: ignore[attr-defined]


def _file(name: str) -> Path:
    return conf_dir() / "model" / f"{name}.yaml"


def _target(name: str) -> str:
    """The model's class, which a variant's file leaves to the file that it starts from."""
    node = yaml.safe_load(_file(name).read_text(encoding="utf-8"))
    return str(node[TARGET]) if TARGET in node else _target(str(node["defaults"][0]))
