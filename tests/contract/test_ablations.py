"""Every ablation trains, and every value that an experiment or a search tries can be built."""

import re

import pytest
from omegaconf import OmegaConf

from mmgraph.config.compose import conf_dir
from mmgraph.config.settings import check_settings
from mmgraph.pipeline.parts import build
from tests.contract.conftest import MODELS, options, small_config, small_parts
from tests.contract.test_models import all_scores, one_step

ABLATIONS = sorted(set(options("ablation")) - {"none"})


@pytest.mark.parametrize("ablation", ABLATIONS)
def test_an_ablation_trains_all_that_it_leaves(ablation):
    parts = small_parts(ablation.rpartition("-")[0], f"ablation={ablation}")
    one_step(parts)
    still = [key for key, value in parts.model.named_parameters() if value.grad is None or not value.grad.any()]
    assert not still, f"no gradient for {still}"
    assert all_scores(parts).isfinite().all()


@pytest.mark.parametrize("ablation", ABLATIONS)
def test_an_ablation_changes_something(ablation):
    model = ablation.rpartition("-")[0]
    plain, changed = small_config(model), small_config(model, f"ablation={ablation}")
    assert any(plain[key] != changed[key] for key in ("model", "loss", "graph"))


def test_an_ablation_of_another_model_is_refused():
    with pytest.raises(ValueError, match="ablation=lgmrec-without_hcl is made for model=lgmrec, not for model=rednd"):
        small_parts("rednd", "ablation=lgmrec-without_hcl")


def sweeps(group):
    """Name, model, the control's word and swept keys of each config that sweeps."""
    for name in options(group):
        config = OmegaConf.to_container(OmegaConf.load(conf_dir() / group / f"{name}.yaml"))
        chosen = {key.removeprefix("override /"): value for entry in config["defaults"] for key, value in entry.items()}
        words = [f"control={chosen['control']}"] if "control" in chosen else []
        if params := config.get("hydra", {}).get("sweeper", {}).get("params"):
            yield pytest.param(chosen.get("model", name), words, params, id=name)


@pytest.mark.parametrize(("model", "words", "params"), [*sweeps("experiment"), *sweeps("sweeper")])
def test_each_value_of_a_sweep_can_be_built(model, words, params):
    assert model in MODELS
    for key, values in params.items():
        for cfg in configs(model, words, key, re.findall(r"\[[^\]]*\]|[^,\s][^,]*", str(values))):
            check_settings(OmegaConf.to_container(cfg), key)
            build(cfg)


def configs(model, words, key, values):
    """One for each value. A setting is composed once, which takes longer than building; other values replace it."""
    if key == "dataset.modalities":
        yield from (small_config(model, modalities=value) for value in values)
    elif key == "model":
        yield from (small_config(value, *words) for value in values)
    elif key == "ablation":
        yield from (small_config(model, *words, f"ablation={value}") for value in values)
    else:
        first, *others = values
        composed = small_config(model, *words, f"{key}={first}")
        yield composed
        yield from (OmegaConf.merge(composed, OmegaConf.from_dotlist([f"{key}={value}"])) for value in others)
