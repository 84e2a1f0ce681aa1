"""The linear recurrence ``c[t] = f[t] * c[t - 1] + u[t]``, solved for every step at once.

Two ways, by measurement: one pass in place, a call per step, is the faster on a CPU; log2(L)
passes over all steps are the faster on a GPU, where each call costs more than its arithmetic.
Neither needs a cell: no matrix product is left to do.
"""

import torch
from torch import Tensor


def linear_scan(f: Tensor, u: Tensor, c_0: Tensor, *, reverse: bool = False) -> Tensor:
    """Return ``c`` with ``c[:, t] = f[:, t] * c[:, t - 1] + u[:, t]``, differentiable twice.

    Args:
        f, u: ``(batch, seq_len, features)`` factor and addend of each step.
        c_0: ``(batch, features)`` the state before the first step.
        reverse: start at the last step, so that ``c[:, t]`` is made from ``c[:, t + 1]``.
    Returns:
        ``(batch, seq_len, features)``.

    >>> ones = torch.ones(1, 3, 1)
    >>> linear_scan(ones, ones, torch.zeros(1, 1)).flatten().tolist()
    [1.0, 2.0, 3.0]
    """
    return _Scan.apply(f, u, c_0, reverse)


class _Scan(torch.autograd.Function):
    @staticmethod
    def forward(ctx, f, u, c_0, reverse):
        solve = _in_passes if f.is_cuda else _in_place
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
        first = f.shape[1] - 1 if ctx.reverse else 0
        c_0_grad = f[:, first] * u_grad[:, first]
        return u_grad * _shifted(c, c_0, ctx.reverse), u_grad, c_0_grad, None


def _shifted(tensor: Tensor, edge: Tensor, reverse: bool) -> Tensor:
    """Return the tensor one step later (earlier in reverse), ``edge`` where it begins."""
    edge = edge.unsqueeze(1)
    parts = [tensor[:, 1:], edge] if reverse else [edge, tensor[:, :-1]]
    return torch.cat(parts, dim=1)


def _in_place(f: Tensor, u: Tensor, c: Tensor, reverse: bool) -> Tensor:
    result = torch.empty_like(u)
    steps = zip(f.unbind(1), u.unbind(1), result.unbind(1), strict=True)
    for f_t, u_t, c_t in reversed(list(steps)) if reverse else steps:
        c = torch.addcmul(u_t, f_t, c, out=c_t)
    return result


def _in_passes(f: Tensor, u: Tensor, c_0: Tensor, reverse: bool) -> Tensor:
    if reverse:
        return _in_passes(f.flip(1), u.flip(1), c_0, False).flip(1)
    c = u.clone()
    c[:, 0] += f[:, 0] * c_0
    reach = 1  # each c[t] already holds the part that began within `reach` steps
    while reach < c.shape[1]:
        late, early = slice(reach, None), slice(None, -reach)
        c = torch.cat([c[:, :reach], torch.addcmul(c[:, late], f[:, late], c[:, early])], dim=1)
        f = torch.cat([f[:, :reach], f[:, late] * f[:, early]], dim=1)
        reach *= 2
    return c
