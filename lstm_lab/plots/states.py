"""Pictures of states: tensors in, one closed Figure out, with a one-line text form."""

from collections.abc import Sequence

import torch
from matplotlib import rc_context
from matplotlib.axes import Axes
from torch import Tensor

from lstm_lab.checks import check_index, describe
from lstm_lab.plots.figure import LabFigure, label_of, limit_of, on_cpu
from lstm_lab.printing import count, span, units_of
from lstm_lab.states.trace import Trace
from lstm_lab.style import COLORS, INK, RC, colormap


def plot_states(
    states: Tensor,
    *,
    batch: int = 0,
    quantity: str = "h",
    limit: float | None = None,
    steps: str = "time step",
) -> LabFigure:
    """Draw the states of one sequence as a heat map, units by time.

    Args:
        states: ``(batch, seq_len, features)`` or ``(seq_len, features)``.
        batch: which sequence.
        quantity: a key of ``COLORS``. Hidden states and gates are drawn on -1..1 where they fit
            (they may not with a projection or a relu), all others symmetric about 0.
        limit: the value of full colour, in place of that rule; the colour bar shows it.
        steps: what a step is, for the axis.
    Returns:
        One closed Figure.
    Raises:
        ValueError: a shape does not fit, an index is not there, or the quantity is unknown.

    >>> plot_states(torch.zeros(4, 3))
    <Figure states h: 3 units x 4 steps, 0.00 to 0.00>
    """
    if not isinstance(states, Tensor) or states.dim() not in (2, 3) or 0 in states.shape:
        raise ValueError(f"states {describe(states)}; expected (batch, seq_len, features)")
    states = states.unsqueeze(0) if states.dim() == 2 else states
    values = on_cpu(states[check_index("batch", batch, len(states))]).T
    limit = limit_of(quantity, values) if limit is None else limit
    if not limit > 0:
        raise ValueError(f"limit is {limit}; expected a number above 0")
    features, seq_len = values.shape
    size = (min(7.0, 2.4 + 0.34 * seq_len), min(4.5, 1.3 + 0.14 * features))
    scale = {"cmap": colormap(quantity), "vmin": -limit, "vmax": limit}
    with rc_context(RC):
        figure = LabFigure(figsize=size)
        axes = figure.subplots()
        picture = axes.imshow(values.numpy(), aspect="auto", interpolation="none", **scale)
        axes.set(xlabel=steps, ylabel="unit")
        for axis in (axes.xaxis, axes.yaxis):
            axis.get_major_locator().set_params(integer=True)
        extend = "both" if float(values.abs().max()) > limit else "neither"
        figure.colorbar(picture, ax=axes, label=label_of(quantity), extend=extend)
    amounts = f"{count(features, 'unit')} x {count(seq_len, 'step')}"
    figure.text_form = f"states {quantity}: {amounts}, {span(values)}"
    return figure


def plot_gates(traced: Trace, *, layer: int = 0, direction: int = 0, batch: int = 0) -> LabFigure:
    """Draw every gate and state of one layer, direction and sequence, a panel each.

    Args:
        traced: what ``trace`` returned.
        layer, direction, batch: which of them.
    Returns:
        One closed Figure of up to six panels, units by time. Gates are on 0..1, ``g``, ``n`` and
        ``h`` on -1..1 where they fit, ``c`` symmetric about 0.
    Raises:
        ValueError: ``traced`` is no trace, or an index is not there.

    >>> plot_gates(trace(nn.RNN(2, 3, bias=False), torch.zeros(4, 2)))
    <Figure gates of nn.RNN(2, 3, bias=False): h 0.00 to 0.00>
    """
    values = _chosen(traced, layer, direction, batch)
    columns = 1 if len(values) == 1 else 2
    rows = -(-len(values) // columns)
    features, seq_len = next(iter(values.values())).shape
    width = min(7.0, 1.4 + columns * max(1.6, 0.8 + 0.14 * seq_len))
    with rc_context(RC):
        figure = LabFigure(figsize=(width, rows * min(2.4, 1.1 + 0.16 * features)))
        every_axes = list(figure.subplots(rows, columns, squeeze=False, sharex=True).flat)
        for axes in every_axes[len(values) :]:
            axes.remove()
        for axes, (name, states) in zip(every_axes, values.items(), strict=False):
            _draw_panel(figure, axes, name, states)
        figure.supxlabel("time step", color=INK, fontsize=11)
        figure.supylabel("unit", color=INK, fontsize=11)
    ranges = "; ".join(f"{name} {span(states)}" for name, states in values.items())
    figure.text_form = f"gates of {traced.options}: {ranges}"
    return figure


def plot_cell(
    traced: Trace,
    *,
    units: Sequence[int] = (0,),
    layer: int = 0,
    direction: int = 0,
    batch: int = 0,
    steps: str = "time step",
    ticks: Sequence[str] | None = None,
) -> LabFigure:
    """Draw the cell state and the hidden state of some units over time, on one scale.

    Args:
        traced: a trace of an ``nn.LSTM``.
        units: which units, at most four; a panel each.
        layer, direction, batch: which of them.
        steps: what a step is, for the axis.
        ticks: what was read at each valid step, such as the letters of a text; None for numbers.
    Returns:
        One closed Figure: ``c`` solid, ``h`` dashed, the bounds of ``h`` dotted.
    Raises:
        ValueError: the module has no cell state, an index is not there, or there is not one tick
            for each step.

    >>> plot_cell(trace(nn.LSTM(2, 3, bias=False), torch.zeros(4, 2)), units=[1])
    <Figure cell of nn.LSTM(2, 3, bias=False), unit 1: c 0.00 to 0.00; h 0.00 to 0.00>
    """
    values = _chosen(traced, layer, direction, batch)
    if "c" not in values:
        raise ValueError(f"traced is of {traced.options}; expected an nn.LSTM, which has a c")
    if isinstance(units, int) or not 1 <= len(units) <= 4:
        raise ValueError(f"units {describe(units)}; expected one to four units, as a sequence")
    smallest = min(len(values["c"]), len(values["h"]))
    for unit in units:
        check_index("units", unit, smallest)
    length = values["c"].shape[1]
    if ticks is not None and len(ticks) != length:
        raise ValueError(f"ticks has {len(ticks)} entries; expected one for each of {length} steps")
    with rc_context(RC):
        figure = LabFigure(figsize=(5.4, 0.7 + 1.5 * len(units)))
        panels = figure.subplots(len(units), squeeze=False, sharex=True)[:, 0]
        for axes, unit in zip(panels, units, strict=True):
            for bound in (-1, 1):
                axes.axhline(bound, color=INK, linewidth=1, linestyle=":")
            for name, line in (("c", "-"), ("h", "--")):
                axes.plot(values[name][unit], line, color=COLORS[name], marker=".", label=name)
            axes.set_ylabel(f"unit {unit}")
        panels[0].legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
        panels[-1].set_xlabel(steps)
        if ticks is None:
            panels[-1].xaxis.get_major_locator().set_params(integer=True)
        else:
            panels[-1].set_xticks(range(length), list(ticks))
    chosen = list(units)
    figure.text_form = (
        f"cell of {traced.options}, {units_of(chosen)}:"
        f" c {span(values['c'][chosen])}; h {span(values['h'][chosen])}"
    )
    return figure


def plot_trace(traced: Trace, *, quantity: str = "h", batch: int = 0) -> LabFigure:
    """Draw one quantity of every layer and direction, the top layer on top, on one scale.

    Args:
        traced: what ``trace`` returned, of at most six layers and directions together.
        quantity: ``"h"``, ``"c"`` or the name of a gate.
        batch: which sequence.
    Returns:
        One closed Figure: a row for each layer, a column for each direction.
    Raises:
        ValueError: ``traced`` is no trace or too large, or has no such quantity or sequence.

    >>> plot_trace(trace(nn.GRU(2, 3, bias=False, bidirectional=True), torch.zeros(4, 2)))
    <Figure h of nn.GRU(2, 3, bias=False, bidirectional=True): 1 layer x 2 directions, 0.00 to 0.00>
    """
    _chosen(traced, 0, 0, batch)
    layers, directions = traced.h.shape[:2]
    if layers * directions > 6:
        raise ValueError(f"traced has {layers} x {directions} panels; expected at most 6")
    names = [name for name, _ in traced.named()]
    if quantity not in names:
        raise ValueError(f"quantity {describe(quantity)}; expected one of {', '.join(names)}")
    places = [(layer, k) for layer in reversed(range(layers)) for k in range(directions)]
    values = [_chosen(traced, *place, batch)[quantity] for place in places]
    limit = limit_of(quantity, torch.cat(values))
    features = len(values[0])
    with rc_context(RC):
        height = layers * min(2.4, 1.1 + 0.16 * features)
        figure = LabFigure(figsize=(min(7.0, 1.4 + 2.4 * directions), height))
        panels = figure.subplots(layers, directions, squeeze=False, sharex=True)
        for axes, (layer, k), states in zip(panels.flat, places, values, strict=True):
            arrow = "" if directions == 1 else (" →", " ←")[k]
            _draw_panel(figure, axes, quantity, states, limit=limit)
            axes.set_title(f"layer {layer}{arrow}", loc="left")
        figure.supxlabel("time step", color=INK, fontsize=11)
        figure.supylabel(f"{label_of(quantity)}, unit", color=INK, fontsize=11)
    figure.text_form = (
        f"{quantity} of {traced.options}: {count(layers, 'layer')} x"
        f" {count(directions, 'direction')}, {span(torch.cat(values))}"
    )
    return figure


def _chosen(traced: object, layer: int, direction: int, batch: int) -> dict[str, Tensor]:
    """Return the valid states of one layer, direction and sequence, ``(features, seq_len)``."""
    if not isinstance(traced, Trace):
        raise ValueError(f"traced {describe(traced)}; expected what trace() returns")
    places = {"layer": layer, "direction": direction, "batch": batch}
    for (name, index), size in zip(places.items(), traced.h.shape, strict=False):
        check_index(name, index, size)
    length = int(traced.lengths[batch])
    return {
        name: on_cpu(states[layer, direction, batch, :length]).T for name, states in traced.named()
    }


def _draw_panel(
    figure: LabFigure, axes: Axes, name: str, states: Tensor, *, limit: float | None = None
) -> None:
    limit = limit_of(name, states) if limit is None else limit
    low = 0.0 if name in ("i", "f", "o", "r", "z") else -limit
    # A gate of 0 is pale and a gate of 1 has the full colour: the upper half of the map.
    cmap = colormap(name)
    scale = {"cmap": cmap, "vmin": -limit, "vmax": limit, "aspect": "auto"}
    picture = axes.imshow(states.numpy(), interpolation="none", **scale)
    bar = figure.colorbar(picture, ax=axes)
    bar.ax.set_ylim(low, limit)
    axes.set_title(label_of(name), loc="left")
    for axis in (axes.xaxis, axes.yaxis):
        axis.get_major_locator().set_params(integer=True)
