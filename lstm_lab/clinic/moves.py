"""What moves when the input is changed: other examples, padding, order and steps."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from lstm_lab.clinic.answers import Answers, distance, worst
from lstm_lab.clinic.batch import Batch, other_numbers
from lstm_lab.clinic.findings import Finding
from lstm_lab.clinic.record import Call, Record, tensors
from lstm_lab.printing import count


def other_examples(choices: list[Answers], record: Record) -> tuple[Answers, list[Finding]]:
    """Return the layout in which each answer depends on its own example, and what is wrong if none.

    Args:
        choices: the answers in every layout that they may have.
        record: of the call with the inputs as they came.
    """
    batch, found = choices[0].batch, {}
    for k in (0, batch.size - 1):
        inputs = batch.changed(lambda rows, k=k: rows[k].copy_(batch.others(rows, k)[k]))
        result = choices[0].subject(inputs)
        for number, answers in enumerate(choices):
            if number not in found:
                moved = _others_moved(answers, answers.of(result), k)
                if moved.max() > answers.smallest:
                    found[number] = (k, inputs, moved)
    clean = [each for number, each in enumerate(choices) if number not in found]
    if clean:
        return clean[0], []
    return choices[0], [_mixed(choices[0], record, *found[0])]


def _others_moved(answers: Answers, after: Tensor, k: int) -> Tensor:
    """Return the largest move of every example but one."""
    moved = answers.moved(after)
    if moved.dim() == 2 and moved.shape[0] == moved.shape[1]:
        moved = moved.index_fill(1, torch.tensor(k, device=moved.device), 0)  # each with each
    return worst(moved)[[j for j in range(len(moved)) if j != k]]


def _mixed(answers: Answers, record: Record, k: int, inputs: tuple, moved: Tensor) -> Finding:
    others = [j for j in range(answers.batch.size) if j != k]
    place = _first_mixed(answers, record, inputs, others)
    return Finding(
        "examples mixed",
        "measured",
        place.name if place else "",
        f"with other numbers in example {k} alone, the answers of"
        f" {int((moved > answers.smallest).sum())} of the {count(len(others), 'other example')}"
        f" move, by up to {moved.max():.2g} of the answers' spread.",
        _apart(place, record),
        2,
    )


def _first_mixed(answers, record, inputs, others) -> Call | None:
    """Return the first module that was given each example apart, and did not keep them so."""
    after = answers.subject.recorded(inputs)
    for old, new in zip(record.calls, after.calls, strict=False):
        apart = [_apart_still(old.given, new.given, answers, others)]
        apart += [_apart_still((old.returned,), (new.returned,), answers, others)]
        if old.name and apart == [True, False] and not isinstance(old.module, nn.Embedding):
            return old
    return None


def _apart_still(old: tuple, new: tuple, answers: Answers, others: list[int]) -> bool:
    """Return whether the other examples' numbers are as they were, along some axis."""
    size = answers.batch.size
    for before, after in zip(tensors(old), tensors(new), strict=False):
        if before.shape != after.shape or not before.is_floating_point():
            continue
        far = distance(after.detach(), before.detach()) > answers.smallest
        axes = [k for k in range(far.dim()) if far.shape[k] == size]
        if far.any() and not any(not far.movedim(k, 0)[others].any() for k in axes):
            return False
    return True


def _apart(place: Call | None, record: Record) -> str:
    if place is None:
        return (
            "a transpose, not a view, where axes change places; a softmax, a mean or a norm over"
            " the steps, not over the examples; a loop over `x[:, t]`"
        )
    readings = [it for it in record.readings if it.name == place.name]
    if readings and readings[0].batch == 1:
        return f"`x.unsqueeze(1)` for `{place.name}`: the examples stand on its axis of steps"
    if hasattr(place.module, "batch_first"):
        wanted = not place.module.batch_first
        other = "; if the input is time-first, `diagnose(..., batch_first=False)`" if wanted else ""
        return f"`batch_first={wanted}` in `{place.name}`, as its input is laid out{other}"
    return f"another axis in `{place.name}`: it sees all examples at once"


def another_order(answers: Answers) -> Iterator[Finding]:
    """Yield a finding where the answers do not follow the examples into another order."""
    batch = answers.batch
    after, expected = _turned([answers])[0]
    if answers.moved(after, expected).max() <= answers.smallest:
        return
    nearest = [worst(answers.moved(row.expand_as(expected), expected)).min() for row in after]
    if max(nearest) > answers.smallest:
        return
    if answers.moved(after).max() <= answers.smallest and not _own(answers):
        yield Finding(
            "no axis of examples",
            "measured",
            "",
            "the examples were given in another order, and every answer stays in its place: the"
            f" axis of {batch.size} that the answers have is not that of the examples.",
            "a mean or a choice along the axis of the steps, not along that of the examples",
            2,
        )
        return
    wrong = (worst(answers.moved(after, expected)) > answers.smallest).sum()
    yield Finding(
        "order lost",
        "measured",
        "",
        f"the examples were given in another order: the same answers come back, and"
        f" {int(wrong)} of {batch.size} in the place of another example.",
        "`enforce_sorted=False`, or the answers through `order.argsort()` at the end",
        7,
    )


def places(choices: list[Answers]) -> Iterator[Finding]:
    """Yield a finding where an answer depends on the place of its example in the batch.

    Args:
        choices: the answers in every layout that they may have.
    """
    pairs = zip(choices, _turned(choices), strict=True)
    moved = min((worst(answers.moved(*pair)) for answers, pair in pairs), key=Tensor.max)
    smallest = choices[0].smallest
    if moved.max() > smallest:
        yield Finding(
            "order lost",
            "measured",
            "",
            f"the examples were given in another order, and {int((moved > smallest).sum())} of"
            f" {len(moved)} get another answer than in their old place, by up to"
            f" {moved.max():.2g} of the answers' spread.",
            "lengths in the order of their examples: `enforce_sorted=False`, or sort both by one"
            " order",
            7,
        )


def _turned(choices: list[Answers]) -> list[tuple[Tensor, Tensor]]:
    """Return the answers to the examples in the opposite order, and what they should be."""
    batch = choices[0].batch
    order = list(range(batch.size))[::-1]
    result = choices[0].subject(batch.taken(order))
    return [(answers.of(result), answers.before[order]) for answers in choices]


def _own(answers: Answers) -> bool:
    """Return whether another example moves one answer alone, wherever that stands."""
    batch = answers.batch
    after = answers.after(batch.changed(lambda rows: rows[0].copy_(batch.others(rows, 0)[0])))
    return bool((worst(answers.moved(after)) > answers.smallest).sum() == 1)


def padding(answers: Answers, cure: str) -> Iterator[Finding]:
    """Yield a finding where an answer depends on how much padding follows it, or what is in it.

    Args:
        cure: what to write instead.
    """
    batch, more = answers.batch, 4
    kept = answers.before
    effects = []
    for words, make in (
        (f"with {more} more steps of padding", lambda: _longer(answers, more)),
        ("without the longest examples beside them", lambda: _shorter(answers)),
        *((f"with example {k} alone", lambda k=k: _alone(answers, k)) for k in _some_short(batch)),
    ):
        try:
            index, after = make()
        except Exception:
            continue  # a model of one number of steps or examples
        # A batch of one has other kernels, which round otherwise, and in half precision far.
        least = answers.smallest if len(index) > 1 else 0.02
        effects.append((words, index, _valid_moves(answers, after, index), least))
    if not effects:
        content = batch.changed(lambda rows: _refill(rows, batch))
        moved = _valid_moves(answers, answers.after(content), list(range(batch.size)))
        every = list(range(batch.size))
        effects.append(("with other numbers in the padding", every, moved, answers.smallest))
    for words, index, moved, least in effects:
        touched = (moved > least).sum()
        if touched:
            yield Finding(
                "padding read",
                "measured",
                "",
                f"{words}, the answers of {int(touched)} of {count(len(index), 'example')} move, by"
                f" up to {moved.max():.2g} of the spread of all {len(kept)}.",
                cure,
                7,
            )
            return


def _longer(answers: Answers, more: int) -> tuple[list[int], Tensor]:
    batch = answers.batch
    after = answers.after(batch.resized(batch.steps + more))
    return list(range(batch.size)), after


def _shorter(answers: Answers) -> tuple[list[int], Tensor]:
    batch = answers.batch
    index = [k for k, length in enumerate(batch.lengths) if length < max(batch.lengths)]
    steps = max(batch.lengths[k] for k in index)
    return index, answers.after(batch.resized(steps, index), size=len(index))


def _some_short(batch: Batch) -> list[int]:
    """Return three examples that have padding."""
    short = [k for k, length in enumerate(batch.lengths) if length < max(batch.lengths)]
    return sorted(short, key=lambda k: batch.lengths[k])[:3]


def _alone(answers: Answers, k: int) -> tuple[list[int], Tensor]:
    batch = answers.batch
    return [k], answers.after(batch.resized(batch.lengths[k], [k]), size=1)


def _valid_moves(answers: Answers, after: Tensor, index: list[int]) -> Tensor:
    """Return how far each example's answers moved, those in its padding left out."""
    before = answers.before[index]
    if not answers.stepped:
        return worst(answers.moved(after, before))
    if before.shape[1] != answers.batch.steps:
        before, after = before.transpose(1, 2), after.transpose(1, 2)
    steps = min(before.shape[1], after.shape[1])
    beyond = answers.batch.padding(before.device)[index][:, :steps]
    moved = answers.moved(after[:, :steps], before[:, :steps]).reshape(len(index), steps, -1)
    return moved.amax(dim=2).masked_fill(beyond, 0).amax(dim=1)


def _refill(rows: Tensor, batch: Batch) -> None:
    if rows.shape[1] == batch.steps:
        beyond = batch.padding(rows.device)
        rows[beyond] = other_numbers(rows, 1)[beyond]


def gradient_cut(answers: Answers, number: int, read: Tensor) -> Iterator[Finding]:
    """Yield a finding where steps move the answers that no gradient comes back to.

    Args:
        number: of the input.
        read: ``(batch, steps)``, true where a gradient comes back.
    """
    batch = answers.batch
    valid = ~batch.padding(read.device)
    quiet = valid & ~read
    if valid.sum(dim=1).min() < 3:
        return

    def disturb(rows: Tensor) -> None:
        rows[quiet] = other_numbers(rows, 2, valid)[quiet]

    moved = worst(answers.moved(answers.after(batch.changed(disturb, only=number))))
    if moved.max() > answers.smallest:
        yield Finding(
            "gradient cut",
            "proved",
            "",
            "a gradient comes back to one step alone, yet other numbers in the other steps move"
            f" the answers, by up to {moved.max():.2g} of their spread: nothing is learnt through"
            " time.",
            "`detach()` between batches, not between the steps of one",
            10,
        )
