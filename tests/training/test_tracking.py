"""Weights & Biases offline and MLflow in a folder, where they are installed; and the sentences where they are not."""

import json
import struct
import sys
import warnings
from importlib.util import find_spec

import pytest
from lightning_fabric import Fabric
from omegaconf import OmegaConf

from mmgraph.config.compose import compose_config
from mmgraph.training import MLflowLog, WandbLog
from mmgraph.training.saving import Saving
from mmgraph.training.tracked import TrackedRun
from mmgraph.training.tracking import _named

_BLOCK, _WHOLE, _LAST = 32_768, 1, 4
HISTORY = [{"epoch": epoch, "loss/bpr": 0.5 - 0.1 * epoch, "val/recall@20": 0.1 * epoch} for epoch in range(4)]


@pytest.fixture
def run_dir(tmp_path):
    folder = tmp_path / "my run"
    folder.mkdir()
    cfg = compose_config(["model=mf_bpr", "dataset=synthetic", "model.emb_dim=8", "seed=3"])
    (folder / "config.yaml").write_text(OmegaConf.to_yaml(cfg))
    return folder


def needed(package):
    """Skips, loudly, where a package is absent."""
    if find_spec(package) is None:
        warnings.warn(f"logger={package} is not tested: {package} is not installed", stacklevel=2)
        pytest.skip(f"no {package}")


def written(make, run_dir, ends, *, failed=False):
    """A process's share of a run: the history after each of some epochs."""
    log = make()
    for end in ends:
        log.write(run_dir, HISTORY[:end])
    log.close(failed=failed)


@pytest.mark.filterwarnings("ignore")
def test_mlflow_has_settings_and_curves_and_a_resumed_run_goes_on_in_the_same_one(run_dir, monkeypatch):
    needed("mlflow")
    from mlflow import MlflowClient

    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    written(MLflowLog, run_dir, [1, 2], failed=True)
    name = json.loads((run_dir / "mlflow.json").read_text())["id"]
    written(MLflowLog, run_dir, [2, 3, 4])
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    client = MlflowClient((run_dir / "mlruns").as_uri())
    (experiment,) = client.search_experiments(filter_string="name = 'mmgraph'")
    (run,) = client.search_runs([experiment.experiment_id])
    assert (run.info.run_id, run.info.run_name, run.info.status) == (name, "my run", "FINISHED")
    assert run.data.params.items() >= {"model.emb_dim": "8", "seed": "3", "trainer.monitor": "recall@20"}.items()
    for key, metric in (("loss/bpr", "loss/bpr"), ("val/recall_20", "val/recall@20")):
        found = client.get_metric_history(name, key)
        assert [(point.step, point.value) for point in found] == [(row["epoch"], row[metric]) for row in HISTORY]


@pytest.mark.filterwarnings("ignore")
def test_wandb_offline_has_settings_and_curves_and_a_resumed_run_has_the_same_id(run_dir):
    needed("wandb")
    written(lambda: WandbLog(mode="offline"), run_dir, [1, 2], failed=True)
    written(lambda: WandbLog(mode="offline"), run_dir, [2, 3, 4])
    name = json.loads((run_dir / "wandb.json").read_text())["id"]
    files = sorted((run_dir / "wandb").glob("offline-run-*/*.wandb"))
    assert [path.stem for path in files] == [f"run-{name}"] * 2
    records = [record for path in files for record in of_wandb(path)]
    rows = [
        {
            item.nested_key[0] if item.nested_key else item.key: json.loads(item.value_json)
            for item in record.history.item
        }
        for record in records
        if record.WhichOneof("record_type") == "history"
    ]
    assert [(row["_step"], row["loss/bpr"], row["val/recall@20"]) for row in rows] == [
        (row["epoch"], row["loss/bpr"], row["val/recall@20"]) for row in HISTORY
    ]
    runs = [record.run for record in records if record.WhichOneof("record_type") == "run"]
    settings = of_items(runs[0].config.update)
    assert (settings["model"]["emb_dim"], settings["seed"], runs[0].project) == (8, 3, "mmgraph")


def of_items(items):
    return {(item.nested_key[0] if item.nested_key else item.key): json.loads(item.value_json) for item in items}


def of_wandb(path):
    """The records of a file that waits for ``wandb sync``: a log as LevelDB writes it, behind seven bytes."""
    from wandb.proto.wandb_internal_pb2 import Record

    content = path.read_bytes()
    place, whole = 7, b""
    while place + 7 <= len(content):
        if _BLOCK - place % _BLOCK < 7:  # no header fits into what is left of the block
            place += _BLOCK - place % _BLOCK
            continue
        _, length, kind = struct.unpack("<IHB", content[place : place + 7])
        whole += content[place + 7 : place + 7 + length]
        place += 7 + length
        if kind in (_WHOLE, _LAST):
            record = Record()
            record.ParseFromString(whole)
            yield record
            whole = b""


@pytest.mark.parametrize(("make", "name"), [(WandbLog, "wandb"), (MLflowLog, "mlflow")])
def test_a_package_that_is_missing_is_told_before_the_first_epoch(make, name, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ModuleNotFoundError, match=rf'logger={name} .* pip install -e "\.\[{name}\]"'):
        make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: WandbLog(project="../elsewhere"), r"logger\.wandb\.project='\.\./elsewhere': must be letters"),
        (lambda: WandbLog(mode="on"), r"logger\.wandb\.mode='on': must be null or one of online, offline, disabled"),
        (lambda: MLflowLog(experiment="a/b"), r"logger\.mlflow\.experiment='a/b': must be letters"),
    ],
)
def test_words_that_cannot_be_right(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_names_are_safe():
    assert _named("val/recall@20") == "val/recall_20"
    assert _named("loss/../../etc/x:y") == "loss/_/_/etc/x_y"


@pytest.mark.parametrize("text", ["", "[]", '{"id": "../x"}', '{"id": "a", "next_epoch": "1"}', '{"id": 3}'])
def test_a_damaged_record_is_named(text, tmp_path):
    (tmp_path / "wandb.json").write_text(text)
    with pytest.raises(ValueError, match=r"wandb\.json is damaged"):
        TrackedRun.read(tmp_path / "wandb.json")


def test_logs_are_closed_whatever_happens(run_dir):
    class Note:
        def __init__(self):
            self.failed = []

        def write(self, run_dir, history):
            pass

        def close(self, *, failed):
            self.failed.append(failed)

    note = Note()
    fabric = Fabric(accelerator="cpu", devices=1)
    with Saving(fabric, run_dir, [note]):
        pass
    with pytest.raises(KeyboardInterrupt), Saving(fabric, run_dir, [note]):
        raise KeyboardInterrupt
    assert note.failed == [False, True]
