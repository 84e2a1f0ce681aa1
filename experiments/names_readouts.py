"""Names in 24 languages by four readouts, each with an LSTM of its own, and one softmax too many.

    python experiments/names_readouts.py

Writes lstm_lab/data/results/names-readouts.json, which chapter 8 draws and compares itself with.
"""

from functools import partial

import torch
from stored import by_seed, store
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from lstm_lab import LSTMClassifier, evaluate, fit, names

STEPS = (500, 1000, 1500)
WAYS = ("h_n", "c_n", "mean", "max")


def softmax_twice(logits, y):
    return F.cross_entropy(logits.softmax(dim=-1), y)


def curve(data, seed, *, readout, loss=F.cross_entropy):
    torch.manual_seed(seed)
    size, classes = len(data.alphabet), len(data.languages)
    model = LSTMClassifier(32, 64, classes, vocab_size=size, readout=readout)
    train, test = (TensorDataset(part.x, part.lengths, part.y) for part in (data.train, data.test))
    batches, points = DataLoader(train, batch_size=64, shuffle=True), []
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    for _ in STEPS:
        fit(model, batches, steps=STEPS[0], loss=loss, optimizer=optimizer)
        points.append(round(evaluate(model, DataLoader(test, batch_size=256)), 4))
    return points


def main() -> None:
    data = names()
    ways = {readout: {"readout": readout} for readout in WAYS}
    ways["h_n, softmax twice"] = {"readout": "h_n", "loss": softmax_twice}
    store(
        "names-readouts",
        __file__,
        packages=["torch", "babel"],
        quantity="test accuracy",
        made_from=data.train.fingerprint,
        steps=list(STEPS),
        runs=by_seed(partial(curve, data), ways),
    )


if __name__ == "__main__":
    main()
