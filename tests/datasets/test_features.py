import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mmgraph.datasets.features import Modality, count_rows, find_modalities, read_modality, take_rows
from mmgraph.datasets.scaling import prepare, scale_rows, scaling_steps

# Without numbers so small that float32 has but a few digits of them.
matrices = hnp.arrays(
    np.float32,
    st.tuples(st.integers(2, 9), st.integers(1, 5)),
    elements=st.floats(-1000, 1000, width=32, allow_subnormal=False),
)


def read(folder):
    return read_modality(folder, "text")


def save(tmp_path, array, name="text"):
    np.save(tmp_path / f"{name}_feat.npy", array)
    return tmp_path


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int32, np.uint8, ">f4"])
def test_any_real_dtype_becomes_float32(tmp_path, dtype):
    x, has = read(save(tmp_path, np.arange(6).reshape(3, 2).astype(dtype)))
    assert x.dtype == np.float32
    assert x.dtype.isnative
    assert x.tolist() == [[0, 1], [2, 3], [4, 5]]
    assert has is None


def test_column_order_on_disk_does_not_matter(tmp_path):
    x, _ = read(save(tmp_path, np.asfortranarray(np.arange(6.0).reshape(3, 2))))
    assert x.flags.c_contiguous
    assert x.tolist() == [[0, 1], [2, 3], [4, 5]]


def test_nan_rows_and_masks_mark_items_without_the_modality(tmp_path):
    array = np.array([[1, 2], [np.nan, np.nan], [np.inf, 0], [3, 4]])
    np.save(tmp_path / "text_mask.npy", np.array([True, True, False, True]))
    _, has = read(save(tmp_path, array))
    assert has.tolist() == [True, False, False, True]


@pytest.mark.parametrize(("value", "text"), [(np.nan, "nan"), (np.inf, "inf"), (-np.inf, "-inf"), (1e300, "inf")])
def test_scattered_values_that_are_not_finite(tmp_path, value, text):
    array = np.ones((4, 3))
    array[2, 1] = value
    with pytest.raises(ValueError, match=f"text_feat.npy: row 2, column 1 is {text} as float32"):
        read(save(tmp_path, array))


def test_rows_are_counted_without_reading_them(tmp_path):
    save(tmp_path, np.ones((4, 2)), "image")
    assert count_rows(save(tmp_path, np.ones((3, 2))), ["text", "image"]) == {"text": 3, "image": 4}


def test_rows_are_taken_in_place(tmp_path):
    x = np.arange(10, dtype=np.float32).reshape(5, 2)
    taken = take_rows(Modality(x, np.array([True, False, True, True, False])), np.array([1, 2, 4]))
    assert taken.x.tolist() == [[2, 3], [4, 5], [8, 9]]
    assert taken.has.tolist() == [False, True, False]
    assert np.shares_memory(taken.x, x)


def test_zero_rows_are_probably_missing(tmp_path):
    x = np.ones((5, 3))
    x[[2, 4]] = 0
    with pytest.warns(
        UserWarning, match=r"text_feat.npy: 2 of 5 rows are all zero \(the first is row 2\).*text_mask.npy"
    ):
        read(save(tmp_path, x))
    np.save(tmp_path / "text_mask.npy", np.load(tmp_path / "text_feat.npy").any(axis=1))  # as the message says
    assert read(tmp_path).has.tolist() == [True, True, False, True, False]


@pytest.mark.parametrize("array", [np.ones(4), np.ones((4, 2, 2)), np.ones((4, 2), bool), np.ones((4, 2), complex)])
def test_only_real_matrices(tmp_path, array):
    with pytest.raises(ValueError, match=r"text_feat.npy: must be a matrix of real numbers, found \w+ of shape"):
        read(save(tmp_path, array))


@pytest.mark.parametrize("mask", [np.ones(4), np.ones((4, 1), bool), np.ones(3, bool)])
def test_a_mask_is_a_boolean_vector_of_the_items(tmp_path, mask):
    np.save(tmp_path / "text_mask.npy", mask)
    with pytest.raises(ValueError, match=r"text_mask\.npy: "):
        read(save(tmp_path, np.ones((4, 2))))


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("unpickled",))


def test_never_unpickles(tmp_path):
    array = np.empty((4, 1), dtype=object)
    array[:] = Bomb()
    with pytest.raises(ValueError, match=r"text_feat.npy: cannot be read as a plain .npy array.*never\s+unpickled"):
        read(save(tmp_path, array))
    array.dump(tmp_path / "text_feat.npy")
    with pytest.raises(ValueError, match=r"text_feat\.npy: cannot be read as a plain"):
        read(tmp_path)


@pytest.mark.parametrize("kept", [0, 5, 40, 128, 140, -1])
def test_a_file_that_is_cut_off(tmp_path, kept):
    path = save(tmp_path, np.ones((4, 8))) / "text_feat.npy"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ValueError, match=r"text_feat\.npy: cannot be read as a plain .* It is cut off"):
        read(tmp_path)


def test_an_archive_is_no_array(tmp_path):
    with (tmp_path / "text_feat.npy").open("wb") as file:
        np.savez(file, x=np.ones((4, 2)))
    with pytest.raises(ValueError, match=r"must be one .npy array, found an archive of \['x'\]"):
        read(tmp_path)


@given(matrices)
def test_l2(x):
    scaled = prepare(Modality(x.copy(), None), steps=["l2"], missing="mean").x
    expected = [row / n if (n := np.linalg.norm(row)) > 0 else row for row in x.astype(np.float64)]
    np.testing.assert_allclose(scaled, expected, atol=1e-6)


@given(matrices)
def test_standardize(x):
    scaled = prepare(Modality(x.copy(), None), steps=["standardize"], missing="mean").x
    exact = x.astype(np.float64)
    constant = np.ptp(x, axis=0) == 0
    assert (scaled[:, constant] == 0).all()
    wide = exact.std(axis=0) > 0.1  # below that float32 has few digits left
    expected = (exact - exact.mean(axis=0))[:, wide] / exact.std(axis=0)[wide]
    np.testing.assert_allclose(scaled[:, wide], expected, atol=2e-3)


def test_scalings_are_applied_in_order():
    x = np.array([[1, 10], [3, 30]], dtype=np.float32)
    scaled = prepare(Modality(x.copy(), None), steps=["standardize", "l2"], missing="mean").x
    np.testing.assert_allclose(scaled, np.array([[-1, -1], [1, 1]]) / np.sqrt(2), rtol=1e-6)


@given(matrices, st.data())
def test_missing_rows_change_nothing_for_the_others(x, data):
    has = data.draw(hnp.arrays(bool, len(x)).filter(lambda h: h.any() and not h.all()))
    poisoned = np.where(has[:, None], x, np.float32(np.nan))
    for step in ("raw", "l2", "standardize"):
        alone = prepare(Modality(x[has], None), steps=[step], missing="zero").x
        mean = prepare(Modality(poisoned.copy(), has), steps=[step], missing="mean")
        zero = prepare(Modality(poisoned.copy(), has), steps=[step], missing="zero")
        np.testing.assert_array_equal(mean.x[has], alone)
        np.testing.assert_array_equal(zero.x[has], alone)
        assert (zero.x[~has] == 0).all()
        expected = np.broadcast_to(alone.astype(np.float64).mean(axis=0), mean.x[~has].shape)
        np.testing.assert_allclose(mean.x[~has], expected, rtol=1e-5, atol=1e-5)
        np.testing.assert_array_equal(mean.has, has)


@given(matrices, st.lists(st.sampled_from(["raw", "l2", "standardize"]), max_size=3))
def test_a_row_that_comes_later_is_scaled_as_it_was_among_the_first(x, steps):
    first = prepare(Modality(x.copy(), None), steps=steps, missing="mean")
    np.testing.assert_array_equal(scale_rows(x, first.scaling), first.x)


@pytest.mark.parametrize("missing", ["mean", "zero"])
def test_a_later_item_without_the_modality_gets_what_the_first_ones_got(missing):
    x = np.array([[1, 2], [3, 8], [np.nan, np.nan]], dtype=np.float32)
    first = prepare(Modality(x.copy(), np.array([True, True, False])), steps=["standardize"], missing=missing)
    later = scale_rows(np.array([[np.nan, np.nan], [2, 5]], dtype=np.float32), first.scaling)
    np.testing.assert_array_equal(later[0], first.x[2])
    np.testing.assert_array_equal(later[1], [0, 0])


def test_find_modalities(tmp_path):
    for name in ("text", "image", "brain_waves"):
        save(tmp_path, np.ones((2, 2)), name)
    assert find_modalities(tmp_path) == ["brain_waves", "image", "text"]
    assert find_modalities(tmp_path, ["text", "image"]) == ["text", "image"]
    assert find_modalities(tmp_path, []) == []
    with pytest.raises(ValueError, match=r"modalities: unknown \['txt'\].*\['brain_waves', 'image', 'text'\]"):
        find_modalities(tmp_path, ["txt"])


def test_scaling_steps():
    found = ["audio", "text"]
    assert scaling_steps("l2", found) == {"audio": ["l2"], "text": ["l2"]}
    assert scaling_steps({"text": "standardize"}, found) == {"audio": ["raw"], "text": ["standardize"]}
    with pytest.raises(ValueError, match=r"features.audio: unknown scaling \['L2'\]; must be of \['raw', 'l2'"):
        scaling_steps("L2", found)
    with pytest.raises(ValueError, match=r"features: unknown modality \['image'\]; the folder has \['audio', 'text'\]"):
        scaling_steps({"image": "l2"}, found)
