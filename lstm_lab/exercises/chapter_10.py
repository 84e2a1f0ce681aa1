"""Exercises of chapter 10: how far back a network remembers."""

import torch
from torch import Tensor

from lstm_lab.judge import Check, Trial, called, compare


def how_far() -> Check:
    """The first step with a gradient, and the first that counts."""
    return Check(
        (100, 0),
        "the chunk begins at 100; the numbers come all the way.",
        mistakes=[
            ((100, 100), "detaching cuts the gradient, not the numbers."),
            ((101, 1), "steps count from 0."),
            ((0, 0), "the gradient stops where the chunk begins."),
            ((86, 0), "chunks begin at multiples of 25."),
            ((85, 0), "chunks begin at multiples of 25."),
        ],
    )


def second_chunk() -> Check:
    """The second chunk of a series that four rows read."""
    line = torch.arange(26.0, device="cpu")
    laid = line[:24].view(4, 6)
    return Check(
        laid[:, 3:6],
        "rows of six, and the columns three to five.",
        mistakes=[
            (laid[:, :3], "that is the first chunk."),
            (line[12:24].view(4, 3), "rows must continue themselves."),
            (line[:24].view(6, 4).T[:, 3:6], "rows run along the series."),
        ],
    )


PAIR = "an LSTM's state is a pair, and a pair has no detach: detach each of the two."
NONE = "None has no detach: it stays None."
BOUND = "they still have a history."
ORDER = "h comes first, then c."
FORM = "a pair must come back as a pair, a tuple, as nn.LSTM takes it."


def detached() -> Trial:
    """A state of either kind, or None, without its history."""
    same = compare(
        _detached,
        _states,
        "both, one, or none.",
        mistakes=[
            (_detached_but_none, NONE),
            (lambda state: state.detach(), PAIR),
            (lambda state: _detached(state[::-1] if isinstance(state, tuple) else state), ORDER),
        ],
    )

    def fault(answer):
        why = same.fault(answer)
        if why is not None:
            return why
        for (state,) in _states():
            found = called(answer, state)
            if isinstance(state, tuple) and not isinstance(found, tuple):
                return FORM
            if any(getattr(each, "requires_grad", False) for each in _tensors(found)):
                return BOUND
        return None

    return Trial(fault, same.praise, (*same.reasons, BOUND, FORM))


def _detached(state):
    if isinstance(state, tuple):
        return tuple(each.detach() for each in state)
    return None if state is None else state.detach()


def _detached_but_none(state):
    return _detached(state) if isinstance(state, tuple) else state.detach()


def _states() -> list[tuple]:
    one = torch.ones(1, 2, 3, device="cpu", requires_grad=True) * 2
    return [((one, 3 * one),), (5 * one,), (None,)]


def _tensors(state) -> tuple[Tensor, ...]:
    if state is None:
        return ()
    return tuple(state) if isinstance(state, tuple) else (state,)


EXERCISES = {"10.1": how_far, "10.2": second_chunk, "10.3": detached}
