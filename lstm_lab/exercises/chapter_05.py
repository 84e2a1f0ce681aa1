"""Exercises of chapter 5: layers and dropout."""

import torch
from torch import Tensor

from lstm_lab.judge import Check, Trial, called, seeded


def thinned() -> Check:
    """How many vectors dropout thins in one call."""
    return Check(
        2 * 10,
        "between 0 and 1, and between 1 and 2, at each of 10 steps.",
        mistakes=[
            (3 * 10, "the top layer's output is not dropped."),
            (2, "a fresh mask at each of the 10 steps."),
            (10, "there are two ways up in a stack of three."),
            (0, "with one layer that would be right."),
            (3, "two ways up, and a fresh mask at each step."),
            (20 * 16, "vectors are asked for, not numbers."),
        ],
    )


def row() -> Check:
    """The row of a layer in ``h_n``, with two directions and with one."""
    return Check(
        (5, 2),
        "two rows a layer with two directions, one with one.",
        mistakes=[
            ((4, 2), "row 4 is layer 2, forward."),
            ((6, 2), "that is right if all forward rows came first."),
            ((5, 4), "with one direction there is a row a layer."),
            ((5, 1), "layers are counted from 0: row 2 is layer 2."),
            ((3, 2), "row 3 is layer 1, backward."),
        ],
    )


SHAPE = "a tensor of the shape of x is wanted."
STEPS = "the mask changes from step to step."
SEQUENCES = "all sequences have one mask."
UNITS = "all units have one mask."
SHARE = "p is the share that is dropped."
NUMBERS = "what is kept must be x's own numbers, step by step."
SCALE = "divide what is kept by 1 - p."
ANEW = "every call draws a new mask."


def locked_dropout() -> Trial:
    """Dropout with one mask for all steps of a sequence."""
    reasons = (SHAPE, STEPS, SEQUENCES, UNITS, SHARE, SCALE, NUMBERS, ANEW)
    return Trial(_dropout_fault, "one mask a sequence, and the mean is kept.", reasons)


def _dropout_fault(dropout) -> str | None:
    for p in (0.75, 0.25, 0.5):
        with seeded(int(100 * p)):
            x = torch.randn(50, 7, 40)
        y, again = called(dropout, x.clone(), p), called(dropout, x.clone(), p)
        if not isinstance(y, Tensor) or y.shape != x.shape:
            return SHAPE
        why = _mask_fault(y != 0, p) or _number_fault(x, y, p)
        if why or torch.equal(y, again):
            return why or ANEW
    return None


def _mask_fault(kept: Tensor, p: float) -> str | None:
    if (kept != kept[:, :1]).any():
        return STEPS
    if kept.all() or not kept.any():
        return SHARE
    if (kept == kept[:1]).all():
        return SEQUENCES
    if (kept == kept[:, :, :1]).all():
        return UNITS
    return SHARE if abs((~kept).float().mean() - p) > 0.1 else None


def _number_fault(x: Tensor, y: Tensor, p: float) -> str | None:
    kept = y != 0
    factor = (y / x)[kept]
    if (factor - factor.mean()).abs().max() > 1e-3:
        return NUMBERS
    return SCALE if abs(factor.mean() - 1 / (1 - p)) > 1e-3 else None


EXERCISES = {"5.1": thinned, "5.2": row, "5.3": locked_dropout}
