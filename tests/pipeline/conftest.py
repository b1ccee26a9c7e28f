import shutil

import pytest

from mmgraph.config.compose import compose_config
from mmgraph.pipeline.api import load
from mmgraph.pipeline.run import train
from tests.prepared import words, write_shop


@pytest.fixture(scope="session")
def shop_run(tmp_path_factory):
    """A finished run on a little shop whose data are gone."""
    folder = tmp_path_factory.mktemp("shop_run")
    train(compose_config(words(write_shop(folder / "shop"))), folder / "run", verbose=False)
    shutil.rmtree(folder / "shop")
    return load(folder / "run")
