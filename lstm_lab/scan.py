"""The linear recurrence ``c[t] = f[t] * c[t - 1] + u[t]``, solved for every step at once.

Two ways, chosen by measurement (``benchmarks/trace_speed.py``): one pass in place, a call per
step, and log2(L) passes over all steps. The passes do more arithmetic in fewer calls, so they win
where a step is small, and on a GPU. Neither needs a cell: no matrix product is left to do.
"""

import torch
from torch import Tensor

SMALL_STEP = 128  # numbers in a step, up to which a call costs more than its arithmetic
MANY_STEPS = 50


def linear_scan(f: Tensor, u: Tensor, c_0: Tensor, *, reverse: bool = False) -> Tensor:
    """Return ``c`` with ``c[t] = f[t] * c[t - 1] + u[t]``, differentiable twice.

    Args:
        f, u: ``(seq_len, batch, features)`` factor and addend of each step.
        c_0: ``(batch, features)`` the state before the first step.
        reverse: start at the last step, so that ``c[t]`` is made from ``c[t + 1]``.
    Returns:
        ``(seq_len, batch, features)``.

    >>> ones = torch.ones(3, 1, 1)
    >>> linear_scan(ones, ones, torch.zeros(1, 1)).flatten().tolist()
    [1.0, 2.0, 3.0]
    """
    return _Scan.apply(f, u, c_0, reverse)


class _Scan(torch.autograd.Function):
    @staticmethod
    def forward(ctx, f, u, c_0, reverse):
        few_numbers = c_0.numel() <= SMALL_STEP and len(f) >= MANY_STEPS
        solve = _in_passes if f.is_cuda or few_numbers else _in_steps
        c = solve(f, u, c_0, reverse)
        ctx.save_for_backward(f, c, c_0)
        ctx.reverse = reverse
        return c

    @staticmethod
    def backward(ctx, gradient):
        f, c, c_0 = ctx.saved_tensors
        # The adjoint is the same recurrence, run the other way with the next step's factor.
        following = _shifted(f, torch.zeros_like(c_0), not ctx.reverse)
        u_grad = _Scan.apply(following, gradient, torch.zeros_like(c_0), not ctx.reverse)
        first = -1 if ctx.reverse else 0
        c_0_grad = f[first] * u_grad[first]
        return u_grad * _shifted(c, c_0, ctx.reverse), u_grad, c_0_grad, None


def _shifted(tensor: Tensor, edge: Tensor, reverse: bool) -> Tensor:
    """Return the tensor one step later (earlier in reverse), ``edge`` where it begins."""
    edge = edge.unsqueeze(0)
    return torch.cat([tensor[1:], edge] if reverse else [edge, tensor[:-1]])


def _in_steps(f: Tensor, u: Tensor, c: Tensor, reverse: bool) -> Tensor:
    result = torch.empty_like(u)
    steps = list(zip(f.unbind(), u.unbind(), result.unbind(), strict=True))
    for f_t, u_t, c_t in reversed(steps) if reverse else steps:
        c = torch.addcmul(u_t, f_t, c, out=c_t)
    return result


def _in_passes(f: Tensor, u: Tensor, c_0: Tensor, reverse: bool) -> Tensor:
    if reverse:
        return _in_passes(f.flip(0), u.flip(0), c_0, False).flip(0)
    c, f = u.clone(), f.clone()
    c[0] += f[0] * c_0
    reach = 1  # each c[t] already holds the part that began within `reach` steps
    while reach < len(c):
        late, early = slice(reach, None), slice(None, -reach)
        c[late] = torch.addcmul(c[late], f[late], c[early])
        f[late] = f[late] * f[early]
        reach *= 2
    return c
