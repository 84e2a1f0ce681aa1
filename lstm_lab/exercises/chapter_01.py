"""Exercises of chapter 1: the three tensors that a layer returns."""

import torch
from torch import Tensor, nn

from lstm_lab.judge import Check, Trial, compare, seeded


def overlap() -> Check:
    """How many numbers of ``h_n`` are in ``output``, too."""
    return Check(
        7 * 5,
        "the top layer's final state, 5 numbers for each of 7 sequences.",
        mistakes=[
            (3 * 7 * 5, "that is h_n; the lower layers are not in output."),
            (5, "that is one sequence; there are 7."),
            (7 * 9 * 5, "that is all of output."),
            (9 * 5, "only the last step, and for each of 7 sequences."),
        ],
    )


def other_end(stacked: nn.LSTM, x: Tensor) -> Check:
    """The final state of the top layer's backward direction."""
    out, (h_n, _) = stacked(x)
    return Check(
        h_n[3],
        "the backward direction ends where the sequence begins.",
        mistakes=[
            (out[:, -1, 3:], "that is where the backward direction begins."),
            (out[:, -1, :3], "that is the forward direction's end."),
            (out[:, 0, :3], "the right step; these are forward features."),
            (out[:, 0], "step 0 is right; keep the backward half only."),
            (out[:, -1], "the backward direction does not end there."),
            (h_n[1], "that is layer 0, which is not in out."),
        ],
    )


def never_returned(lstm: nn.LSTM, x: Tensor) -> Check:
    """The state of layer 0 after the second step."""
    output, (h_n, _) = lstm(x)
    one, two, three = [lstm(x[:, :steps])[1] for steps in (1, 2, 3)]
    return Check(
        two[0][0],
        "stop after two steps, and the final state is what you want.",
        mistakes=[
            (output[:, 1], "that is the second step of the top layer."),
            (h_n[0], "the right layer, at the last step."),
            (three[0][0], "one step too many: x[:, :3] holds three."),
            (one[0][0], "one step too few: x[:, :1] holds one."),
            (two[1][0], "that is the cell state; h_n comes first."),
            (lstm(x[:, 1:2])[1][0][0], "that never read the first step."),
        ],
    )


def one_function() -> Trial:
    """The top layer's final state, from three kinds of module and either layout."""
    one_layout = "right for one layout only: with time first it is output[-1]."
    return compare(
        lambda module, x: _h_n(module, x)[-1],
        _modules,
        "three modules, one to three layers, two layouts, one function.",
        mistakes=[
            (lambda module, x: module(x)[0][:, -1], one_layout),
            (lambda module, x: module(x)[0][-1], one_layout),
            (lambda module, x: module(x)[1][1][-1], "that is c_n."),
            (lambda module, x: module(x)[1][-1], "the LSTM's state is a pair: open it first."),
            (lambda module, x: _h_n(module, x)[0], "that is the bottom layer."),
            (_h_n, "that is every layer's; take the top one's row."),
        ],
    )


def _h_n(module: nn.RNNBase, x: Tensor) -> Tensor:
    _, state = module(x)
    return state[0] if isinstance(module, nn.LSTM) else state


def _modules() -> list[tuple[nn.RNNBase, Tensor]]:
    with seeded(1):
        return [
            (kind(2, 3, num_layers=depth, batch_first=first), torch.randn(4, 6, 2))
            for kind, depth in ((nn.LSTM, 2), (nn.GRU, 1), (nn.RNN, 3), (nn.LSTM, 1))
            for first in (True, False)
        ]


EXERCISES = {"1.1": overlap, "1.2": other_end, "1.3": never_returned, "1.4": one_function}
