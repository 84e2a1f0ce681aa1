"""What a target tells: whether an answer has seen its own, and how low the loss can fall."""

import warnings
from collections.abc import Callable, Iterator
from math import isnan

import torch
from torch import Tensor
from torch.nn import functional as F

from lstm_lab.clinic.answers import Answers, by_steps
from lstm_lab.clinic.batch import Batch
from lstm_lab.clinic.findings import Finding

FARTHEST = 8  # steps between an input and the target that repeats it


def leaks(answers: Answers, target: Tensor) -> Iterator[Finding]:
    """Yield a finding where the answer at a step moves with the input that holds its target.

    Args:
        target: ``(batch, steps)`` tokens or ``(batch, steps, features)``, in the batch's layout.
    """
    batch = answers.batch
    if target.dim() < 2 or batch.axis(target) is None or answers.before.dim() < 2:
        return
    wanted = batch.rows(target)
    for k, given in enumerate(batch.inputs):
        if not batch.holds_data(given):
            continue
        for shift, part in _repeats(batch, batch.rows(given), wanted):
            if k == 0 and shift == 0:
                continue  # an autoencoder is to give back what it read
            step, moved = _answer_moves(answers, k, shift, part, wanted.shape[1])
            if moved > answers.smallest:
                yield _leak(k, shift, step, moved)
                return


def _repeats(batch: Batch, given: Tensor, wanted: Tensor) -> Iterator[tuple[int, slice]]:
    """Yield by how many steps an input runs ahead of the target, and the features that do."""
    columns = [slice(None)]
    if given.dim() == 3 and given.is_floating_point() and given.shape[2] > 1:
        columns += [slice(k, k + 1) for k in range(given.shape[2])]
    for shift in range(FARTHEST + 1):
        for part in columns:
            seen = given[..., part] if given.dim() == 3 else given
            steps = min(seen.shape[1] - shift, wanted.shape[1])
            if steps < 2:
                continue
            ahead, goal = seen[:, shift : shift + steps], wanted[:, :steps]
            if ahead.dim() == goal.dim() + 1 and ahead.shape[-1] == 1:
                ahead = ahead.squeeze(-1)
            if goal.dim() == ahead.dim() + 1 and goal.shape[-1] == 1:
                goal = goal.squeeze(-1)
            if ahead.shape == goal.shape and torch.equal(ahead, goal) and len(goal.unique()) > 2:
                yield shift, part


def _answer_moves(answers, k, shift, part, steps):
    """Return a step of the target, and how far its answer moves with the input that repeats it."""
    step = (min(steps, answers.batch.inputs[k].shape[1] - shift)) // 2
    place = step + shift

    def change(rows: Tensor) -> None:
        wide = rows[:, place, part] if rows.dim() == 3 else rows[:, place]
        fresh = answers.batch.others(rows, 3)[:, place]
        wide.copy_(fresh[:, part] if rows.dim() == 3 else fresh)

    after = answers.after(answers.batch.changed(change, only=k))
    moved = by_steps(answers.moved(after), steps)
    return step, 0.0 if moved is None else float(moved[:, step].max())


def _leak(k: int, shift: int, step: int, moved: float) -> Finding:
    told = (
        f"input {k} holds the target itself, and it is not shifted"
        if shift == 0
        else f"the target is input {k}, {shift} step{'s' if shift > 1 else ''} ahead"
    )
    return Finding(
        "target leaks",
        "measured",
        "",
        f"the answer at step {step} moves, by up to {moved:.2g} of the spread, with the number that"
        f" is its own target: {told}.",
        "decoder input [start, y_1, ..., y_(n-1)] for the target [y_1, ..., y_n]"
        if shift == 0
        else "a layer with one direction, which cannot read ahead",
        11 if shift == 0 else 9,
    )


def misfit(answer: Tensor, target: Tensor, loss: Callable) -> Iterator[Finding]:
    """Yield a finding where the loss wants another kind of answer.

    Args:
        answer: as the model gave it, with its graph.
        target: as the loss takes it.
        loss: from ``(answer, target)`` to a number.
    """

    errors = []

    def of(perfect: Tensor) -> float:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return float(torch.as_tensor(loss(perfect, target)).detach().float().mean())
            except Exception as error:
                errors.append(f"it raises {type(error).__name__}: {error}".partition("\n")[0])
                return float("nan")  # no such answer fits

    text = instead = ""
    now = of(answer.detach())
    if isnan(now):
        raise ValueError(errors[0] if errors else "of answer and target it is no number")
    if target.is_floating_point():
        text, instead = _of_numbers(answer, target, of)
    else:
        text, instead = _of_classes(answer, target, of)
    if text:
        yield Finding("loss misfit", "proved", "", f"the loss is {now:.3f} now; {text}", instead, 8)


def _of_numbers(answer: Tensor, target: Tensor, of: Callable) -> tuple[str, str]:
    if answer.numel() != target.numel():
        return "", ""
    goal = target.reshape(answer.shape).to(answer.dtype)
    own, same = of(goal), of(target.to(answer.dtype))
    if answer.shape != target.shape and own > same + 1e-3:
        longer = "answer" if answer.dim() > target.dim() else "target"
        return (
            f"the targets themselves, in the answer's shape {tuple(answer.shape)}, get {own:.3f}:"
            f" they are compared with a target of shape {tuple(target.shape)}, each with all.",
            f"`{longer}.squeeze(-1)`",
        )
    sure = of(goal * 60 - 30)
    if _ends_in_sigmoid(answer) and 0 <= sure < own - 1e-3:
        return (
            f"the targets themselves, as probabilities, get {own:.3f}, and as logits {sure:.3f}:"
            " the loss takes logits, and applies the sigmoid itself.",
            "the logits, without the sigmoid",
        )
    return "", ""


def _of_classes(answer: Tensor, target: Tensor, of: Callable) -> tuple[str, str]:
    axis = next((k for k in (1, -1) if _without(answer, k) == tuple(target.shape)), None)
    if axis is None or target.max() >= answer.shape[axis]:
        return "", ""
    goal = F.one_hot(target.clamp_min(0), answer.shape[axis]).movedim(-1, axis).to(answer.dtype)
    sums = answer.detach().sum(dim=axis)
    if answer.min() < 0 or not torch.allclose(sums, torch.ones_like(sums), atol=1e-4):
        return "", ""
    own, sure = of(goal), of(goal * 60 - 30)
    if 0 <= sure < own - 1e-3:
        return (
            f"sure and right probabilities get {own:.3f}, sure and right logits {sure:.3f}: the"
            " loss takes logits, and cannot fall below the first number.",
            "the logits, without the softmax",
        )
    return "", ""


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
