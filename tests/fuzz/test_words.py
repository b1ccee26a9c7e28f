"""Words of the command line, right and wrong: what they describe is built, or a sentence says why not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from omegaconf import DictConfig, OmegaConf

from mmgraph.cli.train import main
from mmgraph.config.compose import compose_config, conf_dir
from mmgraph.pipeline import run as running
from mmgraph.pipeline.parts import build
from tests.fuzz.conftest import BOUNDED, ODD, told

SMALL = ["dataset.num_users=40", "dataset.num_items=30", "dataset.num_topics=4", "trainer.accelerator=cpu"]
GROUPS = {path.name: sorted(p.stem for p in path.glob("*.yaml")) for path in conf_dir().iterdir() if path.is_dir()}
OPTIONS = [f"{group}={name}" for group, names in GROUPS.items() for name in names if group != "experiment"]
SPELLINGS = r"""
0 -1 1 3 1e-3 10**9 99999999999999999999 0x10 nan inf 1e400 true false null ???
[10] [a,b] [] {} {a:1} [ ] { a=b 1,2 range(3) choice(1) ${seed} ${oc.env:HOME} \${seed}
abc ' ~ " @ , ü [x] ../x / mmgraph.models.RedND os.system
"""
VALUES = ["", "'x y'", "{a: 1}", "\t", *SPELLINGS.split()]


def keys_of(node, prefix=""):
    """Every key of a configuration, dotted."""
    for key, value in node.items():
        yield f"{prefix}{key}"
        if isinstance(value, dict):
            yield from keys_of(value, f"{prefix}{key}.")


KEYS = sorted(keys_of(OmegaConf.to_container(compose_config([]))))
TEXT = st.text(max_size=8).filter(lambda text: "\x00" not in text)
VALUE = st.one_of(st.sampled_from(VALUES), st.sampled_from([piece.decode("latin-1") for piece in ODD]), TEXT)
KEY = st.one_of(st.sampled_from(KEYS), st.sampled_from(["lr", "hydra.run.dir", "emb_dim", "modle", "model_name"]), TEXT)
ASSIGNED = st.builds("{}{}={}".format, st.sampled_from(["", "", "", "+", "++"]), KEY, VALUE)
DELETED = st.builds("~{}".format, KEY)
WORD = st.one_of(
    ASSIGNED,
    ASSIGNED,
    DELETED,
    st.sampled_from(OPTIONS),
    st.builds("{}={}".format, st.sampled_from(list(GROUPS)), VALUE),
    TEXT,
)
DANGEROUS = ("-m", "--multirun", "resume=", "hydra.")


@pytest.fixture(autouse=True)
def _built_only(monkeypatch, tmp_path):
    """Builds every part and stops there: training would only take time."""

    def build_only(cfg: DictConfig, run_dir, **_):
        build(cfg)
        raise ValueError("built, and that is as far as this test goes: trainer")

    monkeypatch.setattr(running, "train", build_only)
    monkeypatch.chdir(tmp_path)


@pytest.mark.filterwarnings("ignore")
@BOUNDED
@given(words=st.lists(WORD, min_size=1, max_size=2))
def test_words(words, capsys, tmp_path):
    if any(word.startswith(DANGEROUS) for word in words):
        return
    told(main, ["model=mf_bpr", *SMALL, *words, f"hydra.run.dir={tmp_path / 'run'}"], capsys)
