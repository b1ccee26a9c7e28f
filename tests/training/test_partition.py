"""Processes that divide the graph learn what one learns, each in its share of the memory."""

import shutil
from functools import cache

import pytest
import torch

from tests.training.launched import found_by
from tests.training.partitioned_processes import EPOCHS, SETTINGS, outcome
from tests.training.test_shards import equal

USERS, ITEMS, DIM = 61, 51, 64
KINDS = {"lightgcn": "", "sampled": ", sampled"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("partition")


@pytest.fixture(scope="module")
def two(folder):
    """What each of two processes found; the run ``cut off`` has half of its epochs."""
    return found_by("tests.training.partitioned_processes", 2, folder, "train")


@cache
def of_one(name):
    """What one process finds."""
    return outcome(*SETTINGS[name])


@pytest.fixture(scope="module")
def alone():
    """One process's LightGCN, all epochs of it."""
    return of_one("lightgcn")


@pytest.fixture(scope="module")
def four(folder, two):
    """Four processes go on with the runs that two began, and with one that a process alone began."""
    for ends in KINDS.values():
        shutil.copytree(folder / f"cut off{ends}", folder / f"of two{ends}")
    outcome(*SETTINGS["sampled"], epochs=2, run_dir=folder / "of one, sampled")
    return found_by(
        "tests.training.partitioned_processes", 4, folder, "go_on", "of two", "of two, sampled", "of one, sampled"
    )


@pytest.mark.parametrize("name", SETTINGS)
def test_losses_are_those_of_one_process_and_fall(name, two):
    expected = of_one(name)
    for found in two:
        equal(found[name], expected)
        assert found[name]["test"] == pytest.approx(expected["test"], rel=1e-5)
        assert torch.equal(found[name]["users"], expected["users"])
    falls = two[0][name]["history"]
    assert falls[-1]["loss/bpr"] < falls[0]["loss/bpr"]


@pytest.mark.parametrize("name", SETTINGS)
def test_each_process_ends_with_its_own_rows_of_tables(name, two):
    for table, whole in of_one(name)["weights"].items():
        parts = [found[name]["weights"][table] for found in two]
        if len(whole) not in (USERS, ITEMS):
            for part in parts:
                torch.testing.assert_close(part, whole, rtol=1e-4, atol=1e-5)
            continue
        assert [len(part) for part in parts] == [-(-len(whole) // 2), len(whole) // 2]
        torch.testing.assert_close(torch.cat(parts), whole, rtol=1e-4, atol=5e-5 if "sampled" in name else 1e-5)


def test_each_process_holds_its_share(two, four, alone):
    whole = alone["bytes"][0]
    assert whole == 4 * 4 * DIM * (USERS + ITEMS)  # parameters, gradients, two moments
    for processes, name in ((two, "lightgcn"), (four, "of two")):
        for found in processes:
            assert max(found[name]["bytes"]) <= whole / len(processes) * 1.1


@pytest.mark.parametrize(("name", "layers"), [("mf_bpr", 0), ("lightgcn", 3), ("four layers, clipped", 4)])
def test_what_is_received_in_a_step_is_what_the_formula_says(name, layers, two):
    """Of each round, forth and back, the others' rows; and a batch's rows of the final vectors and of layer 0."""
    for rank, found in enumerate(two):
        others = USERS + ITEMS - sum(count // 2 + (count % 2 if rank == 0 else 0) for count in (USERS, ITEMS))
        received = found[name]["received"]
        views = 1 if layers == 0 else 2  # MF-BPR's final vectors are layer 0
        assert received.get("blocks", 0) == 2 * layers * 4 * DIM * others
        assert received["rows"] == views * 2 * 4 * DIM * received["nodes"] // 2


def test_no_gradient_of_all_rows_is_made_in_a_sampled_step(two, four):
    values_and_moments = 3 * 4 * DIM * (USERS + ITEMS)
    for processes, name in ((two, "sampled"), (four, "of two, sampled")):
        for found in processes:
            assert max(found[name]["bytes"]) <= values_and_moments / len(processes) * 1.1


def test_what_is_received_in_a_sampled_step_is_what_the_formula_says(two):
    """With all neighbours, of each node of others its number twice, what is said of it, and its row there and back."""
    found = [processes["sampled"]["received"] for processes in two]
    for received in found:
        assert received["rows"] == 2 * 2 * 4 * DIM * received["nodes"] // 2
        assert received["tables"] == 4 * DIM * received["others"]
        assert received["attributes"] == 4 * received["others"]
        per_edge = received["neighbours"] - 8 * received["edges of others"]
        assert 0 < per_edge <= 2 * 8 * received["others"]
    one, other = found
    assert one["tables, back"] == other["tables"]
    assert other["tables, back"] == one["tables"]
    assert one["asked"] <= 2 * 8 * other["others"] + 8 * 2 * 4  # two kinds of nodes, three hops and the look-ups


@pytest.mark.parametrize("name", KINDS)
def test_any_number_of_processes_goes_on_with_a_run(name, folder, two, four):
    ends = KINDS[name]
    alone = of_one(name)
    shutil.copytree(folder / f"cut off{ends}", folder / f"alone{ends}")
    assert two[0][f"cut off{ends}"]["history"] == two[0][name]["history"][:2]
    equal(outcome(*SETTINGS[name], run_dir=folder / f"alone{ends}"), alone)
    for found in four:
        equal(found[f"of two{ends}"], alone)
        equal(found.get(f"of one{ends}", alone), alone)
    assert [path.name for path in (folder / f"of two{ends}").glob("shards*")] == [f"shards-{EPOCHS}"]


def test_nothing_works_for_the_group_once_it_is_given_up(two, four):
    assert [found["threads"] for found in [*two, *four]] == [[]] * 6
