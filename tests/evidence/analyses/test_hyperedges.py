import pytest
import torch

from mmgraph.evidence.analyses.hyperedges import OF_ITEMS, OF_USERS, analyse
from mmgraph.evidence.memberships import encode_with_memberships
from mmgraph.models import MGNM, LGMRec, LightGCN
from mmgraph.pipeline.recommend import encode
from tests.conftest import adjacency


@pytest.mark.parametrize("kind", [LGMRec, MGNM])
def test_rows_sum_to_one_and_the_encoding_stays(graph, kind):
    model = kind(graph, num_hyperedges=3)
    encoding, members = encode_with_memberships(model, graph)
    assert list(members) == ["image", "text"]
    for found in members.values():
        assert [tuple(x.shape) for x in found] == [(12, 3), (9, 3)]
        for x in found:
            torch.testing.assert_close(x.sum(-1), torch.ones(len(x)))
    torch.testing.assert_close(encoding.user, encode(model, graph).user)


def test_users_belong_where_their_items_do(graph):
    model = LGMRec(graph, num_hyperedges=2)
    with torch.no_grad():  # items 0 to 4 have the first hyperedge's features, the others the second one's
        graph["item"].x_image = torch.eye(4)[(torch.arange(9) > 4).long()] * 9
        model.hyperedge["image"].copy_(torch.eye(4)[:, :2])
    _, members = encode_with_memberships(model, graph)
    assert members["image"].item.argmax(-1).tolist() == [0] * 5 + [1] * 4
    first = adjacency(graph)[:, :5].sum(1)
    second = adjacency(graph)[:, 5:].sum(1)
    clear = first != second
    assert (members["image"].user.argmax(-1) == (second > first).long())[clear].all()


def test_models_without_hyperedges_are_refused(graph):
    for model in (LightGCN(graph), LGMRec(graph, parts=["modal"])):
        with pytest.raises(ValueError, match="has no hyperedges that items choose"):
            encode_with_memberships(model, graph)


def test_two_users_and_their_items(suid_run):
    found = analyse(suid_run, seed=1)
    of_users, of_items = found.rows(OF_USERS), found.rows(OF_ITEMS)
    users = {row["user"] for row in of_users}
    assert len(users) == 2
    train = suid_run.serving.known["train"]
    for user in users:
        own = train.entries(torch.tensor([int(user)]))[1].tolist()
        assert sorted(int(row["item"]) for row in of_items if row["user"] == user and row["modality"] == "image") == own
    by_modality = [row["dependency"] for row in of_users if row["user"] == min(users) and row["modality"] == "text"]
    assert sum(by_modality) == pytest.approx(1)
    assert analyse(suid_run, seed=1).tables == found.tables
    assert len(found.figure().axes) == 2 * len({row["modality"] for row in of_users})


def test_users_that_are_given(suid_run):
    assert {row["user"] for row in analyse(suid_run, users=["3", "14"]).rows(OF_USERS)} == {"3", "14"}
    with pytest.raises(ValueError, match="ids of two users"):
        analyse(suid_run, users=[3])
    with pytest.raises(ValueError, match="there is no user 999"):
        analyse(suid_run, users=[3, 999])
