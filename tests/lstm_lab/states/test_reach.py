"""Which steps a number has seen, where the answer is known."""

import matplotlib.pyplot as plt
import pytest
import torch
from torch import nn

from lstm_lab import COLORS, plot_reach, reach


@pytest.fixture
def x():
    return torch.randn(2, 5, 3, requires_grad=True)


def test_one_layer_s_backward_half_has_seen_the_last_step_only(x):
    output, (h_n, _) = nn.LSTM(3, 4, batch_first=True, bidirectional=True)(x)
    assert reach(output[0, -1, 4:], x).nonzero().flatten().tolist() == [4]
    assert reach(output[0, -1, :4], x).nonzero().flatten().tolist() == [0, 1, 2, 3, 4]
    assert reach(output[0, 2, :4], x).nonzero().flatten().tolist() == [0, 1, 2]
    assert reach(h_n[1, 1], x, batch=1).all()
    assert not reach(h_n[1, 1], x, batch=0).any()


def test_with_two_layers_it_has_seen_everything(x):
    output, _ = nn.LSTM(3, 4, num_layers=2, batch_first=True, bidirectional=True)(x)
    assert reach(output[0, -1, 4:], x).all()


def test_the_norm_is_that_of_the_whole_jacobian(x):
    gru = nn.GRU(3, 4, batch_first=True)
    jacobian = torch.autograd.functional.jacobian(lambda x: gru(x)[0][1, -1], x)
    expected = jacobian[:, 1].pow(2).sum(dim=(0, 2)).sqrt()
    assert torch.allclose(reach(gru(x)[0][1, -1], x, batch=1), expected)


def test_a_small_gradient_is_not_lost():
    x = torch.ones(1, 2, 1, requires_grad=True)
    assert reach(1e-30 * x[0, 0], x).tolist() == pytest.approx([1e-30, 0.0])


def test_opposite_numbers_do_not_cancel(x):
    assert reach(torch.stack([x[0, 2, 0], -x[0, 2, 0]]), x)[2] == pytest.approx(2**0.5)


def test_layouts_are_honoured():
    x = torch.randn(5, 2, 3, requires_grad=True)
    output, _ = nn.RNN(3, 4)(x)
    seen = reach(output[2, 1], x, batch=1, batch_first=False)
    assert seen.nonzero().flatten().tolist() == [0, 1, 2]
    single = torch.randn(5, 3, requires_grad=True)
    assert reach(nn.RNN(3, 4)(single)[0][0], single).nonzero().flatten().tolist() == [0]


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
    assert COLORS["input"] in [
        "#{:02x}{:02x}{:02x}".format(*(round(255 * v) for v in patch.get_facecolor()[:3]))
        for patch in figure.axes[0].patches
    ]


@pytest.mark.parametrize(
    ("numbers", "input", "words"),
    [
        (torch.ones(1), torch.ones(2, 3, 1), "input records no gradient"),
        (torch.ones(1), torch.ones(2, 3, 1, requires_grad=True), "numbers record no gradient"),
        (
            torch.ones(1, requires_grad=True) * 2,
            torch.ones(2, 3, 1, requires_grad=True),
            "numbers do not depend on input",
        ),
    ],
)
def test_what_has_no_gradient_is_refused(numbers, input, words):
    with pytest.raises(ValueError, match=words):
        reach(numbers, input)


def test_what_is_not_there_is_refused(x):
    with pytest.raises(ValueError, match="batch is 2; expected 0 to 1"):
        reach(x[0, 0], x, batch=2)
    for numbers in ({}, x, {str(k): x[0, 0] for k in range(7)}):
        with pytest.raises(ValueError, match="expected one to 6, a dict"):
            plot_reach(numbers, x)
