"""Stored measurements are drawn as they are read."""

import matplotlib.pyplot as plt
import pytest
import torch

from lstm_lab import COLORS, plot_curves
from lstm_lab.data.measured import Curves


@pytest.fixture
def made():
    runs = {"right": torch.tensor([[0.2, 0.6], [0.4, 0.8]]), "wrong": torch.zeros(2, 2)}
    return Curves("by hand", "accuracy", torch.tensor([10, 20]), runs)


def test_a_line_is_the_mean_and_its_band_the_extremes(made):
    figure = plot_curves(made)
    (axes,) = figure.axes
    assert axes.lines[0].get_ydata().tolist() == pytest.approx([0.3, 0.7])
    assert axes.lines[0].get_color() == COLORS["score"]
    band = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == pytest.approx((0.2, 0.8))
    assert axes.get_xlabel() == "optimiser steps"
    assert axes.get_ylabel() == "accuracy"
    assert axes.get_ylim()[0] == 0
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["right", "wrong"]
    assert plt.get_fignums() == []
    assert repr(figure) == "<Figure accuracy at 20 optimiser steps: right 0.70, wrong 0.00>"


def test_an_axis_has_its_name_and_room_for_what_is_below_zero():
    runs = {"one": torch.tensor([[-1.0, 2.0], [0.5, 3.0]])}
    curves = Curves("by hand", "gain", torch.tensor([10, 20]), runs, axis="units")
    (axes,) = plot_curves(curves).axes
    assert axes.get_xlabel() == "units"
    assert axes.get_ylim()[0] == -1


def test_too_many_ways_are_refused(made):
    many = Curves("by hand", "accuracy", made.steps, {str(k): torch.zeros(3, 2) for k in range(5)})
    with pytest.raises(ValueError, match="curves has 5 ways; expected 1 to 4"):
        plot_curves(many)
    assert repr(many).startswith("Curves(accuracy: 0, 1, 2, 3, 4; 3 seeds; by hand")


def test_a_legend_is_in_the_books_ink_before_any_style_is_set():
    from matplotlib import rc_context, rcParamsDefault

    from lstm_lab import new_figure
    from lstm_lab.style import INK

    with rc_context(rcParamsDefault):
        figure = new_figure(3, 2, "a line")
        figure.subplots().plot([0, 1], label="one")
        legend = figure.legend()
    assert [each.get_color() for each in legend.get_texts()] == [INK]
    assert not legend.get_frame_on()
