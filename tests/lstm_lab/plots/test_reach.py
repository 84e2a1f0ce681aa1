"""Bars of what a number has seen, read back from their artists."""

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.colors import to_hex
from torch import nn

from lstm_lab import COLORS, plot_reach, reach


@pytest.fixture
def x():
    return torch.randn(2, 5, 3, requires_grad=True)


def test_bars_stand_where_gradients_are_and_crosses_where_none(x):
    output, _ = nn.LSTM(3, 4, batch_first=True, bidirectional=True)(x)
    ends = {"forward": output[0, -1, :4], "backward": output[0, -1, 4:]}
    figure = plot_reach(ends, x)
    for axes, (name, numbers) in zip(figure.axes, ends.items(), strict=True):
        assert axes.get_title(loc="left") == name
        heights = [patch.get_height() for patch in axes.patches]
        assert heights == pytest.approx(reach(numbers, x).tolist())
        assert axes.get_yscale() == "log"
    crosses = figure.axes[1].collections[0].get_offsets()[:, 0].tolist()
    assert crosses == [0, 1, 2, 3]
    assert figure.axes[1].get_xlabel() == "input step"
    assert plt.get_fignums() == []
    form = "reach: forward sees 5 of 5 steps (0 to 4); backward sees 1 of 5 steps (4)"
    assert repr(figure) == f"<Figure {form}>"
    assert {to_hex(patch.get_facecolor()) for patch in figure.axes[0].patches} == {COLORS["input"]}


def test_too_many_panels_are_refused(x):
    for numbers in ({}, x, {str(k): x[0, 0] for k in range(7)}):
        with pytest.raises(ValueError, match="expected one to 6, a dict"):
            plot_reach(numbers, x)
