"""Scores of several ways as dots: every seed, the mean, and what they are measured against."""

from collections.abc import Mapping, Sequence
from math import ceil, floor
from textwrap import fill

import torch
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter
from torch import Tensor

from lstm_lab.checks import check_bool, describe
from lstm_lab.plots.figure import LabFigure, on_cpu
from lstm_lab.printing import rounded
from lstm_lab.style import COLORS, INK, RC

MOST_ROWS = 12
LETTERS = 17  # in a line of a way's name: more than half of the width is left for the dots
LETTERS_ON_TOP = 28  # in a line of the baseline's name, beside the words "a seed" and "mean"


def plot_scores(
    scores: Mapping[str, Tensor | Sequence[float]],
    *,
    baseline: tuple[str, float] | None = None,
    quantity: str = "accuracy",
    share: bool = True,
) -> LabFigure:
    """Draw the scores of each way, a dot for each seed, with their mean as a bar and a number.

    Args:
        scores: ``(seeds,)`` by the name of the way; up to twelve ways, each with seeds of its own.
        baseline: the name and the score of what the ways are measured against.
        quantity: what was measured, for the axis, with its unit if it has one.
        share: whether the scores are shares, 0 to 1, shown as per cent on a scale of whole tenths
            around them; if not, they are plain numbers on a scale that begins at 0 or below.
    Returns:
        One closed Figure with a row for each way, the first on top; its text form has every number.
    Raises:
        ValueError: there are no ways, or more than twelve; a way has no seeds; a score is not a
            finite number, or no share where shares are drawn; or the baseline is no such pair.

    >>> plot_scores({"one": [0.5, 0.75], "other": [0.25]}, baseline=("guess", 0.1))
    <Figure accuracy: guess 10.0%; one 50.0% 75.0%, mean 62.5%; other 25.0%, mean 25.0%>
    """
    if not isinstance(scores, Mapping) or not 1 <= len(scores) <= MOST_ROWS:
        raise ValueError(f"scores has no or too many names; expected one to {MOST_ROWS}, a dict")
    check_bool("share", share)
    ways = {str(name): _checked("scores", name, each, share) for name, each in scores.items()}
    words = "{:.1%}".format if share else rounded
    means = {name: words(float(values.mean())) for name, values in ways.items()}
    lines = [
        f"{name} {' '.join(map(words, values.tolist()))}, mean {means[name]}"
        for name, values in ways.items()
    ]
    with rc_context(RC):
        figure = LabFigure(figsize=(4.8, 1.2 + 0.42 * len(ways)))
        axes = figure.subplots()
        _draw_dots(axes, list(ways.values()))
        if baseline is not None:
            name, level = _checked_baseline(baseline, share)
            lines.insert(0, f"{name} {words(level)}")
            label = fill(lines[0], LETTERS_ON_TOP)
            axes.axvline(level, color=INK, linestyle="--", linewidth=1.5, label=label, zorder=1)
        _fix_axes(axes, means, share)
        axes.set_xlabel(quantity)
        figure.legend(loc="outside upper left", ncols=3, columnspacing=1.2, handlelength=1.2)
    figure.text_form = f"{quantity}: {'; '.join(lines)}"
    return figure


def _draw_dots(axes: Axes, rows: list[Tensor]) -> None:
    style = {"color": COLORS["score"], "linestyle": "", "clip_on": False}
    # A row's dots stand a little apart, so that seeds with one score are all seen.
    places = [k + torch.linspace(-0.3, 0.3, len(row) + 2)[1:-1] for k, row in enumerate(rows)]
    axes.plot(torch.cat(rows), torch.cat(places), marker="o", ms=4.5, label="a seed", **style)
    means = [float(row.mean()) for row in rows]
    axes.plot(means, range(len(rows)), marker="|", ms=20, mew=2, label="mean", **style)


def _fix_axes(axes: Axes, means: Mapping[str, str], share: bool) -> None:
    """Write the names on the left and the means on the right, and choose the scale."""
    axes.set_yticks(range(len(means)), [fill(name, LETTERS) for name in means])
    axes.set_ylim(len(means) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", color=INK, alpha=0.3)
    at = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
    for row, mean in enumerate(means.values()):
        axes.annotate(mean, (1, row), (48, 0), ha="right", va="center", **at)
    if share:
        drawn = [float(x) for line in axes.lines for x in line.get_xdata()]
        axes.set_xlim(_tenths(min(drawn), max(drawn)))
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    else:
        low, high = axes.get_xlim()
        axes.set_xlim(min(0, low), max(0, high))


def _tenths(low: float, high: float) -> tuple[float, float]:
    """Return the whole tenths around two shares, two tenths apart at least."""
    first, last = floor(10 * low), ceil(10 * high)
    last = min(10, max(last, first + 2))
    return min(first, last - 2) / 10, last / 10


def _checked_baseline(baseline: object, share: bool) -> tuple[str, float]:
    if not isinstance(baseline, tuple) or len(baseline) != 2:
        raise ValueError(f"baseline {describe(baseline)}; expected a pair, name and score")
    name, level = baseline
    return str(name), float(_checked("baseline", name, [level], share))


def _checked(argument: str, name: str, values: object, share: bool) -> Tensor:
    """Return ``(seeds,)`` numbers that can be drawn, or refuse them by the way's name."""
    wanted = "(seeds,) shares, 0 to 1" if share else "(seeds,) finite numbers"
    try:
        numbers = on_cpu(torch.as_tensor(values))
    except (TypeError, ValueError, RuntimeError):
        raise ValueError(f"{argument} of {name!r} {describe(values)}; expected {wanted}") from None
    if numbers.dim() != 1 or not len(numbers):
        raise ValueError(f"{argument} of {name!r} {describe(values)}; expected {wanted}")
    low, high = (0, 1) if share else (-torch.inf, torch.inf)
    unfit = numbers[~numbers.isfinite() | (numbers < low) | (numbers > high)]
    if len(unfit):
        raise ValueError(f"{argument} of {name!r} has {float(unfit[0]):g}; expected {wanted}")
    return numbers
