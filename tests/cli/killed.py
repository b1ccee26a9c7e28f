"""A run that kills itself at a chosen point: ``python -m tests.cli.killed OWNER NAME REPLACEMENT WORDS...``.

What OWNER has under NAME is replaced by the expression REPLACEMENT, in which it is called ``before``. Of several
processes the first does so.
"""

import os
import pkgutil
import signal
import sys

from mmgraph.cli.train import main


def kill():
    """No handler and no ``finally`` runs."""
    os.kill(os.getpid(), signal.SIGKILL)


def half(save, content, file):
    """Leaves a part of what ``save`` writes."""
    save(content, file)
    file.seek(0)
    file.truncate(1000)
    file.flush()
    kill()


if __name__ == "__main__":
    if os.environ.get("RANK", "0") == "0":
        owner, name = pkgutil.resolve_name(sys.argv[1]), sys.argv[2]
        before = getattr(owner, name)
        setattr(owner, name, eval(sys.argv[3]))
    main(sys.argv[4:])
