"""A small shop with pictures, runs on it, and their page."""

from types import SimpleNamespace

import pytest

from mmgraph.evidence.page.write import write_report
from tests.serve.shop import shop_folder, trained


@pytest.fixture(scope="session")
def shop(tmp_path_factory):
    """``folder`` of the data, ``images``, ``runs``: VBPR with two seeds and popularity; ``run`` is one of them."""
    root = tmp_path_factory.mktemp("report_shop")
    folder = shop_folder(root, customers=80, products=60, orders=8)
    runs = root / "runs"
    run = trained(folder, runs / "vbpr-0", max_epochs=4)
    trained(folder, runs / "vbpr-1", max_epochs=4, seed=1)
    trained(folder, runs / "popularity", model="popularity")
    return SimpleNamespace(root=root, folder=folder, images=root / "images", runs=runs, run=run)


@pytest.fixture(scope="session")
def page_of_shop(shop):
    """The page, with two users and pictures."""
    users = [str(user) for user in shop.run.dataset.user_ids[:2]]
    return write_report(shop.runs, out=shop.root / "report.html", users=users, images=shop.images, maps=["pca"])
