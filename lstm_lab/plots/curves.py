"""Stored measurements as curves: a mean with its band for each way."""

from matplotlib import rc_context

from lstm_lab.data.measured import Curves
from lstm_lab.plots.figure import LabFigure
from lstm_lab.style import COLORS, INK, RC

LINES = (("-", "o"), ("--", "s"), ("-.", "^"), (":", "D"))


def plot_curves(curves: Curves) -> LabFigure:
    """Draw each way's mean over the seeds, with a band from the lowest to the highest.

    Args:
        curves: of one to four ways; the first, the right one, is drawn in colour.
    Returns:
        One closed Figure.
    Raises:
        ValueError: there are no ways, or more than four.

    >>> curves = Curves("by hand", "accuracy", torch.tensor([10, 20]), {"one": torch.ones(3, 2)})
    >>> plot_curves(curves)
    <Figure accuracy at 20 optimiser steps: one 1.00>
    """
    if not 1 <= len(curves.runs) <= len(LINES):
        raise ValueError(f"curves has {len(curves.runs)} ways; expected 1 to {len(LINES)}")
    with rc_context(RC):
        figure = LabFigure(figsize=(4.8, 3.8))
        lowest = min(float(values.min()) for values in curves.runs.values())
        axes = figure.subplots()
        for k, (name, values) in enumerate(curves.runs.items()):
            color = COLORS["score"] if k == 0 else INK
            line, marker = LINES[k]
            low, high = values.amin(dim=0), values.amax(dim=0)
            axes.fill_between(curves.steps, low, high, color=color, alpha=0.25, linewidth=0)
            mean = values.mean(dim=0)
            axes.plot(curves.steps, mean, line, marker=marker, color=color, label=name)
        axes.set(xlabel=curves.axis, ylabel=curves.quantity, ylim=(min(0.0, lowest), None))
        figure.legend(loc="outside upper left")
    last = ", ".join(f"{name} {values[:, -1].mean():.2f}" for name, values in curves.runs.items())
    figure.text_form = f"{curves.quantity} at {int(curves.steps[-1])} {curves.axis}: {last}"
    return figure
