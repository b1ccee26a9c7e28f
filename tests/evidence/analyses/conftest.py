import pytest

import mmgraph as mm
from tests.pipeline.conftest import shop_run  # noqa: F401  # a fixture

FEW = {"evaluator.ks": [5, 20]}


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
