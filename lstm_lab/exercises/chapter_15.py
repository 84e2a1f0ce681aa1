"""Exercises of chapter 15: readouts told apart, who moves whom, and a patient to mend."""

import torch
from torch import Tensor, nn

from lstm_lab.exercises.probes import FAULTS, asked, built, mixing, moved_rows
from lstm_lab.judge import Check, Trial, TrialError, called, seeded


def readouts() -> Check:
    """The lines that read the final state of every direction of the top layer."""
    backward = "B: with two directions the last row of h_n is the backward one alone."
    short = "E: at the last step the backward half has seen one step."
    lowest = "F: the first two rows of h_n are the directions of layer 0."
    ends = "C reads each half where its direction ends: forward at the last step, backward at 0."
    joined = "D: after the transpose an example's rows stand together, and flatten joins them."
    return Check(
        "ACD",
        "each direction where it ends, in the top layer.",
        mistakes=[
            *((wrong, backward) for wrong in ("ABCD", "ABC", "ABD", "AB")),
            *((wrong, short) for wrong in ("ACDE", "ACE", "ADE", "AE")),
            *((wrong, lowest) for wrong in ("ACDF", "ACF", "ADF", "AF")),
            *((wrong, ends) for wrong in ("AD", "D")),
            *((wrong, joined) for wrong in ("AC", "C", "A")),
            ("CD", "A: with one direction the last row of h_n is the top layer's."),
        ],
    )


PICKY = {
    "list": "a list of whole numbers is wanted, the examples in order.",
    "all": "examples are listed whose answers do not move: put other numbers into x[k] alone.",
    "self": "example k is missing: its own answer moves, too.",
    "input": "x is changed: put the numbers into a copy.",
    "model": "the model is changed: neither train it nor give it another mode.",
    "few": "some answers that move are missing.",
}


def moves() -> Trial:
    """The examples whose answers move with example k."""
    return Trial(
        _moves_fault,
        "a right model moves the answer of example k, and no other.",
        tuple(PICKY.values()),
    )


def _moves_fault(answer) -> str | None:
    for model in (_Read(), _Read(view=True), _Read(batch_first=False), _Read(tagger=True)):
        x = torch.randn(4, 7, 3)
        wanted = moved_rows(model, x, 0)
        for k in (0, 3):
            why = _one_fault(answer, model, x, k, wanted[k].nonzero().flatten().tolist())
            if why:
                return why
    return None


def _one_fault(answer, model: nn.Module, x: Tensor, k: int, wanted: list[int]) -> str | None:
    given, state = x.clone(), {key: it.clone() for key, it in model.state_dict().items()}
    found = called(answer, model, given, k)
    if not torch.equal(given, x):
        return PICKY["input"]
    if model.training or any((it != state[key]).any() for key, it in model.state_dict().items()):
        return PICKY["model"]
    if isinstance(found, Tensor):
        found = found.tolist()
    if not isinstance(found, (list, tuple)) or not all(type(each) is int for each in found):
        return PICKY["list"]
    found = list(found)
    if found == wanted:
        return None
    if set(found) - set(wanted):
        return PICKY["all"]
    if sorted(found) == wanted:
        return PICKY["list"]
    return PICKY["self"] if k not in found else PICKY["few"]


class _Read(nn.Module):
    """A classifier, with a mistake or without, or a tagger."""

    def __init__(self, *, view: bool = False, batch_first: bool = True, tagger: bool = False):
        super().__init__()
        self.view, self.tagger = view, tagger
        self.layer = nn.LSTM(3, 4, batch_first=batch_first, bidirectional=view)
        self.head = nn.Linear(8 if view else 4, 2)
        self.eval()

    def forward(self, x: Tensor) -> Tensor:
        output, (h_n, _) = self.layer(x)
        if self.view:
            return self.head(h_n.view(len(x), -1))
        return self.head(output if self.tagger else output[:, -1])


ONE_WAY = "one direction reaches no answer: both are wanted, and weights get no gradient."
SHORT = "one direction is read where it has seen one step: its recurrent weights get no gradient."
NO_LAYER = "a bidirectional nn.GRU, nn.LSTM or nn.RNN is wanted in it."


def mended() -> Trial:
    """A patient of two complaints, mended."""
    return Trial(
        _mended_fault,
        "each example apart, and both directions from where they end.",
        (*FAULTS, ONE_WAY, SHORT, NO_LAYER),
        wanted="a class",
    )


def _mended_fault(kind) -> str | None:
    with seeded(1):
        model, x = built(kind, 5, 6, 3), torch.randn(4, 7, 5)
        asked(model, x, 3)
        return mixing(model, x) or _directions_fault(model, x)


def _directions_fault(model: nn.Module, x: Tensor) -> str | None:
    layers = [it for it in model.modules() if isinstance(it, nn.RNNBase) and it.bidirectional]
    if not layers:
        raise TrialError(NO_LAYER)
    named = [pair for layer in layers for pair in layer.named_parameters()]
    answer = model(x).square().sum()
    found = torch.autograd.grad(answer, [it for _, it in named], allow_unused=True)
    silent = [
        name for (name, _), it in zip(named, found, strict=True) if it is None or not it.any()
    ]
    if any(name.startswith("weight_ih") for name in silent):
        return ONE_WAY
    return SHORT if silent else None


EXERCISES = {"15.1": readouts, "15.2": moves, "15.3": mended}
