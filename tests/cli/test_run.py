"""What a run does to the process; what it leaves behind is in test_train.py."""

import subprocess
import sys

RUN_AND_MULTIPLY = """
import sys, torch
from mmgraph.cli.train import main
torch.set_num_threads(2)
main(sys.argv[1:])
print("left", (torch.full((2**21,), 1e-30) * 1e-10).count_nonzero().item())
"""


def test_denormal_numbers_are_zero_on_every_thread(tmp_path):
    small = ["dataset.num_users=120", "dataset.num_items=80", "dataset.num_topics=4", "trainer.max_epochs=1"]
    words = ["model=mf_bpr", *small, "trainer.accelerator=cpu", f"hydra.run.dir={tmp_path / 'run'}"]
    run = subprocess.run([sys.executable, "-c", RUN_AND_MULTIPLY, *words], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split()[-2:] == ["left", "0"]
