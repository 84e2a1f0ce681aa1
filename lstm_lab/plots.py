"""Pictures of states: tensors in, one closed Figure out, with a one-line text form."""

from collections.abc import Sequence

import torch
from matplotlib import rc_context
from torch import Tensor

from lstm_lab.figure import (
    LabFigure,
    count,
    label_of,
    limit_of,
    on_cpu,
    padding_patch,
    shape_of,
    span,
)
from lstm_lab.lengths import valid_lengths, whole
from lstm_lab.style import RC, colormap


def plot_states(
    states: Tensor,
    *,
    batch: int = 0,
    quantity: str = "h",
    limit: float | None = None,
    lengths: Tensor | Sequence[int] | None = None,
    steps: str = "time step",
) -> LabFigure:
    """Draw the states of one sequence as a heat map, units by time.

    Args:
        states: ``(batch, seq_len, features)`` or ``(seq_len, features)``.
        batch: which sequence.
        quantity: a key of ``COLORS``. Hidden states and gates are drawn on -1..1 where they fit
            (they may not with a projection or a relu), all others symmetric about 0.
        limit: the value of full colour, in place of that rule; the colour bar shows it.
        lengths: ``(batch,)`` valid steps; those beyond are hatched.
        steps: what a step is, for the axis.
    Returns:
        One closed Figure.
    Raises:
        ValueError: a shape does not fit, an index is not there, or the quantity is unknown.

    >>> plot_states(torch.zeros(4, 3))
    <Figure states h: 3 units x 4 steps, 0.00 to 0.00>
    """
    if not isinstance(states, Tensor) or states.dim() not in (2, 3) or 0 in states.shape:
        raise ValueError(
            f"states has shape {shape_of(states)}; expected (batch, seq_len, features)"
        )
    states = states.unsqueeze(0) if states.dim() == 2 else states
    size, seq_len, _ = states.shape
    if not 0 <= whole("batch", batch, least=0) < size:
        raise ValueError(f"batch is {batch}; expected 0 to {size - 1}")
    length = valid_lengths(lengths, size, seq_len)[batch]
    values = on_cpu(states[batch]).T
    valid = values[:, :length]
    limit = limit_of(quantity, valid) if limit is None else limit
    if not limit > 0:
        raise ValueError(f"limit is {limit}; expected a number above 0")
    figure = _draw(values, length, quantity, limit, steps)
    amounts = f"{count(len(values), 'unit')} x {count(length, 'step')}"
    figure.text_form = f"states {quantity}: {amounts}, {span(valid)}"
    return figure


def _draw(values: Tensor, length: int, quantity: str, limit: float, steps: str) -> LabFigure:
    features, seq_len = values.shape
    shown = values.clone()
    shown[:, length:] = torch.nan
    scale = {"cmap": colormap(quantity), "vmin": -limit, "vmax": limit}
    size = (min(7.0, 2.4 + 0.34 * seq_len), min(4.5, 1.3 + 0.14 * features))
    with rc_context(RC):
        figure = LabFigure(figsize=size)
        axes = figure.subplots()
        picture = axes.imshow(shown.numpy(), aspect="auto", interpolation="none", **scale)
        if length < seq_len:
            axes.add_patch(padding_patch(length - 0.5, -0.5, seq_len - length, features))
        axes.set(xlabel=steps, ylabel="unit")
        for axis in (axes.xaxis, axes.yaxis):
            axis.get_major_locator().set_params(integer=True)
        beyond = float(values[:, :length].abs().max()) > limit
        extend = "both" if beyond else "neither"
        figure.colorbar(picture, ax=axes, label=label_of(quantity), extend=extend)
    return figure
