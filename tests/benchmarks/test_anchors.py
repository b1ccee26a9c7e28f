import json

import anchors
import pytest

from tests.conftest import run_report


def save(folder, name, recall, *, number, seed, weight=1e-3, model="rednd"):
    config = {
        "seed": seed,
        "trainer": {},
        "dataset": {},
        "loss": {"terms": {"align": {"anchors": number, "weight": weight}}},
    }
    run_report(model=model, seed=seed, config=config, val={"recall@20": recall}).save(folder / name / "report.json")


def compared(folder, monkeypatch):
    monkeypatch.setattr("sys.argv", ["anchors.py", str(folder), "--json", str(folder / "anchors.json")])
    anchors.main()
    return json.loads((folder / "anchors.json").read_text())["rows"]


def test_runs_alike_but_for_anchors_and_seed_are_compared(tmp_path, monkeypatch):
    for seed, (full, sampled) in enumerate([(0.40, 0.38), (0.42, 0.40), (0.44, 0.42)]):
        save(tmp_path, f"all-{seed}", full, number="all", seed=seed)
        save(tmp_path, f"512-{seed}", sampled, number=512, seed=seed)
        save(tmp_path, f"other-{seed}", 0.9, number=512, seed=seed, weight=1.0)
        save(tmp_path, f"model-{seed}", 0.9, number=512, seed=seed, model="lgmrec")
    save(tmp_path, "single", 0.1, number=64, seed=0)
    sampled, full = compared(tmp_path, monkeypatch)
    assert (full["anchors"], full["seeds"], full["standard errors below all"]) == ("all", 3, None)
    assert (sampled["anchors"], sampled["seeds"]) == ("512", 3)
    assert full["val recall@20"] == pytest.approx(0.42)
    assert sampled["deviation"] == pytest.approx(0.02)
    # 0.02 below, and each mean has an error of 0.02 / sqrt(3)
    assert sampled["standard errors below all"] == pytest.approx(1.5**0.5)


def test_nothing_to_compare_is_an_error(tmp_path, monkeypatch):
    for seed in range(2):
        save(tmp_path, f"512-{seed}", 0.4 + seed / 100, number=512, seed=seed)
    save(tmp_path, "all", 0.4, number="all", seed=0)
    with pytest.raises(SystemExit, match="must hold RedND runs of two seeds or more with all anchors"):
        compared(tmp_path, monkeypatch)
