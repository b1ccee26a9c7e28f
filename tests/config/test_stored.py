import pytest

from mmgraph.config.settings import SECTIONS
from mmgraph.config.stored import read_config

EMPTY = "overrides: []\n" + "".join(f"{name}: {{}}\n" for name in SECTIONS if name not in ("dataset", "trainer"))


def stored(tmp_path, content):
    path = tmp_path / "config.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_values_come_back_as_they_were_written(tmp_path):
    content = "seed: 3\ntrainer: {lr: 1e-3, ks: [5, 10]}\ndataset: {name: größe, nothing: null}\n"
    cfg = read_config(stored(tmp_path, EMPTY + content))
    assert cfg.seed == 3
    assert cfg.trainer == {"lr": 0.001, "ks": [5, 10]}
    assert cfg.dataset == {"name": "größe", "nothing": None}


def test_the_cache_of_a_strangers_folder_is_not_used(tmp_path):
    cfg = read_config(
        stored(tmp_path, f"{EMPTY}seed: 0\ntrainer: {{}}\ndataset: {{root: /data/x, cache_dir: /etc/cron.d}}")
    )
    assert cfg.dataset == {"root": "/data/x", "cache_dir": None}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("a: 1\nb: ${oc.env:HOME}", ":2: holds an interpolation"),
        ("a:\n  - [{c: '\\${oc.create:x}'}]", ":2: holds an interpolation"),
        ("a: 1\n${a}: 2", ":2: holds an interpolation"),
        ('a: "$\\x7Boc.env:HOME}"', ":1: holds an interpolation"),
        ("a: &all [1]\nb: *all", ":1: uses a YAML anchor or alias"),
        ("a: !!python/object/apply:os.system [x]", ":1: uses the YAML tag"),
        ("a: 1\nb: {c: [1,", ":2: is no valid YAML"),
        ("a: 1\na: 2", ":2: is no valid YAML: found duplicate key a"),
        ("a: " + "9" * 5000, "is no valid YAML: Exceeds the limit"),
        ("null: 1", "is no valid YAML"),
        (b"a: \x00", "is no valid YAML"),
        (b"a: \xff", "is no UTF-8 text: byte 3 is 0xff"),
        ("- a", "holds a list where settings"),
        ("[" * 200, ":1: is nested more than 32 deep"),
        ("a" * 300_000, "is larger than the configuration of a run can be, 256 KiB"),
    ],
)
def test_whatever_a_run_does_not_write_is_refused_with_its_line(tmp_path, content, told):
    path = stored(tmp_path, content)
    with pytest.raises(ValueError, match="not a configuration that a run left") as caught:
        read_config(path)
    assert str(caught.value).startswith(str(path))
    assert told in str(caught.value)


def test_the_value_of_a_variable_never_lands_in_a_message(tmp_path, monkeypatch):
    monkeypatch.setenv("TOKEN", "s3cret")
    with pytest.raises(ValueError, match="holds an interpolation") as caught:
        read_config(stored(tmp_path, "model: {emb_dim: '${oc.env:TOKEN}'}"))
    assert "s3cret" not in str(caught.value)


def test_an_alias_bomb_is_refused_before_it_grows(tmp_path):
    lines = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 60)]
    with pytest.raises(ValueError, match=":1: uses a YAML anchor or alias"):
        read_config(stored(tmp_path, "\n".join(lines)))


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"config\.yaml is not there"):
        read_config(tmp_path / "config.yaml")


@pytest.mark.parametrize("words", ["null", "1", "{a: 1}", "[{a: 1}]", "[1]"])
def test_words_that_no_command_line_had(tmp_path, words):
    lines = [f"{name}: {{}}" for name in SECTIONS]
    path = stored(tmp_path, "\n".join([*lines, "seed: 0", f"overrides: {words}"]))
    with pytest.raises(ValueError, match="must hold the words that the run was started with"):
        read_config(path)
