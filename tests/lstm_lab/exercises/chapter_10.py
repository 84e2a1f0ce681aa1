"""Chapter 10: right answers, and mistakes with their reasons."""

import torch

LINE = torch.arange(26.0)
LAID = LINE[:24].view(4, 6)


def detached(state):
    if isinstance(state, tuple):
        return tuple(each.detach() for each in state)
    return None if state is None else state.detach()


def by_data(state):
    if state is None:
        return None
    return state.data.clone() if torch.is_tensor(state) else (state[0].data, state[1].data)


def swapped(state):
    return detached(state[::-1] if isinstance(state, tuple) else state)


RIGHT = {
    "10.1": [(100, 0), [100, 0], torch.tensor([100, 0])],
    "10.2": [LAID[:, 3:6], LAID[:, 3:].tolist(), LAID[:, 3:].int()],
    "10.3": [detached, by_data],
}
WRONG = {
    "10.1": [
        ((100, 100), "not the numbers"),
        ((101, 1), "count from 0"),
        ((0, 0), "the gradient stops"),
        ((86, 0), "multiples of 25"),
        ((85, 0), "multiples of 25"),
    ],
    "10.2": [
        (LAID[:, :3], "the first chunk"),
        (LINE[12:24].view(4, 3), "continue themselves"),
        (LINE[:24].view(6, 4).T[:, 3:6], "along the series"),
        (LAID, "the shape is (4, 6)"),
    ],
    "10.3": [
        (lambda state: state.detach(), "a pair has no detach"),
        (lambda state: None if state is None else state.detach(), "a pair has no detach"),
        (
            lambda state: detached(state) if state.__class__ is tuple else state.detach(),
            "it stays None",
        ),
        (lambda state: state, "a history"),
        (lambda state: (detached(state[0]), state[1]) if detached(state) else 0, "it raises"),
        (lambda state: list(detached(state)) if type(state) is tuple else detached(state), "back"),
        (swapped, "h comes first"),
        (lambda state: detached(state[0]) if type(state) is tuple else detached(state), "call 1"),
        (lambda state: None, "call 1 of 3"),
        (lambda state: (..., ...), "three dots"),
        (lambda state: state[0].tolist(), "call 1 of 3"),
    ],
}
