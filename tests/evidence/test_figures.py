import matplotlib
import pytest

from mmgraph.evidence.figures import COLOURS, DASHES, HATCHES, MARKERS, draw_figure, write_figure


def draw(figure):
    axes = figure.subplots()
    axes.plot([0, 1], [1, 0], label="a line")
    axes.legend()


def test_the_same_figure_is_the_same_file(tmp_path):
    first, second = (write_figure(draw_figure(draw, (3, 2)), tmp_path / name, "line") for name in ("a", "b"))
    assert [path.name for path in first] == ["line.svg", "line.png"]
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_names_are_shown_whatever_they_are_written_in(tmp_path):
    figure = draw_figure(lambda figure: figure.text(0.1, 0.5, "A$AP Rocky, $_x, 宇多田"), (3, 2))
    assert all(path.stat().st_size for path in write_figure(figure, tmp_path, "names"))


def test_settings_of_the_process_stay_as_they_are():
    before = dict(matplotlib.rcParams)
    draw_figure(draw, (3, 2))
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("others", [MARKERS, DASHES, HATCHES])
def test_what_has_a_colour_is_told_apart_without_it(others):
    assert len(set(others)) == len(COLOURS) == len(set(COLOURS))
