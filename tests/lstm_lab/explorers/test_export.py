"""A layer as plain data: complete, in order, and refused where a page could not run it."""

import json
from base64 import b64decode

import pytest
import torch
from torch import nn
from torch.nn.utils import prune

from lstm_lab import LSTMClassifier
from lstm_lab.explorers.export import export, weights_of


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
    with pytest.raises(ValueError, match=r"module is LSTMCell\(2, 3\); expected an nn\.LSTM, nn"):
        export(nn.LSTMCell(2, 3))


def test_dropout_in_training_is_refused_and_in_eval_it_does_not_matter():
    module = nn.LSTM(2, 3, num_layers=2, dropout=0.5)
    with pytest.raises(ValueError, match=r"module has dropout=0\.5 in training mode; call eval"):
        export(module)
    assert export(module.eval())["num_layers"] == 2


def test_weights_that_are_no_numbers_are_refused():
    module = nn.GRU(2, 3)
    with torch.no_grad():
        module.bias_hh_l0[1] = torch.nan
    with pytest.raises(ValueError, match="module has bias_hh_l0 with nan or inf"):
        export(module)


def test_half_precision_is_used_where_nothing_is_lost():
    module = nn.LSTM(2, 3)
    exact = export(module)
    with torch.no_grad():
        for weight in module.parameters():
            weight.copy_(weight.half().float())
    half = export(module)
    assert [exact["half"], half["half"]] == [False, True]
    assert len(b64decode(exact["values"])) == 2 * len(b64decode(half["values"]))


class Louder(nn.LSTM):
    def forward(self, input, hx=None):
        return super().forward(2 * input, hx)


def replaced():
    module = nn.LSTM(2, 3)
    module.forward = lambda *_: None
    return module


@pytest.mark.parametrize("make", [lambda: Louder(2, 3), replaced])
def test_a_forward_of_its_own_is_refused(make):
    with pytest.raises(ValueError, match=r"module has a forward of its own; expected that of"):
        export(make())


def old_norm(module, name):
    return nn.utils.weight_norm(module, name)


MADE_ANEW = {
    "a norm": nn.utils.parametrizations.weight_norm,
    "a norm as it was": old_norm,
    "a pruning": lambda module, name: prune.l1_unstructured(module, name, amount=0.5),
}


@pytest.mark.filterwarnings("ignore:.*weight_norm.* is deprecated")
@pytest.mark.parametrize("how", MADE_ANEW)
def test_weights_that_are_made_anew_are_told_as_the_layer_has_them(how):
    plain = nn.LSTM(2, 3)
    shapes = export(plain)["shapes"]
    module = MADE_ANEW[how](plain, "weight_hh_l0")
    data = export(module)
    values = torch.frombuffer(bytearray(b64decode(data["values"])), dtype=torch.float32)
    assert data["shapes"] == shapes
    wanted = [getattr(module, name) for name, _, _ in shapes]
    assert torch.equal(values, torch.cat([each.detach().flatten() for each in wanted]))


def test_a_model_of_several_layers_is_told_by_the_names_it_has_when_plain():
    model = LSTMClassifier(4, 8, 2, vocab_size=4)
    plain = list(model.state_dict())
    nn.utils.parametrizations.weight_norm(model.layer, "weight_hh_l0")
    nn.utils.parametrizations.weight_norm(model.head)
    assert sorted(weights_of(model)) == sorted(plain)
