"""Every model on every graph: it runs, or says which edges are missing and which word draws them."""

import copy
import re

import pytest
import torch

from mmgraph.config.compose import compose_config
from mmgraph.config.instantiate import instantiate
from mmgraph.typing import INTERACTS, REV_INTERACTS
from tests.conftest import bipartite_graph
from tests.contract.conftest import MODELS, options

GRAPHS = options("graph")


@pytest.fixture(scope="module")
def configs():
    """The configuration of every model, with its own graph."""
    return {name: compose_config([f"model={name}"]) for name in MODELS}


@pytest.fixture(scope="module")
def drawn():
    """The tiny message graph after the transforms of every graph config."""
    return {name: draw(compose_config([f"graph={name}"]).graph) for name in GRAPHS}


def draw(config):
    graph = bipartite_graph(num_items=12)
    for transform in instantiate(config, "graph").values():
        graph = transform(graph)
    return graph


def only(graph, edge_types):
    """The graph with no edges but the interactions and those of some types."""
    bare = copy.copy(graph)
    for edge_type in graph.edge_types:
        if edge_type not in {INTERACTS, REV_INTERACTS, *edge_types}:
            del bare[edge_type]
    return bare


@pytest.mark.parametrize("name", MODELS)
def test_a_model_runs_on_the_edges_that_it_states_or_names_the_word_that_draws_them(name, configs, drawn):
    make, ran = instantiate(configs[name].model, "model"), []
    for graph_name, graph in {"its own": draw(configs[name].graph), **drawn}.items():
        try:
            model = make(graph)
        except ValueError as error:
            check_refusal(str(error), graph, drawn)
            continue
        ran.append(graph_name)
        encoding = model.eval()(model.inference_graph(only(graph, model.reads)))
        assert model.score(encoding, torch.tensor([0])).isfinite().all(), graph_name
    assert "its own" in ran


def check_refusal(message, graph, drawn):
    """The message names an edge type that this graph lacks, and that of the word has."""
    missing = re.search(r"no edges \('(\w+)', '(\w+)', '(\w+)'\)", message)
    word = re.search(r"\(graph=(\w+)\)", message)
    assert missing, message
    assert word, message
    assert missing.groups() not in graph.edge_types
    assert missing.groups() in drawn[word[1]].edge_types
