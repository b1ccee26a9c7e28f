"""The server in a thread: hot changes under load, and its end."""

import threading
import time

import pytest

from mmgraph.files import atomic_write
from mmgraph.serve.app import create_app, load_first
from mmgraph.serve.server import _is_loopback, in_thread, serving
from mmgraph.serve.settings import Settings
from tests.serve.client import ask
from tests.serve.conftest import served_run


def test_a_run_in_a_thread(shop):
    with serving(Settings(shop.run.folder, port=0)) as address:
        assert ask(address, "/run").json["run"] == "run"
    with pytest.raises(ConnectionRefusedError):
        ask(address, "/run")


def test_a_run_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError), serving(Settings(tmp_path, port=0)):
        pass


def test_a_port_that_is_taken(shop):
    with serving(Settings(shop.run.folder, port=0)) as address:
        port = int(address.rpartition(":")[2])
        with (
            pytest.raises(OSError, match=rf"port={port}: .* in use .*; port=0 takes a free port"),
            serving(Settings(shop.run.folder, port=port)),
        ):
            pass


def test_changes_under_load_fail_no_request_and_serve_one_run_at_a_time(tmp_path):
    """Two runs with other items: no answer may be of one with the ids of the other."""
    runs = {name: served_run(name, num_items=60, seed=seed) for seed, name in enumerate(("odd", "even"))}
    runs["even"].items.ids.__init__("item", [f"e{row}" for row in range(60)])
    for name in runs:
        (tmp_path / name).mkdir()
    pointer = tmp_path / "newest"
    pointer.write_text("odd")
    settings = Settings(pointer, port=0, poll=0.01)
    app = create_app(settings, load=lambda folder: runs[folder.name])
    load_first(app)
    answers = []
    done = threading.Event()

    def load(address):
        while not done.is_set():
            answers.append(ask(address, "/recommend?user=u3&k=5"))

    with in_thread(app, settings) as address:
        threads = [threading.Thread(target=load, args=(address,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for turn in range(20):
            name = ("even", "odd")[turn % 2]
            with atomic_write(pointer) as file:
                file.write(name)
            _wait_until(lambda name=name: ask(address, "/run").json["run"] == name)
        done.set()
        for thread in threads:
            thread.join()
        assert b'run_loads_total{outcome="done"} 21.0' in ask(address, "/metrics").content
    assert {answer.status for answer in answers} == {200}
    kinds = [{item["id"][0] for item in answer.json["items"]} for answer in answers]
    assert {frozenset(kind) for kind in kinds} == {frozenset("i"), frozenset("e")}


def _wait_until(holds):
    for _ in range(1000):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("it never came to hold")


@pytest.mark.parametrize(
    ("host", "loopback"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False)]
)
def test_who_is_reached_from_elsewhere(host, loopback):
    assert _is_loopback(host) == loopback
