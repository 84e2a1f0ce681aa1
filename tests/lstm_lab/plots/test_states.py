"""Pictures, read back from their artists: numbers, labels, colours, frames."""

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.colors import to_hex, to_rgb
from matplotlib.patches import Rectangle
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from lstm_lab import (
    COLORS,
    new_figure,
    plot_cell,
    plot_gates,
    plot_grid,
    plot_states,
    plot_trace,
    trace,
)
from lstm_lab.style import INK, NEGATIVE, PAPER


@pytest.fixture
def h():
    torch.manual_seed(0)
    return torch.tanh(torch.randn(2, 2, 3, 4, 5))


def tiles(axes):
    """Return the numbers that are written on an axes, as floats."""
    texts = [text.get_text().replace("\N{MINUS SIGN}", "-") for text in axes.texts]
    return [float(text) for text in texts if text.lstrip("-").replace(".", "").isdigit()]


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
    found = numbers(plot_grid(h, batch=1, units=[0, 3]).axes[0])
    # From the top: layer 1 forward, layer 1 backward, layer 0 forward, layer 0 backward.
    blocks = [h[1, 0, 1], h[1, 1, 1], h[0, 0, 1], h[0, 1, 1]]
    expected = torch.cat([block[:, [0, 3]].T for block in blocks])
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
    for figure in (plot_grid(h, h), plot_states(h[0, 0])):
        assert figure.axes[0].get_xlabel() == "time step"
        assert plt.get_fignums() == []
    labels = [tick.get_text() for tick in plot_grid(h).axes[0].get_yticklabels()]
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


@pytest.mark.parametrize(("packed", "step"), [(True, 1), (False, 3)])
def test_padding_moves_the_final_state_when_it_was_packed(h, packed, step):
    axes = plot_grid(h[:, :1], lengths=[4, 2, 4], batch=1, packed=packed).axes[0]
    assert {round(frame.get_x()) for frame in frames(axes, "h")} == {step}
    hatched = [patch for patch in axes.patches if patch.get_hatch()]
    assert len(hatched) == 2 * 2  # two steps of two layers
    assert len(tiles(axes)) == 2 * 2 * 3


def test_cell_states_have_a_panel_and_frames_of_their_own(h):
    hidden, cell = plot_grid(h, 3 * h).axes
    assert len(frames(cell, "c")) == 4
    assert frames(cell, "output") == frames(hidden, "c") == []
    assert max(map(abs, tiles(cell))) > 1


def test_marks_can_be_chosen_and_others_are_refused(h):
    assert frames(plot_grid(h, mark=()).axes[0], "h") == []
    with pytest.raises(ValueError, match="mark has 'hidden'; expected output, h_n, c_n"):
        plot_grid(h, mark=["hidden"])


def test_what_is_not_highlighted_fades(h):
    highlight = torch.zeros(2, 2, 4, dtype=torch.bool)
    highlight[1, 0, 2] = True
    axes = plot_grid(h, highlight=highlight, mark=()).axes[0]
    clear = [patch for patch in axes.patches if patch.get_alpha() == 1]
    assert len(clear) == 3
    assert {round(patch.get_x()) for patch in clear} == {2}


def test_the_text_form_is_one_line_of_numbers(h):
    shown = h[:, :, 0, :2, 1]
    low, high = float(shown.min()), float(shown.max())
    figure = plot_grid(h, 2 * h, units=[1], lengths=[2, 4, 4])
    ranges = f"h {low:.2f} to {high:.2f}; c {2 * low:.2f} to {2 * high:.2f}"
    form = f"grid: 2 layers x 2 directions x 2 steps, unit 1; {ranges}; frames output, h_n, c_n"
    assert repr(figure) == f"<Figure {form}>"
    assert str(figure) == repr(figure)
    highlight = torch.eye(4)[None, :2].expand(2, 2, 4) > 0
    assert repr(plot_grid(h, mark=(), highlight=highlight)).endswith("frames nothing; 12 faded>")


def test_a_figure_shows_itself_at_twice_its_size(h):
    png, size = plot_states(h[0, 0])._repr_png_()
    assert png.startswith(b"\x89PNG")
    width = int.from_bytes(png[16:20], "big")
    assert width == pytest.approx(2 * size["width"], abs=2)


def test_a_heat_map_has_fixed_limits_by_meaning(h):
    states = h[0, 0]
    cases = (("h", states, 1), ("i", states, 1), ("h", 4 * states, None), ("c", states, None))
    for quantity, values, limit in cases:
        picture = plot_states(values, quantity=quantity).axes[0].images[0]
        expected = limit or float(values[0].abs().max())
        assert picture.get_clim() == pytest.approx((-expected, expected))
        assert to_hex(picture.cmap(1.0)) == COLORS[quantity]


def test_a_heat_map_shows_units_by_time_and_hides_padding(h):
    picture = plot_states(h[0, 0], batch=2, lengths=[4, 4, 3]).axes[0].images[0]
    shown = torch.tensor(picture.get_array().filled(torch.nan))
    assert torch.allclose(shown[:, :3], h[0, 0, 2, :3].T.to(shown.dtype))
    assert shown[:, 3].isnan().all()
    assert picture.get_interpolation() == "none"
    assert [patch.get_hatch() for patch in picture.axes.patches] == ["////"]
    loud = h[0, 0].clone()
    loud[2, 3] = 50  # in the padding, so it must not set the scale
    assert plot_states(loud, batch=2, lengths=[4, 4, 3]).axes[0].images[0].get_clim() == (-1, 1)
    assert "50" not in repr(plot_states(loud, batch=2, lengths=[4, 4, 3]))


def test_a_heat_map_says_when_values_go_beyond_its_limit(h):
    bars = [plot_states(h[0, 0], limit=limit).axes[1] for limit in (0.1, 2.0)]
    assert [bar._colorbar.extend for bar in bars] == ["both", "neither"]
    assert bars[0].get_ylabel() == "hidden state h"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"h": torch.zeros(2, 3, 4)}, r"h has shape \(2, 3, 4\); expected \(num_layers"),
        ({"h": None}, "h has shape none"),
        ({"c": torch.zeros(2, 2, 3, 9, 5)}, r"c has shape \(2, 2, 3, 9, 5\)"),
        ({"batch": 3}, "batch is 3; expected 0 to 2"),
        ({"units": [5]}, "units is 5; expected 0 to 4"),
        ({"units": range(5)}, "expected one to four"),
        ({"units": []}, "expected one to four"),
        ({"units": 2}, "units is 2; expected one to four"),
        ({"units": [1.0]}, "units is 1.0; expected a whole number"),
        ({"batch": True}, "batch is True"),
        ({"c": [1]}, "c has shape none"),
        ({"h": torch.zeros(2, 3, 1, 4, 5)}, r"h has shape \(2, 3, 1, 4, 5\)"),
        ({"h": torch.zeros(1, 1, 1, 25, 5)}, "h has 25 steps; expected at most 24"),
        ({"lengths": [4, 4]}, r"lengths has 2 entries; expected \(3,\)"),
        ({"lengths": [5, 4, 4]}, "lengths goes up to 5; expected 1 to seq_len=4"),
        ({"lengths": torch.ones(3, dtype=torch.bool)}, "looks like a mask"),
        ({"highlight": torch.zeros(2, 4)}, r"highlight has shape \(2, 4\)"),
    ],
)
def test_a_grid_refuses_what_does_not_fit(h, arguments, words):
    with pytest.raises(ValueError, match=words):
        plot_grid(**{"h": h, **arguments})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"states": torch.zeros(3)}, r"states has shape \(3,\)"),
        ({"batch": -1}, "batch is -1; expected a whole number"),
        ({"quantity": "z"}, "quantity is 'z'"),
        ({"limit": 0}, "limit is 0"),
    ],
)
def test_a_heat_map_refuses_what_does_not_fit(arguments, words):
    with pytest.raises(ValueError, match=words):
        plot_states(**{"states": torch.zeros(2, 4, 3), **arguments})


def test_a_figure_of_one_s_own_has_the_look_and_a_text_form():
    figure = new_figure(4, 3, "a loss")
    assert repr(figure) == "<Figure a loss>"
    assert figure.get_facecolor()[3] == 0
    assert plot_states(torch.zeros(2, 3)).axes[0].xaxis.label.get_color() == INK
    assert tuple(figure.get_size_inches()) == (4, 3)


@pytest.fixture
def traced():
    x = pack_padded_sequence(torch.randn(2, 5, 2), torch.tensor([5, 3]), batch_first=True)
    return trace(nn.LSTM(2, 4, num_layers=2, bidirectional=True), x)


def test_a_panel_for_each_gate_and_state_with_its_own_numbers(traced):
    figure = plot_gates(traced, layer=1, direction=1, batch=1)
    panels = [axes for axes in figure.axes if axes.images]
    titles = [axes.get_title(loc="left")[-1] for axes in panels]
    assert titles == ["h", "c", "i", "f", "g", "o"]
    for axes, name in zip(panels, titles, strict=True):
        shown = torch.tensor(axes.images[0].get_array().filled(torch.nan))
        assert torch.allclose(shown, getattr(traced, name)[1, 1, 1, :3].T)
        assert to_hex(axes.images[0].cmap(1.0)) == COLORS[name]
    assert plt.get_fignums() == []


def test_gates_have_the_scale_of_their_meaning(traced):
    panels = [axes for axes in plot_gates(traced).axes if axes.images]
    scales = {
        axes.get_title(loc="left")[-1]: axes.images[0].colorbar.ax.get_ylim() for axes in panels
    }
    assert scales["i"] == scales["f"] == scales["o"] == (0, 1)
    assert scales["g"] == scales["h"] == (-1, 1)
    largest = float(traced.c[0, 0, 0].detach().abs().max())
    assert scales["c"] == pytest.approx((-largest, largest))


def test_a_gru_has_four_panels_and_an_rnn_one():
    for kind, count in ((nn.GRU, 4), (nn.RNN, 1)):
        figure = plot_gates(trace(kind(2, 3), torch.zeros(4, 2)))
        assert sum(bool(axes.images) for axes in figure.axes) == count


def test_a_trace_has_a_row_for_each_layer_and_a_column_for_each_direction(traced):
    figure = plot_trace(traced, quantity="c", batch=1)
    panels = [axes for axes in figure.axes if axes.images]
    titles = [axes.get_title(loc="left") for axes in panels]
    assert titles == ["layer 1 →", "layer 1 ←", "layer 0 →", "layer 0 ←"]
    limits = {axes.images[0].get_clim() for axes in panels}
    assert len(limits) == 1
    for axes, (layer, direction) in zip(panels, ((1, 0), (1, 1), (0, 0), (0, 1)), strict=True):
        shown = torch.tensor(axes.images[0].get_array().filled(torch.nan))
        assert torch.allclose(shown, traced.c[layer, direction, 1, :3].T)
    assert repr(figure).startswith(
        "<Figure c of nn.LSTM(2, 4, num_layers=2, bidirectional=True): 2"
    )


def test_a_cell_is_drawn_beside_its_hidden_state(traced):
    figure = plot_cell(traced, units=[3, 0], layer=1)
    for axes, unit in zip(figure.axes, (3, 0), strict=True):
        lines = {line.get_label(): line for line in axes.lines}
        for name in ("c", "h"):
            expected = getattr(traced, name)[1, 0, 0, :, unit].tolist()
            assert lines[name].get_ydata().tolist() == pytest.approx(expected)
            assert lines[name].get_color() == COLORS[name]
    assert repr(figure).startswith("<Figure cell of nn.LSTM(2, 4, num_layers=2")


@pytest.mark.parametrize(
    ("plot", "arguments", "words"),
    [
        (plot_gates, {"layer": 2}, "layer is 2; expected 0 to 1"),
        (plot_gates, {"direction": -1}, "direction is -1"),
        (plot_gates, {"batch": 2}, "batch is 2; expected 0 to 1"),
        (plot_cell, {"units": [4]}, "units is 4; expected 0 to 3"),
        (plot_cell, {"units": 1}, "units is 1; expected one to four"),
        (plot_trace, {"quantity": "r"}, "quantity is 'r'; expected one of h, c, i, f, g, o"),
        (plot_trace, {"batch": 2}, "batch is 2"),
        (plot_trace, {"traced": trace(nn.RNN(2, 3, 7), torch.zeros(4, 2))}, "at most 6"),
        (plot_gates, {"traced": 1}, r"traced is a int; expected what trace\(\) returns"),
        (plot_cell, {"traced": trace(nn.GRU(2, 3), torch.zeros(4, 2))}, "expected an nn.LSTM"),
    ],
)
def test_plots_of_a_trace_refuse_what_is_not_there(traced, plot, arguments, words):
    with pytest.raises(ValueError, match=words):
        plot(**{"traced": traced, **arguments})
