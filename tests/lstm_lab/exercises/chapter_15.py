"""Chapter 15: right answers, and mistakes with their reasons."""

import torch
from torch import nn

from tests.lstm_lab.exercises.models import made


def moves(model, x, k):
    other = x.clone()
    other[k] = torch.randn_like(x[k])
    with torch.no_grad():
        far = (model(other) - model(x)).abs().flatten(1).amax(dim=1)
    return (far > 1e-6).nonzero().flatten().tolist()


def by_gradient(model, x, k):
    x = x.clone().requires_grad_()
    answers = model(x).flatten(1)
    return [
        row
        for row in range(len(x))
        if torch.autograd.grad(answers[row].sum(), x, retain_graph=True)[0][k].any()
    ]


def in_place(model, x, k):
    before = model(x)
    x[k] += 1
    return ((model(x) - before).abs().flatten(1).amax(1) > 1e-6).nonzero().flatten().tolist()


def trained(model, x, k):
    model.train()
    return moves(model, x, k)


def view(head, output, h_n):
    return head(h_n.view(h_n.shape[1], -1))


def ends(head, output, h_n):
    return head(torch.cat([h_n[-2], h_n[-1]], dim=-1))


def ends_of_output(head, output, h_n):
    size = h_n.shape[-1]
    return head(torch.cat([output[:, -1, :size], output[:, 0, size:]], dim=-1))


def mended(read, **options):
    return made(read, **{"wide": 2, "layer": nn.GRU, "bidirectional": True, **options})


class Remembers(mended(ends)):
    before = 0

    def forward(self, x):
        self.before = self.before + super().forward(x)
        return self.before


RIGHT = {
    "15.1": ["ACD"],
    "15.2": [moves, by_gradient],
    "15.3": [
        mended(ends),
        mended(ends_of_output, layer=nn.LSTM),
        mended(lambda head, o, h: head(o.mean(dim=1))),
    ],
}
WRONG = {
    "15.1": [
        ("ABCD", "the backward one alone"),
        ("ACDE", "has seen one step"),
        ("ACDF", "layer 0"),
        ("AD", "where its direction ends"),
        ("AC", "flatten joins them"),
        ("CD", "the last row of h_n is the top layer's"),
        ("B", "is not it"),
    ],
    "15.2": [
        (lambda model, x, k: list(range(len(x))), "do not move"),
        (lambda model, x, k: [each for each in moves(model, x, k) if each != k], "is missing"),
        (lambda model, x, k: [k], "that move are missing"),
        (lambda model, x, k: moves(model, x, k)[::-1], "in order"),
        (lambda model, x, k: [bool(each) for each in moves(model, x, k)], "whole numbers"),
        (in_place, "into a copy"),
        (trained, "another mode"),
    ],
    "15.3": [
        (mended(view), "a view moves no axis"),
        (mended(lambda head, o, h: head(o[:, -1]), batch_first=False), "batch_first=True"),
        (mended(lambda head, o, h: head(o[:, -1])), "has seen one step"),
        (mended(lambda head, o, h: head(h[-1]), wide=1), "one direction reaches no answer"),
        (mended(lambda head, o, h: head(h[-1]), wide=1, bidirectional=False), "a bidirectional"),
        (mended(lambda head, o, h: head(o)), "one for each sequence is wanted"),
        (mended(lambda head, o, h: (o, h)), "that is what the layer returns"),
        (mended(lambda head, o, h: h[-1]), "a linear layer must make"),
        (mended(lambda head, o, h: head(o.mean(0))), "the mean over the batch"),
        (Remembers, "at the second call"),
    ],
}
