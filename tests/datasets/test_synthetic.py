import numpy as np
import pytest
import torch
import torch.nn.functional as F

from mmgraph.datasets import Synthetic
from mmgraph.typing import INTERACTS


@pytest.fixture(scope="module")
def dataset():
    return Synthetic()


def recall(scores, data, k=20):
    """Recall of the test items among the k best that are not in train, averaged over users."""
    test = torch.zeros_like(scores).index_put_(tuple(data[INTERACTS].test_edge_label_index), torch.tensor(1.0))
    top = scores.index_put(tuple(data[INTERACTS].edge_index), torch.tensor(-torch.inf)).topk(k).indices
    return (test.gather(1, top).sum(1) / test.sum(1)).nanmean().item()


def history(data):
    zeros = torch.zeros(data["user"].num_nodes, data["item"].num_nodes)
    return zeros.index_put_(tuple(data[INTERACTS].edge_index), torch.tensor(1.0))


def all_degrees(dataset, side):
    edges = torch.cat(list(dataset[0][INTERACTS].values()), dim=1)
    return torch.bincount(edges[("user", "item").index(side)], minlength=dataset.summary[f"{side}s"]).numpy()


def test_the_oracle_beats_popularity_beats_chance(dataset):
    data, oracle = dataset[0], dataset.oracle
    chance = recall(torch.rand(history(data).shape), data)
    popularity = recall(data["item"].degree.expand(data["user"].num_nodes, -1), data)
    best = recall(oracle.user @ oracle.item.T, data)
    assert popularity > 2 * chance
    assert best > 4 * popularity


def test_the_oracle_is_the_law_of_the_choices():
    dataset = Synthetic(num_users=20_000, num_items=40, num_topics=5, mean_degree=5, modalities={})
    law = dataset.oracle.user @ dataset.oracle.item.T
    torch.testing.assert_close(law.sum(1), torch.ones(20_000))
    first = torch.from_numpy(dataset._tastes.draw(np.arange(20_000), np.random.default_rng(9)))
    chosen, squared = law[torch.arange(20_000), first], (law**2).sum(1)
    assert abs(chosen.mean() - squared.mean()) < 4 * chosen.std() / 20_000**0.5  # each user draws from the own law
    expected = law.double().mean(0) * 20_000
    found = torch.bincount(first, minlength=40)
    assert ((found - expected) ** 2 / expected).sum() < 80  # chi-square with 39 degrees of freedom, p = 1e-4


def test_every_modality_carries_the_taste(dataset):
    data = dataset[0]
    profile, popularity = history(data), data["item"].degree.expand(data["user"].num_nodes, -1)
    for name in ("image", "text"):
        x = F.normalize(data["item"][f"x_{name}"])
        assert recall(F.normalize(profile @ x) @ x.T, data) > 1.5 * recall(popularity.clone(), data)
        shuffled = x[torch.randperm(len(x), generator=torch.Generator().manual_seed(0))]
        assert recall(F.normalize(profile @ shuffled) @ shuffled.T, data) < recall(popularity.clone(), data)


def test_modalities_are_independent_of_each_other():
    one = Synthetic(num_users=100, num_items=60, modalities={"smell": 8})
    two = Synthetic(num_users=100, num_items=60, modalities={"smell": 8, "touch": 3})
    assert torch.equal(one[0]["item"].x_smell, two[0]["item"].x_smell)
    assert two[0]["item"].x_touch.shape == (60, 3)
    assert Synthetic(num_users=100, num_items=60, modalities={}).summary["modalities"] == {}


def test_some_of_its_own_modalities():
    """As of a folder: one alone has the features that it has beside the other."""
    sizes = {"num_users": 100, "num_items": 60}
    both, text = Synthetic(**sizes), Synthetic(**sizes, modalities=["text"])
    assert {name: part["dim"] for name, part in both.summary["modalities"].items()} == {"image": 64, "text": 32}
    assert list(text.summary["modalities"]) == ["text"]
    assert torch.equal(text[0]["item"].x_text, both[0]["item"].x_text)


@pytest.mark.parametrize(
    ("modalities", "message"),
    [(["audio"], r"unknown \['audio'\]; there are \['image', 'text'\]"), ("text", r"give a list, as in \[text\]")],
)
def test_modalities_that_it_has_not(modalities, message):
    with pytest.raises(ValueError, match=message):
        Synthetic(modalities=modalities)


def test_noise_is_a_norm():
    x = {noise: Synthetic(modalities={"a": 256}, noise=noise)[0]["item"].x_a for noise in (0, 2)}
    torch.testing.assert_close(x[0].norm(dim=1), torch.ones(len(x[0])))
    assert abs((x[2] - x[0]).norm(dim=1).mean() - 2) < 0.02
    assert len(x[0].unique(dim=0)) == 32


def test_statistics_of_baby():
    dataset = Synthetic(scale=1, modalities={})
    summary = dataset.summary
    assert (summary["users"], summary["items"]) == (19_445, 7_050)
    assert abs(summary["interactions"] - 160_792) < 0.02 * 160_792
    degrees = all_degrees(dataset, "user")
    assert degrees.min() == 5
    # quantiles of Amazon Baby
    np.testing.assert_allclose(np.quantile(degrees, [0.5, 0.75, 0.9, 0.99]), [6, 9, 13, 31], atol=2)
    np.testing.assert_allclose(
        np.quantile(all_degrees(dataset, "item"), [0.25, 0.5, 0.75, 0.9, 0.99]), [7, 11, 23, 49, 184], rtol=0.3
    )


def test_seeds():
    sizes = {"num_users": 100, "num_items": 60}
    one, same = Synthetic(**sizes), Synthetic(**sizes)
    assert one.split_hash == same.split_hash
    assert torch.equal(one[0]["item"].x_image, same[0]["item"].x_image)
    assert torch.equal(one.oracle.user, same.oracle.user)
    assert Synthetic(**sizes, seed=1).split_hash != one.split_hash
    other_split = Synthetic(**sizes, split_seed=1)
    assert other_split.split_hash != one.split_hash
    np.testing.assert_array_equal(all_degrees(other_split, "item"), all_degrees(one, "item"))


def test_smallest_and_dense():
    data = Synthetic(num_users=30, num_items=20, mean_degree=5, num_topics=20)[0]
    edges = torch.cat(list(data[INTERACTS].values()), dim=1)
    assert edges.unique(dim=1).size(1) == edges.size(1) == 150
    assert Synthetic(num_users=300, num_items=40, mean_degree=30).summary["interactions"] <= 300 * 10


def test_the_answer_is_not_in_the_graph(dataset):
    keys = {key for store in dataset[0].stores for key in store.keys()}  # noqa: SIM118
    parts = {"edge_index", "val_edge_label_index", "test_edge_label_index"}
    assert keys == {"num_nodes", "degree", "x_image", "x_text", *parts}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_users": 0}, "num_users=0: must be at least 1"),
        ({"num_items": 19}, "num_items=19: must be at least 20"),
        ({"mean_degree": 4.5}, "mean_degree=4.5: must be at least 5"),
        ({"num_items": 30, "num_topics": 31}, "num_topics=31: must be between 1 and num_items=30"),
    ],
)
def test_sizes_are_checked(options, message):
    with pytest.raises(ValueError, match=message):
        Synthetic(**options)
