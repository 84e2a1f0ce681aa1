"""Which input steps some numbers have seen, as bars."""

from collections.abc import Mapping

from matplotlib import rc_context
from torch import Tensor

from lstm_lab.plots.figure import LabFigure
from lstm_lab.states.reach import reach
from lstm_lab.style import COLORS, INK, RC

MOST_PANELS = 6


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
