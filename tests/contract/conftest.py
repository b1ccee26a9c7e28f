"""Every config of ``conf/``, and small runs composed from them."""

from copy import deepcopy
from functools import cache

import pytest

from mmgraph.config.compose import compose_config, conf_dir
from mmgraph.pipeline.parts import build

SMALL = [
    "dataset.num_users=200",
    "dataset.num_items=120",
    "dataset.num_topics=8",
    "graph.knn.k=5",
    "loader.batch_size=256",
    "trainer.accelerator=cpu",
    "hydra.run.dir=unused",
]


def options(group):
    """Names of the options of a config group."""
    return sorted(path.stem for path in (conf_dir() / group).glob("*.yaml"))


MODELS = options("model")
UNTRAINED = {"random", "popularity", "item_knn", "content_knn", "slim", "ease", "cease", "add_ease", "l3ae"}
TRAINED = sorted(set(MODELS) - UNTRAINED)


@cache
def composed(*words):
    """The configuration of a run of these words, for tests that change nothing in it."""
    return compose_config(words)


def small_config(model, *overrides, modalities="{image: 16, text: 8}"):
    """A run of ``model`` on small synthetic data."""
    words = [f"model={model}", f"dataset.modalities={modalities}", *SMALL, *overrides]
    if not has_knn(model, *(word for word in overrides if word.startswith("graph="))):
        words.remove("graph.knn.k=5")
    return deepcopy(composed(*words))  # a test may change what it is given


def has_knn(model, *graph):
    """Whether kNN graphs are drawn for a model, with its own graph or another one."""
    return "knn" in composed(f"model={model}", *graph).graph


def small_parts(model, *overrides, **settings):
    """The same, built."""
    return build(small_config(model, *overrides, **settings))


@pytest.fixture(scope="session")
def parts_of():
    """Parts of a small run of a model, built once for tests that change nothing in them."""
    built = {}

    def get(model):
        if model not in built:
            built[model] = small_parts(model)
        return built[model]

    return get
