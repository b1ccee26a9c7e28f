"""What a run does to the process; what it leaves behind is in test_train.py."""

import subprocess
import sys

from tests.cli.test_train import words

RUN_AND_MULTIPLY = """
import sys, torch
from mmgraph.cli.train import main
torch.set_num_threads(2)
main(sys.argv[1:])
print("left", (torch.full((2**21,), 1e-30) * 1e-10).count_nonzero().item())
"""


def test_denormal_numbers_are_zero_on_every_thread(tmp_path):
    arguments = words(tmp_path / "run", "trainer.max_epochs=1", model="mf_bpr")
    run = subprocess.run([sys.executable, "-c", RUN_AND_MULTIPLY, *arguments], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split()[-2:] == ["left", "0"]
