import ctypes
import subprocess
import sys

import pytest

FAULTS_OF_A_LARGE_TENSOR_AGAIN = """
import resource, torch
{first}
for _ in range(20):
    torch.ones(2**24).sum()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
torch.ones(2**24).sum()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
KEEP = "from mmgraph.cli.allocator import keep_large_blocks; keep_large_blocks()"


def page_faults(first):
    command = [sys.executable, "-c", FAULTS_OF_A_LARGE_TENSOR_AGAIN.format(first=first)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "mallopt"), reason="only glibc has mallopt"
)
def test_memory_of_large_tensors_is_used_again():
    pages = 2**24 * 4 // 4096
    assert page_faults("") > pages / 2
    assert page_faults(KEEP) < pages / 100
