from mmgraph.cli.explain import _explain_key
from mmgraph.config.compose import compose_config


def test_taking_away_what_is_null_is_told_so():
    message = _explain_key("dataset.modalities", compose_config(["dataset=synthetic"]))
    assert message.startswith("dataset.modalities is null, so there is nothing to take away: leave ~dataset.modalities")


def test_a_mapping_keeps_its_keys():
    assert "trainer.optimizer is a mapping" in _explain_key("trainer.optimizer", compose_config())
