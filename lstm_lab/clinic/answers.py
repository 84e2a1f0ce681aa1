"""A model's answers, arranged by example, and how far they move from one call to another."""

from dataclasses import dataclass

import torch
from torch import Tensor

from lstm_lab.clinic.batch import Batch
from lstm_lab.clinic.record import tensors
from lstm_lab.clinic.subject import Subject


@dataclass(frozen=True, eq=False)
class Answers:
    """A model's answers, examples first.

    Args:
        subject: the model.
        batch: the inputs.
        layout: the axis of the examples, or ``"flat"`` or ``"flat time first"``.
        before: the answers to the inputs as they came, examples first.
        number: which of the tensors in the result is looked at.
        smallest: what counts as a move, more than rounding does, in units of ``moved``.
    """

    subject: Subject
    batch: Batch
    layout: int | str
    before: Tensor
    number: int
    smallest: float

    @property
    def stepped(self) -> bool:
        """Whether there is an answer for each step of the first input."""
        return bool(self.batch.steps) and by_steps(self.before, self.batch.steps) is not None

    def after(self, inputs: tuple, *, size: int | None = None, seed: int = 0) -> Tensor:
        """Return the answers to other inputs, of another number of examples maybe."""
        return self.of(self.subject(inputs, seed=seed), size)

    def of(self, result: object, size: int | None = None) -> Tensor:
        """Return the answers in a result, examples first."""
        answer = tensors(result)[self.number].detach()
        return arranged(answer, self.layout, size or self.batch.size)

    def moved(self, after: Tensor, before: Tensor | None = None) -> Tensor:
        """Return how far each answer moved, in units of the answers' spread: ``(batch, ...)``."""
        return distance(after, self.before if before is None else before)


def distance(after: Tensor, before: Tensor) -> Tensor:
    """Return how far numbers moved, in units of how far most of them lie apart."""
    wide = before.double()
    finite = wide[wide.isfinite()]
    middle = finite.median() if len(finite) else finite.sum()
    # By medians, since a mask of -1e9 among the answers would make every move look small.
    apart = (finite - middle).abs()
    spread = 1.5 * apart.median() if len(apart) else middle
    near = apart[apart <= 100 * spread] if spread > 0 else apart
    spread = near.square().mean().sqrt() + 1e-3 * middle.abs() + 1e-12
    far = (after.double() - wide).abs() / spread
    return far.masked_fill((after == before) | (after.isnan() & before.isnan()), 0)


def smallest_move(answer: Tensor, parameters: list[Tensor]) -> float:
    """Return the least move that is no rounding, by the coarsest numbers that are in use."""
    types = {it.dtype for it in (answer, *parameters) if it.is_floating_point()}
    coarsest = max((torch.finfo(it).eps for it in types), default=torch.finfo(torch.float32).eps)
    return min(2_000 * coarsest, 0.05)


def worst(moved: Tensor) -> Tensor:
    """Return the largest move of each example, ``(batch,)``."""
    return moved.reshape(len(moved), -1).amax(dim=1)


def arranged(answer: Tensor, layout: int | str, size: int) -> Tensor:
    """Return an answer with the examples on its first axis."""
    if layout == "flat":
        return answer.unflatten(0, (size, -1))
    if layout == "flat time first":
        return answer.unflatten(0, (-1, size)).transpose(0, 1)
    return answer.movedim(layout, 0)


def by_steps(answer: Tensor, steps: int) -> Tensor | None:
    """Return answers of some steps with those on the second axis; None where there is no such."""
    if answer.shape[1:2] == (steps,):
        return answer
    if answer.dim() == 3 and answer.shape[2] == steps:  # classes second, as cross_entropy has them
        return answer.transpose(1, 2)
    return None


def layouts_of(answer: Tensor, batch: Batch) -> list[int | str]:
    """Return how an answer may hold the examples: on which axis, or flattened with the steps."""
    shape, size = answer.shape, batch.size
    axes = [k for k in range(min(answer.dim(), 2)) if shape[k] == size]
    if answer.dim() == 2 and axes == [1] and len(answer) != batch.steps:
        axes = []  # (anything, classes), as many classes as examples
    if axes:
        return axes if batch.batch_first else axes[::-1]
    if answer.dim() and len(answer) > 1 and len(answer) % size == 0:
        return ["flat" if batch.batch_first else "flat time first"]
    return []
