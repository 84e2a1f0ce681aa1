"""The gates of one layer and direction, for all steps in matrix products.

A gate needs the input and the hidden state before it, and nothing else; where every hidden state
is known there is nothing to loop over.
"""

import torch
from torch import Tensor
from torch.nn import functional as F


def lstm_gates(x: Tensor, before: Tensor, weights: list[Tensor], bias: bool) -> list[Tensor]:
    """Return ``[i, f, g, o]`` of every step.

    Args:
        x: ``(seq_len, batch, input_size)``, what the layer reads.
        before: ``(seq_len, batch, H_out)``, the hidden state that each step started from.
        weights: of one layer and direction, in PyTorch's order.
        bias: whether the biases are among them.
    Returns:
        Four tensors ``(seq_len, batch, hidden_size)``.
    """
    i, f, g, o = _product(x, before, *_with_bias(weights, bias)).chunk(4, dim=-1)
    if i.requires_grad:
        return [i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()]
    # The product is not needed for a backward pass, so the gates take its memory over.
    return [i.sigmoid_(), f.sigmoid_(), g.tanh_(), o.sigmoid_()]


def gru_gates(x: Tensor, before: Tensor, weights: list[Tensor], bias: bool) -> dict[str, Tensor]:
    """Return ``r``, ``z`` and ``n`` of every step; arguments and shapes as in ``lstm_gates``."""
    size = before.shape[-1]
    (rz_ih, n_ih), (rz_hh, n_hh), (rz_bih, n_bih), (rz_bhh, n_bhh) = (
        (None, None) if tensor is None else tensor.split((2 * size, size))
        for tensor in _with_bias(weights, bias)
    )
    r, z = _product(x, before, rz_ih, rz_hh, rz_bih, rz_bhh).chunk(2, dim=-1)
    from_x, from_h = F.linear(x, n_ih, n_bih), F.linear(before, n_hh, n_bhh)
    if r.requires_grad:
        r = r.sigmoid()
        return {"r": r, "z": z.sigmoid(), "n": (from_x + r * from_h).tanh()}
    r = r.sigmoid_()
    return {"r": r, "z": z.sigmoid_(), "n": from_x.addcmul_(r, from_h).tanh_()}


def _with_bias(weights: list[Tensor], bias: bool) -> tuple[Tensor | None, ...]:
    """Return weight_ih, weight_hh, bias_ih and bias_hh; a projection's matrix is left out."""
    return (*weights[:2], *(weights[2:4] if bias else (None, None)))


def _product(x, before, weight_ih, weight_hh, bias_ih, bias_hh) -> Tensor:
    """Return what the gates squeeze, for every step at once, in the memory of one product."""
    both = None if bias_ih is None else bias_ih + bias_hh
    product = F.linear(x.flatten(0, 1), weight_ih, both)
    if torch.is_autocast_enabled(x.device.type):  # which addmm_ does not heed
        product = product + F.linear(before.flatten(0, 1), weight_hh)
    else:
        product = product.addmm_(before.flatten(0, 1), weight_hh.T)
    return product.unflatten(0, x.shape[:2])
