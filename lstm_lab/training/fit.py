"""How to train and to score a model: ``fit`` and ``evaluate``.

Budgets are optimiser steps, never seconds, so that another machine does the same work.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from math import isfinite, isnan

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lstm_lab.checks import check_int, check_number, describe
from lstm_lab.training.scores import accuracy

CLIP = 1.0  # the largest norm of a gradient


@dataclass(frozen=True, eq=False)
class History:
    """What a training left behind.

    Args:
        losses: ``(steps,)`` of each step's batch, with the weights from before the step.
        checked: ``(checks,)`` the steps after which ``check`` was called.
        values: ``(checks,)`` what it said.
        best: the step whose weights the model has now.
        interrupted: whether somebody stopped it.

    >>> batch = torch.ones(4, 2), torch.tensor([0, 1, 2, 0])
    >>> fit(nn.Linear(2, 3), [batch], steps=5).losses.shape
    torch.Size([5])
    """

    losses: Tensor
    checked: Tensor
    values: Tensor
    best: int
    interrupted: bool

    def __repr__(self) -> str:
        ended = ", interrupted" if self.interrupted else ""
        if not len(self.losses):
            return f"History(no step taken{ended})"
        first, last = self.losses[: max(1, len(self.losses) // 20)], self.losses[-20:]
        return (
            f"History({len(self.losses):,} steps, loss {first.mean():.2f} to {last.mean():.2f},"
            f" weights of step {self.best:,}{ended})"
        )


def fit(
    model: nn.Module,
    batches: Iterable,
    *,
    steps: int,
    loss: Callable[[Tensor, Tensor], Tensor] = F.cross_entropy,
    optimizer: torch.optim.Optimizer | None = None,
    lr: float | None = None,
    check: Callable[[], float] | None = None,
    every: int = 100,
) -> History:
    """Train a model for a number of optimiser steps, and return how it went.

    A gradient whose norm is above 1 is shortened to 1; a sparse one is not taken.

    Args:
        model: called with all of a batch but its last tensor; all its parts are in ``train()``
            meanwhile, and in the mode they had afterwards.
        batches: tuples ``(*inputs, target)`` on any device; begun anew when it ends, so a
            ``DataLoader`` is shuffled anew, and an iterator is refused.
        steps: optimiser steps to take.
        loss: of ``(model(*inputs), target)``; a mean over the batch.
        optimizer: over the model's parameters; None for Adam.
        lr: of that Adam, which has 0.003 for None; not beside an ``optimizer``.
        check: called every so many steps and after the last, in ``eval()`` and without gradients;
            the model ends with the weights for which it said the most, the first of those that
            are equal. A score of a validation set, not of the test.
        every: steps between two checks.
    Returns:
        A ``History``. A keyboard interrupt ends the training; the model keeps the weights it has
            then, or, once ``check`` was called, those of the best check. So it does after an error.
    Raises:
        ValueError: a number is out of range; ``batches`` is empty or an iterator; nothing can be
            trained; or the loss, its gradient or the check is no number, which ends the training.

    >>> model, x = nn.Linear(2, 3), torch.randn(8, 2)
    >>> fit(model, [(x, torch.zeros(8, dtype=torch.long))], steps=5).losses.shape
    torch.Size([5])
    """
    steps, every = check_int("steps", steps, least=0), check_int("every", every, least=1)
    if not isinstance(batches, Iterable) or isinstance(batches, Iterator):
        wanted = "what can be begun anew, such as a list or a DataLoader"
        raise ValueError(f"batches {describe(batches)}; expected {wanted}")
    optimizer = _optimizer(model, optimizer, lr)
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    trained = set(map(id, weights))
    others = [w for w in model.parameters() if w.requires_grad and id(w) not in trained]
    pairs = _bar(_endless(batches, steps, _device_of(model)), steps)
    losses, checks, best = [], [], None
    interrupted = False
    try:
        with _mode(model, training=True):
            for step, (*inputs, target) in pairs:
                value = loss(model(*inputs), target)
                _check_loss(value, step)
                optimizer.zero_grad(set_to_none=True)
                value.backward()
                for weight in others:
                    weight.grad = None  # no step would use it up
                norm = nn.utils.clip_grad_norm_(weights, CLIP)
                _check_finite("gradient's norm", norm, step)
                losses.append(value.detach())  # counted even if the step's hooks are interrupted
                optimizer.step()
                if check is not None and (step % every == 0 or step == steps):
                    checks.append((step, _checked(model, check, step)))
                    if best is None or checks[-1][1] > best[1]:
                        best = (*checks[-1], deepcopy(model.state_dict()))
    except KeyboardInterrupt:
        interrupted = True
    finally:
        if best is not None:
            model.load_state_dict(best[2])
    return History(
        losses=torch.stack(losses).cpu() if losses else torch.zeros(0, device="cpu"),
        checked=torch.tensor([step for step, _ in checks], dtype=torch.long, device="cpu"),
        values=torch.tensor([value for _, value in checks], device="cpu"),
        best=best[0] if best else len(losses),
        interrupted=interrupted,
    )


def evaluate(model: nn.Module, batches: Iterable) -> float:
    """Return the share of examples whose likeliest class is the target, in ``eval()``.

    Args:
        model, batches: as ``fit`` takes them; ``batches`` is gone through once.
    Raises:
        ValueError: ``batches`` is empty; or a batch gives no logits ``(batch, num_classes)`` for
            its target ``(batch,)``.

    >>> logits, y = torch.eye(3), torch.tensor([0, 1, 1])
    >>> round(evaluate(nn.Identity(), [(logits, y)]), 3)
    0.667
    """
    right, count, device = 0, 0, _device_of(model)
    with _mode(model, training=False), torch.no_grad():
        for batch in batches:
            *inputs, target = _moved(batch, device)
            answers = accuracy(model(*inputs), target)
            right, count = right + int(answers.sum()), count + len(answers)
    if not count:
        raise ValueError("batches is empty; expected at least one")
    return right / count


def _optimizer(
    model: nn.Module, optimizer: torch.optim.Optimizer | None, lr: float | None
) -> torch.optim.Optimizer:
    """Return what was given, or Adam, once it is sure to train something."""
    trained = {id(weight) for weight in model.parameters() if weight.requires_grad}
    if not trained:
        raise ValueError("model has no parameter to train; expected one that requires_grad")
    if optimizer is None:
        lr = check_number("lr", 3e-3 if lr is None else lr)
        return torch.optim.Adam(model.parameters(), lr=lr)
    if lr is not None:
        raise ValueError(f"lr {describe(lr)} beside an optimizer; expected one of the two")
    if not isinstance(optimizer, torch.optim.Optimizer):
        raise ValueError(f"optimizer {describe(optimizer)}; expected a torch.optim.Optimizer")
    if isinstance(optimizer, torch.optim.LBFGS):
        raise ValueError("optimizer is LBFGS, which wants a closure; expected one that wants none")
    if not any(id(each) in trained for group in optimizer.param_groups for each in group["params"]):
        raise ValueError("optimizer has no parameter of the model to train; expected some")
    return optimizer


@contextmanager
def _mode(model: nn.Module, *, training: bool) -> Iterator[None]:
    """Put all of a model in one mode, and each part back in its own."""
    before = [(part, part.training) for part in model.modules()]
    model.train(training)
    try:
        yield
    finally:
        for part, mode in before:
            part.training = mode


def _check_loss(value: object, step: int) -> None:
    if not isinstance(value, Tensor) or value.dim() or not value.requires_grad:
        raise ValueError(f"loss of a batch {describe(value)}; expected one number with a gradient")
    _check_finite("loss", value, step)


def _check_finite(name: str, value: Tensor, step: int) -> None:
    if not isfinite(value.item()):
        raise ValueError(f"{name} is {value.item()} at step {step}; expected a finite number")


def _checked(model: nn.Module, check: Callable[[], float], step: int) -> float:
    with _mode(model, training=False), torch.no_grad():
        given = check()
    try:
        value = float(given)
    except (TypeError, ValueError, RuntimeError):
        value = float("nan")
    if isnan(value):
        raise ValueError(f"check gives what {describe(given)} at step {step}; expected a number")
    return value


def _endless(batches: Iterable, steps: int, device: torch.device) -> Iterator:
    """Yield ``(step, batch)`` for steps from 1, starting over when the batches end."""
    step = 0
    while step < steps:
        begun = step
        for batch in batches:
            step += 1
            yield step, _moved(batch, device)
            if step == steps:
                return
        if step == begun:
            raise ValueError("batches is empty; expected at least one, whenever it is begun")


def _moved(batch: tuple, device: torch.device) -> list:
    if not isinstance(batch, (tuple, list)) or len(batch) < 2:
        raise ValueError(f"batches gives what {describe(batch)}; expected tuples (*inputs, target)")
    if isinstance(batch[-1], Tensor) and batch[-1].shape[:1] == (0,):
        raise ValueError("batches gives a batch of 0 examples; expected at least one")
    return [each.to(device) if isinstance(each, Tensor) else each for each in batch]


def _device_of(model: nn.Module) -> torch.device:
    return next((weight.device for weight in model.parameters()), torch.device("cpu"))


def _bar(pairs: Iterator, steps: int) -> Iterable:
    """Return the pairs, with a bar where a person watches: not in a test or a build."""
    # A server that a person works with sets one of these for its kernels.
    live = ("JPY_SESSION_NAME", "COLAB_RELEASE_TAG", "VSCODE_PID")
    if not sys.stderr.isatty() and not any(name in os.environ for name in live):
        return pairs
    from tqdm.auto import tqdm

    return tqdm(pairs, total=steps, unit="step", leave=False)
