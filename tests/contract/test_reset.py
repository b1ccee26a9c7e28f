"""A reset model or layer is a new one to the bit, whatever it was."""

import inspect

import pytest
import torch
from torch import nn

import mmgraph.nn
from mmgraph.config.instantiate import instantiate
from tests.contract.conftest import MODELS, small_config

VARIANTS = [
    ("bm3", "model.trainable_features=false"),
    ("hccf", "model.num_mixing_layers=2"),
    ("lgmrec", "model.parts=[modal]"),
    ("mgnm", "model.hyperedges_from=raw"),
    ("mmgcn", "model.hidden_dim=12"),
    ("mmssl", "model.num_generated=0"),
    ("nsmar", "model.layer_weight=true", "model.scorer=towers"),
    ("nsmar_plus", "model.scorer=pair", "model.item_ids=false", "model.hidden_dim=8"),
    ("rednd", "model.variant=paper"),
    ("slmrec", "model.task=fd"),
]
CASES = [*((name,) for name in MODELS), *VARIANTS]

ARGUMENTS = {
    "emb_dim": 4,
    "feat_dim": 5,
    "feat_dims": {"image": 5, "text": 3},
    "features": {"text": torch.ones(3, 2)},
    "hidden_dim": 6,
    "in_features": 5,
    "initial_share": 0.5,
    "modalities": ["image", "text"],
    "num_heads": 2,
    "num_hyperedges": 3,
    "num_items": 16,
    "num_layers": 2,
    "num_steps": 5,
    "num_users": 7,
    "out_features": 4,
    "p": 0.5,
    "sizes": {"user": (7, 4), "item": (6, 4)},
    "trainable": True,
}
LAYERS = [
    name
    for name in mmgraph.nn.__all__
    if inspect.isclass(found := getattr(mmgraph.nn, name)) and issubclass(found, nn.Module)
]
OPTIONAL = [
    ("ModalityNodes", {"num_items": 16}),
    ("ModalityProjection", {"hidden_dim": 6, "bias": False}),
    ("SharedAlignment", {"residual": False}),
]


def make(name, **settings):
    """A layer from the arguments that it cannot do without."""
    cls = getattr(mmgraph.nn, name)
    parameters = inspect.signature(cls).parameters.values()
    required = [p.name for p in parameters if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    return cls(**{key: ARGUMENTS[key] for key in required} | settings)


def spoil(module):
    """As if it had been trained: every parameter and running statistic is another."""
    with torch.no_grad():
        for value in module.state_dict().values():
            value.add_(1)


def check_reset(module, new):
    """Both draw the same, and the parameters stay those that an optimiser knows; ``new`` makes a module."""
    spoil(module)
    parameters = list(module.parameters())
    torch.manual_seed(7)
    made = new()
    after = torch.get_rng_state()
    torch.manual_seed(7)
    module.reset_parameters()
    assert torch.equal(torch.get_rng_state(), after)
    state = module.state_dict()
    assert list(state) == list(made.state_dict())
    different = [key for key, value in made.state_dict().items() if not torch.equal(value, state[key])]
    assert not different
    assert all(one is other for one, other in zip(parameters, module.parameters(), strict=True))
    return made


def encode(model, graph):
    model.eval()
    torch.manual_seed(0)  # lgmrec may draw while ranking
    with torch.no_grad():
        encoding = model(model.inference_graph(graph))
    return [x.to_dense() for x in (encoding.user, encoding.item)]


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_a_reset_model_is_a_new_one(case, parts_of):
    """Its vectors too: nothing that was remembered of the old weights shows."""
    name, *words = case
    graph = parts_of(name).graph
    make_model = instantiate(small_config(name, *words).model, "model")
    model = make_model(graph)
    encode(model, graph)
    made = check_reset(model, lambda: make_model(graph))
    assert all(map(torch.equal, encode(model, graph), encode(made, graph)))


@pytest.mark.parametrize(("name", "settings"), [*((name, {}) for name in LAYERS), *OPTIONAL])
def test_a_reset_layer_is_a_new_one(name, settings):
    layer = make(name, **settings)
    if list(layer.parameters()):
        check_reset(layer, lambda: make(name, **settings))
