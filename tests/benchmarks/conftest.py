import pytest

import mmgraph
from mmgraph.datasets import Synthetic


@pytest.fixture(scope="package")
def few_runs(tmp_path_factory):
    """A folder of small runs: VBPR with two seeds, as it is and under a control, and popularity."""
    folder = tmp_path_factory.mktemp("few")
    data = Synthetic(num_users=60, num_items=70, num_topics=4, modalities={"image": 6, "text": 8})
    for seed in (0, 1):
        for control in ("none", "shuffle"):
            place = folder / f"{control}-{seed}"
            mmgraph.run("vbpr", data, seed=seed, max_epochs=2, control=control, folder=place, verbose=False)
    mmgraph.run("popularity", data, folder=folder / "popularity", verbose=False)
    return folder
