import pytest
import torch

from mmgraph.losses.views import all_views, exact_rows, find_views, model_part, pair_views, take
from mmgraph.typing import Encoding, Sides, Triplets


def named(*names: str) -> Encoding:
    return Encoding(torch.ones(2, 3), torch.ones(4, 3), {name: {} for name in names})


def test_final_is_a_view_of_every_model():
    encoding = named()
    assert all_views(encoding) == {"final": {"user": encoding.user, "item": encoding.item}}
    own = Encoding(encoding.user, encoding.item, {"final": {"user": torch.zeros(2, 3)}})
    assert all_views(own)["final"]["user"].sum() == 0


def test_both_sides_are_a_view_as_they_are():
    sides = Sides(torch.ones(2, 3), torch.zeros(4, 3))
    encoding = named()._replace(views={"ego": sides, "modal.text": {"item": sides.item}})
    assert all_views(encoding)["ego"] == {"user": sides.user, "item": sides.item}
    assert list(find_views(encoding, "modal.*")["modal.text"]) == ["item"]


def test_a_part_of_the_model_is_an_attribute_or_a_submodule():
    class Judged(torch.nn.Module):
        def critic(self, rows):
            return rows

    judged, layered = Judged(), torch.nn.ModuleDict({"critic": torch.nn.Identity()})
    assert model_part(judged, "critic", named()) == judged.critic
    assert model_part(layered, "critic", named()) is layered["critic"]
    with pytest.raises(KeyError, match=r"Judged, which gives \['ego', 'final'\], has no denoisers"):
        model_part(judged, "denoisers", named("ego"))


def test_patterns_match_whole_names_only():
    encoding = named("ego.image", "ego.text", "ego", "super_ego.image", "egoXimage", "layer.0")
    assert list(find_views(encoding, "ego.*")) == ["ego.image", "ego.text"]
    assert list(find_views(encoding, "ego")) == ["ego"]
    assert list(find_views(encoding, "*.image")) == ["ego.image", "super_ego.image"]


def test_a_pattern_without_a_match_lists_what_there_is():
    with pytest.raises(KeyError, match=r"no view matches 'hyper\.\*'.*'ego\.text', 'final'"):
        find_views(named("ego.text"), "hyper.*")


def test_two_patterns_pair_equal_parts_in_the_order_of_the_anchors():
    encoding = named("neighbors.text", "ego.image", "ego.text", "ego.audio", "neighbors.audio", "neighbors.image")
    assert pair_views(encoding, "ego.*", "neighbors.*") == [
        ("ego.image", "neighbors.image"),
        ("ego.text", "neighbors.text"),
        ("ego.audio", "neighbors.audio"),
    ]


@pytest.mark.parametrize("names", [("ego.image", "ego.text", "neighbors.text"), ("ego.image", "neighbors.text")])
def test_a_view_without_its_partner_is_an_error(names):
    with pytest.raises(KeyError, match="must pair"):
        pair_views(named(*names), "ego.*", "neighbors.*")


def test_one_pattern_twice_gives_every_pair_of_two_once():
    encoding = named("hyper.image", "hyper.text", "hyper.audio")
    assert pair_views(encoding, "hyper.*", "hyper.*") == [
        ("hyper.image", "hyper.text"),
        ("hyper.image", "hyper.audio"),
        ("hyper.text", "hyper.audio"),
    ]
    assert pair_views(named("hyper.image"), "hyper.*", "hyper.*") == []


def test_a_pattern_and_a_name_give_each_against_the_one():
    encoding = named("modal.image", "modal.text", "modal.fused", "first", "second")
    expected = [("modal.image", "modal.fused"), ("modal.text", "modal.fused")]
    assert pair_views(encoding, "modal.*", "modal.fused") == expected
    assert pair_views(encoding, "modal.fused", "modal.*") == [(b, a) for a, b in expected]
    assert pair_views(encoding, "first", "second") == [("first", "second")]
    assert pair_views(encoding, "first", "final") == [("first", "final")]


def test_rows_of_a_subgraph_are_its_seeds():
    seeds = {"user": torch.tensor([0, 2]), "item": torch.tensor([1])}
    one = torch.tensor([0])
    assert exact_rows("item", Triplets(one, one, one)) is None
    assert exact_rows("user", Triplets(one, one, one, seeds)) is seeds["user"]


def test_take_flattens_and_sends_gradients_back_to_repeated_rows():
    x = torch.eye(3, requires_grad=True)
    rows = take(x, torch.tensor([[2, 2], [0, 2]]))
    assert rows.shape == (4, 3)
    rows.sum().backward()
    assert x.grad is not None
    assert x.grad[:, 0].tolist() == [1, 0, 3]
    assert take(x, None) is x
