"""Which errors are told in a sentence, and in which."""

import warnings

import pytest
import torch
from hydra.errors import MissingConfigException

from mmgraph.cli.errors import error_message, friendly_errors


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.\nGPU 0 has ..."),
        RuntimeError("[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory"),
        RuntimeError("MPS backend out of memory"),
        RuntimeError("std::bad_alloc"),
        MemoryError(),
    ],
)
def test_no_memory_names_what_to_make_smaller(error):
    message = error_message(error, [])
    assert message.startswith("not enough memory (")
    assert "\n" not in message
    for name in ("loader.batch_size", "evaluator.chunk_size", "loader=neighbor", "model.emb_dim"):
        assert name in message


@pytest.mark.parametrize(
    ("name", "extra"),
    [("joblib", "sweeps"), ("ray", "ray"), ("submitit_slurm", "submitit")],
)
def test_a_launcher_that_is_not_installed_names_its_extra(name, extra):
    missing = f"hydra/launcher/{name}"
    message = error_message(MissingConfigException(f"In 'train': Could not find '{missing}'", missing), [])
    assert message == f'{name} is not installed: pip install -e ".[{extra}]"'


@pytest.mark.parametrize(("name", "extra"), [("joblib.x", "sweeps"), ("optuna.storages.journal", "optuna")])
def test_a_module_that_is_not_installed_names_its_extra(name, extra):
    error = ModuleNotFoundError(f"No module named {name!r}", name=name)
    assert error_message(error, []) == f'{name} is not installed: pip install -e ".[{extra}]"'
    other = ModuleNotFoundError("No module named 'elsewhere'", name="elsewhere")
    assert error_message(other, []) == "No module named 'elsewhere'"


def test_a_fault_of_the_program_keeps_its_traceback():
    assert error_message(RuntimeError("shapes do not match"), []) is None


def test_a_warning_is_one_line_without_the_place_in_the_code(capsys):
    before = warnings.showwarning
    with friendly_errors([]), warnings.catch_warnings():
        warnings.simplefilter("default")
        warnings.warn("first\n  second \x1b[31m", stacklevel=1)
    assert capsys.readouterr().err == "Warning: first second \\x1b[31m\n"
    assert warnings.showwarning is before
