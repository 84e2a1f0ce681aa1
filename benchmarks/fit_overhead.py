"""What ``fit`` costs beside the bare PyTorch loop that does the same.

    python benchmarks/fit_overhead.py [--device cuda] [--rounds 21] [--threads 1]

Both train a copy of one model with the same batches, Adam and clipping, and end with the same
weights, which is checked. They are timed in turn within each round, on a fixed number of threads
and in an order that turns, so that a busy machine slows all of them; the table shows medians of
ratios within a round and their quartiles. The bare loop is timed twice: what the second says beside
the first is noise. The goal is less than 5 % for ``fit``.
"""

import io
import os
import statistics
from contextlib import redirect_stderr
from copy import deepcopy
from time import perf_counter
from unittest.mock import patch

import torch
from command import begun
from torch import nn
from torch.nn import functional as F

from lstm_lab import LSTMClassifier, fit

# What is trained, the shape of a batch, and steps that take some tenths of a second.
CASES = [
    (nn.Linear, (8, 10), (64, 8), 1000),
    (LSTMClassifier, (8, 32, 10), (64, 8, 8), 200),
    (LSTMClassifier, (8, 64, 10), (64, 8, 8), 100),
    (LSTMClassifier, (32, 64, 10), (64, 20, 32), 40),
]
CLASSES = 10
LENGTH = 20  # batches of an epoch: begun anew as often as those of a small data set


def bare(model, batches, steps):
    """Train as people write it, the weights listed once."""
    weights, losses = list(model.parameters()), []
    optimizer = torch.optim.Adam(weights, lr=3e-3)
    model.train()
    while len(losses) < steps:
        for x, y in batches:
            loss = F.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(weights, 1.0)
            optimizer.step()
            losses.append(loss.detach())
            if len(losses) == steps:
                break
    return torch.stack(losses).cpu()


def fitted(model, batches, steps):
    return fit(model, batches, steps=steps).losses


def with_bar(model, batches, steps):
    with redirect_stderr(io.StringIO()), patch.dict(os.environ, JPY_SESSION_NAME="a person's"):
        return fitted(model, batches, steps)


def again(model, batches, steps):
    return bare(model, batches, steps)


WAYS = (bare, fitted, with_bar, again)


def seconds(way, model, batches, steps):
    """Return the time of a training, its losses and its weights."""
    model = deepcopy(model)
    synchronize()
    start = perf_counter()
    losses = way(model, batches, steps)
    synchronize()
    return perf_counter() - start, losses, nn.utils.parameters_to_vector(model.parameters())


def synchronize() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def measured(model, batches, steps: int, rounds: int) -> list[dict]:
    """Return the seconds of each way, round by round, after a round that warms up."""
    times = []
    for turn in range(rounds + 1):
        order = [WAYS[(k + turn) % len(WAYS)] for k in range(len(WAYS))]
        runs = {way: seconds(way, model, batches, steps) for way in order}
        for _, losses, weights in runs.values():
            assert torch.equal(losses, runs[bare][1])
            assert torch.equal(weights, runs[bare][2])
        times.append({way: run[0] for way, run in runs.items()})
    return times[1:]


def summary(times, way) -> str:
    """Return the median of what a way costs beside the bare loop, and the quartiles."""
    low, middle, high = statistics.quantiles([100 * (t[way] / t[bare] - 1) for t in times], n=4)
    return f"{middle:+.1f} % ({low:+.1f} to {high:+.1f})"


def main() -> None:
    where, rounds = begun(__doc__, rounds=21)
    print("| model | batch | bare, a step | `fit` | `fit`, µs a step | with a bar | bare again |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for kind, sizes, shape, steps in CASES:
        torch.manual_seed(0)
        model = kind(*sizes).to(where)
        batches = [
            (torch.randn(shape).to(where), torch.randint(CLASSES, shape[:1]).to(where))
            for _ in range(LENGTH)
        ]
        times = measured(model, batches, steps, rounds)
        step = 1e6 * statistics.median(t[bare] for t in times) / steps
        extra = 1e6 * statistics.median(t[fitted] - t[bare] for t in times) / steps
        found = [summary(times, way) for way in (fitted, with_bar, again)]
        cells = [f"{step:.0f} µs", found[0], f"{extra:+.1f}", *found[1:]]
        cells = [f"{kind.__name__}{sizes}", str(shape)[1:-1], *cells]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
