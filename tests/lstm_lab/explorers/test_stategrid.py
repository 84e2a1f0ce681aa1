"""The grid of states: which layers, inputs and views it takes."""

import pytest
import torch
from torch import nn

from lstm_lab import StateGrid
from tests.lstm_lab.explorers.made import grid


def test_several_layers_must_differ_in_depth_or_directions_alone():
    pair = [nn.LSTM(2, 3), nn.LSTM(2, 3, 2)]
    assert len(grid(pair).data["networks"]) == 2
    for other in (nn.LSTM(2, 3), nn.GRU(2, 3, 2), nn.LSTM(2, 2, 2)):
        with pytest.raises(ValueError, match=r"module has 2 layers; expected layers of one kind"):
            grid([nn.LSTM(2, 3), other])


@pytest.mark.parametrize(
    ("module", "x", "message"),
    [
        (nn.LSTM(2, 5), torch.zeros(1, 4, 2), r"hidden_size=5; expected at most 4"),
        (
            nn.LSTM(2, 3),
            torch.zeros(4, 2),
            r"x has shape \(4, 2\) and type .* expected \(at most 3",
        ),
        (nn.LSTM(2, 3), torch.zeros(1, 4, 3), r"x has shape \(1, 4, 3\) .*input_size=2"),
        (nn.LSTM(2, 3), torch.zeros(4, 4, 2), r"x has shape \(4, 4, 2\) .*at most 3"),
        (nn.LSTM(2, 3), torch.zeros(1, 30, 2), r"x has shape \(1, 30, 2\) .*at most 24"),
        (nn.LSTM(2, 3), torch.full((1, 4, 2), torch.nan), r"x has nan or inf, or is"),
        (
            nn.LSTMCell(2, 3),
            torch.zeros(1, 4, 2),
            r"module is LSTMCell\(2, 3\); expected an nn",
        ),
    ],
)
def test_what_a_state_grid_cannot_show_is_refused(module, x, message):
    with pytest.raises(ValueError, match=message):
        StateGrid(module, x)


@pytest.mark.parametrize(
    ("view", "message"),
    [
        ({"layers": 3}, r"layers is 3 and directions 1; expected 1 and 1, 2 and 1"),
        ({"directions": 2}, r"layers is 1 and directions 2; expected 1 and 1"),
        ({"quantity": "x"}, r"quantity is 'x'; expected '' or 'h' or 'c'"),
        ({"want": "all"}, r"want is 'all'; expected '' or 'output' or 'h_n' or 'one' or 'later'"),
        ({"want": "one", "quantity": "h"}, r"want is 'one' and quantity 'h'; expected one"),
        ({"steps": 5}, r"steps is 5; expected 1 to 4"),
        ({"example": 2}, r"example is 2; expected 0 to 1"),
        ({"layer": 1}, r"layer is 1; expected 0 to 0"),
        ({"step": -1}, r"step is -1; expected 0 to 3"),
        ({"padded": True, "example": 1, "quantity": "h", "step": 2}, r"step is 2; expected 0 to 1"),
        ({"unit": 3}, r"unit is 3; expected 0 to 2"),
        ({"layer": "top"}, r"layer.*int.*'top'"),
    ],
)
def test_a_view_that_is_not_there_is_refused(view, message):
    with pytest.raises(ValueError, match=message):
        grid([nn.LSTM(2, 3), nn.LSTM(2, 3, 2)], **view)


def test_a_gru_has_no_cell_state_to_want():
    with pytest.raises(ValueError, match="want is 'c_n'; expected '' or 'output' or 'h_n'"):
        grid(nn.GRU(2, 3), want="c_n")
