"""The cell: which layers, heads and changes it takes."""

import pytest
import torch
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
        ({"gate": "c"}, r"gate is 'c'; expected i, f, g or o"),
        ({"classes": ["x"]}, r"classes has 1 names and head is None; expected both"),
        ({"edits": {"weight_ih_l0,8,0": 1.0}}, r"key 'weight_ih_l0,8,0'; expected a param"),
        (
            {"edits": {"weight_ih_l0,0,0,7": 1.0}},
            r"key 'weight_ih_l0,0,0,7'; expected a param",
        ),
        ({"edits": {3: 1.0}}, r"edits has the key 3; expected a parameter"),
        ({"edits": {"weight_ih_l0,0,0": float("nan")}}, r"a number that is nan; expected -9 to 9"),
        ({"edits": {"weight_ih_l0,0,0": 1e300}}, r"a number that is 1e\+300; expected -9 to 9"),
        ({"edits": {"weight_ih_l0,0,0": 9.5}}, r"a number that is 9.5; expected -9 to 9"),
        ({"edits": {"weight_ih_l0,0,0": True}}, r"a number that is True; expected -9 to 9"),
        ({"edits": {"weight_ih_l0,0,0": "1"}}, r"a number that is '1'; expected -9 to 9"),
    ],
)
def test_a_view_that_is_not_there_is_refused(view, message):
    with pytest.raises(ValueError, match=message):
        cell(**view)


def test_sliders_go_as_far_as_the_weights_and_inputs_that_were_given():
    lstm = nn.LSTM(2, 1).requires_grad_(False)
    lstm.weight_hh_l0[0] = -12.5
    made = CellExplorer(lstm, torch.tensor([[[30.5, 0]]]), edits={"weight_ih_l0,0,0": 12.0})
    assert made.data["reach"] == {"weights": 13, "x": 31, "forget": 9}
