"""How right answers are, and how wrong decoded sequences: accuracy, edit distance, error rates."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lstm_lab.checks import describe


@dataclass(frozen=True)
class ErrorRates:
    """Two rates over a set of texts.

    Args:
        symbols: edits needed, divided by the symbols of the references.
        texts: the share of texts that need any edit.

    >>> error_rates(["K AE T"], [["K AE T"]]) == ErrorRates(symbols=0.0, texts=0.0)
    True
    """

    symbols: float
    texts: float


def accuracy(logits: Tensor, target: Tensor) -> Tensor:
    """Return 1 where the likeliest class is the target, else 0; ``(batch,)``.

    Args:
        logits: ``(batch, num_classes)``.
        target: ``(batch,)`` whole numbers.
    Raises:
        ValueError: the shapes are others, or a logit is NaN.

    >>> accuracy(torch.eye(2), torch.tensor([0, 0])).tolist()
    [1.0, 0.0]
    """
    if not isinstance(logits, Tensor) or logits.dim() != 2:
        raise ValueError(f"logits {describe(logits)}; expected (batch, num_classes)")
    fits = isinstance(target, Tensor) and target.dtype in (torch.int64, torch.int32, torch.uint8)
    if not fits or target.shape != logits.shape[:1]:
        raise ValueError(f"target {describe(target)}; expected ({len(logits)},) whole numbers")
    if logits.isnan().any():
        raise ValueError("logits has NaN; expected numbers")
    return (logits.argmax(dim=-1) == target).float()


def edit_distance(one: Sequence[Hashable], other: Sequence[Hashable]) -> int:
    """Return the fewest insertions, deletions and substitutions that turn one into the other.

    Raises:
        ValueError: one of them is no sequence, as a set is not.

    >>> edit_distance("kitten", "sitting")
    3
    """
    _check_sequence("one", one)
    _check_sequence("other", other)
    row = list(range(len(other) + 1))
    for i, mine in enumerate(one, start=1):
        before, row[0] = row[0], i
        for j, theirs in enumerate(other, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (mine != theirs))
    return row[-1]


def error_rates(said: Sequence[str], known: Sequence[Sequence[str]]) -> ErrorRates:
    """Return the error rates of texts whose symbols are separated by spaces.

    Args:
        said: what was decoded, a text each.
        known: for each, the texts that are right; the nearest one counts, and of two as near the
            one with fewer symbols.
    Raises:
        ValueError: the two differ in number, there is nothing to compare, or a right text is
            missing or empty.

    >>> error_rates(["K AE T", "D AO"], [["K AE T"], ["D AO G", "D AA G"]])
    ErrorRates(symbols=0.16666666666666666, texts=0.5)
    """
    _check_sequence("said", said, str)
    _check_sequence("known", known, Sequence)
    if len(said) != len(known) or not said:
        counts = f"said has {len(said)} texts and known {len(known)}"
        raise ValueError(f"{counts}; expected as many, and at least one")
    edits = symbols = wrong = 0
    for text, right in zip(said, known, strict=True):
        _check_sequence("known", right, str)
        answers = [answer.split() for answer in right]
        if not answers or not all(answers):
            raise ValueError(f"known has {right!r} for {text!r}; expected texts with symbols")
        distance, length = min((edit_distance(text.split(), each), len(each)) for each in answers)
        edits, symbols, wrong = edits + distance, symbols + length, wrong + (distance > 0)
    return ErrorRates(edits / symbols, wrong / len(said))


def _check_sequence(name: str, value: object, kind: type | None = None) -> None:
    """Refuse what has no order and, where the entries are to be of a kind, a text or others."""
    fits = isinstance(value, Sequence)
    if kind:
        fits = fits and not isinstance(value, str) and all(isinstance(each, kind) for each in value)
    if not fits:
        wanted = "a list of texts" if kind is str else "a list of lists" if kind else "a sequence"
        raise ValueError(f"{name} {describe(value)}; expected {wanted}")
