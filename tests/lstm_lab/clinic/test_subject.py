"""A model is left as it was found, whatever its forward does, also when it fails."""

import random

import numpy as np
import pytest
import torch
from torch import nn

from lstm_lab import diagnose


class Restless(nn.Module):
    """Changes all that a forward can change, and fails at the call that it is told to."""

    def __init__(self, fails_at=None):
        super().__init__()
        self.lstm = nn.LSTM(3, 4, batch_first=True)
        self.norm = nn.BatchNorm1d(4)
        self.head = nn.Linear(4, 2)
        self.register_buffer("calls", torch.zeros(1))
        self.seen, self.notes, self.state = [], {}, torch.ones(2)
        self.fails_at = fails_at
        self.norm.eval()

    def forward(self, x):
        self.calls += 1
        self.seen.append(x)
        self.notes["last"] = torch.rand(1).item() + random.random() + np.random.rand()
        self.state += 1
        self.late = x
        self.norm.train()
        with torch.no_grad():
            self.head.weight.mul_(1.5)
        if self.calls == self.fails_at or len(self.seen) == self.fails_at:
            raise RuntimeError("no more")
        x[:] = 0
        return self.head(self.norm(self.lstm(x + self.calls)[1][0][-1]))


def everything(model, x):
    """Return all of a model's that a call could change."""
    return (
        {name: value.clone() for name, value in model.state_dict().items()},
        {name: it.grad for name, it in model.named_parameters()},
        {name: it.training for name, it in model.named_modules()},
        set(vars(model)),
        (list(model.seen), dict(model.notes), model.state.clone(), x.clone()),
        [len(it._forward_hooks) + len(it._forward_pre_hooks) for it in model.modules()],
        (torch.get_rng_state(), random.getstate(), np.random.get_state()[1]),
        torch.is_grad_enabled(),
    )


def same(one, other):
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    return np.array_equal(one, other)


@pytest.mark.parametrize("fails_at", [None, 1])
def test_nothing_is_changed(fails_at):
    model, x = Restless(fails_at).train(), torch.randn(4, 5, 3)
    model.norm.eval()
    model.lstm.weight_ih_l0.grad = torch.ones_like(model.lstm.weight_ih_l0)
    model.lstm.register_forward_hook(lambda *_: None)
    before = everything(model, x)
    if fails_at:
        with pytest.raises(ValueError, match=r"model\(\*inputs\) raises RuntimeError: no more"):
            diagnose(model, x)
    else:
        diagnose(model, x)
    for old, new in zip(before, everything(model, x), strict=True):
        assert same(old, new), (old, new)


def test_nothing_is_changed_where_the_second_call_fails():
    calls = []

    class Tired(Restless):
        def forward(self, x):
            calls.append(1)
            if len(calls) == 2:
                raise RuntimeError("tired")
            return super().forward(x)

    model, x = Tired().train(), torch.randn(4, 5, 3)
    before = everything(model, x)
    assert any("tired" in reason for reason in diagnose(model, x).untested)
    assert all(map(same, before, everything(model, x)))


def test_every_call_begins_as_the_model_stood():
    """A counter among its numbers makes no answer differ."""

    class Counts(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru = nn.GRU(3, 4, batch_first=True)
            self.count = 0

        def forward(self, x):
            self.count += 1
            return self.gru(x)[0] + 0 * self.count

    assert not diagnose(Counts(), torch.randn(4, 5, 3)).findings
