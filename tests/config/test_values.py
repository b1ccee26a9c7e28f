import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from omegaconf import OmegaConf

from mmgraph.config.compose import compose_config
from mmgraph.config.values import setting

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    SCALARS | TEXT.filter(lambda text: "${" not in text),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(value=VALUES)
def test_a_value_is_read_back_as_it_was(value):
    from hydra.core.override_parser.overrides_parser import OverridesParser

    override = OverridesParser.create().parse_override("+" + setting("model.x", value))
    assert OmegaConf.create({"x": override.value()}).x == OmegaConf.create({"x": value}).x


@pytest.mark.parametrize("value", ["null", "1", "true", "a b", "x=y", "[x]", 'say "so"', "\\", "größe", "~", ","])
def test_text_stays_text(value):
    assert (
        compose_config(["dataset=folder", "dataset.root=x", setting("dataset.source", value)]).dataset.source == value
    )


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (np.int64(3), "3"),
        (np.float64(0.001), "0.001"),
        (np.bool_(True), "true"),
        (np.array([5, 20]), "[5,20]"),
        (torch.tensor(0.5), "0.5"),
        ((5, 20), "[5,20]"),
    ],
)
def test_numbers_of_numpy_and_torch_are_numbers(value, written):
    assert setting("model.x", value) == f"model.x={written}"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (float("nan"), "model.x=nan: every number of a configuration must be finite"),
        ("${seed}", "would be replaced by something else"),
        (object, "a configuration holds numbers, text"),
        (b"x", "mappings, no bytes"),
        (np.array([np.nan]), "must be finite"),
        ({"a b": 1}, "model.x: 'a b' is no name"),
        ({"null": 1}, "model.x: 'null' is no name"),
    ],
)
def test_values_that_no_configuration_can_hold(value, message):
    with pytest.raises(ValueError, match=message.replace("$", r"\$").replace("{", r"\{")):
        setting("model.x", value)
