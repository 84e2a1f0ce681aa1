"""Chapter 4: right answers, and mistakes with their reasons."""

import math

import torch
from torch import nn


def flag(*, symbol=1, write=9.0, keep=9.0, g=9.0, batch_first=True):
    def make():
        unit = nn.LSTM(3, 1, batch_first=batch_first)
        with torch.no_grad():
            for parameter in unit.parameters():
                parameter.fill_(0)
            unit.weight_ih_l0[2, symbol] = g
            unit.bias_ih_l0.copy_(torch.tensor([write, keep, 0, 9]))
        return unit

    return make


def counter():
    unit = flag(g=0)()
    with torch.no_grad():
        unit.weight_ih_l0[2] = torch.tensor([9.0, 0, -9])
    return unit


def by_the_input_gate():
    """Write by opening i at the X, with g at 1 throughout."""
    unit = flag(write=-9, g=0)()
    with torch.no_grad():
        unit.weight_ih_l0[0, 1] = 18
        unit.bias_hh_l0[2] = 9
    return unit.double()


class Mine(nn.LSTM):
    pass


RIGHT = {
    "4.1": [(1, 12), [1.0, 12.0], torch.tensor([1, 12])],
    "4.2": [math.atanh(0.8), 1.1, 1.0986, torch.tensor(1.0986)],
    "4.3": [flag(), by_the_input_gate],
}
WRONG = {
    "4.1": [
        ((1, 1), "no tanh before"),
        ((1, math.inf), "only so much"),
        ((1, torch.inf), "only so much"),
        (torch.tensor([1, torch.inf]), "only so much"),
        ((1, "inf"), "only so much"),
        ((1, None), "only so much"),
        ((12, 12), "no entry can leave"),
        ((1, 48), "each unit counts for itself"),
        ((1, 11), "the first step"),
        ((12, 1), "first h_n"),
        ((1, ...), "three dots"),
        ((math.nan, 12), "nan is not it"),
    ],
    "4.2": [
        (0.8, "that is tanh(c)"),
        (math.atanh(0.6), "divide by the output gate first"),
        (math.tanh(0.8), "undo the tanh"),
        (0.45, "h is the product already"),
        (math.atanh(0.45), "divide by the gate; h"),
    ],
    "4.3": [
        (flag(batch_first=False), "the unit reads batch-first"),
        (lambda: nn.LSTM(3, 2, batch_first=True), "one unit is wanted"),
        (lambda: nn.LSTM(3, 1, num_layers=2, batch_first=True), "one unit is wanted"),
        (lambda: nn.GRU(3, 1, batch_first=True), "one unit is wanted"),
        (lambda: 7, "one unit is wanted"),
        (lambda: [...], "three dots"),
        (flag(keep=-9), "it forgets"),
        (flag(write=-9), "nothing is written"),
        (counter, "the counter, unchanged"),
        (flag(symbol=0), "not 0 before the X"),
        (flag(symbol=2), "not 1 from the X on"),
        (flag(g=1), "not 1 from the X on"),
        (flag(keep=1), "it must stay"),
        (Mine, "it raises"),
        (flag()(), "it raises TypeError"),
    ],
}
