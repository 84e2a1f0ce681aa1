"""Which steps a number has seen, where the answer is known."""

import pytest
import torch
from torch import nn

from lstm_lab import reach


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
    found = reach(1e-30 * x[0, 0], x)  # whose square float32 does not hold
    assert found[0] == pytest.approx(1e-30, rel=1e-6, abs=0)
    assert found[1] == 0


def test_torch_s_default_device_changes_nothing(x):
    with torch.device("meta"):
        assert reach(2 * x[0, 1], x).count_nonzero() == 1


def test_opposite_numbers_do_not_cancel(x):
    assert reach(torch.stack([x[0, 2, 0], -x[0, 2, 0]]), x)[2] == pytest.approx(2**0.5)


def test_layouts_are_honoured():
    x = torch.randn(5, 2, 3, requires_grad=True)
    output, _ = nn.RNN(3, 4)(x)
    seen = reach(output[2, 1], x, batch=1, batch_first=False)
    assert seen.nonzero().flatten().tolist() == [0, 1, 2]
    single = torch.randn(5, 3, requires_grad=True)
    assert reach(nn.RNN(3, 4)(single)[0][0], single).nonzero().flatten().tolist() == [0]


@pytest.mark.parametrize(
    ("numbers", "input", "words"),
    [
        (torch.ones(1), torch.ones(2, 3, 1), "input records no gradient"),
        (torch.ones(1), torch.ones(2, 3, 1, 1), r"input has shape \(2, 3, 1, 1\) .*; expected"),
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
