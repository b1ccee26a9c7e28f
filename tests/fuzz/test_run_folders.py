"""Damaged run folders: the run as it was, or a sentence; never a traceback, never a call."""

import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmgraph.cli.evaluate import main as evaluate
from mmgraph.cli.recommend import main as recommend
from mmgraph.cli.train import main as train
from tests.fuzz.conftest import BOUNDED, damaged, told

TINY = ["model=mf_bpr", "dataset.scale=0.02", "trainer.max_epochs=2", "model.emb_dim=8"]
SMALL = ["dataset.modalities={text: 4}", "trainer.accelerator=cpu", "loader.batch_size=4096"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run folder with everything in it."""
    folder = tmp_path_factory.mktemp("runs") / "finished"
    train([*TINY, *SMALL, f"hydra.run.dir={folder}"])
    return folder


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("command", ["resume", "resume unfinished", "evaluate"])
@pytest.mark.parametrize("name", ["config.yaml", "report.json", "checkpoint.pt"])
def test_damaged_file(name, command, finished, tmp_path_factory, capsys):
    @BOUNDED
    @given(damaged((finished / name).read_bytes()))
    def run(content):
        folder = tmp_path_factory.mktemp("damaged") / "run"
        shutil.copytree(finished, folder)
        (folder / name).write_bytes(content)
        if command == "resume unfinished":
            (folder / "report.json").unlink()
        if command == "evaluate":
            told(evaluate, [str(folder)], capsys)
        else:
            told(train, [f"resume={folder}"], capsys)
        shutil.rmtree(folder.parent)

    if (name, command) == ("report.json", "resume unfinished"):
        pytest.skip("there is no report then")
    run()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["serving.json", "tables.npz", "user.npy"])
def test_damaged_file_of_serving(name, finished, tmp_path_factory, capsys):
    lists = told(recommend, [str(finished), "k=3"], capsys)

    @BOUNDED
    @given(damaged((finished / "serving" / name).read_bytes()))
    def run(content):
        folder = tmp_path_factory.mktemp("damaged") / "run"
        shutil.copytree(finished, folder)
        (folder / "serving" / name).write_bytes(content)
        code, said = told(recommend, [str(folder), "k=3"], capsys)
        assert code or (code, said) == lists
        shutil.rmtree(folder.parent)

    run()


@pytest.mark.filterwarnings("ignore")
@BOUNDED
@given(missing=st.sets(st.sampled_from(["config.yaml", "report.json", "checkpoint.pt", "metrics.csv"]), min_size=1))
def test_missing_files(missing, finished, tmp_path_factory, capsys):
    folder = tmp_path_factory.mktemp("missing") / "run"
    shutil.copytree(finished, folder)
    for name in missing:
        (folder / name).unlink()
    told(evaluate, [str(folder)], capsys)
    told(train, [f"resume={folder}"], capsys)
    shutil.rmtree(folder.parent)
