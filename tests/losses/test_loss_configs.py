from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from omegaconf import DictConfig

from mmgraph import losses
from mmgraph.losses import LossTerm, Objective

CONF = Path(__file__).parents[2] / "conf"
LOSSES = sorted(path.stem for path in (CONF / "loss").glob("*.yaml"))
EXPORTED = [getattr(losses, name) for name in losses.__all__]
TERMS = {cls.__name__ for cls in EXPORTED if isinstance(cls, type) and issubclass(cls, LossTerm)} - {"LossTerm"}


def composed(*overrides: str) -> DictConfig:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose(overrides=list(overrides)).loss


def build(*overrides: str) -> Objective:
    return instantiate(composed(*overrides))


def weights(objective: Objective) -> dict[str, float]:
    return {name: term.weight for name, term in objective.terms.items()}


@pytest.mark.parametrize("name", LOSSES)
def test_a_config_builds_its_terms_but_those_without_weight(name):
    terms = composed(f"+loss={name}").terms
    assert weights(build(f"+loss={name}")) == {term: node.weight for term, node in terms.items() if node.weight}


def test_every_term_is_that_of_a_config():
    used = {node._target_.rpartition(".")[2] for name in LOSSES for node in composed(f"+loss={name}").terms.values()}
    assert used == TERMS


def test_bpr_alone_works_with_any_model(model, encoding, batch):
    bare = encoding._replace(views={})
    assert list(build("+loss=bpr")(model, bare, batch)) == ["bpr"]


def test_rednd_and_freedom_read_the_views_of_their_models(model, encoding, batch):
    assert all(value > 0 for value in build("+loss=rednd")(model, encoding, batch).values())
    assert all(value > 0 for value in build("+loss=freedom")(model, encoding, batch).values())
    with pytest.raises(KeyError, match=r"no view matches 'ego\.\*'; the model gives \['final'\]"):
        build("+loss=rednd")(model, encoding._replace(views={}), batch)


@pytest.mark.parametrize(
    ("override", "left"),
    [
        ("loss.terms.reg.weight=0.5", {"bpr": 1, "align": 1e-3, "reg": 0.5, "reg_weight": 0.5}),
        ("loss.terms.reg.weight=0", {"bpr": 1, "align": 1e-3}),
        ("~loss.terms.reg", {"bpr": 1, "align": 1e-3}),
        ("~loss.terms.align", {"bpr": 1, "reg": 1e-3, "reg_weight": 1e-3}),
        ("loss.terms.align.weight=0", {"bpr": 1, "reg": 1e-3, "reg_weight": 1e-3}),
    ],
)
def test_one_lambda_rules_both_regularisers_of_rednd_and_terms_can_go(override, left):
    assert weights(build("+loss=rednd", override)) == left


def test_settings_of_another_loss_do_not_stop_bpr():
    with pytest.warns(UserWarning, match=r"\['align'\]"):
        assert weights(build("+loss=bpr", "+loss.terms.align.weight=1e-2")) == {"bpr": 1}
