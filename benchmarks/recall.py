"""Recall of the first symbol after 20 and 60 steps, by the forget bias; three seeds each.

    python benchmarks/recall.py

Writes lstm_lab/results/recall.json, with which chapter 10 compares itself.
"""

import json
from pathlib import Path

import torch
from provenance import provenance
from torch import nn

from lstm_lab import LSTMClassifier, evaluate, fit, recall

FILE = Path(__file__).resolve().parent.parent / "lstm_lab/results/recall.json"
UNITS = 32
STEPS = 600


class Draws:
    """Fresh batches, without end."""

    def __init__(self, length):
        self.length = length

    def __iter__(self):
        while True:
            yield recall(64, self.length)


def spread(layer, length):
    """Give each unit a time of its own, 1 to the length, as Tallec and Ollivier do."""
    with torch.no_grad():
        times = torch.empty(UNITS).uniform_(1, length - 1).log()
        layer.bias_hh_l0[: 2 * UNITS] = 0
        layer.bias_ih_l0[:UNITS] = -times
        layer.bias_ih_l0[UNITS : 2 * UNITS] = times


def share(seed, length, *, bias=0.0, kind=nn.LSTM):
    torch.manual_seed(seed)
    model = LSTMClassifier(10, UNITS, 10, layer=kind)
    if bias == "spread":
        spread(model.layer, length)
    elif bias:
        with torch.no_grad():
            model.layer.bias_ih_l0[UNITS : 2 * UNITS] += bias
    fit(model, Draws(length), steps=STEPS, lr=0.01)
    return evaluate(model, [recall(2000, length)])


def main() -> None:
    ways = {
        "20 steps, default": (20, {}),
        "20 steps, forget bias 1": (20, {"bias": 1.0}),
        "20 steps, forget bias 3": (20, {"bias": 3.0}),
        "20 steps, GRU": (20, {"kind": nn.GRU}),
        "20 steps, RNN": (20, {"kind": nn.RNN}),
        "60 steps, default": (60, {}),
        "60 steps, forget bias 6": (60, {"bias": 6.0}),
        "60 steps, spread biases": (60, {"bias": "spread"}),
    }
    runs = {}
    for name, (length, options) in ways.items():
        runs[name] = [[round(share(seed, length, **options), 4)] for seed in range(3)]
        print(name, runs[name], flush=True)
    stored = {
        "provenance": provenance(__file__, packages=["torch"]),
        "quantity": "accuracy",
        "steps": [STEPS],
        "runs": runs,
    }
    FILE.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
