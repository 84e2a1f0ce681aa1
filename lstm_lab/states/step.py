"""One time step of ``nn.LSTM``, and the gates of a GRU, as the equations have them.

A gate needs the input and the hidden state before it, and nothing else: where every hidden state is
known, the functions for gates take all steps at once. Leaves out projections, which follow a step.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

SHORT = 20  # up to so many steps a plain loop is as fast


def lstm_step(
    x: Tensor,
    h: Tensor,
    c: Tensor,
    weight_ih: Tensor,
    weight_hh: Tensor,
    bias_ih: Tensor | None = None,
    bias_hh: Tensor | None = None,
) -> tuple[Tensor, Tensor, tuple[Tensor, ...]]:
    """Advance an LSTM by one time step.

    Args:
        x: ``(batch, input_size)`` input at this step.
        h, c: ``(batch, hidden_size)`` hidden and cell state from the previous step.
        weight_ih, weight_hh: ``(4 * hidden_size, ...)``, gates in the order i, f, g, o.
        bias_ih, bias_hh: ``(4 * hidden_size,)``; None, both, for a layer without.
    Returns:
        ``(h, c, gates)`` where ``gates`` is ``(i, f, g, o)``, each ``(batch, hidden_size)``.

    Source: the equations of https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html

    >>> cell, x, h, c = nn.LSTMCell(2, 3), torch.randn(5, 2), torch.randn(5, 3), torch.randn(5, 3)
    >>> h_1, c_1, gates = lstm_step(x, h, c, *cell.parameters())
    >>> all(torch.allclose(a, b, atol=1e-6) for a, b in zip((h_1, c_1), cell(x, (h, c))))
    True
    """
    i, f, g, o = lstm_gates(x, h, weight_ih, weight_hh, bias_ih, bias_hh)
    c = f * c + i * g
    h = o * c.tanh()
    return h, c, (i, f, g, o)


def lstm_gates(x, h, weight_ih, weight_hh, bias_ih=None, bias_hh=None) -> tuple[Tensor, ...]:
    """Return ``(i, f, g, o)``; arguments as ``lstm_step``, with any axes before the last."""
    # One product does for both: the matrices side by side, times x over h.
    both = torch.cat([x, h], dim=-1)
    weight = torch.cat([weight_ih, weight_hh], dim=1)
    bias = None if bias_ih is None else bias_ih + bias_hh
    i, f, g, o = F.linear(both, weight, bias).chunk(4, dim=-1)
    return i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()


def gru_gates(x, h, weight_ih, weight_hh, bias_ih=None, bias_hh=None) -> tuple[Tensor, ...]:
    """Return ``(r, z, n)``; arguments as ``lstm_gates``, with weights of ``3 * hidden_size``."""
    r_x, z_x, n_x = F.linear(x, weight_ih, bias_ih).chunk(3, dim=-1)
    r_h, z_h, n_h = F.linear(h, weight_hh, bias_hh).chunk(3, dim=-1)
    r, z = (r_x + r_h).sigmoid(), (z_x + z_h).sigmoid()
    return r, z, (n_x + r * n_h).tanh()


def linear_scan(f: Tensor, u: Tensor, c: Tensor) -> Tensor:
    """Return every ``c[t] = f[t] * c[t - 1] + u[t]``, a long sequence by way of one half as long.

    Two steps are one: with ``c[t - 1]`` put in, ``c[t]`` is ``f[t] * f[t - 1] * c[t - 2]`` and an
    addend. So half the steps give every second ``c``, and those give the others.

    Args:
        f, u: ``(seq_len, ...)`` factor and addend of each step.
        c: ``(...)`` the state before the first step.
    Returns:
        ``(seq_len, ...)``.

    >>> linear_scan(torch.full((3,), 2.0), torch.ones(3), torch.tensor(1.0))
    tensor([ 3.,  7., 15.])
    """
    if len(f) <= SHORT:
        states = []
        for f_t, u_t in zip(f, u, strict=True):
            c = torch.addcmul(u_t, f_t, c)
            states.append(c)
        return torch.stack(states)
    pairs = len(f) // 2
    (f_even, f_odd), (u_even, u_odd) = (f[::2], f[1::2]), (u[::2], u[1::2])
    odd = linear_scan(f_odd * f_even[:pairs], torch.addcmul(u_odd, f_odd, u_even[:pairs]), c)
    before = torch.cat([c.unsqueeze(0), odd])[: len(f_even)]
    even = torch.addcmul(u_even, f_even, before)
    joined = torch.stack([even[:pairs], odd], dim=1).flatten(0, 1)
    return torch.cat([joined, even[pairs:]])
