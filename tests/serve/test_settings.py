import pytest

from mmgraph.serve.settings import TOKEN, Settings


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"port": -1}, "port must be a whole number from 0 on, got -1"),
        ({"port": 70_000}, "port must be at most 65535, got 70000"),
        ({"workers": 0}, "workers must be a whole number from 1 on, got 0"),
        ({"k_max": True}, "k_max must be a whole number from 1 on, got True"),
        ({"poll": 0}, "poll must be a number of seconds above 0, got 0"),
        ({"poll": float("inf")}, "poll must be a number of seconds above 0, got inf"),
        ({"index": "best"}, "index must be one of auto, exact, approximate, got 'best'"),
        ({"images": "nowhere"}, "images=nowhere: there is no such folder"),
        ({"data_root": "nowhere"}, "data_root=nowhere: there is no such folder"),
        ({"images": ""}, "images must be a path, got ''"),
        ({"run": ""}, "run must be a path, got ''"),
    ],
)
def test_what_cannot_be_right(words, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        Settings(**{"run": "somewhere"} | words)


def test_the_token_is_that_of_the_environment_and_is_not_shown(monkeypatch):
    monkeypatch.setenv(TOKEN, "s3cret")
    settings = Settings("somewhere")
    assert settings.token == "s3cret"
    assert "s3cret" not in repr(settings)
    monkeypatch.setenv(TOKEN, "")
    assert Settings("somewhere").token is None
