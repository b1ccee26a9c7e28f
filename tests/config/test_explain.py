from mmgraph.config.compose import compose_config
from mmgraph.config.explain import _explain_key, _without


def test_taking_away_what_is_null_is_told_so():
    message = _explain_key("dataset.modalities", compose_config(["dataset=synthetic"]))
    assert message.startswith("dataset.modalities is null, so there is nothing to take away: leave ~dataset.modalities")


def test_a_mapping_keeps_its_keys():
    assert "trainer.optimizer is a mapping" in _explain_key("trainer.optimizer", compose_config())


def test_a_second_mistake_leaves_the_groups_that_were_chosen():
    cfg = _without("dataset.scale", ["dataset=folder", "dataset.root=x", "dataset.name=7", "dataset.scale=2"])
    assert "columns" in cfg.dataset
    assert "There is no 'scale' in dataset" in _explain_key("dataset.scale", cfg)
