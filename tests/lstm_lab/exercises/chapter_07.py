"""Chapter 7: right answers, and mistakes with their reasons."""

import torch
from torch import nn
from torch.nn.utils.rnn import (
    pack_padded_sequence,
    pack_sequence,
    pad_packed_sequence,
    pad_sequence,
)

from lstm_lab.judge import seeded

with seeded(1):
    LATE = nn.LSTM(2, 3)(torch.randn(6, 3, 2))[0].detach()
LENGTHS = torch.tensor([4, 1, 5])
LAST = LATE[LENGTHS - 1, torch.arange(3)]


def packed(module, x, lengths, **options):
    pack = pack_padded_sequence(x, lengths, batch_first=True, **options)
    return pad_packed_sequence(module(pack)[0], batch_first=True)[0]


def unsorted(module, x, lengths):
    return packed(module, x, lengths, enforce_sorted=False)


def one_by_one(module, x, lengths):
    each = [module(x[k, :n])[0].mean(0) for k, n in enumerate(lengths.tolist())]
    return torch.stack(each).tolist()


def masked_mean(module, x, lengths):
    valid = (torch.arange(x.shape[1]) < lengths.unsqueeze(1)).unsqueeze(2)
    return (module(x)[0] * valid).sum(1) / lengths.unsqueeze(1)


def packed_ends(module, sequences, **options):
    _, state = module(pack_sequence(sequences, **options))
    return (state[0] if isinstance(module, nn.LSTM) else state)[-1]


def by_length(module, sequences):
    return packed_ends(module, sorted(sequences, key=len, reverse=True))


with seeded(2):
    MINE = [torch.randn(n, 3) for n in (5, 2, 9, 2)]
GIVEN = {"7.2": {"late": LATE, "lengths_3": LENGTHS}, "7.4": {"mine": MINE}}
RIGHT = {
    "7.1": [[4, 4, 2, 2, 1], (4, 4, 2, 2, 1), torch.tensor([4, 4, 2, 2, 1])],
    "7.2": [LAST, LAST.tolist(), torch.stack([LATE[n - 1, k] for k, n in enumerate(LENGTHS)])],
    "7.3": [lambda m, x, n: unsorted(m, x, n).sum(1) / n.unsqueeze(1), one_by_one],
    "7.4": [
        lambda m, s: packed_ends(m, s, enforce_sorted=False),
        lambda m, s: [m(each)[0][-1].tolist() for each in s],
    ],
}
WRONG = {
    "7.1": [
        ([5, 4, 2, 2], "the lengths, sorted"),
        ([5, 2, 4, 2], "those are the lengths."),
        ([4, 4, 4, 4, 4], "the padded batch"),
        ([4, 4, 2, 2], "a fifth step"),
        ([1, 2, 2, 4, 4], "come first"),
    ],
    "7.2": [
        (LATE[-1], "the last padded step"),
        (LATE[LENGTHS, torch.arange(3)], "one step too late"),
        (LATE[LENGTHS - 1], "a step for each sequence"),
    ],
    "7.3": [
        (masked_mean, "has read the padding"),
        (lambda m, x, n: m(x)[0].mean(1), "read, and counted"),
        (lambda m, x, n: unsorted(m, x, n).mean(1), "not by the padded length"),
        (lambda m, x, n: unsorted(m, x, n).sum(1) / 6, "not by the padded length"),
        (lambda m, x, n: unsorted(m, x, n).sum(1), "that is the sum"),
        (lambda m, x, n: packed(m, x, n).sum(1), "it raises RuntimeError: `lengths` array"),
        (lambda m, x, n: torch.zeros(3, 6), "call 1 of 3"),
        (lambda m, x, n: one_by_one(m, x, torch.full_like(n, 2)), "call 1 of 3"),
    ],
    "7.4": [
        (lambda m, s: m(pad_sequence(s, True))[0][:, -1], "have read padding"),
        (by_length, "in order of length"),
        (packed_ends, "it raises RuntimeError"),
        (lambda m, s: torch.zeros(len(s), 4), "call 1 of 2"),
        (lambda m, s: m(s[0])[0][-1], "call 1 of 2"),
    ],
}
