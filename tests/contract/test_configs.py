"""Every config composes, and what it describes can be built."""

import inspect
import re

import pytest
import yaml
from omegaconf import OmegaConf

from mmgraph.config.compose import compose_config, conf_dir
from mmgraph.config.instantiate import allowed_class, instantiate
from mmgraph.config.targets import find_targets
from tests.contract.conftest import MODELS, composed, options, small_config

GIVEN_BY_CODE = {"graph", "model", "data", "transform", "reads", "lr", "verbose"}
OVERLAYS = {"recipe", "tuned", "ablation", "experiment"}
GROUPS = sorted({path.name for path in conf_dir().iterdir() if path.is_dir()} - OVERLAYS)
NEEDS_EXTRA = {
    *(("launcher", name) for name in ("joblib", "ray", "submitit")),
    ("logger", "tensorboard"),
}


@pytest.mark.parametrize(
    ("model", "dataset"),
    sorted({(model, "synthetic") for model in MODELS} | {("rednd", dataset) for dataset in options("dataset")}),
)
def test_every_model_and_every_data_set_composes(model, dataset):
    """What the two have together is a file of tuned values: each has a test of its own."""
    cfg = compose_config([f"model={model}", f"dataset={dataset}", "data_root=/data"])
    if dataset == "folder":
        cfg.dataset.root = "/data/mine"
    assert not OmegaConf.missing_keys(cfg)
    for key in ("model", "loss", "graph", "loader", "trainer", "evaluator", "logger"):
        instantiate(cfg[key], key)


@pytest.mark.parametrize("name", [(group, option) for group in GROUPS for option in options(group)])
def test_every_option_composes(name):
    group, option = name
    if name in NEEDS_EXTRA - {("logger", "tensorboard")}:
        pytest.importorskip(f"hydra_plugins.hydra_{option}_{group}")
    compose_config([f"{group}={option}"])


@pytest.mark.parametrize("group", GROUPS)
def test_every_option_shows_every_value(group):
    """``--cfg job`` must hide nothing: a config names all arguments of the classes of ours that it builds."""
    for path in (conf_dir() / group).glob("*.yaml"):
        if (group, path.stem) in NEEDS_EXTRA:
            continue
        cfg = composed(f"{group}={path.stem}", "data_root=/data")
        for place, node in find_targets(OmegaConf.to_container(cfg), ""):
            if node["_target_"].startswith("mmgraph."):
                shown = set(node) - {"_target_", "_partial_"}
                parameters = inspect.signature(allowed_class(node["_target_"], place)).parameters.values()
                taken = {p.name for p in parameters if p.kind is not p.VAR_KEYWORD} - GIVEN_BY_CODE
                assert shown == taken, f"{path.name}: {place}"


@pytest.mark.parametrize("recipe", [name for name in options("recipe") if name != "none"])
def test_a_recipe_is_that_of_a_model_and_its_trainer_can_be_built(recipe):
    assert recipe in MODELS
    words = [f"model={recipe}", "tuned=none"]
    cfg, plain = compose_config(words), compose_config([*words, "recipe=none"])
    assert cfg.trainer != plain.trainer or cfg.loader != plain.loader
    instantiate(cfg.trainer, "trainer")


def test_words_of_the_command_line_and_tuned_values_win_over_the_recipe():
    assert compose_config(["model=slmrec"]).trainer.optimizer.weight_decay == 1e-4
    assert compose_config(["model=slmrec", "recipe=none"]).trainer.optimizer.weight_decay == 0
    assert compose_config(["model=slmrec", "trainer.optimizer.weight_decay=0.5"]).trainer.optimizer.weight_decay == 0.5
    assert compose_config(["model=rednd", "dataset=office", "data_root=/data"]).trainer.optimizer.lr == 1e-4
    assert compose_config(["model=rednd", "dataset=sports", "data_root=/data"]).trainer.optimizer.lr == 1e-3


def test_no_file_says_only_what_another_says():
    """A model that draws no graph, or is solved exactly, needs no file for that."""
    for group in ("graph", "loss"):
        for path in (conf_dir() / group).glob("*.yaml"):
            content = yaml.safe_load(path.read_text())
            assert path.stem == "none" or set(content) != {"defaults"} or len(content["defaults"]) > 2, path


def test_a_file_that_is_named_by_a_model_wins_and_the_command_line_over_it():
    assert list(compose_config(["model=freedom"]).graph) == ["knn"]
    assert compose_config(["model=freedom", "graph=none"]).graph == {}
    assert compose_config(["model=lightgcn"]).graph == {}
    assert compose_config(["model=slim"]).loss.terms == {}
    assert list(compose_config(["model=slim", "loss=bpr"]).loss.terms) == ["bpr"]


@pytest.mark.parametrize("path", [*(conf_dir() / "tuned").glob("*-*.yaml")], ids=lambda path: path.stem)
@pytest.mark.parametrize("words", [[], ["loss=bpr"]], ids=["own loss", "bpr"])
@pytest.mark.filterwarnings("ignore:loss terms .* are dropped")
def test_tuned_values_fit_their_model_and_any_loss(path, words):
    model, dataset = path.stem.split("-", 1)
    cfg = compose_config([f"model={model}", f"dataset={dataset}", *words])
    for key in ("model", "loss", "graph", "loader", "trainer"):
        instantiate(cfg[key], key)


@pytest.mark.parametrize("dataset", options("dataset"))
def test_nsmar_differs_from_nsmar_plus_in_its_alignment_alone(dataset):
    """Else a table of the two would compare settings, not alignments."""
    words = [f"dataset={dataset}", "data_root=/data"]
    nsmar, plus = (compose_config([f"model={model}", *words]) for model in ("nsmar", "nsmar_plus"))
    assert (nsmar.model.pop("alignment"), plus.model.pop("alignment")) == ("matrix", "mlp")
    for cfg in (nsmar, plus):
        cfg.model_name = cfg.overrides = None
    assert OmegaConf.to_container(nsmar) == OmegaConf.to_container(plus)


@pytest.mark.parametrize("name", options("experiment"))
def test_experiments_compose_with_any_data_set(name):
    assert compose_config([f"experiment={name}", "dataset=lfm2k", "data_root=/data"]).dataset.name == "lfm2k"


def test_a_term_goes_by_deletion_or_by_weight_zero():
    for word in ("~loss.terms.align", "loss.terms.align.weight=0", "loss.terms.align.weight=null"):
        objective = instantiate(small_config("rednd", word).loss, "loss")
        assert list(objective.terms) == ["bpr", "reg", "reg_weight"], word


def test_no_key_is_a_yaml_boolean():
    """YAML reads on, off, yes and no as booleans."""
    for path in conf_dir().rglob("*.yaml"):
        assert not re.search(r"^\s*(on|off|yes|no)\s*:", path.read_text(), re.IGNORECASE | re.MULTILINE), path
