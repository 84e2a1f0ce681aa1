"""The grid of states, read back from its artists: numbers, labels, colours, frames."""

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.colors import to_hex, to_rgb
from matplotlib.patches import Rectangle

from lstm_lab import COLORS, plot_grid
from lstm_lab.style import INK, NEGATIVE, PAPER


@pytest.fixture
def h():
    torch.manual_seed(0)
    return torch.tanh(torch.randn(2, 2, 3, 4, 5))


def frames(axes, color):
    """Return ``(step, lower edge, width)`` of each frame in that colour."""
    found = [p for p in axes.patches if isinstance(p, Rectangle) and p.get_linewidth() > 2]
    return [p for p in found if to_hex(p.get_edgecolor()) == COLORS[color]]


def numbers(axes):
    """Return the numbers by place: ``{(column, row from the top): value}``."""
    found = {}
    texts = [(t, t.get_text().replace("\N{MINUS SIGN}", "-")) for t in axes.texts]
    tiled = [(t, float(word)) for t, word in texts if word.lstrip("-").replace(".", "").isdigit()]
    heights = sorted({t.get_position()[1] for t, _ in tiled}, reverse=True)
    for text, value in tiled:
        x, y = text.get_position()
        found[int(x), heights.index(y)] = value
    return found


def test_every_number_is_in_its_place(h):
    found = numbers(plot_grid(h).axes[0])
    # From the top: layer 1 forward, layer 1 backward, layer 0 forward, layer 0 backward.
    blocks = [h[1, 0, 0], h[1, 1, 0], h[0, 0, 0], h[0, 1, 0]]
    expected = torch.cat([block[:, :3].T for block in blocks])
    assert len(found) == expected.numel()
    for (step, row), value in found.items():
        assert value == pytest.approx(float(expected[row, step]), abs=0.006)


def test_a_tile_has_the_colour_of_its_sign_and_readable_letters(h):
    h = torch.tensor([-1.0, 0.0, 1.0]).view(1, 1, 1, 1, 3)
    axes = plot_grid(h, mark=()).axes[0]
    for patch, color in zip(axes.patches, (NEGATIVE, PAPER, COLORS["h"]), strict=True):
        assert patch.get_facecolor()[:3] == pytest.approx(to_rgb(color), abs=0.01)
    assert [text.get_color() for text in axes.texts] == ["white", "black", "black"]


def test_what_is_no_number_is_shown_as_such(h):
    h[0, 0, 0, 1, 2] = torch.nan
    axes = plot_grid(h).axes[0]
    (text,) = [text for text in axes.texts if text.get_text() == "nan"]
    assert text.get_color() == INK
    assert len(numbers(axes)) == h[:, :, 0, :, :3].numel() - 1


def test_axes_are_labelled_and_nothing_stays_open(h):
    axes = plot_grid(h).axes[0]
    assert axes.get_xlabel() == "time step"
    assert plt.get_fignums() == []
    labels = [tick.get_text() for tick in axes.get_yticklabels()]
    assert labels == ["layer 0 →", "layer 0 ←", "layer 1 →", "layer 1 ←"]


def test_the_frames_stand_at_the_ends_of_each_direction(h):
    axes = plot_grid(h).axes[0]
    steps = sorted(round(frame.get_x()) for frame in frames(axes, "h"))
    assert steps == [0, 0, 3, 3]
    names = {t.get_text(): t.get_position() for t in axes.texts if t.get_weight() == "bold"}
    assert set(names) == {"output", "h_n[0]", "h_n[1]", "h_n[2]", "h_n[3]"}
    columns = [int(names[f"h_n[{row}]"][0]) for row in range(4)]
    assert columns == [3, 0, 3, 0]
    heights = [names[f"h_n[{row}]"][1] for row in (2, 3, 0, 1)]  # from the top
    assert heights == sorted(heights, reverse=True)
    (output,) = frames(axes, "output")
    assert output.get_width() == pytest.approx(4, abs=0.1)


def test_the_output_frame_holds_the_top_layer_only(h):
    axes = plot_grid(h[:, :1]).axes[0]
    (output,) = frames(axes, "output")
    top = max(frames(axes, "h"), key=lambda frame: frame.get_y())
    assert output.get_y() < top.get_y() < top.get_y() + top.get_height() < output.get_bbox().y1
    assert output.get_height() < 2 * top.get_height()
    both = frames(plot_grid(h).axes[0], "output")[0]
    assert both.get_height() > 2 * top.get_height()


def test_cell_states_have_a_panel_and_frames_of_their_own(h):
    hidden, cell = plot_grid(h, 3 * h).axes
    assert len(frames(cell, "c")) == 4
    assert frames(cell, "output") == frames(hidden, "c") == []
    assert max(map(abs, numbers(cell).values())) > 1


def test_marks_can_be_chosen_and_others_are_refused(h):
    assert frames(plot_grid(h, mark=()).axes[0], "h") == []
    with pytest.raises(ValueError, match="mark has 'hidden'; expected output, h_n, c_n"):
        plot_grid(h, mark=["hidden"])


def test_the_text_form_is_one_line_of_numbers(h):
    h = h[..., :1]
    low, high = float(h[:, :, 0].min()), float(h[:, :, 0].max())
    ranges = f"h {low:.2f} to {high:.2f}; c {2 * low:.2f} to {2 * high:.2f}"
    form = f"grid: 2 layers x 2 directions x 4 steps, unit 0; {ranges}; frames output, h_n, c_n"
    figure = plot_grid(h, 2 * h)
    assert repr(figure) == str(figure) == f"<Figure {form}>"
    assert repr(plot_grid(h)).endswith("frames output, h_n>")
    assert repr(plot_grid(h, mark=())).endswith("frames nothing>")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"h": torch.zeros(2, 3, 4)}, r"h has shape \(2, 3, 4\) .*; expected \(num_layers"),
        ({"h": None}, "h is None; expected"),
        ({"c": torch.zeros(2, 2, 3, 9, 5)}, r"c has shape \(2, 2, 3, 9, 5\)"),
        ({"c": [1]}, r"c is \[1\]"),
        ({"h": torch.zeros(2, 3, 1, 4, 5)}, r"h has shape \(2, 3, 1, 4, 5\)"),
        ({"h": torch.zeros(1, 1, 1, 25, 5)}, "h has 25 steps; expected at most 24"),
    ],
)
def test_a_grid_refuses_what_does_not_fit(h, arguments, words):
    with pytest.raises(ValueError, match=words):
        plot_grid(**{"h": h, **arguments})
