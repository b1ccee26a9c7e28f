"""One of several processes that evaluate together: ``python two_processes.py STORE RANK WORLD OUT``.

Started by test_gathering.py; writes what this process saw.
"""

import json
import sys

import torch
import torch.distributed as dist

from mmgraph.evaluation import Evaluator
from mmgraph.processes.gathering import gather_rows
from tests.evaluation.conftest import DotModel, random_labelled


def outcome():
    """Results with an odd number of users, with a single one, and of a NaN in the part of one process."""
    torch.manual_seed(0)
    results = {}
    for num_users in (37, 1):
        data = random_labelled(num_users, 30, seed=3, shares=(0.2, 0.3, 0.3))
        names = ["recall", "ndcg", "coverage", "gini", "personalization", "sampled_auc"]
        evaluator = Evaluator(data, metrics=names, ks=[3, 10], chunk_size=4, sample_users=11)
        evaluation = evaluator(model := DotModel(data, 8), data, "test")
        per_user = {name: value.tolist() for name, value in evaluation.per_user.items()}
        sampled = evaluator(model, data, "test", sampled=True)
        results[str(num_users)] = [evaluation.metrics, per_user, evaluation.user.tolist(), sampled.metrics]
        model.user[0] = torch.nan
        try:
            evaluator(model, data, "test")
        except FloatingPointError as error:
            results[f"{num_users} with NaN"] = str(error)
    return results


def main(store, rank, world, out):
    """Joins the others and writes the outcome."""
    dist.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=world)
    try:
        rows = torch.arange(14).view(7, 2)
        gathered = gather_rows(rows[rank::world], 7)
        assert torch.equal(gathered, rows), gathered
        with open(out, "w") as file:
            json.dump(outcome(), file)
    finally:
        dist.destroy_process_group()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
