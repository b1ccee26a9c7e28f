"""What a config says is what its class does by itself, or the difference is named here with its reason."""

import inspect
from collections import defaultdict

import pytest
from omegaconf import OmegaConf

from mmgraph.config.instantiate import allowed_class
from mmgraph.config.targets import find_targets
from mmgraph.losses import LossTerm
from tests.contract.conftest import composed, options

GROUPS = ("model", "graph", "loss", "trainer", "evaluator", "loader", "dataset")
NAMED = {
    "each model's paper has its own; the class is the plain loss": {
        "BPR": ["base", "reduction"],
        "InBatchNCE": ["normalize", "swap"],
        "InfoNCE": ["anchors", "candidates", "joint", "reduction", "unique", "within"],
        "L2": ["half", "reduction", "rows", "squared"],
        "PrunedBPR": ["user"],
    },
    "each model's paper has its own; the class is one kNN graph a modality": {
        "KNNGraph": ["merge", "merge_weights", "weight"],
    },
    "configs name the sides; the class takes those that the two views share": {"InfoNCE": ["nodes"]},
    "two configs of one class, of which the class is the first": {
        "NSMAR": ["alignment"],
        "Evaluator": ["mask"],
    },
    "a data set's own; the class finds out or has none": {"MMRecFolder": ["features", "name", "source"]},
    "objects with arguments of their own, which are compared": {"Objective": ["terms"], "Trainer": ["optimizer"]},
    "a mapping that words of the command line may fill": {"MMRecFolder": ["columns"], "Trainer": ["group_optimizers"]},
    "faster, to the same numbers within rounding; torch's own is None": {"Adam": ["fused"]},
}
EXCEPTIONS = {(cls, name) for classes in NAMED.values() for cls, names in classes.items() for name in names}


def has_lambda(cls, name):
    """Whether an argument is the factor of a loss term, which is each paper's own."""
    return issubclass(cls, LossTerm) and name == "weight"


def plain(value):
    """Tuples, which YAML does not have, as lists."""
    return [plain(element) for element in value] if isinstance(value, list | tuple) else value


@pytest.fixture(scope="module")
def differences():
    """Where a config says something else than the class, by class and argument."""
    found = defaultdict(list)
    for group in GROUPS:
        for option in options(group):
            cfg = composed(f"{group}={option}", "data_root=/data")
            config = OmegaConf.to_container(cfg[group], resolve=True, throw_on_missing=False)
            for place, node in find_targets(config, group):
                cls = allowed_class(node["_target_"], place)
                for name, parameter in inspect.signature(cls).parameters.items():
                    default = parameter.default
                    if default is parameter.empty or name not in node or has_lambda(cls, name):
                        continue
                    if plain(node[name]) != plain(default):
                        says = f"conf/{group}/{option}.yaml says {node[name]!r}, {cls.__name__} {default!r}"
                        found[cls.__name__, name].append(says)
    return found


def test_a_config_and_its_class_agree_or_the_difference_is_named(differences):
    assert {key: says for key, says in differences.items() if key not in EXCEPTIONS} == {}


def test_no_exception_is_named_without_need(differences):
    assert set(differences) >= EXCEPTIONS
