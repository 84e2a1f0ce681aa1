"""Exercises of chapter 4: what the cell state knows."""

import math

import torch
from torch import Tensor, nn

from lstm_lab.data.numbers import counting
from lstm_lab.judge import Check, Trial, called
from lstm_lab.states.trace import trace


def bounds() -> Check:
    """How far ``h_n`` and ``c_n`` can get in 12 steps."""
    endless = "12 steps can add only so much."
    return Check(
        (1, 12),
        "h is a gate times a tanh; c gains at most 1 in each of 12 steps.",
        mistakes=[
            ((1, 1), "c passes no tanh before it is handed to you."),
            ((1, math.inf), endless),
            ((1, "inf"), endless),
            ((1, None), endless),
            ((12, 12), "h passes a tanh: no entry can leave -1 to 1."),
            ((1, 48), "each unit counts for itself; four do not add up."),
            ((1, 11), "the first step adds to the zero state, too."),
            ((12, 1), "first h_n, then c_n."),
        ],
    )


def cell_state() -> Check:
    """The cell state from the hidden state and the output gate."""
    return Check(
        math.atanh(0.6 / 0.75),
        "h = o tanh(c): divide by the gate, then undo the tanh.",
        mistakes=[
            (0.6 / 0.75, "that is tanh(c)."),
            (math.atanh(0.6), "divide by the output gate first."),
            (math.tanh(0.6 / 0.75), "undo the tanh: atanh."),
            (0.6 * 0.75, "h is the product already: divide by the gate."),
            (math.atanh(0.6 * 0.75), "divide by the gate; h is the product."),
        ],
        tolerance=0.006,  # two decimals
    )


LAYOUT = "the unit reads batch-first: nn.LSTM(3, 1, batch_first=True)."
KIND = "one unit is wanted: nn.LSTM(3, 1, batch_first=True)."
FORGETS = "it forgets; open f."
SILENT = "nothing is written; see i and g."
COUNTS = "that is the counter, unchanged."
EARLY = "it is not 0 before the X: a must write nothing."
LATE = "b changes it: after the X it must stay."
SIZE = "it is not 1 from the X on: what i times g writes must be 1."


def flag() -> Trial:
    """A unit that remembers that it has seen the X."""
    reasons = (LAYOUT, KIND, FORGETS, SILENT, COUNTS, EARLY, LATE, SIZE)
    return Trial(_flag_fault, "it is 0 before the X, and 1 from the X on.", reasons)


def _flag_fault(flag) -> str | None:
    unit = called(flag)
    if not isinstance(unit, nn.LSTM) or (unit.input_size, unit.hidden_size) != (3, 1):
        return KIND
    if unit.num_layers > 1 or unit.bidirectional:
        return KIND
    if not unit.batch_first:
        return LAYOUT
    data = counting(10)
    with torch.no_grad():
        c = trace(unit, data.x.to(unit.weight_ih_l0)).c[0, 0, :, :, 0].float().cpu()
    n, t = torch.arange(1, 11).unsqueeze(1), torch.arange(data.x.shape[1])
    valid = t <= 2 * n
    c = torch.where(valid, c.round(decimals=1), 0)
    seen = [(FORGETS, t == n), (SILENT, torch.zeros_like(valid)), (COUNTS, data.count)]
    for why, wanted in seen:
        if torch.equal(c, wanted.to(c) * valid):
            return why
    return _part_that_is_wrong(c, t < n, t == n, valid & (t > n))


def _part_that_is_wrong(c: Tensor, before: Tensor, at: Tensor, after: Tensor) -> str | None:
    if c[before].any():
        return EARLY
    if (c[at] != 1).any():
        return SIZE
    return LATE if (c[after] != 1).any() else None


EXERCISES = {"4.1": bounds, "4.2": cell_state, "4.3": flag}
