"""Numbers that a view or a reshape put into the places of others, told by value."""

from collections.abc import Iterator

import torch
from torch import Tensor

from lstm_lab.clinic.findings import Finding
from lstm_lab.clinic.record import Record, tensors


def moved_by_view(record: Record) -> Iterator[Finding]:
    """Yield the results whose axes were to change places, and whose numbers stayed in order.

    A transpose changes the order of the numbers in memory; a view to the transposed shape does
    not, and so joins what does not belong together.
    """
    known = []
    for call in record.calls:
        for given in tensors(call.given):
            yield from _moved(known, f"`{call.name}` reads" if call.name else "", given)
        known += [(call.name, each) for each in tensors(call.returned) if call.name]
    for answer in tensors(record.answer):
        yield from _moved(known, "the answer is", answer)


def _moved(known: list[tuple[str, Tensor]], who: str, given: Tensor) -> Iterator[Finding]:
    if not who or not given.is_floating_point():
        return
    for name, source in known:
        axes = _exchanged(source, given)
        if axes and torch.equal(source.detach().reshape(-1), given.detach().reshape(-1)):
            yield Finding(
                "rows mixed",
                "proved",
                "",
                f"{who} what `{name}` returned as {tuple(source.shape)} in the shape"
                f" {tuple(given.shape)}, its numbers in the old order: a view moves no axis, so"
                " what belongs to one example or step stands among the others.",
                f"`.{axes}`, not a view or a reshape",
                2,
            )
            return


def _exchanged(source: Tensor, given: Tensor) -> str:
    """Return the call that would bring the axes of one tensor into the order of the other."""
    before, after = tuple(source.shape), tuple(given.shape)
    wide = [[size for size in shape if size > 1] for shape in (before, after)]
    if len(before) != len(after) or wide[0] == wide[1] or sorted(wide[0]) != sorted(wide[1]):
        return ""
    if source.numel() < 2 or (source == source.flatten()[0]).all():
        return ""
    other = [k for k in range(len(before)) if before[k] != after[k]]
    if len(other) == 2:
        return f"transpose({other[0]}, {other[1]})"
    order = []
    for size in after:
        order.append(next(k for k, it in enumerate(before) if it == size and k not in order))
    return f"permute({', '.join(map(str, order))})"
