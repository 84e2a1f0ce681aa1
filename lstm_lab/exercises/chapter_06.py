"""Exercises of chapter 6: two directions."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from lstm_lab.judge import Check, Trial, compare, seeded


def seen() -> Check:
    """How many steps each half of a step's output has seen."""
    return Check(
        (6, 15),
        "steps 0 to 5 from the left, 5 to 19 from the right.",
        mistakes=[
            ((5, 15), "step 5 itself is read, too: 0, 1, 2, 3, 4, 5."),
            ((6, 14), "the backward half has read step 5, too."),
            ((5, 14), "each half has read step 5 itself."),
            ((15, 6), "the forward half comes from the left."),
            ((20, 20), "with two layers; here there is one."),
            ((6, 20), "the backward half has not read steps 0 to 4."),
            ((6, 1), "that is the last step; here it is step 5."),
            ((6, 16), "steps 5 to 19 are fifteen."),
        ],
    )


def both_ends(given: Tensor) -> Check:
    """Both ends of every layer, side by side."""
    pairs = [torch.cat([given[2 * k], given[2 * k + 1]], -1) for k in range(3)]
    apart = [torch.cat([given[k], given[k + 3]], -1) for k in range(3)]
    return Check(
        torch.stack(pairs),
        "rows 2k and 2k + 1 are the two directions of layer k.",
        mistakes=[
            (given.reshape(3, 5, 8), "a reshape mixes the sequences."),
            (torch.stack(apart), "rows are not all forward ones first."),
            (given.transpose(0, 1).reshape(3, 5, 8), "for one layer only."),
            (torch.stack([pair.roll(4, -1) for pair in pairs]), "forward first."),
        ],
    )


def rebuild(pair: nn.LSTM, part: Callable[[int, str], nn.LSTM]) -> Trial:
    """The output of two bidirectional layers from one-directional modules."""

    def stack(x, *, turned, back):
        for k in range(2):
            backward = part(k, "_reverse")(x.flip(1) if turned else x)[0]
            x = torch.cat([part(k, "")(x)[0], backward.flip(1) if back else backward], dim=-1)
        return x

    return compare(
        lambda x: pair(x)[0],
        lambda: _inputs(pair.weight_ih_l0),
        "layer by layer, both halves of one feed both of the next.",
        mistakes=[
            (
                lambda x: stack(x, turned=True, back=False),
                "flip the backward output back into input order.",
            ),
            (
                lambda x: stack(x, turned=False, back=False),
                "the backward module must read from the end.",
            ),
            (
                lambda x: _first(part, x),
                "that is the first layer; the second reads both its halves.",
            ),
        ],
    )


def _first(part: Callable[[int, str], nn.LSTM], x: Tensor) -> Tensor:
    backward = part(0, "_reverse")(x.flip(1))[0].flip(1)
    return torch.cat([part(0, "")(x)[0], backward], dim=-1)


def _inputs(weight: Tensor) -> list[tuple[Tensor]]:
    with seeded(1):
        return [(torch.randn(batch, steps, 3).to(weight),) for batch, steps in ((2, 5), (3, 8))]


EXERCISES = {"6.1": seen, "6.2": both_ends, "6.3": rebuild}
