import pytest

from mmgraph.evidence.reproduce import catalogue

SMALL = ["dataset.num_users=60", "dataset.num_items=50", "dataset.num_topics=4", "trainer.accelerator=cpu"]
TINY = """
title: Tiny & small
source: nowhere, Table 0
datasets: {synthetic: Planted, baby: Baby}
columns: {recall@20: R@20, ndcg@20: N@20}
figure: bars
rows:
  - label: MF
    words: [model=mf_bpr, model.emb_dim=4]
    published: {synthetic: [0.5, 0.25]}
  - label: w/o image
    words: [model=vbpr, model.emb_dim=4]
    without: image
  - label: w/o audio
    words: [model=vbpr]
    without: audio
  - label: Oracle
    why_not: its code was never published
"""


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """An item of two rows that can be run and two that cannot, one of its first row; the folder of what is written."""
    folder = tmp_path / "rednd"
    folder.mkdir()
    (folder / "tiny.yaml").write_text(TINY)
    (folder / "one.yaml").write_text(TINY[: TINY.index("  - label: w/o image")])
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path
