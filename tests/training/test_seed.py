import random

import numpy as np
import torch

from mmgraph.training import INITIALISATION, seed_everything


def draw(seed, stage):
    seed_everything(seed, stage)
    return random.random(), float(np.random.rand()), float(torch.rand(1))


def test_each_pair_of_seed_and_stage_has_its_own_stream_in_every_library():
    streams = [draw(seed, stage) for seed in (0, 1) for stage in (0, 1, INITIALISATION)]
    assert all(len(set(values)) == len(streams) for values in zip(*streams, strict=True))
    assert draw(1, 1) == streams[4]
