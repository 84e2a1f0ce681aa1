"""The cloze: letters on the left, on both sides, and a leak; three seeds each.

Then a new head, which reads around the gap, on the states of the leak and of an untrained layer.

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


def with_new_head(data, model):
    """Return a predictor that reads the states of a model, which stay as they are."""
    reader = GapPredictor(len(data.alphabet), 24, 96)
    reader.embedding, reader.layer = model.embedding, model.layer
    reader.requires_grad_(False).head.requires_grad_()
    return train(data, reader)


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
    runs = {"leak, a new head": [], "untrained, a new head": []}
    for name, make in makers.items():
        runs[name], runs[f"{name}, hidden"] = [], []
        for seed in range(3):
            torch.manual_seed(seed)
            model = train(data, make())
            runs[name].append([accuracy(data, model, hidden=False)])
            runs[f"{name}, hidden"].append([accuracy(data, model, hidden=True)])
            if isinstance(model, Leaky):
                for kind, made in (("leak", model), ("untrained", make())):
                    found = accuracy(data, with_new_head(data, made), hidden=False)
                    runs[f"{kind}, a new head"].append([found])
        print(name, runs[name], runs[f"{name}, hidden"], flush=True)
    print({name: values for name, values in runs.items() if "head" in name})
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
