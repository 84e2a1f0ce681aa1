"""Pictures of states, read back from their artists: numbers, labels, colours."""

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.colors import to_hex
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from lstm_lab import COLORS, plot_cell, plot_gates, plot_states, plot_trace, trace


@pytest.fixture
def h():
    torch.manual_seed(0)
    return torch.tanh(torch.randn(3, 4, 5))


def test_a_heat_map_has_fixed_limits_by_meaning(h):
    cases = (("h", h, 1), ("i", h, 1), ("h", 4 * h, None), ("c", h, None))
    for quantity, values, limit in cases:
        picture = plot_states(values, quantity=quantity).axes[0].images[0]
        expected = limit or float(values[0].abs().max())
        assert picture.get_clim() == pytest.approx((-expected, expected))
        assert to_hex(picture.cmap(1.0)) == COLORS[quantity]


def test_a_heat_map_shows_units_by_time(h):
    figure = plot_states(h, batch=2)
    picture = figure.axes[0].images[0]
    assert torch.equal(torch.tensor(picture.get_array()), h[2].T)
    assert picture.get_interpolation() == "none"
    assert figure.axes[0].get_xlabel() == "time step"
    assert plt.get_fignums() == []
    low, high = float(h[2].min()), float(h[2].max())
    assert repr(figure) == f"<Figure states h: 5 units x 4 steps, {low:.2f} to {high:.2f}>"


def test_a_heat_map_says_when_values_go_beyond_its_limit(h):
    bars = [plot_states(h, limit=limit).axes[1] for limit in (0.1, 2.0)]
    assert [bar._colorbar.extend for bar in bars] == ["both", "neither"]
    assert bars[0].get_ylabel() == "hidden state h"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"states": torch.zeros(3)}, r"states has shape \(3,\)"),
        ({"batch": -1}, "batch is -1; expected 0 to 1"),
        ({"quantity": "x"}, "quantity is 'x'"),
        ({"limit": 0}, "limit is 0"),
    ],
)
def test_a_heat_map_refuses_what_does_not_fit(arguments, words):
    with pytest.raises(ValueError, match=words):
        plot_states(**{"states": torch.zeros(2, 4, 3), **arguments})


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
        (plot_gates, {"traced": 1}, r"traced is 1; expected what trace\(\) returns"),
        (plot_cell, {"traced": trace(nn.GRU(2, 3), torch.zeros(4, 2))}, "expected an nn.LSTM"),
    ],
)
def test_plots_of_a_trace_refuse_what_is_not_there(traced, plot, arguments, words):
    with pytest.raises(ValueError, match=words):
        plot(**{"traced": traced, **arguments})
