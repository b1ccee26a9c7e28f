"""The interface, over a real connection."""

import math
from urllib.parse import quote

import numpy as np
import pytest
from pydantic import TypeAdapter

from mmgraph.serve import answers
from mmgraph.serve.features import FeatureTable
from mmgraph.serve.open_run import open_run
from mmgraph.serve.rankers import NotOfferedError
from tests.serve.client import ask, service
from tests.serve.conftest import served_run
from tests.serve.shop import HOSTILE


@pytest.fixture(scope="module")
def run(shop):
    return open_run(shop.run.folder)


@pytest.fixture(scope="module")
def address(shop, run):
    with service(run, images=shop.images, k_max=50, batch_max=30, body_max=4000) as address:
        yield address


def checked(kind, answer):
    """The answer's JSON, if it is what the description of the interface states."""
    assert answer.status == 200, answer.content
    return TypeAdapter(kind).validate_python(answer.json)


def user(run, row=0):
    return run.users.ids[row]


def test_a_list_for_a_user_is_that_of_the_run(address, run, shop):
    expected = shop.run.recommend([user(run)], k=7)
    found = checked(answers.UserList, ask(address, f"/recommend?user={user(run)}&k=7"))
    assert found["user"] == user(run)
    assert [item["id"] for item in found["items"]] == expected.ids[0].tolist()
    assert [item["score"] for item in found["items"]] == pytest.approx(expected.scores[0].tolist(), rel=1e-4)
    assert set(found["items"][0]) == {"id", "score"}


def test_details_and_what_is_left_out(address, run):
    path = f"/recommend?user={user(run)}&k=5"
    first = ask(address, f"{path}&details=true").json["items"]
    assert first[0]["columns"]["title"] == first[0]["title"]
    assert first[0]["users"] >= 0
    denied = "".join(f"&deny={item['id']}" for item in first[:2])
    assert [item["id"] for item in ask(address, path + denied).json["items"]][:3] == [i["id"] for i in first[2:]]
    known = ask(address, f"/recommend?user={user(run)}&k=50&known=true").json["items"]
    assert {run.items.ids.ids[row] for row in run.history(0)} <= {item["id"] for item in known}


def test_a_batch_of_users_and_histories(address, run):
    users = run.users.ids[:20]
    history = [run.items.ids.ids[row] for row in run.history(3)]
    body = {"users": users, "histories": [history, history[:1]], "k": 4}
    lists = checked(answers.Lists, ask(address, "/recommend", method="POST", body=body))["lists"]
    assert [found.get("user") for found in lists] == [*users, None, None]
    assert lists[20]["history"] == history
    assert not set(history) & {item["id"] for item in lists[20]["items"]}
    for name, found in zip(users, lists, strict=False):
        alone = ask(address, f"/recommend?user={name}&k=4").json["items"]
        assert [item["id"] for item in found["items"]] == [item["id"] for item in alone]


def test_a_history_may_name_an_item_twice(address, run):
    item = run.items.ids.ids[5]
    body = {"histories": [[item, item], [item]]}
    twice, once = ask(address, "/recommend", method="POST", body=body).json["lists"]
    assert twice["items"] == once["items"]


def test_histories_are_ranked_as_the_run_ranks_them(address, run, shop):
    histories = [[run.items.ids.ids[row] for row in rows] for rows in ([3, 7, 20], [5], [])]
    expected = shop.run.recommend(histories=histories, k=6)
    lists = ask(address, "/recommend", method="POST", body={"histories": histories, "k": 6}).json["lists"]
    assert [[item["id"] for item in found["items"]] for found in lists] == expected.ids.tolist()


def test_similar_items(address, run, shop):
    item = run.items.ids.ids[4]
    found = checked(answers.SimilarList, ask(address, f"/similar?item={item}&k=6"))
    assert [other["id"] for other in found["items"]] == shop.run.similar_items([item], k=6).ids[0].tolist()
    many = ask(address, "/similar", method="POST", body={"items": [item, run.items.ids.ids[9]], "k": 6})
    assert checked(answers.SimilarLists, many)["lists"][0] == found


def test_search_of_items_and_users(address, run):
    title = run.items.columns_of(7)["title"]
    found = checked(answers.ItemList, ask(address, f"/items?search={quote(title)}"))
    assert run.items.ids.ids[7] in [item["id"] for item in found["items"]]
    prefix = user(run)[:4]
    found = checked(answers.UserIds, ask(address, f"/users?prefix={prefix}"))
    assert user(run) in found["users"]
    assert all(name.startswith(prefix) for name in found["users"])
    assert len(ask(address, "/items?limit=3").json["items"]) == 3


def test_an_item_and_a_history(address, run):
    item = checked(answers.Item, ask(address, f"/item?item={run.items.ids.ids[0]}"))
    assert item["title"] == HOSTILE
    assert item["users"] == run.num_havers[0]
    found = checked(answers.UserHistory, ask(address, f"/history?user={user(run)}&limit=2"))
    assert found["total"] == run.history(0).size
    assert len(found["items"]) == 2


def test_where_a_recommendation_came_from(address, run):
    path = f"/explain?user={user(run)}&item={run.items.ids.ids[11]}&neighbors=2"
    found = checked(answers.Explanation, ask(address, path))
    history = {run.items.ids.ids[row] for row in run.history(0)}
    assert {item["id"] for item in found["neighbors"]} < history
    assert [match["name"] for match in found["modalities"]] == ["image", "text"]
    for match in found["modalities"]:
        assert -1.001 <= match["cosine"] <= 1.001
        assert 0 <= match["closer_than"] <= 1


def test_pictures_are_those_that_the_table_names(address, run, shop):
    image = ask(address, f"/item?item={run.items.ids.ids[2]}").json["image"]
    found = ask(address, f"/{image}")
    assert found.headers["content-type"] == "image/png"
    assert found.content == (shop.images / run.items.image_name(2)).read_bytes()
    outside = run.items.ids.ids[1]  # its row names ../products.csv
    assert "image" not in ask(address, f"/item?item={outside}").json
    assert ask(address, f"/image?item={outside}").status == 404


def test_health_readiness_and_what_is_served(address, run):
    assert ask(address, "/health").json == {"status": "ok"}
    assert ask(address, "/ready").json == {"status": "ready"}
    found = checked(answers.RunInfo, ask(address, "/run"))
    assert found["users"] == len(run.users)
    assert found["limits"] == {"k_max": 50, "batch_max": 30, "body_max": 4000, "concurrency": 128}


def test_metrics_count_routes_and_never_ids(address, run):
    ask(address, f"/recommend?user={user(run)}")
    ask(address, "/no/such/path")
    text = ask(address, "/metrics").content.decode()
    assert 'mmgraph_serve_requests_total{route="/recommend",status="200"}' in text
    assert 'mmgraph_serve_requests_total{route="other",status="404"}' in text
    assert 'mmgraph_serve_request_seconds_bucket{le="0.01",route="/recommend"}' in text
    assert user(run) not in text


def test_the_description_of_the_interface(address):
    found = ask(address, "/openapi.json").json
    assert found["openapi"].startswith("3.0")
    assert set(found["paths"]["/recommend"]) == {"get", "post"}
    assert "security" not in found["paths"]["/recommend"]["get"]
    page = ask(address, "/docs").content.decode()
    assert "http" not in page.replace("http-equiv", "")
    for path in ("/static/swagger/swagger-ui-bundle.js", "/static/swagger/swagger-ui.css", "/static/docs.js"):
        assert ask(address, path).status == 200, path


def test_headers_of_every_answer(address):
    for path in ("/", "/run", "/no/such/path"):
        headers = ask(address, path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'self'" in headers["content-security-policy"]


WRONG = [
    ("/recommend", "user is missing"),
    ("/recommend?user=", "there is no user ''"),
    ("/recommend?user=U&k=x", "k must be a whole number; got 'x'"),
    ("/recommend?user=U&k=0", "k must be at least 1; got '0'"),
    ("/recommend?user=U&k=51", "k must be at most 50 here; got 51"),
    ("/recommend?user=U&k=1e3", "k must be a whole number; got '1e3'"),
    ("/recommend?user=U&k=99999999999999999999999", "k must be at most 50 here"),
    ("/recommend?user=U&known=maybe", "known must be true or false; got 'maybe'"),
    ("/recommend?user=U&K=5", "there is no 'K'; this takes user, k, known, deny, details"),
    ("/recommend?user=U&deny=nothing", "there is no item 'nothing' in this run; ids are such as SKU-"),
    ("/recommend?user=" + "x" * 1001, "user must have at most 1000 characters; got 'xxx"),
    ("/recommend?user=%00%1b%5b31m", r"there is no user '\x00\x1b[31m'"),
    ("/items?search=" + "x" * 201, "search must have at most 200 characters"),
    ("/users?prefix=a&limit=1000", "limit must be at most 50 here; got 1000"),
    ("/explain?user=U&item=SKU-1&neighbors=99", "neighbors must be at most 50 here; got 99"),
    ("/similar?item=SKU", "there is no item 'SKU'"),
    ("/no/such/path", "there is nothing at '/no/such/path'; /docs lists what there is"),
    ("/static/nothing.js", "there is nothing at '/static/nothing.js'"),
    ("/static/../../server.py", "there is nothing at "),
    ("/static/%2e%2e/server.py", "there is nothing at "),
    ("/static/swagger/%2e%2e/__init__.py", "there is nothing at "),
]


@pytest.mark.parametrize(("path", "sentence"), WRONG)
def test_a_wrong_request_is_answered_by_a_sentence(address, run, path, sentence):
    answer = ask(address, path.replace("=U", f"={user(run)}"))
    assert 400 <= answer.status < 500
    assert sentence in answer.json["error"]


WRONG_BODIES = [
    (b"{", "the body must be JSON, and is none from character 1 on"),
    (b"\xff\xfe", "the body must be JSON"),
    (b"[" * 3000, "the body cannot be read as JSON"),
    (b"null", "the body must be a JSON object"),
    (b"", "the body is missing"),
    ({}, "the request asks for no list"),
    ([], "the body must be a JSON object"),
    ({"users": "u1"}, "users must be a list; got 'u1'"),
    ({"users": [None]}, "users[0] must be text; got None"),
    ({"users": [["a"]]}, "users[0] must be text; got ['a']"),
    (b'{"users": ["\\ud800"]}', "users[0] must be text of Unicode"),
    ({"histories": [7]}, "histories[0] must be a list; got 7"),
    ({"histories": [["SKU-1", 5.5]]}, "there is no item "),
    ({"users": ["U"], "k": 2.5}, "k must be a whole number; got 2.5"),
    (b'{"users": ["U"], "k": NaN}', "k must be a whole number"),
    ({"users": ["U"], "top": 3}, "there is no 'top'; this takes users, histories, k, known, deny, details"),
    ({"users": ["U"] * 31}, "a request may ask for at most 30 lists here, got 31; send several"),
    ({"users": ["x" * 4000]}, "the body must have at most 4000 bytes; send several smaller requests"),
]


@pytest.mark.parametrize(("body", "sentence"), WRONG_BODIES, ids=[str(number) for number in range(len(WRONG_BODIES))])
def test_a_wrong_body_is_answered_by_a_sentence(address, body, sentence):
    answer = ask(address, "/recommend", method="POST", body=body, headers={"Content-Type": "application/json"})
    assert 400 <= answer.status < 500
    assert sentence in answer.json["error"]


def test_a_body_that_is_not_said_to_be_json(address):
    answer = ask(address, "/recommend", method="POST", body=b'{"users": []}', headers={"Content-Type": "text/plain"})
    assert answer.status == 422
    assert "Content-Type: application/json" in answer.json["error"]


def test_a_wrong_method_names_the_right_page(address):
    answer = ask(address, "/recommend", method="DELETE")
    assert answer.status == 405
    assert answer.json["error"] == "/recommend is not asked by DELETE; /docs shows how"
    assert answer.headers["allow"]


def test_an_unknown_id_is_404_with_close_ones(address, run):
    answer = ask(address, f"/recommend?user={user(run)[:-1]}")
    assert answer.status == 404
    assert user(run) in answer.json["close"]


@pytest.mark.parametrize("name", ["a/b", "a b", "ä&=?#%", "../x", "<script>", "007", "a+b"])
def test_any_id_can_be_asked_for(name):
    run = served_run(num_users=1)
    run.users.__init__("user", [name])
    with service(run) as address:
        assert ask(address, f"/recommend?user={quote(name, safe='')}&k=1").json["user"] == name
        assert ask(address, "/recommend", method="POST", body={"users": [name]}).status == 200


def test_numbers_are_ids_too():
    with service(served_run()) as address:
        answer = ask(address, "/recommend", method="POST", body={"users": [7]})
        assert answer.json["error"].startswith("there is no user '7'")


def test_lists_are_shorter_where_nothing_is_left():
    with service(served_run(num_items=12)) as address:
        items = ask(address, "/recommend?user=u0&k=50").json["items"]
        assert 0 < len(items) < 12
        assert all(math.isfinite(item["score"]) for item in items)


class Broken:
    """Ranks nothing."""

    def for_users(self, users, k, left_out):
        raise RuntimeError("secret of the inside")

    def for_histories(self, histories, k, left_out):
        raise NotOfferedError("not for new people")


def test_what_goes_wrong_within_is_the_log_s_business(caplog):
    with service(served_run(ranker=Broken(), vectors=None)) as address:
        answer = ask(address, "/recommend?user=u0")
        assert answer.status == 500
        assert answer.json == {"error": "something went wrong within the service; its log has the reason"}
        assert b"secret" not in answer.content
        assert b"Traceback" not in answer.content
        answer = ask(address, "/recommend", method="POST", body={"histories": [["i1"]]})
        assert (answer.status, answer.json["error"]) == (422, "not for new people")
        assert ask(address, "/similar?item=i1").status == 422
        assert ask(address, "/explain?user=u0&item=i1").json["neighbors"] == []


def test_features_of_an_item_that_has_none():
    features = {"text": FeatureTable(np.zeros((300, 4)))}
    with service(served_run(features=features)) as address:
        assert ask(address, "/explain?user=u0&item=i1").json["modalities"] == []
