import pytest
import results

from tests.conftest import run_report

MIB = 2**20


def save(folder, *, seed, recall, device="cpu", weight=1.0):
    overrides = ["model=mf_bpr", f"seed={seed}", f"loss.weight={weight}"]
    config = {"seed": seed, "overrides": overrides, "loss": {"weight": weight}, "trainer": {}, "dataset": {}}
    config["evaluator"] = {"seed": seed}
    folder.mkdir(parents=True)
    run_report(
        seed=seed,
        config=config,
        val={"recall@20": recall},
        test={"recall@20": recall / 2, "ndcg@20": recall / 4},
        history=[{"epoch": 0, "seconds": 2.0, "evaluation_seconds": 1.0}],
        device=device,
        peak_memory_bytes={"cpu": 500 * MIB} | ({"cuda": 7 * MIB} if device.startswith("cuda") else {}),
    ).save(folder / "report.json")


def rows(monkeypatch, capsys, *folders):
    monkeypatch.setattr("sys.argv", ["results.py", *map(str, folders)])
    results.main()
    lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("| --")]
    names, *found = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| "))
    return [dict(zip(names, row, strict=True)) for row in found]


def test_seeds_share_a_row_settings_and_devices_do_not(tmp_path, monkeypatch, capsys):
    save(tmp_path / "a", seed=0, recall=0.4)
    save(tmp_path / "deep" / "b", seed=1, recall=0.6, weight=1)
    save(tmp_path / "c", seed=0, recall=0.7, weight=2.0)
    save(tmp_path / "d", seed=0, recall=0.8, device="cuda:0")
    both, other, on_a_gpu = sorted(rows(monkeypatch, capsys, tmp_path), key=lambda row: row["val recall@20"])
    assert (both["seeds"], both["val recall@20"], both["test recall@20"]) == (
        "0, 1",
        "0.5000 ± 0.1414",
        "0.2500 ± 0.0707",
    )
    assert (both["words"], both["device"], both["s/epoch"], both["MiB"]) == ("loss.weight=1.0", "cpu", "2.00", "500")
    assert (other["val recall@20"], other["words"]) == ("0.7000", "loss.weight=2.0")
    assert (on_a_gpu["device"], on_a_gpu["MiB"]) == ("cuda", "7")


def test_the_process_stands_in_where_a_device_tells_no_memory(tmp_path, monkeypatch, capsys):
    save(tmp_path / "a", seed=0, recall=0.4, device="mps:0")
    (row,) = rows(monkeypatch, capsys, tmp_path)
    assert (row["device"], row["MiB"]) == ("mps", "500")


def test_a_folder_without_reports_is_told(tmp_path, monkeypatch, capsys):
    with pytest.raises(SystemExit, match=r"no report\.json below"):
        rows(monkeypatch, capsys, tmp_path)
