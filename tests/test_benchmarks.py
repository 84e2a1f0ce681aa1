"""What the benchmarks promise and a test can hold: memory, not time."""

import sys
from pathlib import Path

import pytest
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "benchmarks"))

from trace_memory import peak
from trace_speed import GATES, SIZES

from lstm_lab import trace


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("kind", GATES, ids=lambda kind: kind.__name__)
def test_a_trace_takes_what_it_returns_and_one_product(kind, size):
    seq_len, batch, input_size, hidden_size = size
    most, kept = peak(trace, kind(input_size, hidden_size), torch.randn(*size[:3]))
    product = 4 * seq_len * batch * GATES[kind] * hidden_size
    assert kept >= product * (GATES[kind] + 1) / GATES[kind] * 0.9  # the gates and h, at least
    assert most - kept <= 1.02 * product


def test_a_peak_counts_what_lived_at_once():
    def call():
        first = torch.ones(1000)
        second = first + 1
        del first
        return second * 2

    assert peak(call) == (8000, 4000)


def test_what_lived_before_the_call_does_not_count():
    most, kept = peak(nn.Linear(10, 10), torch.zeros(5, 10))
    assert most == kept == 200
