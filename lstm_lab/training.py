"""Where to compute, how to repeat it, how to train: device, seed, ``fit`` and ``evaluate``.

Budgets are optimiser steps, never seconds, so that another machine does the same work.
"""

import os
import random
import sys
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from operator import index

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lstm_lab.lengths import whole

DEVICES = ("cpu", "cuda", "mps", "auto")


def device(name: str | None = None) -> torch.device:
    """Return the device that the book computes on.

    On CUDA this also switches TF32 off for cuDNN: its recurrent layers use it by default, and
    then agree with the equations to about 1e-3 only. With it off they agree within 1e-5.

    Args:
        name: ``"cpu"``, ``"cuda"``, ``"mps"`` or ``"auto"`` (the first of CUDA, MPS and CPU that
            is there). Default: the environment variable ``LSTM_LAB_DEVICE``, else ``"cpu"``: the
            networks of this book are too small for a GPU to be faster.
    Returns:
        A device that is present.
    Raises:
        ValueError: the name is unknown, or that device is not present.

    >>> device("cpu")
    device(type='cpu')
    """
    source = "name" if name else "LSTM_LAB_DEVICE"
    name = name or os.environ.get("LSTM_LAB_DEVICE") or "cpu"
    if name not in DEVICES:
        raise ValueError(f"{source} is {name!r}; expected one of {', '.join(DEVICES)}")
    present = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        name = next(kind for kind, there in present.items() if there)
    if not present[name]:
        raise ValueError(f"{source} is {name!r}, but torch sees no such device here; use cpu")
    if name == "cuda":
        torch.backends.cudnn.allow_tf32 = False
    return torch.device(name)


def seed(value: int = 0) -> torch.Generator:
    """Seed Python, NumPy and torch (on every device), and return a generator seeded alike.

    Args:
        value: 0 to 2**32 - 1, the range that NumPy takes.
    Returns:
        A CPU generator, for what takes ``generator=``: a ``DataLoader``, ``torch.randperm``.
    Raises:
        ValueError: ``value`` is not a whole number in that range.

    >>> torch.equal(torch.rand(3, generator=seed(7)), torch.rand(3, generator=seed(7)))
    True
    """
    try:
        number = -1 if isinstance(value, bool) else index(value)
    except TypeError:
        number = -1
    if not 0 <= number < 2**32:
        raise ValueError(f"value is {value!r}; expected a whole number from 0 to 2**32 - 1")
    random.seed(number)
    np.random.seed(number)
    torch.manual_seed(number)
    return torch.Generator().manual_seed(number)


@dataclass(frozen=True, eq=False)
class History:
    """What a training left behind.

    Args:
        losses: ``(steps,)`` of each step's batch, before the step.
        checked: ``(checks,)`` the steps after which ``check`` was called.
        values: ``(checks,)`` what it said.
        best: the step whose weights the model has now.
        interrupted: whether somebody stopped it; the model keeps what it had learnt.

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
        if not len(self.losses):
            return "History(no step taken)"
        first, last = self.losses[: max(1, len(self.losses) // 20)], self.losses[-20:]
        ended = ", interrupted" if self.interrupted else ""
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
    lr: float = 3e-3,
    clip: float | None = 1.0,
    check: Callable[[], float] | None = None,
    every: int = 100,
    progress: bool | None = None,
) -> History:
    """Train a model for a number of optimiser steps, and return how it went.

    Args:
        model: called with all of a batch but its last tensor.
        batches: tuples ``(*inputs, target)`` on any device; begun anew when it ends, so a
            ``DataLoader`` is shuffled anew.
        steps: optimiser steps to take.
        loss: of ``(model(*inputs), target)``; a mean over the batch.
        optimizer: over the model's parameters; None for Adam with ``lr``.
        clip: the largest norm of the gradient; None for no bound.
        check: called every so many steps and after the last, in ``eval()`` and without gradients;
            the model ends with the weights for which it said the most. A score of a validation
            set, not of the test.
        every: steps between two checks.
        progress: whether to show a bar; None shows it to a person and not to a test or a build.
    Returns:
        A ``History``; a keyboard interrupt ends the training and keeps what was learnt.
    Raises:
        ValueError: a number is out of range, or ``batches`` is empty.

    >>> model, x = nn.Linear(2, 3), torch.randn(8, 2)
    >>> fit(model, [(x, torch.zeros(8, dtype=torch.long))], steps=5).losses.shape
    torch.Size([5])
    """
    steps, every = whole("steps", steps, least=0), whole("every", every, least=1)
    if clip is not None and not clip > 0:
        raise ValueError(f"clip is {clip}; expected a number above 0, or None")
    optimizer = optimizer or torch.optim.Adam(model.parameters(), lr=lr)
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    losses, checks, best = [], [], None
    before = model.training
    interrupted = False
    model.train()
    try:
        for step, (*inputs, target) in _bar(
            _endless(batches, steps, _place(model)), steps, progress
        ):
            value = loss(model(*inputs), target)
            optimizer.zero_grad(set_to_none=True)
            value.backward()
            if clip is not None:
                nn.utils.clip_grad_norm_(weights, clip)
            optimizer.step()
            losses.append(value.detach())
            if check is not None and (step % every == 0 or step == steps):
                checks.append((step, _checked(model, check)))
                if best is None or checks[-1][1] > best[1]:
                    best = (*checks[-1], deepcopy(model.state_dict()))
    except KeyboardInterrupt:
        interrupted = True
    finally:
        model.train(before)
    if best is not None:
        model.load_state_dict(best[2])
    return History(
        losses=torch.stack(losses).cpu() if losses else torch.zeros(0),
        checked=torch.tensor([step for step, _ in checks], dtype=torch.long),
        values=torch.tensor([value for _, value in checks]),
        best=best[0] if best else len(losses),
        interrupted=interrupted,
    )


def evaluate(
    model: nn.Module,
    batches: Iterable,
    *,
    metric: Callable[[Tensor, Tensor], Tensor] | None = None,
) -> float:
    """Return the mean of a metric over all examples, in ``eval()`` and without gradients.

    Args:
        model, batches: as ``fit`` takes them; ``batches`` is gone through once.
        metric: of ``(model(*inputs), target)``, ``(batch,)`` numbers, one for each example; None
            for ``accuracy``.
    Raises:
        ValueError: ``batches`` is empty, or the metric does not give a number for each example.

    >>> logits, y = torch.eye(3), torch.tensor([0, 1, 1])
    >>> round(evaluate(nn.Identity(), [(logits, y)]), 3)
    0.667
    """
    metric = metric or accuracy
    before, place = model.training, _place(model)
    total, count = 0.0, 0
    model.eval()
    try:
        with torch.no_grad():
            for batch in batches:
                *inputs, target = _moved(batch, place)
                values = metric(model(*inputs), target)
                if values.shape != target.shape[:1]:
                    raise ValueError(
                        f"metric gives shape {tuple(values.shape)}; expected a number for each of"
                        f" {len(target)} examples"
                    )
                total, count = total + float(values.double().sum()), count + len(values)
    finally:
        model.train(before)
    if not count:
        raise ValueError("batches is empty; expected at least one")
    return total / count


def accuracy(logits: Tensor, target: Tensor) -> Tensor:
    """Return 1 where the likeliest class is the target, else 0; ``(batch,)``.

    Args:
        logits: ``(batch, num_classes)``.
        target: ``(batch,)``.

    >>> accuracy(torch.eye(2), torch.tensor([0, 0])).tolist()
    [1.0, 0.0]
    """
    return (logits.argmax(dim=-1) == target).float()


def _checked(model: nn.Module, check: Callable[[], float]) -> float:
    model.eval()
    with torch.no_grad():
        value = float(check())
    model.train()
    return value


def _endless(batches: Iterable, steps: int, place: torch.device) -> Iterator:
    """Yield ``(step, batch)`` for steps from 1, starting over when the batches end."""
    step = 0
    while step < steps:
        begun = step
        for batch in batches:
            step += 1
            yield step, _moved(batch, place)
            if step == steps:
                return
        if step == begun:
            raise ValueError("batches is empty; expected at least one, whenever it is begun")


def _moved(batch: Iterable, place: torch.device) -> list:
    return [each.to(place) if isinstance(each, Tensor) else each for each in batch]


def _place(model: nn.Module) -> torch.device:
    return next((weight.device for weight in model.parameters()), torch.device("cpu"))


def _bar(pairs: Iterator, steps: int, progress: bool | None) -> Iterable:
    if progress is None:
        # A server that a person works with sets one of these for its kernels; a build does not.
        live = ("JPY_SESSION_NAME", "COLAB_RELEASE_TAG", "VSCODE_PID")
        progress = sys.stderr.isatty() or any(name in os.environ for name in live)
    if not progress:
        return pairs
    from tqdm.auto import tqdm

    return tqdm(pairs, total=steps, unit="step", leave=False)
