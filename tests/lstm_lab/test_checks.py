"""What is refused, and how what arrived is told: in one line."""

import numpy as np
import pytest
import torch
from torch import nn

from lstm_lab import trace
from lstm_lab.checks import check_index, check_int, check_lengths, describe


@pytest.mark.parametrize("value", [3, np.int64(3), torch.tensor(3), torch.tensor([3])])
def test_a_whole_number_of_any_kind_is_taken(value):
    assert check_int("size", value, least=1) == 3
    assert check_index("layer", value, 4) == 3


@pytest.mark.parametrize("value", [0, -1, 3.0, True, np.True_, torch.tensor(True), "3", None])
def test_what_is_no_whole_number_is_refused(value):
    with pytest.raises(ValueError, match=r"size .*; expected a whole number of at least 1"):
        check_int("size", value, least=1)


@pytest.mark.parametrize("value", [-1, 4, 1.0, True, None])
def test_what_is_no_index_is_refused(value):
    with pytest.raises(ValueError, match=f"layer is {value}; expected 0 to 3"):
        check_index("layer", value, 4)


def test_lengths_that_are_truth_values_one_by_one_are_no_lengths():
    with pytest.raises(ValueError, match=r"lengths has shape \(\) and type torch\.bool; expect"):
        check_lengths([torch.tensor(True)] * 4, 4, 5)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (torch.zeros(2, 3), "has shape (2, 3) and type torch.float32"),
        (nn.Linear(2, 3), "is Linear(in_features=2, out_features=3, bias=True)"),
        (nn.Sequential(*[nn.Linear(2, 2)] * 60), "is a Sequential"),
        (nn.LSTM, "is the class LSTM"),
        (iter([]), "is a list_iterator"),
        ("abc", "is 'abc'"),
        (None, "is None"),
    ],
)
def test_what_arrived_is_told_in_one_line(value, words):
    assert describe(value) == words


def test_a_refusal_is_one_line():
    with pytest.raises(
        ValueError, match=r"module is a Sequential; expected an nn\.LSTM"
    ) as refusal:
        trace(nn.Sequential(*[nn.Linear(2, 2)] * 60), torch.zeros(4, 2))
    assert "\n" not in str(refusal.value)
