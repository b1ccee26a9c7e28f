import pytest
import torch
from torch_geometric.data import HeteroData

from mmgraph.loader import FullGraphLoader, SampledGraphLoader, mapped
from mmgraph.models import FISM, MFBPR, LightGCN
from mmgraph.typing import INTERACTS, REV_INTERACTS
from tests.edge_rows import as_mapped
from tests.loader.conftest import Reach, steps_of


def same_steps(found, expected):
    """Whether two epochs are equal to the bit: batches, nodes, and edges in their order."""
    assert len(found) == len(expected)
    for (graph, batch), (other, triplets) in zip(found, expected, strict=True):
        assert all(torch.equal(*pair) for pair in zip(batch[:3], triplets[:3], strict=True))
        if batch.nodes is None:
            continue
        for store, same in zip(graph.stores, other.stores, strict=True):
            assert set(store.keys()) == set(same.keys())
            assert all(torch.equal(torch.as_tensor(store[key]), torch.as_tensor(same[key])) for key in store.keys())  # noqa: SIM118
    return True


@pytest.mark.parametrize("num_negatives", [1, 3])
@pytest.mark.parametrize("block", [1, 50, 2**20])
def test_the_triplets_are_those_of_memory(large, monkeypatch, num_negatives, block):
    monkeypatch.setattr(mapped, "BLOCK_PAIRS", block)
    settings = {"batch_size": 50, "num_negatives": num_negatives}
    in_files = as_mapped(large)
    loader = FullGraphLoader(in_files, model=MFBPR(in_files), **settings)
    assert len(loader) == len(FullGraphLoader(large, **settings))
    assert repr(loader) == repr(FullGraphLoader(large, **settings))
    assert same_steps(steps_of(loader, in_files), steps_of(FullGraphLoader(large, **settings), large))


def crowded(full):
    """Five users who took all thirty items but one each, or but none in the case of ``full``."""
    user, item = torch.cartesian_prod(torch.arange(5), torch.arange(30)).T
    kept = (user != item) | (user == full)
    graph = HeteroData(user={"num_nodes": 5}, item={"num_nodes": 30})
    graph[INTERACTS].edge_index = torch.stack([user, item])[:, kept]
    graph[REV_INTERACTS].edge_index = graph[INTERACTS].edge_index.flip(0)
    return graph


def test_users_with_nearly_all_items_are_drawn_for_as_in_memory():
    graph = crowded(full=-1)
    in_files = as_mapped(graph)
    assert same_steps(steps_of(FullGraphLoader(in_files), in_files), steps_of(FullGraphLoader(graph), graph))


def test_a_user_with_all_items_is_refused_as_in_memory():
    messages = []
    for graph in (crowded(full=2), as_mapped(crowded(full=2))):
        with pytest.raises(ValueError, match="user 2 interacted with all 30 items") as error:
            FullGraphLoader(graph)
        messages.append(str(error.value))
    assert messages[0] == messages[1]


def test_an_order_of_many_interactions_is_that_of_memory():
    torch.manual_seed(0)
    order = torch.randperm(10**6)
    after = torch.rand(1)
    torch.manual_seed(0)
    assert torch.equal(torch.randperm(10**6, dtype=torch.int32).long(), order)
    assert torch.equal(torch.rand(1), after)


@pytest.mark.parametrize(("num_hops", "num_neighbors"), [(0, 1), (1, -1), (2, 3), (3, [4, 2, 1])])
def test_samples_are_those_of_memory(large, num_hops, num_neighbors):
    settings = {"batch_size": 50, "num_negatives": 2, "num_neighbors": num_neighbors}
    in_files = as_mapped(large)
    epochs = [
        steps_of(SampledGraphLoader(graph, model=Reach(graph, num_hops), **settings), graph)
        for graph in (in_files, large)
    ]
    assert same_steps(*epochs)


def test_what_would_read_all_interactions_is_refused(large):
    in_files = as_mapped(large)
    with pytest.raises(ValueError, match=r"^loader=full_graph: LightGCN reads all .* take loader=neighbor"):
        FullGraphLoader(in_files, model=LightGCN(in_files))
    with pytest.raises(ValueError, match=r"^dataset.interactions=mapped: FISM .*take dataset.interactions=memory"):
        FISM(in_files)
    with pytest.raises(ValueError, match=r"^weighted=true: .* dataset.interactions=memory"):
        FullGraphLoader(in_files, weighted=True)
