"""Chapter 5: right answers, and mistakes with their reasons."""

import torch
from torch import nn
from torch.nn import functional as F


def locked_dropout(x, p):
    return x * F.dropout(torch.ones_like(x[:, :1]), p)


def by_hand(x, p):
    kept = torch.rand(len(x), 1, x.shape[2]) >= p
    return torch.where(kept, x / (1 - p), 0)


def by_the_module(x, p):
    return nn.Dropout1d(p)(x.transpose(1, 2)).transpose(1, 2)


def mask(x, p, *sizes):
    return F.dropout(torch.ones(sizes), p)


def the_same_again(x, p):
    generator = torch.Generator().manual_seed(0)
    return x * (torch.rand(len(x), 1, x.shape[2], generator=generator) >= p) / (1 - p)


RIGHT = {
    "5.1": [20, 20.0, torch.tensor(20)],
    "5.2": [(5, 2), [5, 2], torch.tensor([5, 2])],
    "5.3": [locked_dropout, by_hand, by_the_module],
}
WRONG = {
    "5.1": [
        (30, "the top layer's"),
        (2, "a fresh mask at each of the 10"),
        (10, "two ways up in a stack"),
        (0, "with one layer"),
        (3, "two ways up, and a fresh mask"),
        (320, "not numbers"),
    ],
    "5.2": [
        ((4, 2), "layer 2, forward"),
        ((6, 2), "if all forward rows"),
        ((5, 4), "a row a layer"),
        ((5, 1), "counted from 0"),
        ((3, 2), "layer 1, backward"),
        ((-3, 2), "entry 0: -3 is not it"),
    ],
    "5.3": [
        (lambda x, p: F.dropout(x, p), "from step to step"),
        (lambda x, p: x * mask(x, p, 1, 1, x.shape[2]), "all sequences have one mask"),
        (lambda x, p: x * mask(x, p, len(x), 1, 1), "all units have one mask"),
        (lambda x, p: locked_dropout(x, 1 - p), "p is the share that is dropped"),
        (lambda x, p: locked_dropout(x, 0.75), "p is the share that is dropped"),
        (lambda x, p: x, "p is the share that is dropped"),
        (lambda x, p: locked_dropout(x, p) * (1 - p), "divide what is kept"),
        (lambda x, p: locked_dropout(torch.ones_like(x), p), "x's own numbers"),
        (lambda x, p: locked_dropout(x[:, :1].expand_as(x), p), "x's own numbers"),
        (the_same_again, "a new mask"),
        (lambda x, p: x[:, 0], "a tensor of the shape of x"),
        (lambda x, p: x.tolist(), "a tensor of the shape of x"),
        (lambda x, p: (x, ...), "three dots"),
        (nn.Dropout, "it raises"),
    ],
}
