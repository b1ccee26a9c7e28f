"""What all fuzz tests share: how input is damaged, and what counts as an answer.

Each test tries as many inputs as ``MMGRAPH_FUZZ_EXAMPLES`` says (default: a few, for every day). Thousands by hand:
``MMGRAPH_FUZZ_EXAMPLES=2000 python -m pytest tests/fuzz``.
"""

import os
import re
import resource
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from mmgraph.cli.errors import USER_ERRORS

EXAMPLES = int(os.environ.get("MMGRAPH_FUZZ_EXAMPLES", "12"))
BOUNDED = settings(
    max_examples=EXAMPLES,
    deadline=None,  # a loaded machine is no fault
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    print_blob=True,
)
SPARE_BYTES = 3 * 2**30

_NUMBERS = b"- -1 1e0 1e999 nan inf 0.5 0x10 99999999999999999999 9223372036854775807 true null".split()
_MARKUP = b"\" ' , ; # [x] [/] {} [] ../.. !!python/object ${oc.env:HOME}".split()
_BYTES = b"\x00|\t|\n|\r|\r\n\r\n| |\xff\xfe|\xef\xbb\xbf|\x1f\x8b|\xe9|\xd9\xa3|\xe2\x80\xa8|\x1b[31m".split(b"|")
ODD = [b"", b"1 2", b"&a [*a]", b"_target_: os.system", *_NUMBERS, *_MARKUP, *_BYTES]
"""Pieces that readers stumble over."""


@st.composite
def damaged(draw, whole):
    """``whole`` (bytes) after one to three changes: bits, cuts, repeats, zeroed stretches, odd pieces."""
    content = bytearray(whole)
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(content)))
        stop = min(len(content), start + draw(st.integers(1, 40)))
        change = draw(st.sampled_from(["bit", "cut", "drop", "repeat", "zeros", "odd", "replace"]))
        if change == "bit" and start < len(content):
            content[start] ^= 1 << draw(st.integers(0, 7))
        elif change == "cut":
            del content[start:]
        elif change == "drop":
            del content[start:stop]
        elif change == "repeat":
            content[start:start] = content[start:stop]
        elif change == "zeros":
            content[start:stop] = bytes(stop - start)
        elif change == "odd":
            content[start:start] = draw(st.sampled_from(ODD))
        elif change == "replace":
            content[start:stop] = draw(st.sampled_from(ODD))
    return bytes(content)


def answer(call, *named):
    """Calls and returns ``None``, or the sentence that was raised.

    Fails for an exception that the command line would show as a traceback, and for a message that is no sentence or
    names none of ``named`` (the file, an argument).
    """
    try:
        call()
    except USER_ERRORS as error:
        message = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
        check_sentence(message)
        assert any(name in message for name in named), f"names none of {named}: {message!r}"
        return message
    return None


def check_sentence(message):
    """A few words at least, not the bare text of somebody else's exception."""
    assert len(re.findall(r"\w+", message)) >= 4, f"no sentence: {message!r}"
    assert "Traceback" not in message, message
    bare = r"(Error: )?(\[Errno|'\w+' object |'[\w-]+' codec |unhashable|list index|could not convert)"
    assert not re.match(bare, message), message


def told(main, words, capsys):
    """Runs a command; returns its exit code and what it said, which must be no traceback."""
    try:
        main(words)
        code = 0
    except SystemExit as end:
        code = end.code
    captured = capsys.readouterr()
    said = captured.out + captured.err
    assert "Traceback" not in said, said
    if code not in (0, None):
        assert "rror" in said, f"exit code {code} without a word: {said!r}"
        check_sentence(said)
    return code, said


@pytest.fixture(autouse=True)
def _bounded_memory():
    """A size that a mutation made huge meets a limit, not the machine's memory."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + SPARE_BYTES, hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
