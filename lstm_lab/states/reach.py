"""Which input steps a number has seen: gradients as the book's proof.

A gradient that is not zero proves that the number depends on the step. Exact zeros prove the
opposite only where no unit is saturated, since a flat gate or a relu hides a path, and where the
way is short: after a hundred steps a gradient can be too small for ``float32``.
"""

import torch
from torch import Tensor

from lstm_lab.checks import check_index, describe


def reach(numbers: Tensor, input: Tensor, *, batch: int = 0, batch_first: bool = True) -> Tensor:
    """Return the norm of the gradient of some numbers with respect to each input step.

    Args:
        numbers: any tensor that was computed from ``input``; each entry counts for itself, so
            that two of opposite sign do not cancel.
        input: ``(batch, seq_len, input_size)`` or ``(seq_len, input_size)``, with
            ``requires_grad``.
        batch: the sequence whose steps are asked about.
        batch_first: the layout of a batched ``input``.
    Returns:
        ``(seq_len,)``, exactly 0 where no path leads from the step to the numbers, and where the
        gradient is 0 for another reason: a saturated gate, or a way too long for ``float32``.
    Raises:
        ValueError: ``input`` records no gradient, ``numbers`` do not depend on it, or there is no
            such sequence.

    >>> x = torch.zeros(1, 3, 1, requires_grad=True)
    >>> reach(x[0, 1] * 2, x).tolist()
    [0.0, 2.0, 0.0]
    """
    if not isinstance(input, Tensor) or input.dim() not in (2, 3):
        raise ValueError(f"input {describe(input)}; expected (batch, seq_len, input_size)")
    if not input.requires_grad:
        raise ValueError("input records no gradient; expected a tensor after requires_grad_()")
    if not isinstance(numbers, Tensor) or not numbers.requires_grad:
        raise ValueError("numbers record no gradient; expected a tensor computed from input")
    # In float64, since the square of a small number underflows.
    squares = torch.zeros(input.shape, dtype=torch.float64, device="cpu")
    for number in numbers.flatten():
        (gradient,) = torch.autograd.grad(number, input, retain_graph=True, allow_unused=True)
        if gradient is None:
            raise ValueError("numbers do not depend on input; expected a tensor computed from it")
        squares += gradient.detach().cpu().double() ** 2
    if input.dim() == 3:
        squares = squares if batch_first else squares.transpose(0, 1)
        squares = squares[check_index("batch", batch, len(squares))]
    return squares.sum(dim=-1).sqrt().to(input.device, input.dtype)
