"""The judge of an exercise: a verdict, with the reason when an answer is wrong.

An answer is judged by its value, so every expression that gives the right value is right; a
function or a class is judged by what it does with inputs that the judge chooses.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from numbers import Real

import torch
from torch import Tensor

from lstm_lab.checks import with_article

UNANSWERED = "replace the three dots by your answer."
LONGEST = 200  # characters of an error that are repeated


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
            return Verdict(False, UNANSWERED)
        if _same(answer, self.expected, self.tolerance):
            return Verdict(True, self.praise)
        for value, why in self.mistakes:
            if _same(answer, value, self.tolerance):
                return Verdict(False, why)
        return Verdict(False, _difference(answer, self.expected, self.tolerance))

    @property
    def reasons(self) -> tuple[str, ...]:
        """What each known mistake shows."""
        return tuple(dict.fromkeys(why for _, why in self.mistakes))


class TrialError(Exception):
    """Ends a trial; its text is the reason."""


@dataclass(frozen=True, eq=False)
class Trial:
    """A check that tries out a function or a class, with random numbers of its own.

    Args:
        fault: takes the answer and returns what is wrong with it, or None.
        praise: said of a right answer.
        reasons: what each known mistake shows.
        wanted: what the answer should be.

    >>> trial = Trial(lambda f: None if called(f, 2) == 4 else "2 must give 4.", "it squares.")
    >>> trial(lambda x: x**2), trial(lambda x: x + 1)
    (Right: it squares., Not yet: 2 must give 4.)
    """

    fault: Callable[[Callable], str | None]
    praise: str
    reasons: Sequence[str] = ()
    wanted: str = "a function"

    def __call__(self, answer: object) -> Verdict:
        """Return the verdict on a function or a class; three dots stand for none yet."""
        if answer is ...:
            return Verdict(False, UNANSWERED)
        if not callable(answer):
            hint = "hand it over by its name, without brackets"
            return Verdict(
                False, f"{self.wanted} is wanted, and this is {with_article(answer)}: {hint}."
            )
        try:
            with seeded(0):
                why = self.fault(answer)
        except TrialError as error:
            why = str(error)
        return Verdict(why is None, self.praise if why is None else why)


def compare(
    right: Callable,
    arguments: Callable[[], Sequence[tuple]],
    praise: str,
    mistakes: Sequence[tuple[Callable, str]] = (),
    tolerance: float = 1e-5,
) -> Trial:
    """Return the trial that calls a function, and a right one, with the same arguments.

    Args:
        right: the function that is right.
        arguments: makes the arguments of every call anew, so that a function that changes them
            spoils nothing.
        praise, tolerance: as ``Check`` takes them.
        mistakes: pairs of a wrong function and what it shows. A mistake is known by what it
            returns, or raises, at the first call that the answer has wrong.

    >>> trial = compare(abs, lambda: [(2,), (-3,)], "yes.", [(lambda x: x, "the sign stays.")])
    >>> trial(lambda x: x)
    Not yet: the sign stays.
    >>> trial(lambda x: 2)
    Not yet: call 2 of 2: 2 is not it.
    """

    def fault(answer):
        found, expected = _results(answer, arguments), _results(right, arguments)
        if unanswered(found):
            return UNANSWERED
        for k, (result, value) in enumerate(zip(found, expected, strict=True)):
            if not _same(result, value, tolerance):
                for wrong, why in mistakes:
                    if _same(result, _outcome(wrong, arguments()[k]), tolerance):
                        return why
                if isinstance(result, _Raised):
                    return result.text
                return f"call {k + 1} of {len(found)}: {_difference(result, value, tolerance)}"
        return None

    return Trial(fault, praise, tuple(dict.fromkeys(why for _, why in mistakes)))


def called(function: Callable, *arguments: object) -> object:
    """Return what a reader's function returns; an error or three dots end the trial.

    >>> called(max, 2, 3)
    3
    """
    result = _outcome(function, arguments)
    if isinstance(result, _Raised):
        raise TrialError(result.text)
    if unanswered(result):
        raise TrialError(UNANSWERED)
    return result


def unanswered(answer: object) -> bool:
    """Return whether an answer is three dots, or a tuple or list that holds them.

    >>> unanswered(...), unanswered([1, (2, ...)]), unanswered(0)
    (True, True, False)
    """
    if isinstance(answer, (tuple, list)):
        return any(unanswered(each) for each in answer)
    return answer is ...


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Draw from a seed of one's own, on the CPU, and leave the reader's random numbers alone.

    >>> with seeded(1):
    ...     first = torch.rand(3)
    >>> with seeded(1):
    ...     print(torch.equal(first, torch.rand(3)))
    True
    """
    with torch.random.fork_rng(devices=[]), torch.device("cpu"):
        torch.default_generator.manual_seed(seed)
        yield


@dataclass(frozen=True)
class _Raised:
    """What stands in place of a result that never came."""

    text: str


def _outcome(function: Callable, arguments: Sequence) -> object:
    try:
        return function(*arguments)
    except Exception as error:
        text = " ".join(f"it raises {type(error).__name__}: {error}".split())
        return _Raised(text if len(text) <= LONGEST else f"{text[:LONGEST]} ...")


def _results(function: Callable, arguments: Callable[[], Sequence[tuple]]) -> list:
    return [_outcome(function, each) for each in arguments()]


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
    return isinstance(answer, Real) and (answer == value or abs(answer - value) <= tolerance)


def _plain(answer: object, wanted: object) -> object:
    """Return the numbers of a tensor or an array; the number itself where one is wanted."""
    if not hasattr(answer, "tolist"):
        return answer
    try:
        answer = answer.tolist()
    except (TypeError, RuntimeError, NotImplementedError):  # a class, or a tensor without numbers
        return answer
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
        answer = torch.as_tensor(_listed(answer), device=value.device)
        answer = answer.to_dense() if answer.layout != torch.strided else answer
        return answer.to(torch.promote_types(answer.dtype, value.dtype))
    except (TypeError, ValueError, RuntimeError):
        return None


def _listed(answer: object) -> object:
    """Return a list of tensors as numbers, since torch makes no tensor of most such lists."""
    if not isinstance(answer, (tuple, list)):
        return answer
    return [each.tolist() if hasattr(each, "tolist") else _listed(each) for each in answer]


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
