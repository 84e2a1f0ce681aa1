"""The linear recurrence, against a loop and against finite differences."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from lstm_lab.scan import _in_passes, _in_steps, linear_scan


def plain(f, u, c, reverse):
    steps = range(len(f))
    found = {}
    for step in reversed(steps) if reverse else steps:
        c = f[step] * c + u[step]
        found[step] = c
    return torch.stack([found[step] for step in steps])


@pytest.mark.parametrize("solve", [_in_steps, _in_passes])
@given(st.integers(1, 40), st.integers(1, 3), st.booleans(), st.integers(0, 2**16))
def test_both_ways_equal_the_loop(solve, seq_len, batch, reverse, seed):
    torch.manual_seed(seed)
    f, u, c_0 = torch.rand(seq_len, batch, 2), torch.randn(seq_len, batch, 2), torch.randn(batch, 2)
    expected = plain(f.double(), u.double(), c_0.double(), reverse)
    assert_close(solve(f, u, c_0, reverse).double(), expected, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("reverse", [False, True])
def test_first_and_second_derivatives_are_right(reverse):
    inputs = [torch.rand(4, 2, 2), torch.randn(4, 2, 2), torch.randn(2, 2)]
    inputs = [tensor.double().requires_grad_() for tensor in inputs]
    run = lambda *tensors: linear_scan(*tensors, reverse=reverse)  # noqa: E731
    assert torch.autograd.gradcheck(run, inputs)
    assert torch.autograd.gradgradcheck(run, inputs)


def test_inputs_are_left_as_they_were():
    f, u = torch.rand(9, 1, 2), torch.randn(9, 1, 2)
    before = f.clone(), u.clone()
    for solve in (_in_steps, _in_passes):
        solve(f, u, torch.ones(1, 2), False)
        assert torch.equal(f, before[0])
        assert torch.equal(u, before[1])
