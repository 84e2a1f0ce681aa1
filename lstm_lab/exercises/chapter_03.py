"""Exercises of chapter 3: the equations of a cell."""

import torch
from torch import Tensor

from lstm_lab.judge import Check, Trial, compare, seeded


def rows() -> Check:
    """The rows of the output gate's weights."""
    return Check(
        (60, 80),
        "i, f, g, o: the fourth block of 20.",
        mistakes=[
            ((40, 60), "that is g, the candidate; o comes after it."),
            ((20, 40), "that is the forget gate."),
            ((0, 20), "that is the input gate."),
            ((60, 79), "the row after the last, as a slice has it."),
            ((30, 40), "blocks are hidden_size wide, not input_size."),
        ],
    )


def gru_state() -> Check:
    """One step of one unit of a GRU."""
    return Check(
        0.1 * -1 + 0.9 * 0.5,
        "z near 1 keeps: 0.1 of the new, 0.9 of the old.",
        mistakes=[
            (0.9 * -1 + 0.1 * 0.5, "that is the other convention: z keeps."),
            (0.9 * 0.5, "the new gate has its share too, 1 - z."),
            (-1 + 0.9 * 0.5, "the new gate is multiplied by 1 - z."),
        ],
    )


def output_gate() -> Trial:
    """The output gate from the two states."""
    return compare(
        lambda h, c: h / c.tanh(),
        _states,
        "h = o * tanh(c), so o is their quotient.",
        mistakes=[
            (lambda h, c: h / c, "c passes a tanh before o meets it."),
            (lambda h, c: h * c.tanh(), "h is the product; divide by it."),
            (lambda h, c: c.tanh() / h, "the other way round: o = h / tanh(c)."),
        ],
        tolerance=1e-4,
    )


def _states() -> list[tuple[Tensor, Tensor]]:
    with seeded(1):
        shapes = ((1, 1, 7, 2, 3), (5, 4))
        # Away from 0, where the quotient loses its digits.
        cells = [(torch.rand(shape) + 0.2) * torch.randn(shape).sign() for shape in shapes]
        return [(torch.rand(c.shape) * c.tanh(), c) for c in cells]


EXERCISES = {"3.1": rows, "3.2": gru_state, "3.3": output_gate}
