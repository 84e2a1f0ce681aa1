"""What a target tells: whether an answer has seen its own."""

from collections.abc import Iterator

import torch
from torch import Tensor

from lstm_lab.clinic.answers import Answers, by_steps
from lstm_lab.clinic.batch import Batch
from lstm_lab.clinic.findings import Finding
from lstm_lab.clinic.prices import Price

SHIFTED = (
    "`torch.cat([torch.full_like(target[:, :1], start), target[:, :-1]], dim=1)` as the decoder's"
    " input, with a number `start` that no target has"
)
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
        if k and _rolled(batch.rows(given), wanted):
            yield Finding(
                "target leaks",
                "proved",
                "",
                f"input {k} is the target, rolled: its first step holds the last target.",
                SHIFTED,
                11,
            )
            return
        for shift, part in _repeats(batch, batch.rows(given), wanted):
            if k == 0 and shift == 0:
                continue  # an autoencoder is to give back what it read
            step, moved = _answer_moves(answers, k, shift, part, wanted.shape[1])
            if moved > answers.smallest:
                yield _leak(answers, k, shift, step, moved)
                return


def _rolled(given: Tensor, wanted: Tensor) -> bool:
    """Return whether an input is the target, its last step brought to the front."""
    alike = given.shape == wanted.shape and len(wanted[:, -1].unique()) > 1
    return alike and wanted.shape[1] > 2 and torch.equal(given, wanted.roll(1, dims=1))


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


def copies(answers: Answers, price: Price) -> Iterator[Finding]:
    """Yield a finding where the target is what the first input has at the same step, to be copied.

    An autoencoder's answers depend on later steps, too, and a loss that shifts the target itself
    asks much for a copy: neither is meant.
    """
    batch, goal = answers.batch, price.goal()
    given, wanted = batch.inputs[0], price.target
    if goal is None or not batch.timed(given) or not answers.stepped:
        return
    seen = given.reshape(wanted.shape) if given.numel() == wanted.numel() else given
    now, copied = price.of(price.answer), price.of(goal)
    if not torch.equal(seen, wanted) or not 0 <= copied < 0.1 * now:
        return
    step = batch.steps // 2

    def moves(part: slice) -> bool:
        def change(rows: Tensor) -> None:
            rows[:, part] = batch.others(rows, 3)[:, part]

        after = answers.after(batch.changed(change, only=0))
        return bool(by_steps(answers.moved(after), batch.steps)[:, step].max() > answers.smallest)

    if moves(slice(step, step + 1)) and not moves(slice(step + 1, None)):
        yield Finding(
            "target leaks",
            "measured",
            "",
            f"the target is the first input, at the same step: to copy it would cost {copied:.3f},"
            f" where the loss is {now:.3f}, and the answer at step {step} moves with its own input"
            " and with none after it.",
            "the target one step ahead: input `x[:, :-1]`, target `x[:, 1:]`",
            13,
        )


def _leak(answers: Answers, k: int, shift: int, step: int, moved: float) -> Finding:
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
        SHIFTED if shift == 0 or k else _causal(answers),
        11 if shift == 0 or k else 9,
    )


def _causal(answers: Answers) -> str:
    """Return what cannot read ahead, in place of what does."""
    both = [it for it in answers.subject.modules.values() if getattr(it, "bidirectional", False)]
    if both:
        return "a layer with one direction, which cannot read ahead"
    return "a convolution, a norm or a mean over the steps so far, none ahead"
