"""The classifier against PyTorch's own layers: what each readout reads, and what it must not."""

from itertools import product

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from lstm_lab import LSTMClassifier
from tests.lstm_lab.models.reached import letters_that_reach
from tests.lstm_lab.models.test_every_model import spoiled

READOUTS = [
    (layer, readout, num_layers, bidirectional)
    for layer, readout, num_layers, bidirectional in product(
        (nn.LSTM, nn.GRU, nn.RNN), ("h_n", "c_n", "last", "mean", "max"), (1, 2), (False, True)
    )
    if (readout != "c_n" or layer is nn.LSTM) and not (readout == "last" and bidirectional)
]


def by_hand(readout, module, x):
    """Return the readout of one sequence without padding, from what PyTorch returns for it."""
    output, state = module(x.unsqueeze(0))
    size = module.hidden_size
    return {
        "h_n": lambda: torch.cat([output[0, -1, :size], output[0, 0, size:]]),
        "c_n": lambda: torch.cat([*state[1][-2 if module.bidirectional else -1 :, 0]]),
        "last": lambda: output[0, -1],
        "mean": lambda: sum(output[0]) / len(x),
        "max": lambda: output[0].max(dim=0).values,
    }[readout]()


@pytest.mark.parametrize(("layer", "readout", "num_layers", "bidirectional"), READOUTS)
def test_every_readout_equals_the_hand_made_one(layer, readout, num_layers, bidirectional):
    options = {"num_layers": num_layers, "bidirectional": bidirectional}
    model = LSTMClassifier(2, 3, 4, layer=layer, readout=readout, **options)
    assert type(model.layer) is layer
    lengths = [4, 1, 6]
    x = spoiled(torch.randn(3, 6, 2), lengths, more=1)
    cut = [row[:length] for row, length in zip(x, lengths, strict=True)]
    wanted = torch.stack([by_hand(readout, model.layer, row) for row in cut])
    assert_close(model.features(x, torch.tensor(lengths)), wanted)
    assert_close(model(x, lengths), wanted @ model.head.weight.T + model.head.bias)
    whole = torch.stack([by_hand(readout, model.layer, row) for row in x[:, :1]])
    assert_close(model.features(x[:, :1]), whole)


def test_a_subclass_of_a_layer_has_what_the_layer_has():
    own = type("Own", (nn.LSTM,), {})
    assert LSTMClassifier(2, 3, 4, layer=own, readout="c_n")(torch.zeros(1, 5, 2)).shape == (1, 4)


def test_letters_are_embedded_before_they_are_read():
    model = LSTMClassifier(2, 3, 4, vocab_size=7)
    text = torch.tensor([[1, 6, 4], [3, 3, 5]])
    _, (h_n, _) = model.layer(model.embedding.weight[text])
    assert_close(model(text), model.head(h_n[0]))
    assert_close(model(text.int()), model(text))


@pytest.mark.parametrize("options", [{"bidirectional": True}, {"readout": "last"}])
def test_every_valid_step_reaches_an_answer_and_no_padding_does(options):
    model, lengths = LSTMClassifier(2, 3, 4, num_layers=2, **options), torch.tensor([4, 6, 1])
    x = torch.randn(3, 6, 2, requires_grad=True)
    (gradient,) = torch.autograd.grad(model(x, lengths).square().sum(), x)
    assert torch.equal(gradient.any(dim=2), torch.arange(6) < lengths.unsqueeze(1))


@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_mean_depends_on_every_valid_step_and_on_no_padding(bidirectional):
    model = LSTMClassifier(2, 3, 4, bidirectional=bidirectional, readout="mean", vocab_size=9)
    logits = model(torch.arange(1, 9).unsqueeze(0), [5])
    assert letters_that_reach(model.embedding, logits) == {1, 2, 3, 4, 5}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"readout": "first"}, "readout is 'first'; expected one of h_n, c_n, last, mean, max"),
        ({"readout": "c_n", "layer": nn.GRU}, "GRU has no cell state"),
        ({"readout": "c_n", "layer": nn.RNN}, "readout is 'c_n'"),
        (
            {"readout": "last", "bidirectional": True},
            "'last' with two directions.*; expected 'h_n'",
        ),
        ({"num_classes": 0}, "num_classes is 0; expected a whole number of at least 1"),
        ({"vocab_size": 7.0}, "vocab_size is 7.0; expected a whole"),
        ({"bidirectional": 2}, "bidirectional is 2; expected True or False"),
        ({"layer": nn.Linear}, "layer is the class Linear; expected nn.LSTM, nn.GRU, nn.RNN or"),
        ({"layer": nn.LSTM(2, 3)}, r"layer is LSTM\(2, 3\); expected"),
    ],
)
def test_a_classifier_that_cannot_be_is_refused_by_name(options, words):
    with pytest.raises(ValueError, match=words):
        LSTMClassifier(**{"input_size": 2, "hidden_size": 3, "num_classes": 4, **options})
