"""Digits by rows: seven ways to one answer, three seeds, and two ways to choose the test.

An eighth way is a mistake: one softmax too many.

    python experiments/digits_readouts.py

Writes lstm_lab/data/results/digits-readouts.json: the accuracy after 600 steps, with the last
pictures as the test and with pictures drawn at random.
"""

import torch
from stored import store
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from lstm_lab import LSTMClassifier, digits, evaluate, fit
from lstm_lab.data.numbers import Images

STEPS = 600
WAYS = {
    "LSTM h_n": {},
    "LSTM c_n": {"readout": "c_n"},
    "LSTM mean": {"readout": "mean"},
    "LSTM max": {"readout": "max"},
    "LSTM h_n, two directions": {"bidirectional": True},
    "GRU h_n": {"layer": nn.GRU},
    "RNN h_n": {"layer": nn.RNN},
}


def softmax_twice(logits, y):
    return F.cross_entropy(logits.softmax(dim=-1), y)


def accuracy(train, test, seed, loss=F.cross_entropy, **options):
    torch.manual_seed(seed)
    model = LSTMClassifier(8, 64, 10, **options)
    batches = DataLoader(TensorDataset(train.x, train.y), batch_size=64, shuffle=True)
    optimizer = torch.optim.Adam(model.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.005, total_steps=STEPS)
    optimizer.register_step_post_hook(lambda *_: schedule.step())
    fit(model, batches, steps=STEPS, loss=loss, optimizer=optimizer)
    return round(evaluate(model, [(test.x, test.y)]), 4)


def drawn(data, seed):
    """Return train and test of the sizes that the writers' split has, drawn at random."""
    parts = (data.train, data.valid, data.test)
    x, y = (torch.cat([getattr(part, name) for part in parts]) for name in "xy")
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    train, test = order[: len(data.train)], order[-len(data.test) :]
    return Images(x[train], y[train]), Images(x[test], y[test])


def main() -> None:
    data, runs = digits(), {}
    mistake = {"LSTM h_n, softmax twice": {"loss": softmax_twice}}
    for name, options in (WAYS | mistake).items():
        ends, mixed = [], []
        for seed in range(3):
            ends.append([accuracy(data.train, data.test, seed, **options)])
            mixed.append([accuracy(*drawn(data, seed), seed, **options)])
        runs |= {f"{name}, last pictures": ends, f"{name}, drawn at random": mixed}
        print(name, ends, mixed, flush=True)
    store(
        "digits-readouts",
        __file__,
        packages=["torch", "scikit-learn"],
        quantity="test accuracy",
        steps=[STEPS],
        runs=runs,
    )


if __name__ == "__main__":
    main()
