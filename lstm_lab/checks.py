"""Refuse an argument by its name, with what arrived and what is wanted.

Lengths arrive as tensors, arrays or lists, and a mask is easily passed in their place.
"""

from collections.abc import Sequence
from math import isfinite
from numbers import Real
from operator import index

import torch
from torch import Tensor


def check_lengths(
    lengths: Tensor | Sequence[int] | None, batch: int | None = None, seq_len: int | None = None
) -> list[int]:
    """Return the steps of each sequence as whole numbers, and refuse what cannot be that.

    Args:
        lengths: ``(batch,)`` a tensor, array, list, tuple or range; None for ``seq_len`` steps
            each.
        batch: how many there must be; None for any number.
        seq_len: the most that one may be; None for no bound.
    Raises:
        ValueError: a mask, fractions, another number of lengths, one that is 0 or too large, or
            what has no order, as a set.

    >>> check_lengths(torch.tensor([3, 1]), batch=2, seq_len=4)
    [3, 1]
    """
    if lengths is None:
        return [seq_len] * batch
    wanted = f"({'batch' if batch is None else batch},) whole numbers"
    array = hasattr(lengths, "tolist")
    try:
        if not array and not isinstance(lengths, (list, tuple, range)):
            raise TypeError
        values = lengths.tolist() if array else list(lengths)
        nested = isinstance(values, list) and any(isinstance(value, list) for value in values)
    except (TypeError, RuntimeError, NotImplementedError):
        raise ValueError(f"lengths {describe(lengths)}; expected {wanted}") from None
    if nested or "bool" in str(getattr(lengths, "dtype", "")):
        raise ValueError(f"lengths looks like a mask; expected {wanted}, as mask.sum(dim=1) gives")
    if not isinstance(values, list):
        raise ValueError(f"lengths is the single number {values}; expected {wanted}")
    if batch is not None and len(values) != batch:
        hint = "; is the layout the other one (batch_first)?" if len(values) == seq_len else ""
        raise ValueError(f"lengths has {len(values)} entries; expected {wanted}{hint}")
    values = [check_int("lengths", value, least=1) for value in values]
    if seq_len is not None and max(values, default=0) > seq_len:
        raise ValueError(f"lengths goes up to {max(values)}; expected 1 to seq_len={seq_len}")
    return values


def check_int(name: str, value: object, *, least: int) -> int:
    """Return a whole number of at least ``least``, or raise a ValueError that names it.

    >>> check_int("batch", 3, least=1)
    3
    """
    number = as_int(value)
    if number is None or number < least:
        raise ValueError(f"{name} {describe(value)}; expected a whole number of at least {least}")
    return number


def check_sizes(**sizes: object) -> None:
    """Refuse by its name what is no whole number of at least 1.

    >>> check_sizes(hidden_size=3, num_layers=1)
    """
    for name, value in sizes.items():
        check_int(name, value, least=1)


def check_index(name: str, value: object, size: int) -> int:
    """Return an index into ``size`` things, or raise a ValueError that names it.

    >>> check_index("batch", 1, 2)
    1
    """
    number = as_int(value)
    if number is None or not 0 <= number < size:
        raise ValueError(f"{name} {describe(value)}; expected 0 to {size - 1}")
    return number


def check_number(name: str, value: object, *, zero: bool = False) -> float:
    """Return a finite number above 0, or from 0 on, or raise a ValueError that names it.

    >>> check_number("lr", 0.25)
    0.25
    """
    real = isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)
    if not real or value < 0 or (value == 0 and not zero):
        wanted = "of at least 0" if zero else "above 0"
        raise ValueError(f"{name} {describe(value)}; expected a finite number {wanted}")
    return value


def check_bool(name: str, value: object) -> bool:
    """Return a truth value, or raise a ValueError that names it.

    >>> check_bool("bidirectional", True)
    True
    """
    if not isinstance(value, bool):
        raise ValueError(f"{name} {describe(value)}; expected True or False")
    return value


def describe(value: object) -> str:
    """Return what arrived, in one line: the shape and type of a tensor, the class of what is long.

    >>> describe(torch.zeros(2, 3)), describe(7), describe([7] * 99)
    ('has shape (2, 3) and type torch.float32', 'is 7', 'is a list')
    """
    if isinstance(value, Tensor):
        return f"has shape {tuple(value.shape)} and type {value.dtype}"
    if isinstance(value, type):
        return f"is the class {value.__name__}"
    text = repr(value)
    if "\n" in text or " at 0x" in text or len(text) > 80:
        return f"is {with_article(value)}"
    return f"is {text}"


def with_article(value: object) -> str:
    """Return the class of a value with its article.

    >>> with_article(5), with_article("five")
    ('an int', 'a str')
    """
    name = type(value).__name__
    return f"an {name}" if name[0].lower() in "aeiou" else f"a {name}"


def as_int(value: object) -> int | None:
    """Return a whole number as an int; None for what is none, a truth value among it."""
    if isinstance(value, bool) or getattr(value, "dtype", None) == torch.bool:
        return None
    try:
        return index(value)
    except TypeError:
        return None
