"""What each exhibit of the clinic costs on names: 24 languages, wrong lines and mended ones.

    python experiments/clinic_names.py

The models are the chapter's own: its cells with the tag "shared" are run first. Writes
lstm_lab/data/results/clinic-names.json. Three seeds each; half an hour on two cores.
"""

from functools import partial

import torch
from stored import by_seed, shared_cells, store
from torch.utils.data import DataLoader, TensorDataset

from lstm_lab import evaluate, fit

STEPS = 1000
BOTH = {"bidirectional": True}
WAYS = {
    "mended, one direction": ("OneEnd", {}),
    "mended, both directions": ("BothEnds", {"width": 128, **BOTH}),
    "1 last step of both": ("LastLetter", {"width": 128, **BOTH}),
    "2 h_n[-1] of both": ("LastRow", BOTH),
    "3 h_n[0] of two layers": ("FirstRow", {"num_layers": 2}),
    "4 h_n.view of both": ("Viewed", {"width": 128, **BOTH}),
    "5 no batch_first": ("Turned", {}),
    "6 softmax over names": ("Shared", {}),
    "7 last column": ("LastColumn", {}),
    "8 mean with padding": ("MeanOfAll", {}),
    "9 sorted for good": ("Sorted", {}),
    "10 one step too soon": ("TooSoon", {}),
    "11 no state handed on": ("Forgets", {}),
    "12 detached each step": ("Cut", {}),
    "14 random start": ("Dice", {}),
    "15 softmax twice": ("Twice", {}),
    "16 layers in a list": ("Listed", {}),
}


def accuracy(lab, seed, *, kind, options):
    torch.manual_seed(seed)
    model = lab[kind](**options)
    data = lab["data"]
    train, test = (TensorDataset(part.x, part.lengths, part.y) for part in (data.train, data.test))
    fit(model, DataLoader(train, batch_size=64, shuffle=True), steps=STEPS, lr=0.005)
    return [round(evaluate(model, DataLoader(test, batch_size=256)), 4)]


def main() -> None:
    lab = shared_cells("15-clinic")
    ways = {name: {"kind": kind, "options": options} for name, (kind, options) in WAYS.items()}
    store(
        "clinic-names",
        __file__,
        packages=["torch", "babel"],
        quantity="test accuracy",
        made_from=lab["data"].train.fingerprint,
        steps=[STEPS],
        runs=by_seed(partial(accuracy, lab), ways),
    )


if __name__ == "__main__":
    main()
