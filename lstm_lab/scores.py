"""How wrong decoded sequences are: edit distances, symbol and text error rates."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass


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


def edit_distance(one: Sequence[Hashable], other: Sequence[Hashable]) -> int:
    """Return the fewest insertions, deletions and substitutions that turn one into the other.

    >>> edit_distance("kitten", "sitting")
    3
    """
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
        known: for each, the texts that are right; the nearest one counts.
    Raises:
        ValueError: the two differ in number, or there is nothing to compare.

    >>> error_rates(["K AE T", "D AO"], [["K AE T"], ["D AO G", "D AA G"]])
    ErrorRates(symbols=0.16666666666666666, texts=0.5)
    """
    if len(said) != len(known) or not said:
        raise ValueError(f"said has {len(said)} texts and known {len(known)}; expected as many")
    edits = symbols = wrong = 0
    for text, right in zip(said, known, strict=True):
        answers = [answer.split() for answer in right]
        distance, length = min((edit_distance(text.split(), each), len(each)) for each in answers)
        edits, symbols, wrong = edits + distance, symbols + length, wrong + (distance > 0)
    return ErrorRates(edits / symbols, wrong / len(said))
