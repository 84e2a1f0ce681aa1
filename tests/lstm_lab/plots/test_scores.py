"""Scores and their seeds are drawn where they lie, and are all in the text form."""

import matplotlib.pyplot as plt
import pytest
import torch

from lstm_lab import COLORS, plot_scores
from lstm_lab.style import INK

SCORES = {"one": torch.tensor([0.5, 0.75, 0.5]), "two layers, the last step": [0.125]}


def drawn(figure):
    """Return the lines of dots, of means and, where there is one, of the baseline."""
    (axes,) = figure.axes
    return axes, *axes.lines


def test_each_seed_is_a_dot_in_its_row_and_the_mean_a_bar():
    axes, dots, means = drawn(plot_scores(SCORES))
    assert dots.get_xdata().tolist() == [0.5, 0.75, 0.5, 0.125]
    assert [round(float(place)) for place in dots.get_ydata()] == [0, 0, 0, 1]
    assert len(set(dots.get_ydata().tolist())) == 4  # two seeds with one score are both seen
    assert list(means.get_xdata()) == pytest.approx([1.75 / 3, 0.125])
    assert list(means.get_ydata()) == [0, 1]
    assert {dots.get_color(), means.get_color()} == {COLORS["score"]}
    assert (dots.get_marker(), means.get_marker()) == ("o", "|")
    assert axes.yaxis_inverted()
    assert plt.get_fignums() == []


def test_names_stand_on_the_left_and_means_on_the_right():
    figure = plot_scores(SCORES, quantity="exact match")
    (axes,) = figure.axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["one", "two layers, the\nlast step"]
    assert [text.get_text() for text in axes.texts] == ["58.3%", "12.5%"]
    figure.draw_without_rendering()
    edge = axes.get_window_extent().x1
    assert all(text.get_window_extent().x0 > edge for text in axes.texts)
    assert axes.get_xlabel() == "exact match"


def test_the_baseline_is_a_line_with_its_name():
    figure = plot_scores(SCORES, baseline=("the mean of the pixels and a guess", 0.25))
    _, _, _, line = drawn(figure)
    assert list(line.get_xdata()) == [0.25, 0.25]
    assert line.get_color() == INK
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    assert words == ["a seed", "mean", "the mean of the pixels and a\nguess 25.0%"]
    figure.draw_without_rendering()
    assert figure.legends[0].get_window_extent().x1 <= figure.bbox.x1


def test_the_text_form_has_every_number_in_one_line():
    figure = plot_scores(SCORES, baseline=("guess", 0.1), quantity="exact match")
    first = "one 50.0% 75.0% 50.0%, mean 58.3%"
    second = "two layers, the last step 12.5%, mean 12.5%"
    assert repr(figure) == f"<Figure exact match: guess 10.0%; {first}; {second}>"


@pytest.mark.parametrize(
    ("shares", "guess", "limits"),
    [
        ([0.86, 0.94], 0.91, (0.8, 1)),
        ([0.86, 0.94], 0.1, (0.1, 1)),
        ([0.5, 0.5], 0.5, (0.5, 0.7)),
        ([0.995, 1.0], 1.0, (0.8, 1)),
        ([0.0, 0.02], 0.0, (0, 0.2)),
        ([0.0, 1.0], 0.1, (0, 1)),
    ],
)
def test_shares_have_the_tenths_around_them_as_their_scale(shares, guess, limits):
    (axes,) = plot_scores({"one": shares}, baseline=("guess", guess)).axes
    assert axes.get_xlim() == limits


def test_shares_are_written_in_per_cent_and_other_numbers_on_a_scale_from_0():
    (axes,) = plot_scores({"one": [0.5, 0.5]}).axes
    assert axes.xaxis.get_major_formatter()(0.25, 0) == "25%"
    figure = plot_scores({"one": [17.5, 19]}, quantity="error (sunspots)", share=False)
    assert figure.axes[0].get_xlim()[0] == 0
    assert figure.axes[0].get_xlim()[1] >= 19
    assert repr(figure) == "<Figure error (sunspots): one 17.50 19.00, mean 18.25>"
    (axes,) = plot_scores({"one": [-2.0]}, share=False).axes
    assert axes.get_xlim()[0] <= -2
    assert axes.get_xlim()[1] >= 0


@pytest.mark.parametrize("scores", [{}, [0.5], {str(k): [0.5] for k in range(13)}])
def test_no_names_and_too_many_are_refused(scores):
    with pytest.raises(ValueError, match="scores has no or too many names; expected one to 12"):
        plot_scores(scores)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([], r"is \[\]"),
        (0.5, "is 0.5"),
        (None, "is None"),
        (["high"], r"is \['high'\]"),
        (torch.zeros(2, 3), r"has shape \(2, 3\) and type torch.float32"),
        ([0.5, torch.nan], "has nan"),
        ([0.5, 87.4], "has 87.4"),
        ([-0.5], "has -0.5"),
    ],
)
def test_scores_that_cannot_be_shares_are_refused_by_their_name(values, found):
    with pytest.raises(ValueError, match=f"scores of 'a' {found}; expected .*shares, 0 to 1"):
        plot_scores({"a": values})


def test_numbers_that_are_not_finite_are_refused_whatever_they_are():
    for value in (torch.nan, torch.inf, -torch.inf):
        with pytest.raises(ValueError, match=r"of 'a' has -?(nan|inf); .* finite numbers"):
            plot_scores({"a": [value]}, share=False)


def test_a_baseline_is_a_name_and_a_score():
    for baseline in (0.1, ("guess",), "no"):
        with pytest.raises(ValueError, match=r"baseline is .*; expected a pair, name and score"):
            plot_scores(SCORES, baseline=baseline)
    with pytest.raises(ValueError, match="baseline of 'guess' has 10; expected"):
        plot_scores(SCORES, baseline=("guess", 10))
    with pytest.raises(ValueError, match="share is 'yes'; expected True or False"):
        plot_scores(SCORES, share="yes")
