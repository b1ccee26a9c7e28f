import pytest

import mmgraph as mm
from mmgraph.config.compose import compose_config
from mmgraph.pipeline.run import train
from tests.cli.test_train import words
from tests.pipeline.conftest import shop_run  # noqa: F401  # a fixture

FEW = {"evaluator.ks": [5, 20]}


@pytest.fixture
def trained(tmp_path):
    """The folder of a finished run on a little data set."""
    folder = tmp_path / "run"
    arguments = [
        word for word in words(folder, "trainer.max_epochs=2", model="lightgcn") if not word.startswith("hydra.")
    ]
    train(compose_config(arguments), folder, verbose=False)
    return folder


def small_run(model, folder, **words):
    """Two epochs on a little data set."""
    data = mm.Synthetic(num_users=80, num_items=60, num_topics=4)
    overrides = FEW | words.pop("overrides", {})
    return mm.run(model, data, max_epochs=2, verbose=False, folder=folder, overrides=overrides, **words)


@pytest.fixture(scope="session")
def rednd_run(tmp_path_factory):
    return small_run("rednd", tmp_path_factory.mktemp("rednd"), overrides={"graph.knn.k": 4})


@pytest.fixture(scope="session")
def suid_run(tmp_path_factory):
    """LGMRec whose modal part starts from the users' free vectors, too."""
    return small_run("lgmrec", tmp_path_factory.mktemp("suid"), ablation="lgmrec-with_suid")
