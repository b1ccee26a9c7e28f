import subprocess
import sys


def run(code):
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)


def test_a_command_that_trains_loads_nothing_that_it_does_not_use():
    run(
        "from mmgraph.cli.switches import set_switches; set_switches()\n"
        "import gc, sys; assert gc.isenabled()\n"
        "import mmgraph.models, mmgraph.losses, mmgraph.pipeline.run\n"
        "unused = {'torch_geometric.datasets.planetoid', 'torch_geometric.llm', 'transformers', 'pandas', 'sklearn'}\n"
        "unused |= {'matplotlib', 'fastapi', 'duckdb', 'optuna', 'faiss', 'tensorboard', 'wandb', 'mlflow'}\n"
        "assert not unused & set(sys.modules), unused & set(sys.modules)"
    )


def test_what_is_delayed_comes_when_it_is_asked_for():
    run(
        "from mmgraph.cli.imports import import_pyg; import_pyg()\n"
        "import sys, torch_geometric\n"
        "assert torch_geometric.datasets.__file__\n"
        "assert not hasattr(torch_geometric.datasets, '__wrapped__')\n"
        "assert 'torch_geometric.datasets.planetoid' not in sys.modules\n"
        "from torch_geometric.datasets import FakeDataset\n"
        "assert FakeDataset is torch_geometric.datasets.FakeDataset and not hasattr(torch_geometric.datasets, 'Fake')\n"
    )
