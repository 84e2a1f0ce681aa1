"""What a loss asks for answers that are not the model's own: whether it fits the model."""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, is_dataclass, replace
from math import isnan

import torch
from torch import Tensor
from torch.nn import functional as F

from lstm_lab.clinic.answers import Answers, arranged, by_steps
from lstm_lab.clinic.findings import Finding


@dataclass(frozen=True, eq=False)
class Price:
    """A loss, asked of other answers in the place of the model's.

    Args:
        result: of the model, whole; the loss gets it so, or its ``answer`` alone, as it can take.
        answer: a tensor in it, with its graph.
        target: as the loss takes it.
        loss: from a result and a target to a number.
    """

    result: object
    answer: Tensor
    target: Tensor
    loss: Callable
    errors: list[str] = field(default_factory=list)

    def of(self, answer: Tensor) -> float:
        """Return the loss of another answer; nan where it raises."""
        answer = answer.detach()
        forms = [] if self.result is self.answer else [_with(self.result, self.answer, answer)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for form in [*forms, answer]:
                try:
                    number = torch.as_tensor(self.loss(form, self.target))
                    return float(number.detach().float().mean())
                except Exception as error:
                    text = f"it raises {type(error).__name__}: {error}"
                    self.errors.append(text.partition("\n")[0])
        return float("nan")

    def goal(self) -> Tensor | None:
        """Return the best answer: the target, or scores that are sure of it; None if none fits."""
        answer, target = self.answer, self.target
        if target.is_floating_point():
            fits = answer.numel() == target.numel()
            return target.reshape(answer.shape).to(answer.dtype) if fits else None
        axis = self.classes()
        return None if axis is None else 60 * self.chosen(axis) - 30

    def classes(self) -> int | None:
        """Return the axis of the classes, where the target says which one is right."""
        answer, target = self.answer, self.target
        axes = (k for k in (1, -1) if _without(answer, k) == tuple(target.shape))
        axis = next(axes, None)
        return None if axis is None or target.max() >= answer.shape[axis] else axis

    def chosen(self, axis: int) -> Tensor:
        """Return 1 at the right class and 0 at the others, as the answer is laid out."""
        whole = F.one_hot(self.target.clamp_min(0), self.answer.shape[axis])
        return whole.movedim(-1, axis).to(self.answer.dtype)


def misfit(price: Price) -> Iterator[Finding]:
    """Yield a finding where the loss wants something else than the model answers."""
    now = price.of(price.answer)
    if isnan(now):
        text = price.errors[0] if price.errors else "of answer and target it is no number"
        steps = price.answer.dim() == 3 and price.target.dim() == 2
        raise ValueError(text + "; classes second: `answer.transpose(1, 2)`" * steps)
    numbers = price.target.is_floating_point()
    text, instead = _of_numbers(price) if numbers else _of_classes(price, now)
    if text:
        yield Finding("loss misfit", "proved", "", f"the loss is {now:.3f} now; {text}", instead, 8)


def counts_padding(answers: Answers, price: Price) -> Iterator[Finding]:
    """Yield a finding where the loss moves with answers that stand in the padding."""
    lengths, steps = answers.batch.lengths, answers.batch.steps
    if not answers.stepped or lengths is None or min(lengths) == max(lengths):
        return
    other = price.answer.detach().clone()
    part = by_steps(arranged(other, answers.layout, answers.batch.size), steps)
    beyond = answers.batch.padding(other.device)
    real = part[~beyond]
    part[beyond] = real[torch.arange(int(beyond.sum()), device=real.device) % len(real)]
    now, then = price.of(price.answer), price.of(other)
    if abs(then - now) > 1e-4 * abs(now):
        yield Finding(
            "loss misfit",
            "measured",
            "",
            f"the loss counts the padding: with other answers at padded steps alone it is"
            f" {then:.3f}, not {now:.3f}.",
            "`ignore_index` with the padding's class in the target, or a mask over the losses of"
            " the steps",
            9,
        )


def _of_numbers(price: Price) -> tuple[str, str]:
    answer, target, goal = price.answer, price.target, price.goal()
    if goal is None:
        return "", ""
    own, same = price.of(goal), price.of(target.to(answer.dtype))
    if answer.shape != target.shape and own > same + 1e-3:
        longer = "answer" if answer.dim() > target.dim() else "target"
        return (
            f"the targets themselves, in the answer's shape {tuple(answer.shape)}, get {own:.3f}:"
            f" they are compared with a target of shape {tuple(target.shape)}, each with all.",
            f"`{longer}.squeeze(-1)`",
        )
    sure = price.of(goal * 60 - 30)
    if _ends_in_sigmoid(answer) and 0 <= sure < own - 1e-3:
        return (
            f"the targets themselves, as probabilities, get {own:.3f}, and as logits {sure:.3f}:"
            " the loss takes logits, and applies the sigmoid itself.",
            "the logits, without the sigmoid",
        )
    return "", ""


def _of_classes(price: Price, now: float) -> tuple[str, str]:
    axis = price.classes()
    if axis is None:
        return "", ""
    sums = price.answer.detach().sum(dim=axis)
    if price.answer.min() < 0 or not torch.allclose(sums, torch.ones_like(sums), atol=1e-4):
        return "", ""
    if now < 0:
        return (
            "no loss of a probability is negative: this one takes log-probabilities.",
            "`log_softmax`, or `cross_entropy` of the scores themselves",
        )
    own, sure = price.of(price.chosen(axis)), price.of(price.goal())
    if 0 <= sure < own - 1e-3:
        return (
            f"sure and right probabilities get {own:.3f}, sure and right logits {sure:.3f}: the"
            " loss takes logits, and cannot fall below the first number.",
            "the logits, without the softmax",
        )
    return "", ""


def _with(result: object, old: Tensor, new: Tensor) -> object:
    """Return a result with one tensor in the place of another."""
    if result is old:
        return new
    if isinstance(result, dict):
        changed = {key: _with(each, old, new) for key, each in result.items()}
        return changed if type(result) is dict else type(result)(**changed)
    if isinstance(result, (tuple, list)):
        changed = [_with(each, old, new) for each in result]
        named = hasattr(result, "_fields")
        return type(result)(*changed) if named else type(result)(changed)
    if is_dataclass(result):
        parts = {name: _with(each, old, new) for name, each in vars(result).items()}
        return replace(result, **parts)
    return result


def _without(answer: Tensor, axis: int) -> tuple[int, ...] | None:
    """Return a shape without an axis, None where there is no such."""
    if answer.dim() < 2:
        return None
    shape = list(answer.shape)
    del shape[axis]
    return tuple(shape)


def _ends_in_sigmoid(answer: Tensor) -> bool:
    """Return whether the graph ends so, changes of shape left out."""
    node = answer.grad_fn
    while node is not None:
        name = type(node).__name__
        if "Sigmoid" in name:
            return "Log" not in name
        if not any(word in name for word in ("View", "Squeeze", "Select", "Slice", "Reshape")):
            return False
        node = node.next_functions[0][0]
    return False
