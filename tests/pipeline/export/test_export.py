import json
import subprocess
import sys

import numpy as np
import pytest
import torch
import yaml

import mmgraph as mm
from mmgraph.cli.export import main
from mmgraph.pipeline.export.index import approximate_index
from mmgraph.pipeline.export.pretrained import hub_folder

pytest.importorskip("safetensors", reason="exports need the extra hub")
pytest.importorskip("huggingface_hub", reason="exports need the extra hub")

USERS = [3, 14, 15]


@pytest.fixture(scope="module")
def run():
    data = mm.Synthetic(num_users=60, num_items=50)
    return mm.run("lightgcn", data, max_epochs=2, verbose=False)


@pytest.fixture(scope="module")
def exported(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported") / "model"
    run.export(folder, formats=["pretrained", "vectors", "index", "program"], license="cc-by-4.0")
    return folder


def test_what_was_exported_recommends_the_same_without_data_and_checkpoint(run, exported):
    opened = mm.from_pretrained(exported)
    assert not (exported / "checkpoint.pt").exists()
    torch.testing.assert_close(opened.recommend(USERS, k=7), run.recommend(USERS, k=7), rtol=0, atol=0)
    assert opened.test == run.test


def test_weights_of_what_was_exported_are_those_of_the_run(run, exported):
    weights = mm.from_pretrained(exported).model.state_dict()
    for name, tensor in run.model.state_dict().items():
        torch.testing.assert_close(weights[name], tensor, rtol=0, atol=0)


@pytest.mark.parametrize("model", ["nsmar_plus", "slim", "ease", "item_knn", "popularity"])
def test_models_without_vectors_or_epochs_are_exported_too(model, tmp_path):
    run = mm.run(model, mm.Synthetic(num_users=60, num_items=50), max_epochs=1, verbose=False)
    opened = mm.from_pretrained(run.save_pretrained(tmp_path / "model"))
    torch.testing.assert_close(opened.recommend(USERS, k=5), run.recommend(USERS, k=5), rtol=0, atol=0)


def test_a_model_without_vectors_refuses_to_export_them_and_leaves_nothing(tmp_path):
    run = mm.run("item_knn", mm.Synthetic(num_users=60, num_items=50), verbose=False)
    for name in ("vectors", "index", "program"):
        with pytest.raises(ValueError, match="item_knn scores users and items otherwise"):
            run.export(tmp_path / name, formats=[name])
    assert list(tmp_path.iterdir()) == []


def test_the_card_has_metadata_as_the_hub_reads_them(run, exported):
    from huggingface_hub import ModelCard

    card = ModelCard.load(exported / "README.md")
    assert card.data.license == "cc-by-4.0"
    assert card.data.library_name == "mmgraph"
    assert "lightgcn" in card.data.tags
    found = {result.metric_type: result.metric_value for result in card.data.eval_results}
    assert found["recall@20"] == pytest.approx(run.test["recall@20"])
    assert run.report.split_hash in card.text


def test_no_path_of_this_machine_is_exported(tmp_path):
    shop = tmp_path / "secret place" / "toy"
    shop.mkdir(parents=True)
    rows = "".join(f"{user}\t{item}\n" for user in range(12) for item in range(60) if (user + item) % 3)
    (shop / "toy.inter").write_text(f"userID\titemID\n{rows}", encoding="utf-8")
    data = mm.MMRecFolder(shop, cache_dir=tmp_path / "secret place" / "cache")
    run = mm.run("mf_bpr", data, max_epochs=1, verbose=False)
    folder = run.save_pretrained(tmp_path / "model")
    texts = [path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.suffix in (".yaml", ".json", ".md")]
    assert not any("secret place" in text for text in texts)
    assert yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))["dataset"]["root"] == "toy"
    mm.from_pretrained(folder, data=data).model  # noqa: B018  # the hashes still fit


def test_vectors_with_ids_give_the_scores(run, exported):
    import pyarrow.parquet as pq

    users, items = (pq.read_table(exported / f"{side}.parquet").to_pydict() for side in ("users", "items"))
    assert users["id"] == list(range(60))
    best = run.recommend([14], k=1, exclude=[])
    scores = np.array(items["vector"], dtype=np.float32) @ np.array(users["vector"][14], dtype=np.float32)
    assert items["id"][int(scores.argmax())] == int(best.ids[0, 0])
    assert scores.max() == pytest.approx(float(best.scores[0, 0]), rel=1e-5)


def test_the_index_finds_what_the_run_recommends(run, exported):
    faiss = pytest.importorskip("faiss", reason="an index needs the extra search")
    index = faiss.deserialize_index(np.frombuffer((exported / "items.faiss").read_bytes(), dtype=np.uint8))
    user = run.serving.encoding.user[USERS].numpy()
    _, found = index.search(user, 5)
    assert found.tolist() == run.recommend(USERS, k=5, exclude=[]).ids.tolist()
    assert json.loads((exported / "index.json").read_text(encoding="utf-8"))["recall"] == 1.0


def test_an_approximate_index_states_the_recall_that_it_has():
    faiss = pytest.importorskip("faiss", reason="an index needs the extra search")
    rng = np.random.default_rng(0)
    centre = rng.normal(size=(40, 16)).astype(np.float32)
    item = (centre[rng.integers(40, size=4_000)] + 0.3 * rng.normal(size=(4_000, 16))).astype(np.float32)
    user = (centre[rng.integers(40, size=200)] + 0.3 * rng.normal(size=(200, 16))).astype(np.float32)
    index, stated = approximate_index(user, item)
    _, found = index.search(user, 100)
    truth = np.argsort(-(user @ item.T), axis=1, kind="stable")[:, :100]
    measured = np.mean([len(set(a) & set(b)) / 100 for a, b in zip(found, truth, strict=True)])
    assert stated["recall"] >= 0.95
    assert stated["recall"] == pytest.approx(measured, abs=1e-3)
    assert index.nprobe == stated["probes"] < stated["lists"]
    assert isinstance(index, faiss.IndexIVFFlat)


def test_the_program_runs_with_torch_alone(run, exported, tmp_path):
    script = (
        "import sys, torch\n"
        "scores = torch.export.load(sys.argv[1]).module()(torch.tensor([3, 14, 15]))\n"
        "assert 'mmgraph' not in sys.modules and 'torch_geometric' not in sys.modules\n"
        "torch.save(scores, sys.argv[2])\n"
    )
    subprocess.run([sys.executable, "-c", script, exported / "scores.pt2", tmp_path / "scores.pt"], check=True)
    scores = torch.load(tmp_path / "scores.pt", weights_only=True)
    best = run.recommend(USERS, k=1, exclude=[])
    torch.testing.assert_close(scores.max(dim=1).values, best.scores[:, 0])


def test_damaged_weights_are_refused(run, tmp_path):
    folder = run.save_pretrained(tmp_path / "model")
    path = folder / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"model.safetensors is damaged"):
        mm.from_pretrained(folder).model  # noqa: B018


def test_a_folder_in_use_is_left_alone(run, exported):
    before = sorted(exported.rglob("*"))
    with pytest.raises(FileExistsError, match="is there already"):
        run.save_pretrained(exported)
    assert sorted(exported.rglob("*")) == before


@pytest.mark.parametrize("formats", [[], ["onnx"], "vectors"])
def test_formats_that_are_none_are_refused(run, tmp_path, formats):
    with pytest.raises(ValueError, match=r"formats=.*pretrained.*vectors.*index.*program"):
        run.export(tmp_path / "model", formats=formats)


def test_a_name_on_the_hub_is_fetched_without_the_other_files(exported, monkeypatch):
    import huggingface_hub

    asked = {}

    def snapshot_download(name, *, revision, allow_patterns):
        asked.update(name=name, revision=revision, patterns=allow_patterns)
        return str(exported)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)
    opened = mm.from_pretrained("somebody/lightgcn", revision="v1")
    assert opened.folder == exported
    assert (asked["name"], asked["revision"]) == ("somebody/lightgcn", "v1")
    assert not any("parquet" in pattern or pattern == "*" for pattern in asked["patterns"])


def test_a_name_that_nobody_has_is_an_error_that_says_both(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ConnectionError, match="no folder of this name, and the hub cannot be reached"):
        hub_folder("nobody/nothing", None)


def test_the_command_writes_and_lists_the_files(run, tmp_path, capsys):
    main([str(run.folder), f"out={tmp_path / 'model'}", "formats=[vectors]"])
    assert capsys.readouterr().out.split() == [
        str(tmp_path / "model" / f"{side}.parquet") for side in ("users", "items")
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["formats=[vectors]"], "out=FOLDER is missing"),
        (["oout=x"], "did you mean out"),
        (["another-run", "out=x"], "one run"),
    ],
)
def test_the_command_says_what_is_wrong(run, words, message, capsys):
    with pytest.raises(SystemExit):
        main([str(run.folder), *words])
    assert message in capsys.readouterr().err
