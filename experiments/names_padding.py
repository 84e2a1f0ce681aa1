"""What reading the padded last step costs: names in 24 languages, three seeds.

    python experiments/names_padding.py

Writes lstm_lab/data/results/names-padding.json, which chapter 7 draws and compares itself with.
"""

from functools import partial

import torch
from stored import by_seed, store
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence

from lstm_lab import names

STEPS = range(200, 1201, 200)
BATCH = 64


class Reader(nn.Module):
    """Chapter 7's classifier, with the two ways to read and one or two directions."""

    def __init__(self, data, *, packed, bidirectional):
        super().__init__()
        self.packed = packed
        self.embedding = nn.Embedding(len(data.alphabet), 32, padding_idx=0)
        self.lstm = nn.LSTM(32, 64, batch_first=True, bidirectional=bidirectional)
        self.head = nn.Linear(64 * (1 + bidirectional), len(data.languages))

    def forward(self, x, lengths):
        embedded = self.embedding(x)
        if not self.packed:
            return self.head(self.lstm(embedded)[0][:, -1])
        packed = pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
        _, (h_n, _) = self.lstm(packed)
        return self.head(h_n.transpose(0, 1).flatten(1))


def accuracy(model, split):
    """Return the share of right answers, in batches that are padded to their longest."""
    parts = zip(split.x.split(BATCH), split.lengths.split(BATCH), strict=True)
    with torch.no_grad():
        answers = [model(x[:, : n.max()], n).argmax(dim=-1) for x, n in parts]
    return float((torch.cat(answers) == split.y).float().mean())


def curve(data, seed, **options):
    torch.manual_seed(seed)
    model = Reader(data, **options)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    train, points = data.train, []
    for step in range(1, STEPS[-1] + 1):
        rows = torch.randint(len(train), (BATCH,))
        lengths = train.lengths[rows]
        logits = model(train.x[rows, : lengths.max()], lengths)
        optimizer.zero_grad()
        F.cross_entropy(logits, train.y[rows]).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step in STEPS:
            points.append(round(accuracy(model, data.test), 4))
    return points


def main() -> None:
    data = names()
    ways = {
        "packed, h_n": {"packed": True, "bidirectional": False},
        "padded, output[:, -1]": {"packed": False, "bidirectional": False},
        "two directions, packed, h_n": {"packed": True, "bidirectional": True},
        "two directions, padded, output[:, -1]": {"packed": False, "bidirectional": True},
    }
    store(
        "names-padding",
        __file__,
        packages=["torch", "babel"],
        quantity="test accuracy",
        made_from=data.train.fingerprint,
        steps=list(STEPS),
        runs=by_seed(partial(curve, data), ways),
    )


if __name__ == "__main__":
    main()
