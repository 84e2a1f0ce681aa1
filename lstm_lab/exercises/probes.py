"""What a reader's model reads: which rows of its answer move with which part of its input.

For models of batch-first sequences; a change of 0.000001 counts as a move.
"""

import torch
from torch import Tensor, nn

from lstm_lab.checks import with_article
from lstm_lab.judge import UNANSWERED, TrialError, called

ANSWER = "that is what the layer returns: read one vector a sequence out of it."
EVERY_STEP = "that is an answer for every step; one for each sequence is wanted."
NO_HEAD = "those are the layer's units: a linear layer must make the answer of them."
BATCH_FIRST = "the layer reads the batch as its steps: batch_first=True is missing."
MEAN = "every row depends on every example: the mean over the batch is taken."
VIEW = "the rows mix examples: h_n is (rows, batch, hidden_size), and a view moves no axis."
CHANGING = "the same input gets another answer at the second call: let no state stay behind."
FAULTS = (BATCH_FIRST, VIEW, MEAN, EVERY_STEP, ANSWER, NO_HEAD, CHANGING)


def built(kind: object, *sizes: int) -> nn.Module:
    """Return the reader's model, ready to be asked, or end the trial with the reason."""
    if not isinstance(kind, type) or not issubclass(kind, nn.Module):
        raise TrialError("a class is wanted, made from nn.Module; hand it over by its name.")
    if kind.forward is nn.Module.forward and kind.__init__ is nn.Module.__init__:
        raise TrialError(UNANSWERED)
    return called(kind, *sizes).cpu().eval()


def asked(model: nn.Module, x: Tensor, size: int) -> Tensor:
    """Return what the model answers, ``(batch, size)``, or end the trial with the reason.

    Args:
        x: ``(batch, seq_len, input_size)``, with other numbers for all four sizes.
    """
    found = called(model, x)
    if isinstance(found, tuple):
        raise TrialError(ANSWER)
    if not isinstance(found, Tensor):
        raise TrialError(f"forward must return a tensor, and this is {with_article(found)}.")
    if found.shape == (len(x), size):
        if not torch.allclose(found, called(model, x), atol=1e-6):
            raise TrialError(CHANGING)
        return found
    raise TrialError(_shape_fault(model, x, found, size))


def moved_rows(model: nn.Module, x: Tensor, axis: int) -> Tensor:
    """Return ``(x.shape[axis], rows)``: which rows move when one example, or one step, changes.

    Args:
        axis: 0 to change an example, 1 to change a step of all examples.
    """
    with torch.no_grad():
        before, moved = model(x), []
        for k in range(x.shape[axis]):
            changed = x.clone()
            changed.select(axis, k).copy_(3 * torch.randn_like(x.select(axis, k)))
            moved.append(((model(changed) - before).abs() > 1e-6).flatten(1).any(dim=1))
    return torch.stack(moved)


def mixing(model: nn.Module, x: Tensor) -> str | None:
    """Return why a row depends on another example than its own, or None."""
    moved = moved_rows(model, x, 0)
    if not (moved & ~torch.eye(len(x), dtype=torch.bool)).any():
        return None
    in_order = torch.equal(moved, torch.ones_like(moved).triu())
    if in_order or not moved_rows(model, x, 1).any(dim=1).all():
        return BATCH_FIRST
    return MEAN if moved.all() else VIEW


def _shape_fault(model: nn.Module, x: Tensor, found: Tensor, size: int) -> str:
    batch, steps = x.shape[:2]
    if found.dim() == 3 and steps in found.shape[:2]:
        return EVERY_STEP
    if found.shape == (steps, size):  # a row for each step: does it depend on that step alone?
        alone = torch.equal(moved_rows(model, x, 1), torch.eye(steps, dtype=torch.bool))
        return BATCH_FIRST if alone else MEAN
    if found.shape == (size,) and batch > 1:
        return MEAN
    layers = [module for module in model.modules() if isinstance(module, nn.RNNBase)]
    widths = [each.hidden_size * directions for each in layers for directions in (1, 2)]
    if found.dim() == 2 and len(found) == batch and found.shape[1] in widths:
        return NO_HEAD
    return f"the shape is {tuple(found.shape)}; ({batch}, {size}) is wanted, a row an example."
