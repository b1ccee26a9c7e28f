import pytest

from mmgraph.datasets import Synthetic
from mmgraph.pipeline.api import run
from mmgraph.pipeline.catalog import list_models

MODELS = list_models()


def test_costs_are_those_of_the_docstring():
    assert {model.cost for model in MODELS} == {"closed form", "light", "medium", "heavy"}
    assert repr(MODELS).count("\n") == len(MODELS) - 1


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_what_is_said_of_features_and_closed_forms_holds(model):
    data = Synthetic(num_users=40, num_items=40, num_topics=4, modalities=[])
    if model.needs_modalities:
        with pytest.raises(ValueError):  # noqa: PT011  # each says it in its own words
            run(model.name, data, max_epochs=1, verbose=False, overrides={"evaluator.ks": [20]})
        return
    found = run(model.name, data, max_epochs=1, verbose=False, overrides={"evaluator.ks": [20]})
    assert (found.report.best_epoch is None) == (model.cost == "closed form")
