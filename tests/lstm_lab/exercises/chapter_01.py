"""Chapter 1: right answers, and mistakes with their reasons."""

import torch
from torch import nn

from lstm_lab.judge import seeded

with seeded(1):
    STACKED = nn.LSTM(2, 3, num_layers=2, batch_first=True, bidirectional=True)
    LSTM = nn.LSTM(2, 3, num_layers=2, batch_first=True)
    X = torch.randn(5, 4, 2)
OUT, (H_N, _) = STACKED(X)
OUTPUT, (LAST, CELLS) = LSTM(X)
TWO = LSTM(X[:, :2])[1]

GIVEN = {"1.2": {"stacked": STACKED, "x": X}, "1.3": {"lstm": LSTM, "x": X}}


def last_state(module, x):
    _, state = module(x)
    h_n = state[0] if isinstance(module, nn.LSTM) else state
    return h_n[-1]


def by_output(module, x):
    output = module(x)[0]
    return (output[:, -1] if module.batch_first else output[-1]).tolist()


RIGHT = {
    "1.1": [35, 35.0, torch.tensor(35), torch.tensor([35])],
    "1.2": [OUT[:, 0, 3:], H_N[-1], OUT[:, 0, 3:].tolist(), OUT[:, 0, 3:].detach().numpy()],
    "1.3": [TWO[0][0], TWO[0][0].tolist()],
    "1.4": [last_state, by_output],
}
WRONG = {
    "1.1": [
        (105, "that is h_n"),
        (5, "one sequence"),
        (315, "all of output"),
        (45, "only the last step"),
        (7, "7 is not it"),
    ],
    "1.2": [
        (OUT[:, -1, 3:], "begins"),
        (OUT[:, -1, :3], "the forward direction's end"),
        (OUT[:, 0, :3], "forward features"),
        (OUT[:, 0], "keep the backward half"),
        (OUT[:, -1], "does not end there"),
        (H_N[1], "layer 0"),
        (OUT, "the shape is (5, 4, 6)"),
    ],
    "1.3": [
        (OUTPUT[:, 1], "second step of the top layer"),
        (LAST[0], "at the last step"),
        (LSTM(X[:, :3])[1][0][0], "too many"),
        (LSTM(X[:, :1])[1][0][0], "too few"),
        (TWO[1][0], "cell state"),
        (LSTM(X[:, 1:2])[1][0][0], "never read the first step"),
    ],
    "1.4": [
        (lambda module, x: module(x)[0][:, -1], "right for one layout only"),
        (lambda module, x: module(x)[0][-1], "right for one layout only"),
        (lambda module, x: module(x)[1][1][-1], "c_n"),
        (lambda module, x: module(x)[1][-1], "a pair: open it first"),
        (lambda module, x: (module(x)[1] + ("",))[0][-1], "it raises TypeError"),
        (lambda module, x: last_state(module, x) if module.batch_first else ..., "three dots"),
        (
            lambda module, x: (
                module(x)[1][0][0] if isinstance(module, nn.LSTM) else module(x)[1][0]
            ),
            "bottom layer",
        ),
        (
            lambda module, x: module(x)[1][0] if isinstance(module, nn.LSTM) else module(x)[1],
            "every layer's",
        ),
        (lambda module, x: torch.zeros(4, 3), "call 1 of 8: the shape is right, the numbers"),
        (lambda module: module, "it raises TypeError"),
        (last_state(LSTM, X), "a function is wanted, and this is a Tensor"),
    ],
}
