import pytest

from mmgraph.config.compose import compose_config
from mmgraph.config.hydra_node import _check_value


@pytest.mark.parametrize("value", ["${graph.x}", '${oc.create:"{_target_: os.system}"}', '${oc.create:"}-${"}'])
def test_a_value_that_could_become_a_target_is_refused(value):
    with pytest.raises(ValueError, match="could become anything that runs"):
        _check_value("hydra.sweeper.study_name", value)


@pytest.mark.parametrize("value", ["x", "${hydra.sweep.dir}", "${hydra.runtime.choices.model}-${now:a}", "a ${b}"])
def test_text_stays_text(value):
    _check_value("hydra.sweeper.study_name", value)


@pytest.mark.parametrize(
    "word", ["+hydra.callbacks.x._target_=os.system", "+hydra.callbacks.x={_target_: pathlib.Path, _args_: [x]}"]
)
def test_callbacks_of_a_stranger_are_refused(word):
    with pytest.raises(ValueError, match=r"hydra\.callbacks\.x"):
        compose_config([word])
