"""Which input steps a number has seen: gradients as the book's proof.

A gradient that is not zero proves that the number depends on the step. Exact zeros prove the
opposite only where no unit is saturated, since a flat gate or a relu hides a path, and where the
way is short: after a hundred steps a gradient can be too small for ``float32``.
"""

from collections.abc import Mapping

import torch
from matplotlib import rc_context
from torch import Tensor

from lstm_lab.figure import LabFigure
from lstm_lab.lengths import place
from lstm_lab.style import COLORS, INK, RC

MOST_PANELS = 6


def reach(numbers: Tensor, input: Tensor, *, batch: int = 0, batch_first: bool = True) -> Tensor:
    """Return the norm of the gradient of some numbers with respect to each input step.

    Args:
        numbers: any tensor that was computed from ``input``; each entry counts for itself, so
            that two of opposite sign do not cancel.
        input: ``(batch, seq_len, input_size)`` or ``(seq_len, input_size)``, with
            ``requires_grad``.
        batch: the sequence whose steps are asked about.
        batch_first: the layout of a batched ``input``.
    Returns:
        ``(seq_len,)``, exactly 0 where no path leads from the step to the numbers, and where the
        gradient is 0 for another reason (see above).
    Raises:
        ValueError: ``input`` records no gradient, ``numbers`` do not depend on it, or there is no
            such sequence.

    >>> x = torch.zeros(1, 3, 1, requires_grad=True)
    >>> reach(x[0, 1] * 2, x).tolist()
    [0.0, 2.0, 0.0]
    """
    if not isinstance(input, Tensor) or input.dim() not in (2, 3) or not input.requires_grad:
        raise ValueError("input records no gradient; expected a tensor after requires_grad_()")
    if not isinstance(numbers, Tensor) or not numbers.requires_grad:
        raise ValueError("numbers record no gradient; expected a tensor computed from input")
    squares = torch.zeros(input.shape, dtype=torch.float64)  # a small number's square underflows
    for number in numbers.flatten():
        (gradient,) = torch.autograd.grad(number, input, retain_graph=True, allow_unused=True)
        if gradient is None:
            raise ValueError("numbers do not depend on input; expected a tensor computed from it")
        squares += gradient.detach().cpu().double() ** 2
    if input.dim() == 3:
        squares = squares if batch_first else squares.transpose(0, 1)
        squares = squares[place("batch", batch, len(squares))]
    return squares.sum(dim=-1).sqrt().to(input.device, input.dtype)


def plot_reach(
    numbers: Mapping[str, Tensor], input: Tensor, *, batch: int = 0, batch_first: bool = True
) -> LabFigure:
    """Draw which input steps some numbers have seen, a panel for each name.

    Args:
        numbers: up to six tensors by the name that the panel bears: ``{"h_n[0]": h_n[0, 0]}``.
        input, batch, batch_first: as ``reach`` takes them.
    Returns:
        One closed Figure of bars on a logarithmic scale; a cross marks a gradient of exactly 0.
    Raises:
        ValueError: as ``reach``; or there are no numbers, or more than six.

    >>> x = torch.zeros(1, 3, 1, requires_grad=True)
    >>> plot_reach({"the second step": x[0, 1]}, x)
    <Figure reach: the second step sees 1 of 3 steps (1)>
    """
    if not isinstance(numbers, Mapping) or not 1 <= len(numbers) <= MOST_PANELS:
        raise ValueError(f"numbers has no or too many names; expected one to {MOST_PANELS}, a dict")
    norms = {
        name: reach(each, input, batch=batch, batch_first=batch_first).detach().cpu()
        for name, each in numbers.items()
    }
    largest = max(float(norm.max()) for norm in norms.values()) or 1.0
    with rc_context(RC):
        figure = LabFigure(figsize=(5.4, 0.7 + 1.15 * len(norms)))
        panels = figure.subplots(len(norms), squeeze=False, sharex=True)[:, 0]
        for axes, (name, norm) in zip(panels, norms.items(), strict=True):
            _draw_bars(axes, name, norm, largest)
        panels[-1].set_xlabel("input step")
        figure.supylabel("gradient norm", color=INK, fontsize=11)
    figure.text_form = "reach: " + "; ".join(_seen(*pair) for pair in norms.items())
    return figure


def _draw_bars(axes, name: str, norm: Tensor, largest: float) -> None:
    floor = 1e-6 * largest  # where the logarithmic scale begins
    axes.bar(range(len(norm)), norm.tolist(), color=COLORS["input"])
    unseen = (norm == 0).nonzero().flatten().tolist()
    axes.scatter(unseen, [2 * floor] * len(unseen), marker="x", color=INK)
    axes.set_yscale("log")
    axes.set_ylim(floor, 2 * largest)
    axes.set_xlim(-0.6, len(norm) - 0.4)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_title(name, loc="left")


def _seen(name: str, norm: Tensor) -> str:
    steps = norm.nonzero().flatten().tolist()
    if not steps:
        return f"{name} sees 0 of {len(norm)} steps"
    whole_run = steps == list(range(steps[0], steps[-1] + 1))
    words = (
        f"{steps[0]} to {steps[-1]}" if whole_run and len(steps) > 1 else ", ".join(map(str, steps))
    )
    return f"{name} sees {len(steps)} of {len(norm)} steps ({words})"
