import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from mmgraph.config.compose import compose_config


def test_a_model_brings_its_graph_and_its_loss():
    cfg = compose_config(["model=freedom"])
    assert cfg.graph.knn.merge is True
    assert set(cfg.loss.terms) == {"bpr", "modal"}
    assert "hydra" not in cfg
    assert cfg.overrides == ["model=freedom"]


def test_best_known_values_are_loaded_and_can_be_left_out(monkeypatch):
    words = ["model=item_knn", "dataset=lfm2k", "data_root=/data"]
    assert compose_config(words).model.shrink == 0
    assert compose_config([*words, "tuned=none"]).model.shrink == 10
    assert compose_config([*words, "model.shrink=3.0"]).model.shrink == 3


def test_the_data_root_is_an_environment_variable_or_a_key(monkeypatch):
    monkeypatch.setenv("MMGRAPH_DATA", "/somewhere")
    assert compose_config(["dataset=baby"]).dataset.root == "/somewhere/baby"
    assert compose_config(["dataset=baby", "data_root=/else"]).dataset.root == "/else/baby"


def test_composing_needs_no_torch():
    code = (
        "import sys, mmgraph.config.compose as c; c.compose_config(['model=rednd']); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_threads_compose_what_each_asks_for():
    models = ["lightgcn", "popularity", "vbpr", "slim"] * 2
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda name: compose_config([f"model={name}"]), models))
    assert [cfg.model_name for cfg in found] == models
