"""The judge of an exercise: a verdict, with the reason when an answer is wrong.

An answer is judged by its value, so every expression that gives the right value is right.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from numbers import Real

import torch
from torch import Tensor

from lstm_lab.checks import with_article


@dataclass(frozen=True)
class Verdict:
    """What a check says of an answer; true exactly when the answer is right.

    >>> verdict = Verdict(False, "the axes are swapped.")
    >>> verdict
    Not yet: the axes are swapped.
    >>> bool(verdict)
    False
    """

    right: bool
    text: str

    def __bool__(self) -> bool:
        return self.right

    def __repr__(self) -> str:
        return f"{'Right' if self.right else 'Not yet'}: {self.text}"

    def _repr_html_(self) -> str:
        kind, word = ("right", "Right") if self.right else ("wrong", "Not yet")
        return f'<p class="lab-verdict lab-{kind}"><strong>{word}:</strong> {escape(self.text)}</p>'


@dataclass(frozen=True, eq=False)
class Check:
    """A check that knows the right value and what the usual wrong ones mean.

    Args:
        expected: the right value: a tensor, a number, a string, a shape or a tuple of these.
        praise: said of a right answer.
        mistakes: pairs of a wrong value and what it shows.
        tolerance: by how much floating point numbers may differ.

    >>> check = Check((2, 3), "layers first.", mistakes=[((3, 2), "the axes are swapped.")])
    >>> check((3, 2))
    Not yet: the axes are swapped.
    >>> bool(check(torch.zeros(2, 3).shape))
    True
    """

    expected: object
    praise: str
    mistakes: Sequence[tuple[object, str]] = ()
    tolerance: float = 1e-5

    def __call__(self, answer: object) -> Verdict:
        """Return the verdict on an answer; three dots stand for none yet."""
        if answer is ...:
            return Verdict(False, "replace the three dots by your answer.")
        if _same(answer, self.expected, self.tolerance):
            return Verdict(True, self.praise)
        for value, why in self.mistakes:
            if _same(answer, value, self.tolerance):
                return Verdict(False, why)
        return Verdict(False, _difference(answer, self.expected, self.tolerance))


def _same(answer: object, value: object, tolerance: float) -> bool:
    if isinstance(value, Tensor):
        return _same_tensor(answer, value, tolerance)
    answer = _plain(answer, value)
    if isinstance(value, (tuple, list)):
        if not isinstance(answer, (tuple, list)) or len(answer) != len(value):
            return False
        return all(_same(a, v, tolerance) for a, v in zip(answer, value, strict=True))
    if isinstance(value, bool) or isinstance(answer, bool) or not isinstance(value, Real):
        return type(answer) is type(value) and answer == value
    return isinstance(answer, Real) and abs(answer - value) <= tolerance


def _plain(answer: object, wanted: object) -> object:
    """Return the numbers of a tensor or an array; the number itself where one is wanted."""
    if not hasattr(answer, "tolist"):
        return answer
    answer = answer.tolist()
    while isinstance(wanted, Real) and isinstance(answer, list) and len(answer) == 1:
        (answer,) = answer
    return answer


def _same_tensor(answer: object, value: Tensor, tolerance: float) -> bool:
    answer = _as_tensor(answer, value)
    if answer is None or answer.shape != value.shape:
        return False
    return torch.allclose(answer, value.to(answer.dtype), rtol=0, atol=tolerance)


def _as_tensor(answer: object, value: Tensor) -> Tensor | None:
    """Return an answer as a dense tensor that can be compared; None where it is none."""
    try:
        answer = torch.as_tensor(answer, device=value.device)
        answer = answer.to_dense() if answer.layout != torch.strided else answer
        return answer.to(torch.promote_types(answer.dtype, value.dtype))
    except (TypeError, ValueError, RuntimeError):
        return None


def _difference(answer: object, expected: object, tolerance: float) -> str:
    if isinstance(expected, Tensor):
        tensor = _as_tensor(answer, expected)
        if tensor is None:
            return f"a tensor is wanted, and this is {with_article(answer)}."
        if tensor.shape != expected.shape:
            return f"the shape is {tuple(tensor.shape)}; think again which axes should remain."
        return "the shape is right, the numbers are others."
    answer = _plain(answer, expected)
    if isinstance(expected, (tuple, list)) and isinstance(answer, (tuple, list)):
        if len(answer) != len(expected):
            return f"{len(expected)} entries are wanted, and there are {len(answer)}."
        pairs = enumerate(zip(answer, expected, strict=True))
        entry, (got, wanted) = next(pair for pair in pairs if not _same(*pair[1], tolerance))
        return f"entry {entry}: {_difference(got, wanted, tolerance)}"
    numbers = isinstance(answer, Real) and isinstance(expected, Real)
    if type(answer) is not type(expected) and (not numbers or isinstance(answer, bool)):
        return f"{with_article(expected)} is wanted, and this is {with_article(answer)}."
    return f"{answer!r} is not it."
