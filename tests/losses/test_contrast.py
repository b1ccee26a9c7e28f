import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from mmgraph.losses import InfoNCE, info_nce
from mmgraph.typing import Encoding, Triplets

TAU = 0.3


def per_anchor(x: Tensor, y: Tensor, anchors: list[int], candidates: list[int]) -> Tensor:
    """Loss of each anchor by the definition: its own vector in y among candidates and itself."""
    losses = []
    for a in anchors:
        pool = candidates if a in candidates else [*candidates, a]
        cosines = F.cosine_similarity(x[a].unsqueeze(0), y[pool], dim=-1) / TAU
        losses.append(torch.logsumexp(cosines, 0) - F.cosine_similarity(x[a], y[a], dim=-1) / TAU)
    return torch.stack(losses)


def between(encoding: Encoding, name: str, side: str) -> tuple[Tensor, Tensor]:
    return encoding.views[f"ego.{name}"][side], encoding.views[f"neighbors.{name}"][side]


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("nodes", [None, "both", "user", "item"])
def test_sides_and_modalities_are_added_up(model, encoding, batch, nodes, reduction):
    term = InfoNCE("ego.*", "neighbors.*", tau=TAU, nodes=nodes, reduction=reduction)
    sides = ["user", "item"] if nodes in (None, "both") else [nodes]
    pairs = [between(encoding, name, side) for name in ("image", "text") for side in sides]
    expected = sum(info_nce(x, y, tau=TAU, reduction=reduction) for x, y in pairs)
    torch.testing.assert_close(term(model, encoding, batch), expected)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_joint_is_one_softmax_over_users_and_items(model, encoding, batch, reduction):
    term = InfoNCE("ego.image", "neighbors.image", tau=TAU, joint=True, reduction=reduction)
    (u, n), (i, m) = between(encoding, "image", "user"), between(encoding, "image", "item")
    expected = info_nce(torch.cat([u, i]), torch.cat([n, m]), tau=TAU, reduction=reduction)
    torch.testing.assert_close(term(model, encoding, batch), expected)


def test_sides_are_those_that_both_views_share(model, encoding, batch):
    term = InfoNCE("modal.*", "ego.image", tau=TAU)  # modal has items only
    items = encoding.views["ego.image"]["item"]
    expected = sum(info_nce(encoding.views[f"modal.{name}"]["item"], items, tau=TAU) for name in ("image", "text"))
    torch.testing.assert_close(term(model, encoding, batch), expected)
    with pytest.raises(KeyError, match=r"'modal.image' has no 'user' rows, only \['item'\]"):
        InfoNCE("modal.*", "ego.image", tau=TAU, nodes="both")(model, encoding, batch)
    with pytest.raises(KeyError, match="share no side"):
        InfoNCE("modal.image", "preference.image", tau=TAU)(model, encoding, batch)


def test_equal_patterns_and_a_pattern_against_a_name(model, encoding, batch):
    image, text, fused = (encoding.views[name]["item"] for name in ("modal.image", "modal.text", "fused"))
    value = InfoNCE("modal.*", "modal.*", tau=TAU)(model, encoding, batch)
    torch.testing.assert_close(value, info_nce(image, text, tau=TAU))
    value = InfoNCE("modal.*", "fused", tau=TAU)(model, encoding, batch)
    torch.testing.assert_close(value, info_nce(image, fused, tau=TAU) + info_nce(text, fused, tau=TAU))
    value = InfoNCE("final", "ego.text", tau=TAU, nodes="user")(model, encoding, batch)
    torch.testing.assert_close(value, info_nce(encoding.user, encoding.views["ego.text"]["user"], tau=TAU))


def test_batch_anchors_and_candidates_count_once_or_as_often_as_they_occur(model, encoding, batch):
    def value(unique: bool, nodes: str) -> Tensor:
        term = InfoNCE(
            "ego.text", "neighbors.text", tau=TAU, anchors="batch", candidates="batch", unique=unique, nodes=nodes
        )
        return term(model, encoding, batch)

    x, y = between(encoding, "text", "user")
    torch.testing.assert_close(value(True, "user"), per_anchor(x, y, [0, 1, 4], [0, 1, 4]).mean())
    torch.testing.assert_close(value(False, "user"), per_anchor(x, y, [4, 1, 4, 0], [4, 1, 4, 0]).mean())
    x, y = between(encoding, "text", "item")  # the positives
    torch.testing.assert_close(value(True, "item"), per_anchor(x, y, [2, 5, 6], [2, 5, 6]).mean())


def test_batch_anchors_among_all_as_in_lgmrec(model, encoding, batch):
    x, y = encoding.views["modal.image"]["item"], encoding.views["modal.text"]["item"]
    expected = per_anchor(x, y, [2, 2, 6, 5], list(range(7)))  # item 2 twice
    for reduction, wanted in {"sum": expected.sum(), "mean": expected.mean()}.items():
        term = InfoNCE("modal.*", "modal.*", tau=TAU, anchors="batch", unique=False, reduction=reduction)
        torch.testing.assert_close(term(model, encoding, batch), wanted)


@pytest.mark.parametrize("joint", [False, True])
def test_an_anchor_outside_the_candidates_joins_its_own_sum(model, encoding, batch, joint):
    term = InfoNCE("ego.text", "neighbors.text", tau=TAU, candidates="batch", joint=joint, reduction="sum")
    (u, n), (i, m) = between(encoding, "text", "user"), between(encoding, "text", "item")
    if joint:  # items are rows 5 to 11
        expected = per_anchor(torch.cat([u, i]), torch.cat([n, m]), list(range(12)), [0, 1, 4, 7, 10, 11]).sum()
    else:
        expected = per_anchor(u, n, list(range(5)), [0, 1, 4]).sum() + per_anchor(i, m, list(range(7)), [2, 5, 6]).sum()
    value = term(model, encoding, batch)
    torch.testing.assert_close(value, expected)
    grads = torch.autograd.grad(value, (u, n, i, m))
    for ours, theirs in zip(grads, torch.autograd.grad(expected, (u, n, i, m)), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("which", ["all", "batch"])
def test_within_the_other_anchors_are_candidates_in_their_own_view_too(model, encoding, batch, which):
    """GRACE: over the positives' similarities and those of the anchors, an anchor's with itself left out."""
    term = InfoNCE("modal.text", "fused", tau=TAU, anchors=which, candidates=which, within=True)
    rows = torch.arange(7) if which == "all" else batch.pos_item.unique()
    x, y = (F.normalize(encoding.views[name]["item"][rows], dim=-1) for name in ("modal.text", "fused"))
    between_views, among = (x @ y.T / TAU).exp(), (x @ x.T / TAU).exp()
    total = between_views.sum(1) + among.sum(1) - among.diagonal()
    torch.testing.assert_close(term(model, encoding, batch), -(between_views.diagonal() / total).log().mean())


def test_within_needs_one_set_of_nodes():
    with pytest.raises(ValueError, match="within=True needs equal anchors and candidates, got 'batch' and 'all'"):
        InfoNCE("ego.*", "fused", tau=TAU, anchors="batch", within=True)


def test_symmetric_is_the_mean_of_both_directions(model, encoding, batch):
    def value(first: str, second: str, *, symmetric: bool) -> Tensor:
        term = InfoNCE(first, second, tau=TAU, symmetric=symmetric, anchors="batch")
        return term(model, encoding, batch)

    one, other = value("ego.*", "neighbors.*", symmetric=False), value("neighbors.*", "ego.*", symmetric=False)
    torch.testing.assert_close(value("ego.*", "neighbors.*", symmetric=True), (one + other) / 2)
    assert not torch.isclose(one, other)


def test_a_number_of_nodes_is_drawn_anew_by_torchs_generator(model, encoding, batch):
    term = InfoNCE("ego.text", "neighbors.text", tau=TAU, anchors=3, candidates=3, nodes="item")
    x, y = between(encoding, "text", "item")
    torch.manual_seed(5)
    drawn = [torch.randperm(7)[:3].tolist() for _ in range(6)]
    assert all(len(set(rows)) == 3 for rows in drawn)
    torch.manual_seed(5)
    values = torch.stack([term(model, encoding, batch) for _ in range(6)])
    torch.testing.assert_close(values, torch.stack([per_anchor(x, y, rows, rows).mean() for rows in drawn]))
    assert values.unique().numel() > 1


def test_more_than_there_are_means_all(model, encoding, batch):
    value = InfoNCE("ego.*", "neighbors.*", tau=TAU, anchors=100, candidates=99, joint=True)(model, encoding, batch)
    everything = InfoNCE("ego.*", "neighbors.*", tau=TAU, joint=True)(model, encoding, batch)
    torch.testing.assert_close(value, everything)


@pytest.mark.parametrize(
    ("anchors", "candidates"), [("all", 2), (2, 1), ("batch", 2), (3, "batch"), (1, "all"), (2, 2)]
)
def test_it_is_never_negative_whatever_is_drawn(model, encoding, batch, anchors, candidates):
    term = InfoNCE("ego.*", "ego.*", tau=0.05, anchors=anchors, candidates=candidates)
    for _ in range(20):
        assert term(model, encoding, batch) >= 0


def test_anchors_are_drawn_evenly(model, encoding, batch):
    """The mean over many draws of one anchor is the mean over all of them."""
    torch.manual_seed(0)
    term = InfoNCE("ego.text", "neighbors.text", tau=TAU, anchors=2, nodes="item")
    mean = torch.stack([term(model, encoding, batch).detach() for _ in range(2000)]).mean()
    everything = InfoNCE("ego.text", "neighbors.text", tau=TAU, nodes="item")(model, encoding, batch)
    torch.testing.assert_close(mean, everything.detach(), rtol=0.05, atol=0)


@pytest.mark.parametrize("anchors", ["all", 10])
def test_all_nodes_of_a_subgraph_are_its_seeds(model, encoding, batch, anchors):
    seeds = {"user": torch.tensor([0, 1, 4]), "item": torch.tensor([2, 6, 5, 0, 1, 3])}
    term = InfoNCE("ego.text", "neighbors.text", tau=TAU, nodes="item", anchors=anchors)
    x, y = between(encoding, "text", "item")
    expected = per_anchor(x, y, list(range(6 + 1)), list(range(7)))
    value = term(model, encoding, batch._replace(nodes=seeds))
    torch.testing.assert_close(value, per_anchor(x, y, [0, 1, 2, 3, 5, 6], [0, 1, 2, 3, 5, 6]).mean())
    assert not torch.isclose(value, expected.mean())


def test_a_view_that_is_not_there_yet_adds_nothing(model, encoding, batch):
    views = {**encoding.views, "modal.later": {}}
    term = InfoNCE("modal.*", "fused", tau=TAU)
    value = term(model, encoding._replace(views=views), batch)
    torch.testing.assert_close(value, term(model, encoding, batch))
    assert InfoNCE("later", "fused", tau=TAU)(model, encoding, batch).item() == 0


def test_half_precision_views_are_compared_in_full_precision(model, encoding, batch):
    def halved(view: dict[str, Tensor]) -> dict[str, Tensor]:
        return {side: x.bfloat16() for side, x in view.items()}

    half = encoding._replace(views={name: halved(view) for name, view in encoding.views.items()})
    rounded = half._replace(views={name: {s: x.float() for s, x in v.items()} for name, v in half.views.items()})
    term = InfoNCE("ego.*", "neighbors.*", tau=TAU, joint=True)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        value = term(model, half, batch)
    assert torch.equal(value, term(model, rounded, batch))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"tau": 0}, "tau=0"),
        ({"anchors": "some"}, "anchors='some'"),
        ({"candidates": 0}, "candidates=0"),
        ({"nodes": "users"}, "nodes='users'"),
        ({"reduction": "max"}, "reduction='max'"),
        ({"weight": -1e-3}, "weight=-0.001 of InfoNCE"),
        ({"anchor": "*.*"}, "at most one"),
        ({"anchor": "same", "positive": "same"}, "two different views"),
    ],
)
def test_settings_out_of_range_are_refused_when_built(settings, message):
    arguments = {"anchor": "ego.*", "positive": "neighbors.*", "tau": TAU, **settings}
    with pytest.raises(ValueError, match=message.replace("*", r"\*")):
        InfoNCE(**arguments)


def test_one_modality_has_no_pair_of_two(model, encoding, batch: Triplets):
    views = {"modal.text": encoding.views["modal.text"]}
    assert InfoNCE("modal.*", "modal.*", tau=TAU)(model, encoding._replace(views=views), batch).item() == 0


def test_a_joint_sample_is_drawn_from_users_and_items_together():
    """Each node has the same chance, whichever side it is on: the mean over anchors stays unbiased."""
    from mmgraph.losses.rows import sample

    counts = {"user": 30, "item": 10}
    drawn = [sample(8, counts, joint=True, device=torch.device("cpu")) for _ in range(500)]
    assert all(len(rows["user"]) + len(rows["item"]) == 8 for rows in drawn)
    assert all(len(set(rows[side].tolist())) == len(rows[side]) for rows in drawn for side in counts)
    hits = {side: torch.bincount(torch.cat([rows[side] for rows in drawn]), minlength=counts[side]) for side in counts}
    assert hits["item"].numel() == 10
    assert hits["user"].float().mean() == pytest.approx(100, rel=0.05)
    assert hits["item"].float().mean() == pytest.approx(100, rel=0.1)
    apart = sample(8, counts, joint=False, device=torch.device("cpu"))
    assert {side: len(rows) for side, rows in apart.items()} == {"user": 8, "item": 8}
