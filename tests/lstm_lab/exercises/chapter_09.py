"""Chapter 9: right answers, and mistakes with their reasons."""

import torch
from torch import nn
from torch.nn import functional as F

from lstm_lab import BidirectionalPredictor
from lstm_lab.judge import seeded
from tests.lstm_lab.exercises import models

with seeded(5):
    VALUES, GUESSES = torch.randn(1, 8, 1), torch.randn(1, 8, 1)
LOSS = F.mse_loss(GUESSES[:, :-1], VALUES[:, 1:])


def made(read, *, wide=2, **options):
    """Return a predictor class whose head takes what ``read`` makes of ``output`` and ``h_n``."""

    def answer(head, output, h_n):
        return head(read(output, h_n, head.in_features // wide))

    return models.made(answer, wide=wide, **{"bidirectional": True, **options})


class TimeFirst(made(lambda o, h, size: torch.cat([h[0], h[1]], -1), batch_first=False)):
    def forward(self, x):
        return super().forward(x.transpose(0, 1))


class Apart(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.forwards = nn.LSTM(input_size, hidden_size, batch_first=True)
        self.backwards = nn.LSTM(input_size, hidden_size, batch_first=True)
        self.head = nn.Linear(2 * hidden_size, output_size)

    def forward(self, x):
        both = self.forwards(x)[0][:, -1], self.backwards(x.flip(1))[0][:, -1]
        return self.head(torch.cat(both, dim=-1))


class Stub(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()

    def forward(self, x):
        return ...


def ends(output, h_n, size):
    return torch.cat([output[:, -1, :size], output[:, 0, size:]], dim=-1)


class Units(made(ends)):
    def forward(self, x):
        return ends(self.layer(x)[0], None, self.layer.hidden_size)


def leaks(model, x, t, letter=None, whole=False):
    changed = x.clone()
    changed[0, t] = x[0, t] % 26 + 1 if letter is None else letter
    one, other = model(x), model(changed)
    return (one != other).any() if whole else (one[0, t] - other[0, t]).abs().max() > 1e-6


def in_place(model, x, t):
    changed = x
    changed[0, t] = 3
    return bool((model(x)[0, t] != model(changed)[0, t]).any())


GIVEN = {"9.2": {"values_8": VALUES, "guesses": GUESSES}}
RIGHT = {
    "9.1": [
        made(ends),
        made(ends, layer=nn.GRU),
        made(lambda o, h, size: torch.cat([h[-1], h[-2]], dim=-1)),
        made(lambda o, h, size: h.transpose(0, 1).flatten(1)),
        BidirectionalPredictor,
        TimeFirst,
        Apart,
    ],
    "9.2": [LOSS, LOSS.item()],
    "9.3": [leaks, lambda model, x, t: bool(leaks(model, x, t, letter=0))],
    "9.4": [(5, 7), [5, 7]],
}
WRONG = {
    "9.1": [
        (made(lambda o, h, size: o[:, -1]), "its backward half has read one step"),
        (made(lambda o, h, size: o[:, 0]), "its forward half has read one step"),
        (made(lambda o, h, size: ends(o.flip(1), h, size)), "read where it begins"),
        (made(lambda o, h, size: h[-1], wide=1), "only one direction"),
        (made(lambda o, h, size: h[-1], wide=1, bidirectional=False), "only one direction"),
        (made(lambda o, h, size: h.view(len(o), -1)), "a view moves no axis"),
        (made(lambda o, h, size: o[:, -1], batch_first=False), "batch_first=True"),
        (made(lambda o, h, size: ends(o, h, size), batch_first=False), "batch_first=True"),
        (made(lambda o, h, size: ends(o, h, size).mean(0)), "the mean over the batch"),
        (made(lambda o, h, size: ends(o, h, size) + torch.rand(1)), "at the second call"),
        (made(lambda o, h, size: o), "one for each sequence"),
        (made(lambda o, h, size: o[:, 2]), "[0, 1, 2], backward [2, 3, 4]"),
        (made(lambda o, h, size: o.mean(1)), "other steps are read"),
        (made(lambda o, h, size: o.amax(1)), "other steps are read"),
        (made(lambda o, h, size: ends(o, h, size), num_layers=2), "one bidirectional layer"),
        (nn.LSTM, "that is what the layer returns"),
        (nn.GRUCell, "it raises"),
        (made(lambda o, h, size: ...), "it raises TypeError"),
        (Units, "a linear layer must make"),
        (Stub, "three dots"),
        (BidirectionalPredictor(4, 6, 3), "a class is wanted"),
    ],
    "9.2": [
        (F.mse_loss(GUESSES, VALUES), "has seen value t"),
        (F.mse_loss(GUESSES[:, 1:], VALUES[:, :-1]), "the other way"),
    ],
    "9.3": [
        (in_place, "is the letter really changed"),
        (lambda model, x, t: leaks(model, x, t, letter=26), "is the letter really changed"),
        (lambda model, x, t: leaks(model, x, t, whole=True), "compare step t alone"),
        (lambda model, x, t: leaks(model, x, 1), "step t alone"),
        (
            lambda model, x, t: leaks(model, x, t, letter=x[0, t] + 1),
            "it raises ValueError: input goes from 1 to 27",
        ),
        (lambda model, x, t: model(x), "call 1 of 27"),
        (lambda model, x, t: [..., t], "three dots"),
    ],
    "9.4": [
        ((6, 6), "both halves"),
        ((7, 5), "of 7 has read 6"),
        ((5, 6), "the backward state of 6"),
        ((6, 7), "the forward state of 6"),
        ((8, 0), "those are the ends"),
    ],
}
