import json

import document
import pytest

MACHINE = {"cpu": "two cores", "torch": "2.13.0"}


def write(folder, name, rows, command="benchmarks/some.py", machine=MACHINE):
    found = {"title": f"All of {name}", "command": command, "machine": machine, "rows": rows}
    (folder / f"{name}.json").write_text(json.dumps(found))


def row_of(page, start):
    return next(line for line in page.splitlines() if line.startswith(f"| {start}"))


CONVS = [{"times Baby": 1.0, "layer": "LightGCN's propagation, 3 rounds", "times the floor": 2.5}]


def test_the_page_has_targets_machine_and_every_table(tmp_path):
    write(tmp_path, "convs", CONVS)
    write(tmp_path, "another", [{"model": "a", "s": 1.25}], machine={"cpu": "one core"})
    page = document.document(document.read_folder(tmp_path))
    assert "floor | at most 3 x | 2.5 x | reached | convs.json |" in row_of(page, "Propagation")
    assert "| at most 5 s | - | not measured | startup.json |" in row_of(page, "`python train.py --help`")
    assert page.count("not measured") == len(document.TARGETS) - 1
    assert row_of(page, "convs") == "| convs | two cores | 2.13.0 |"
    assert row_of(page, "another") == "| another | one core | - |"
    assert "## convs: All of convs\n\n`python benchmarks/some.py`\n\n| times Baby | layer | times the floor |" in page
    assert "## another: All of another" in page


def test_a_figure_beyond_its_limit_is_not_reached(tmp_path):
    write(tmp_path, "convs", [{**CONVS[0], "times the floor": 3.25}])
    page = document.document(document.read_folder(tmp_path))
    assert "| at most 3 x | 3.25 x | not reached | convs.json |" in row_of(page, "Propagation")


def test_files_of_one_machine_share_a_line(tmp_path):
    for name in ("a", "b"):
        write(tmp_path, name, [{"s": 1.0}])
    assert row_of(document.document(document.read_folder(tmp_path)), "a, b") == "| a, b | two cores | 2.13.0 |"


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (
            "benchmarks/epoch.py --peer /some/where/MMRec --json=/tmp/x.json",
            "benchmarks/epoch.py --peer MMRec --json=x.json",
        ),
        ("benchmarks/epoch.py data_root=/data model=vbpr", "benchmarks/epoch.py data_root=data model=vbpr"),
        ("benchmarks/epoch.py --json out/x.json loss.x=1/2", "benchmarks/epoch.py --json out/x.json loss.x=1/2"),
    ],
)
def test_commands_name_no_place_on_this_machine(command, shown):
    assert document.portable(command) == shown


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "must be JSON"),
        ("[]", "must be an object with 'title', str"),
        ('{"title": "t", "command": "c", "rows": [{}]}', "must be an object with 'machine', dict"),
        ('{"title": "t", "command": "c", "machine": {}, "rows": []}', "'rows' must be one object or more"),
        ('{"title": "t", "command": "c", "machine": {}, "rows": [{"a": 1}, {"b": 1}]}', "all with the same keys"),
        ('{"title": "t", "command": "c", "machine": {}, "rows": [1]}', "'rows' must be one object or more"),
    ],
)
def test_a_malformed_file_is_named_with_the_rule_and_what_to_do(tmp_path, text, message):
    (tmp_path / "bad.json").write_text(text)
    with pytest.raises(ValueError, match=message) as raised:
        document.read_folder(tmp_path)
    assert "bad.json" in str(raised.value)
    assert "run the benchmark again with --json" in str(raised.value)


def test_a_report_without_what_a_target_needs_is_named(tmp_path):
    write(tmp_path, "epoch-baby", [{"model": "lightgcn", "dataset": "baby", "peer / ours, s/epoch": None}])
    with pytest.raises(
        ValueError, match=r"epoch-baby\.json: column 'peer / ours, s/epoch' must hold a number .*README"
    ):
        document.document(document.read_folder(tmp_path))


def test_the_command_ends_with_the_message_alone(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["document.py", str(tmp_path)])
    with pytest.raises(SystemExit, match=r"must hold the JSON files of benchmarks, found none; run them with --json"):
        document.main()
    write(tmp_path, "convs", CONVS)
    document.main()
    assert capsys.readouterr().out.startswith("# Benchmarks\n")
