"""Recall of the first symbol after 20 and 60 steps, by the forget bias; six seeds each.

    python experiments/recall.py

Writes lstm_lab/data/results/recall.json, and recall-longer.json for two networks that may only need
more steps. Chapter 10 compares itself with them.
"""

import torch
from stored import store
from torch import nn

from lstm_lab import LSTMClassifier, evaluate, fit, recall

UNITS, SEEDS = 32, 6
STEPS, LONGER = 600, 1800


class Draws:
    """Fresh batches, without end."""

    def __init__(self, length):
        self.length = length

    def __iter__(self):
        while True:
            yield recall(64, self.length)


def spread(layer, length, *, both):
    """Give each unit a time of its own, 1 to the length, as Tallec and Ollivier do.

    Their recipe sets the biases of both the forget and the input gate.
    """
    with torch.no_grad():
        times = torch.empty(UNITS).uniform_(1, length - 1).log()
        layer.bias_hh_l0[: 2 * UNITS] = 0
        layer.bias_ih_l0[UNITS : 2 * UNITS] = times
        if both:
            layer.bias_ih_l0[:UNITS] = -times


def share(seed, length, steps, *, bias=0.0, kind=nn.LSTM):
    torch.manual_seed(seed)
    model = LSTMClassifier(10, UNITS, 10, layer=kind)
    if isinstance(bias, str):
        spread(model.layer, length, both=bias == "both")
    elif bias:
        with torch.no_grad():
            model.layer.bias_ih_l0[UNITS : 2 * UNITS] += bias
    fit(model, Draws(length), steps=steps, lr=0.01)
    return evaluate(model, [recall(2000, length)])


def measure(file_name, ways, steps) -> None:
    runs = {}
    for name, (length, options) in ways.items():
        scores = [share(seed, length, steps, **options) for seed in range(SEEDS)]
        runs[name] = [[round(score, 4)] for score in scores]
        print(name, steps, runs[name], flush=True)
    store(
        file_name,
        __file__,
        packages=["torch"],
        quantity="accuracy",
        steps=[steps],
        runs=runs,
    )


def main() -> None:
    ways = {
        "20 steps, default": (20, {}),
        "20 steps, forget bias 1": (20, {"bias": 1.0}),
        "20 steps, forget bias 3": (20, {"bias": 3.0}),
        "20 steps, GRU": (20, {"kind": nn.GRU}),
        "20 steps, RNN": (20, {"kind": nn.RNN}),
        "60 steps, default": (60, {}),
        "60 steps, forget bias 6": (60, {"bias": 6.0}),
        "60 steps, forget biases spread": (60, {"bias": "forget"}),
        "60 steps, both biases spread": (60, {"bias": "both"}),
    }
    measure("recall", ways, STEPS)
    longer = {name: ways[name] for name in ("20 steps, default", "20 steps, GRU")}
    measure("recall-longer", longer, LONGER)


if __name__ == "__main__":
    main()
