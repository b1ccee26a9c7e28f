import pytest

from mmgraph.config.compose import compose_config
from mmgraph.pipeline.run import train
from tests.cli.test_train import words


@pytest.fixture
def trained(tmp_path):
    """The folder of a finished run on a little data set."""
    folder = tmp_path / "run"
    arguments = [
        word for word in words(folder, "trainer.max_epochs=2", model="lightgcn") if not word.startswith("hydra.")
    ]
    train(compose_config(arguments), folder, verbose=False)
    return folder
