import pytest

from mmgraph.cli.study import STUDIES, cut_torn_line


@pytest.mark.parametrize(
    ("before", "after"), [(b"", b""), (b"a\nb\n", b"a\nb\n"), (b"a\nhalf a li", b"a\n"), (b"half", b"")]
)
def test_a_line_that_was_not_written_whole_is_left_out(tmp_path, before, after):
    (tmp_path / STUDIES).write_bytes(before)
    cut_torn_line(tmp_path)
    assert (tmp_path / STUDIES).read_bytes() == after


def test_a_search_that_begins_has_no_file(tmp_path):
    cut_torn_line(tmp_path)
    assert not list(tmp_path.iterdir())
