"""Exercises of chapter 8: a classifier."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lstm_lab.exercises.probes import FAULTS, asked, built, mixing, moved_rows
from lstm_lab.judge import Check, Trial, compare, seeded
from lstm_lab.states.readout import last_valid, max_pool

BLIND = "some steps change nothing: read the state behind the last step."
ORDERLESS = "the order of the steps changes nothing: a recurrent layer is wanted."
SOFTMAX = "the rows sum to 1: no softmax here, cross_entropy has its own."
UNTRAINED = "a weight gets no gradient, and cannot learn"
SIZES = "hidden_size changes nothing: the layer must take it."


def classifier() -> Trial:
    """A classifier, as a class that is made and called."""
    reasons = (*FAULTS, SOFTMAX, BLIND, ORDERLESS, UNTRAINED, SIZES)
    praise = "a row of scores for each sequence, from all its steps and from it alone."
    return Trial(_classifier_fault, praise, reasons, "a class")


def _classifier_fault(kind) -> str | None:
    x = torch.randn(8, 5, 4)
    model = built(kind, 4, 6, 3)
    scores = asked(model, x, 3)
    return (
        mixing(model, x)
        or _blindness(model, x, scores)
        or _softmax(scores)
        or _untrained(model, x)
        or _other_sizes(kind, model)
    )


def _blindness(model: nn.Module, x: Tensor, scores: Tensor) -> str | None:
    if not moved_rows(model, x, 1).any(dim=1).all():
        return BLIND
    return ORDERLESS if torch.allclose(model(x.flip(1)), scores, atol=1e-6) else None


def _softmax(scores: Tensor) -> str | None:
    whole = torch.allclose(scores.sum(dim=1), torch.ones(len(scores)), atol=1e-4)
    return SOFTMAX if whole and (scores >= 0).all() else None


def _untrained(model: nn.Module, x: Tensor) -> str | None:
    loss = F.cross_entropy(model(x), torch.arange(len(x)) % 3)
    if not loss.requires_grad:
        return f"{UNTRAINED}: nothing is left of the way back."
    loss.backward()
    for name, weight in model.named_parameters():
        # A bias may have no say, as in a softmax over the steps.
        if weight.grad is None or (weight.dim() > 1 and not weight.grad.any()):
            return f"{UNTRAINED}: {name}."
    return None


def _other_sizes(kind, model: nn.Module) -> str | None:
    other = built(kind, 5, 9, 2)
    asked(other, torch.randn(1, 7, 5), 2)
    wide = built(kind, 4, 9, 3)
    counts = [sum(weight.numel() for weight in each.parameters()) for each in (model, wide)]
    return SIZES if counts[0] == counts[1] else None


def step_loss(tags: Tensor, wanted: Tensor) -> Check:
    """The loss of an answer for every step."""
    return Check(
        F.cross_entropy(tags.flatten(0, 1), wanted.flatten()),
        "classes on axis 1, or everything in one row of steps.",
        mistakes=[
            (F.cross_entropy(tags, wanted), "axis 1 is the steps here."),
            (
                F.cross_entropy(tags.transpose(1, 2).softmax(1), wanted),
                "no softmax: cross_entropy has its own.",
            ),
        ],
    )


def two_readouts() -> Trial:
    """The maximum over the valid steps and the last valid state."""
    zeros = "0 is more than a negative feature: fill the padding with minus infinity."
    return compare(
        _beside(max_pool, last_valid),
        _padded,
        "minus infinity in the padding, and lengths - 1.",
        mistakes=[
            (_beside(_any_max, last_valid), "the padding won."),
            (_beside(max_pool, _any_last), "the last step is padding."),
            (_beside(_any_max, _any_last), "padding, twice."),
            (_beside(last_valid, max_pool), "the maximum comes first."),
            (_beside(_max_with_zeros, last_valid), zeros),
        ],
    )


def _beside(first, second):
    return lambda output, lengths: torch.cat([first(output, lengths), second(output, lengths)], -1)


def _any_max(output: Tensor, lengths: Tensor) -> Tensor:
    return output.amax(1)


def _any_last(output: Tensor, lengths: Tensor) -> Tensor:
    return output[:, -1]


def _max_with_zeros(output: Tensor, lengths: Tensor) -> Tensor:
    valid = torch.arange(output.shape[1]) < lengths.unsqueeze(1)
    return (output * valid.unsqueeze(2)).amax(1)


def _padded() -> list[tuple[Tensor, Tensor]]:
    calls = []
    with seeded(3):
        for padding in (9.0, 0.0, -9.0, 1000.0):
            lengths = torch.randint(1, 6, (4,))
            lengths[0] = 2
            states = torch.randn(4, 6, 3) - 2
            states[1, 0] = 0
            valid = torch.arange(6) < lengths.unsqueeze(1)
            calls.append((states.where(valid.unsqueeze(2), torch.tensor(padding)), lengths))
    return calls


def count_rows() -> Check:
    """The rows of ``h_n.view(-1, 20)``, and the features that a classifier reads."""
    return Check(
        (3 * 2 * 16, 2 * 20),
        "six rows for each of 16; both ends of the top layer.",
        mistakes=[
            ((3 * 16, 40), "each layer has two directions."),
            ((16, 40), "that would be one layer and one direction."),
            ((96, 20), "both directions of the top layer: 40."),
            ((96, 120), "the lower layers do not belong to it."),
            ((6, 40), "every sequence has six rows."),
        ],
    )


EXERCISES = {"8.1": classifier, "8.2": step_loss, "8.3": two_readouts, "8.4": count_rows}
