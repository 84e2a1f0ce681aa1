"""Exercises of chapter 9: predictors that read both ways."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lstm_lab.exercises.probes import FAULTS, asked, built, mixing, moved_rows
from lstm_lab.judge import Check, Trial, compare, seeded
from lstm_lab.models.predictors import GapPredictor

LAST = "output[:, -1]: its backward half has read one step."
FIRST = "output[:, 0]: its forward half has read one step."
SWAPPED = "each half is read where it begins: forward ends at -1, backward at 0."
ONE = "only one direction reaches the answer."
LAYERS = "one bidirectional layer is wanted: in a second one every state has seen every step."
INSIDE = "each half is read before its end"
ELSEWHERE = "other steps are read, too: the two ends are enough."


def mended() -> Trial:
    """A predictor that reads both right ends, as a class that is made and called."""
    reasons = (LAST, FIRST, SWAPPED, ONE, *FAULTS, LAYERS, INSIDE, ELSEWHERE)
    praise = "each half has read the whole sequence, and nothing else is read."
    return Trial(_mended_fault, praise, reasons, "a class")


def _mended_fault(kind) -> str | None:
    x = torch.randn(8, 5, 4)
    model = built(kind, 4, 6, 3)
    asked(model, x, 3)
    why = mixing(model, x) or _ends(model, x) or _elsewhere(model, x)
    if why is None:
        asked(built(kind, 2, 7, 1), torch.randn(3, 9, 2), 1)
    return why


def _ends(model: nn.Module, x: Tensor) -> str | None:
    layers = [module for module in model.modules() if isinstance(module, nn.RNNBase)]
    names = [(layer, name) for layer in layers for name in dict(layer.named_parameters())]
    parts = [getattr(layer, name) for layer, name in names if name.startswith("weight_ih")]
    if len(parts) != 2:
        return ONE if len(parts) < 2 else LAYERS
    # With the other direction's eyes shut, what moves the answer came through this one.
    forward, backward = _steps(model, x, parts[1]), _steps(model, x, parts[0])
    if not forward or not backward:
        return ONE
    first, last, whole = [0], [x.shape[1] - 1], list(range(x.shape[1]))
    known = {(*whole, -1, *last): LAST, (*first, -1, *whole): FIRST, (*first, -1, *last): SWAPPED}
    why = known.get((*forward, -1, *backward))
    if why is None and (forward != whole or backward != whole):
        return f"{INSIDE}: forward has read steps {forward}, backward {backward}."
    return why


def _steps(model: nn.Module, x: Tensor, shut: nn.Parameter) -> list[int]:
    """Return the steps that move the answer while one direction reads nothing."""
    weight = shut.detach().clone()
    with torch.no_grad():
        shut.zero_()
        moved = moved_rows(model, x, 1).any(dim=1)
        shut.copy_(weight)
    return moved.nonzero().flatten().tolist()


def _elsewhere(model: nn.Module, x: Tensor) -> str | None:
    """Return whether the answer moves when ``output`` changes where no direction ends."""
    before, handles = model(x), []
    for module in model.modules():
        if isinstance(module, nn.RNNBase) and module.bidirectional:
            handles.append(module.register_forward_hook(_disturb))
    after = model(x)
    for handle in handles:
        handle.remove()
    return None if torch.allclose(before, after, atol=1e-5) else ELSEWHERE


def _disturb(layer: nn.RNNBase, inputs, returned):
    output, state = returned
    if not isinstance(output, Tensor):  # packed
        return returned
    output, size = output.clone(), layer.hidden_size
    steps = output if layer.batch_first else output.transpose(0, 1)
    steps[:, 1:-1] += 1
    steps[:, 0, :size] += 1
    steps[:, -1, size:] += 1
    return output, state


def graded(values_8: Tensor, guesses: Tensor) -> Check:
    """The error of the guesses whose target is in the series."""
    return Check(
        F.mse_loss(guesses[:, :-1], values_8[:, 1:]),
        "guess t is graded by value t + 1.",
        mistakes=[
            (F.mse_loss(guesses, values_8), "guess t has seen value t."),
            (F.mse_loss(guesses[:, 1:], values_8[:, :-1]), "the other way."),
        ],
    )


def leaks() -> Trial:
    """Whether the output at a step depends on the input at that step."""
    return compare(
        _leaks,
        _suspects,
        "the honest one stands still, the leak moves.",
        mistakes=[
            (
                lambda model, x, t: False,
                "is the letter really changed, and that output compared?",
            ),
            (lambda model, x, t: True, "compare step t alone: the others may move."),
        ],
    )


def _leaks(model: nn.Module, x: Tensor, t: int) -> bool:
    changed = x.clone()
    changed[0, t] = changed[0, t] % 26 + 1
    with torch.no_grad():
        return bool((model(x)[0, t] != model(changed)[0, t]).any())


class _Leaky(nn.Module):
    """Sees the letter itself at some steps, and its neighbours at the others."""

    def __init__(self, steps: tuple[int, ...]) -> None:
        super().__init__()
        self.honest, self.steps = GapPredictor(27, 4, 6), list(steps)
        self.leak = nn.Linear(4, 27)

    def forward(self, x: Tensor) -> Tensor:
        logits = self.honest(x).clone()
        logits[:, self.steps] += self.leak(self.honest.embedding(x[:, self.steps]))
        return logits


def _suspects() -> list[tuple[nn.Module, Tensor, int]]:
    with seeded(1):
        models = GapPredictor(27, 4, 6), _Leaky((0, 1, 2, 3)), _Leaky((1, 3))
        first, second = torch.tensor([[26, 1, 26, 5]]), torch.tensor([[1, 26, 13, 26, 2]])
    asked_of = [(model.eval(), x) for model in models for x in (first, second)]
    return [(model, x.clone(), t) for model, x in asked_of for t in range(x.shape[1])]


def shifted_steps() -> Check:
    """The two steps of ``output`` that guess a place without seeing it."""
    return Check(
        (5, 7),
        "the forward state before it, the backward state after it.",
        mistakes=[
            ((6, 6), "both halves have read place 6 itself."),
            ((7, 5), "the forward state of 7 has read 6."),
            ((5, 6), "the backward state of 6 has read it."),
            ((6, 7), "the forward state of 6 has read it."),
            ((8, 0), "those are the ends: both have read everything."),
        ],
    )


EXERCISES = {"9.1": mended, "9.2": graded, "9.3": leaks, "9.4": shifted_steps}
