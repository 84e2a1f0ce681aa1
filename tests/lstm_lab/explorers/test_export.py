"""A layer as plain data: complete, in order, and refused where a page could not run it."""

import json
from base64 import b64decode

import pytest
import torch
from torch import nn

from lstm_lab.explorers.export import export


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_the_values_are_the_weights_one_after_the_other(kind):
    module = kind(3, 4, num_layers=2, bidirectional=True)
    data = json.loads(json.dumps(export(module)))
    values = torch.frombuffer(bytearray(b64decode(data["values"])), dtype=torch.float32)
    assert torch.equal(values, torch.cat([each.flatten() for each in module.parameters()]))
    assert [name for name, _, _ in data["shapes"]] == [
        name for name, _ in module.named_parameters()
    ]
    assert sum(rows * columns for _, rows, columns in data["shapes"]) == len(values)


def test_a_projection_and_a_missing_bias_are_told():
    data = export(nn.LSTM(3, 4, proj_size=2, bias=False))
    names = {name for name, _, _ in data["shapes"]}
    assert data["proj_size"] == 2
    assert names == {"weight_ih_l0", "weight_hh_l0", "weight_hr_l0"}


def test_other_modules_are_refused():
    with pytest.raises(ValueError, match=r"module is a LSTMCell; expected an nn\.LSTM, nn\.GRU or"):
        export(nn.LSTMCell(2, 3))


def test_dropout_in_training_is_refused_and_in_eval_it_does_not_matter():
    module = nn.LSTM(2, 3, num_layers=2, dropout=0.5)
    with pytest.raises(ValueError, match=r"module drops 0\.5 at random; expected it after eval"):
        export(module)
    assert export(module.eval())["num_layers"] == 2


def test_weights_that_are_no_numbers_are_refused():
    module = nn.GRU(2, 3)
    with torch.no_grad():
        module.bias_hh_l0[1] = torch.nan
    with pytest.raises(ValueError, match="module has bias_hh_l0 with nan or inf"):
        export(module)
