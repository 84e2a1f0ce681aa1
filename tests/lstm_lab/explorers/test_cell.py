"""The cell: which layers, heads and changes it takes."""

import pytest
from torch import nn

from lstm_lab import CellExplorer
from tests.lstm_lab.explorers.made import cell


@pytest.mark.parametrize(
    ("module", "options", "message"),
    [
        (nn.GRU(3, 2), {"alphabet": "abc"}, r"module is GRU\(3, 2\); expected an nn\.LSTM of one"),
        (nn.LSTM(3, 2, 2), {"alphabet": "abc"}, r"expected an nn\.LSTM of one layer and direction"),
        (nn.LSTM(3, 2), {}, r"expected either x or an alphabet"),
        (nn.LSTM(3, 2), {"alphabet": "aab"}, r"alphabet is 'aab'; expected input_size=3 different"),
        (nn.LSTM(3, 2), {"alphabet": "ab"}, r"alphabet is 'ab'; expected input_size=3 different"),
        (
            nn.LSTM(3, 2),
            {"alphabet": "abc", "head": nn.Linear(2, 2), "classes": ["x"]},
            r"head is Linear\(.*\); expected an nn\.Linear\(2, 1\)",
        ),
    ],
)
def test_what_a_cell_explorer_cannot_show_is_refused(module, options, message):
    with pytest.raises(ValueError, match=message):
        CellExplorer(module, **options)


@pytest.mark.parametrize(
    ("view", "message"),
    [
        ({"text": ""}, r"text is empty; expected at least one letter"),
        ({"unit": 2}, r"unit is 2; expected 0 to 1"),
        ({"forget": 10}, r"forget is 10.0; expected -9 to 9"),
        ({"classes": ["x"]}, r"classes has 1 names and head is None; expected both"),
        ({"edits": {"weight_ih_l0,8,0": 1.0}}, r"weight is 'weight_ih_l0,8,0'; expected a param"),
        (
            {"edits": {"weight_ih_l0,0,0,7": 1.0}},
            r"weight is 'weight_ih_l0,0,0,7'; expected a param",
        ),
        ({"edits": {3: 1.0}}, r"weight is 3; expected a parameter"),
        ({"edits": {"weight_ih_l0,0,0": float("nan")}}, r"a number that is nan; expected finite"),
        ({"edits": {"weight_ih_l0,0,0": 1e300}}, r"a number that is 1e\+300; expected finite"),
        ({"edits": {"weight_ih_l0,0,0": True}}, r"a number that is True; expected finite"),
        ({"edits": {"weight_ih_l0,0,0": "1"}}, r"a number that is '1'; expected finite"),
    ],
)
def test_a_view_that_is_not_there_is_refused(view, message):
    with pytest.raises(ValueError, match=message):
        cell(**view)
