from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate

from mmgraph.losses import Objective

CONF = Path(__file__).parents[2] / "conf"
TERMS = {
    "bpr": {"bpr": 1},
    "mf_bpr": {"bpr": 1, "reg": 1e-2},
    "lightgcn": {"bpr": 1, "reg": 1e-4},
    "vbpr": {"bpr": 1, "reg": 1e-2},
    "freedom": {"bpr": 1, "modal": 1e-3},
    "bce": {"bce": 1},
    "fism": {"bpr": 1, "reg": 1e-3},
    "hccf": {"bpr": 1, "contrast": 0.2, "reg": 1e-6},
    "sht": {"bpr": 1, "agreement": 0.01, "reg": 1e-3},
    "layergcn": {"bpr": 1, "reg": 1e-3},
    "simgcl": {"bpr": 1, "contrast": 0.1, "reg": 1e-4},
    "sgl": {"bpr": 1, "contrast": 0.1, "reg": 1e-4},
    "ncl": {"bpr": 1, "structure_user": 1e-7, "structure_item": 1e-7, "prototype": 8e-8, "reg": 1e-4},
    "rednd": {"bpr": 1, "align": 1e-3, "reg": 1e-3, "reg_weight": 1e-3},
    "mgnm": {"bpr": 1, "hcl": 1e-4, "ddr": 1e-4, "ddr_mm": 1e-4, "reg": 1e-6},
    "dualgnn": {"bpr": 1, "reg": 1e-3, "reg_weight": 1e-3},
    "dragon": {"bpr": 1, "reg": 1e-3, "reg_weight": 1e-3},
    "bm3": {"user": 1, "item": 1, "align": 2, "mask": 2, "reg": 0.1},
    "lattice": {"bpr": 1, "reg": 1e-5},
    "micro": {"bpr": 1, "contrast": 0.03, "reg": 1e-5},
    "mmssl": {"critic": 1, "bpr": 1, "adversary": 1e-4, "contrast": 0.03, "reg": 1e-5, "reg_modal": 1e-5},
    "diffmm": {"denoising": 1, "bpr": 1, "contrast": 0.1, "reg": 1e-5},
    "llmrec": {"bpr": 1, "modal": 1e-4, "attribute": 0.012, "restore": 1e-2, "reg": 1e-5, "reg_modal": 1e-5},
    "slmrec": {"rank": 1, "fac": 0.1, "views": 0.1},
    "mmgcl": {"bpr": 1, "user": 0.4, "item": 0.4, "reg": 1.1e-4},
    "mgcn": {"bpr": 1, "contrast": 1e-2, "reg": 1e-4},
    "grcn": {"bpr": 1, "reg": 1e-3, "reg_item": 1e-3},
    "mmgcn": {"bpr": 1, "reg": 1e-3, "reg_item": 1e-3, "reg_preference": 1e-3},
    "none": {},
    "random": {},
    "popularity": {},
    "item_knn": {},
    "slim": {},
}


def build(*overrides: str) -> Objective:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return instantiate(compose(overrides=list(overrides)).loss)


def weights(objective: Objective) -> dict[str, float]:
    return {name: term.weight for name, term in objective.terms.items()}


def test_every_file_is_known_here():
    assert set(TERMS) <= {path.stem for path in (CONF / "loss").glob("*.yaml")}


@pytest.mark.parametrize("name", TERMS)
def test_config_builds_the_terms(name):
    assert weights(build(f"+loss={name}")) == TERMS[name]


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
