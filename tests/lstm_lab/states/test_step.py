"""Steps against PyTorch's cells; the linear recurrence against a loop and its derivatives."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close

from lstm_lab import lstm_step
from lstm_lab.states.step import gru_gates, linear_scan


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("batch", [(), (1,), (5,)])
def test_a_step_is_that_of_the_cell(batch, bias):
    cell = nn.LSTMCell(2, 3, bias=bias, dtype=torch.float64)
    x, h, c = (torch.randn(*batch, size, dtype=torch.float64) for size in (2, 3, 3))
    h_1, c_1, _ = lstm_step(x, h, c, *cell.parameters())
    assert_close((h_1, c_1), cell(x, (h, c)), atol=1e-12, rtol=1e-12)


@pytest.mark.parametrize("bias", [True, False])
def test_the_gates_of_a_gru_make_its_state(bias):
    cell = nn.GRUCell(2, 3, bias=bias)
    x, h = torch.randn(5, 2), torch.randn(5, 3)
    _, z, n = gru_gates(x, h, *cell.parameters())
    assert_close((1 - z) * n + z * h, cell(x, h))


def test_the_gates_of_a_step_make_its_states():
    weights = torch.randn(12, 2), torch.randn(12, 3), torch.randn(12), torch.randn(12)
    x, h, c = torch.randn(5, 2), torch.randn(5, 3), torch.randn(5, 3)
    h_1, c_1, (i, f, g, o) = lstm_step(x, h, c, *weights)
    assert_close(f * c + i * g, c_1)
    assert_close(o * c_1.tanh(), h_1)


@pytest.mark.parametrize("batched", range(7))
def test_a_step_can_be_mapped_over_any_of_its_arguments(batched):
    sizes = (2,), (3,), (3,), (12, 2), (12, 3), (12,), (12,)
    given = [torch.randn(*([5] if k == batched else []), *size) for k, size in enumerate(sizes)]
    where = tuple(0 if k == batched else None for k in range(7))
    found = torch.vmap(lambda *each: lstm_step(*each)[:2], in_dims=where)(*given)
    for row in range(5):
        one = [each[row] if k == batched else each for k, each in enumerate(given)]
        assert_close([state[row] for state in found], list(lstm_step(*one)[:2]))


def plain(f, u, c):
    states = []
    for f_t, u_t in zip(f, u, strict=True):
        c = f_t * c + u_t
        states.append(c)
    return torch.stack(states)


@given(st.integers(1, 100), st.integers(1, 3), st.integers(0, 2**16))
def test_the_scan_equals_the_loop(seq_len, batch, seed):
    torch.manual_seed(seed)
    f, u, c_0 = torch.rand(seq_len, batch, 2), torch.randn(seq_len, batch, 2), torch.randn(batch, 2)
    before = f.clone(), u.clone()
    expected = plain(f.double(), u.double(), c_0.double())
    assert_close(linear_scan(f, u, c_0).double(), expected, atol=1e-6, rtol=1e-6)
    assert_close((f, u), before, atol=0, rtol=0)


@pytest.mark.parametrize("seq_len", [3, 45])
def test_first_and_second_derivatives_are_right(seq_len):
    inputs = [torch.rand(seq_len, 1, 2), torch.randn(seq_len, 1, 2), torch.randn(1, 2)]
    inputs = [tensor.double().requires_grad_() for tensor in inputs]
    assert torch.autograd.gradcheck(linear_scan, inputs)
    if seq_len < 10:
        assert torch.autograd.gradgradcheck(linear_scan, inputs)
