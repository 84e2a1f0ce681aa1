"""The cloze: letters on the left, on both sides, and a leak; three seeds each.

    python experiments/cloze.py

Writes lstm_lab/data/results/cloze.json, with which chapter 9 compares itself.
"""

import torch
from stored import store
from torch.utils.data import DataLoader, TensorDataset

from lstm_lab import GapPredictor, cross_entropy, fit, words

STEPS = 500


class Leaky(GapPredictor):
    """Chapter 9's mistake: the letter is read at its own step."""

    def forward(self, input, lengths=None):
        return self.head(self.layer(self.embedding(input))[0])


def train(data, model):
    parts = TensorDataset(data.train.x, data.train.lengths, data.train.y)
    loader = DataLoader(parts, 64, shuffle=True)
    fit(model, loader, steps=STEPS, loss=cross_entropy, lr=0.005)
    return model


@torch.no_grad()
def accuracy(data, model, *, hidden):
    x, y = data.test.x, data.test.y
    guesses = model(x, data.test.lengths).argmax(dim=-1)
    for t in range(x.shape[1] if hidden else 0):
        shown = x.clone()
        shown[:, t] = 0
        guesses[:, t] = model(shown, data.test.lengths)[:, t].argmax(dim=-1)
    return round(float((guesses == y)[y > 0].float().mean()), 4)


def main() -> None:
    data = words()
    size = len(data.alphabet)
    makers = {
        "left side only": lambda: GapPredictor(size, 24, 96, sides="left"),
        "both sides": lambda: GapPredictor(size, 24, 96),
        "leak, at t itself": lambda: Leaky(size, 24, 96),
    }
    runs = {}
    for name, make in makers.items():
        runs[name], runs[f"{name}, hidden"] = [], []
        for seed in range(3):
            torch.manual_seed(seed)
            model = train(data, make())
            runs[name].append([accuracy(data, model, hidden=False)])
            runs[f"{name}, hidden"].append([accuracy(data, model, hidden=True)])
        print(name, runs[name], runs[f"{name}, hidden"], flush=True)
    store(
        "cloze",
        __file__,
        packages=["torch"],
        quantity="test accuracy",
        made_from=data.train.fingerprint,
        steps=[STEPS],
        runs=runs,
    )


if __name__ == "__main__":
    main()
