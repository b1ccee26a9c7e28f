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
    ("word", "message"),
    [
        ("+hydra.job_logging.handlers.x={class: subprocess.Popen}", "may name classes of logging and colorlog only"),
        ("+hydra.job_logging.handlers.x={class: logging.FileHandler, filename: /x}", "could overwrite any file"),
        ("+hydra.hydra_logging.handlers.x={class: logging.handlers.SMTPHandler}", "may name classes of logging"),
        ("+hydra.job_logging.handlers=${graph}", "could become anything that runs"),
        ("+hydra.job.env_set.PATH=/x", "variables decide which programs are run"),
        ("hydra.job.env_set=${graph}", "variables decide which programs are run"),
        ("hydra.launcher._target_=os.system", r"hydra\.launcher\._target_='os\.system' is not allowed"),
        ("hydra.sweeper._target_=subprocess.Popen", r"hydra\.sweeper\._target_=.* is not allowed"),
    ],
)
def test_what_would_call_or_overwrite_is_refused(word, message):
    with pytest.raises(ValueError, match=message):
        compose_config([word])


def test_hydras_own_log_file_may_be_written():
    compose_config(["hydra/job_logging=default"])


@pytest.mark.parametrize(
    "word", ["+hydra.callbacks.x._target_=os.system", "+hydra.callbacks.x={_target_: pathlib.Path, _args_: [x]}"]
)
def test_callbacks_of_a_stranger_are_refused(word):
    with pytest.raises(ValueError, match=r"hydra\.callbacks\.x"):
        compose_config([word])
