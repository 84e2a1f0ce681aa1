"""Numbers and tensors in print: the same text on every machine and device."""

from collections.abc import Iterable

from torch import Tensor


def show(*, decimals: int = 3, **tensors: Tensor) -> None:
    """Print tensors with their names, shapes and rounded numbers, whatever device they are on.

    Args:
        decimals: digits after the point.
        **tensors: any number of axes; the last one runs along the line.

    >>> show(h_n=torch.zeros(1, 3))
    h_n (1, 3)
       0.000   0.000   0.000
    """
    for name, tensor in tensors.items():
        print(name, tuple(tensor.shape))
        for line in _lines(tensor.detach().cpu(), decimals):
            print(line)


def rounded(value: float) -> str:
    """Return a number in two decimals, from 100 on in three digits.

    >>> rounded(-0.001), rounded(0.125), rounded(1234.5)
    ('0.00', '0.12', '1.23e+03')
    """
    # + 0.0 turns -0.0 into 0.0
    return f"{round(value, 2) + 0.0:.2f}" if abs(value) < 100 else f"{value:.3g}"


def span(values: Tensor) -> str:
    """Return the smallest and the largest number, in words.

    >>> span(torch.tensor([0.5, -1.0]))
    '-1.00 to 0.50'
    """
    return f"{rounded(float(values.min()))} to {rounded(float(values.max()))}"


def count(amount: int, word: str) -> str:
    """Return an amount with its noun.

    >>> count(1, "step"), count(3, "step")
    ('1 step', '3 steps')
    """
    return f"{amount} {word}{'' if amount == 1 else 's'}"


def units_of(units: Iterable[int]) -> str:
    """Return the names of some units.

    >>> units_of([0, 2])
    'units 0, 2'
    """
    units = list(units)
    return f"{'unit' if len(units) == 1 else 'units'} {', '.join(map(str, units))}"


def _lines(tensor: Tensor, decimals: int) -> list[str]:
    if tensor.numel() == 0:
        return []
    if tensor.dim() > 2:
        blocks = [_lines(part, decimals) for part in tensor]
        marked = [
            (f"[{k}]" if row == 0 else "", line)
            for k, block in enumerate(blocks)
            for row, line in enumerate(block)
        ]
        return [f"{mark:<4}{line}" for mark, line in marked]
    rows = tensor.reshape(-1, tensor.shape[-1] if tensor.dim() else 1).tolist()
    # + 0.0 turns -0.0 into 0.0; the space keeps large numbers apart
    return [
        "".join(f" {round(value, decimals) + 0.0:{decimals + 4}.{decimals}f}" for value in row)
        for row in rows
    ]
