"""The language model: its logits are softmax(W h + b) of a plain LSTM, and writing follows them."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.testing import assert_close

from lstm_lab import LanguageModel


@pytest.fixture
def model():
    torch.manual_seed(0)
    return LanguageModel(7, 3, 5, num_layers=2)


def sharp(favourite):
    """Return a model that believes in one number, whatever it has read, and less in the next."""
    model = LanguageModel(7, 3, 5)
    nn.init.zeros_(model.head.weight)
    model.head.bias.data = torch.tensor([9.0, 0, 0, 0, 0, 0, 0])
    model.head.bias.data[favourite] = 8
    model.head.bias.data[favourite % 6 + 1] = 5
    return model


def test_logits_are_a_linear_layer_on_the_top_layers_output(model):
    x = torch.randint(1, 7, (2, 9))
    logits, (h_n, c_n) = model(x)
    output, (h, c) = model.layer(model.embedding(x))
    assert_close(logits, output @ model.head.weight.T + model.head.bias)
    assert_close((h_n, c_n), (h, c))


def test_a_text_in_two_pieces_with_its_state_is_a_text_in_one(model):
    x = torch.randint(1, 7, (2, 9))
    first, state = model(x[:, :4])
    second, _ = model(x[:, 4:], state)
    assert_close(torch.cat([first, second], dim=1), model(x)[0])


def test_what_is_written_is_as_likely_as_the_model_says(model):
    torch.manual_seed(1)
    prompt = torch.tensor([[3, 1, 4]])
    written = model.write(prompt.expand(20_000, -1), 2, temperature=0.5)
    logits, _ = model(prompt)
    chances = (logits[0, -1, 1:] / 0.5).softmax(-1)
    found = written[:, 0].bincount(minlength=7)[1:] / len(written)
    assert_close(found, chances, atol=0.015, rtol=0)
    behind = written[written[:, 0] == 2, 1]
    logits, _ = model(torch.tensor([[3, 1, 4, 2]]))
    chances = (logits[0, -1, 1:] / 0.5).softmax(-1)
    assert_close(behind.bincount(minlength=7)[1:] / len(behind), chances, atol=0.04, rtol=0)


def test_padding_is_never_written():
    assert (sharp(2).write(torch.ones(500, 1, dtype=torch.long), 5) > 0).all()


def test_a_low_temperature_and_one_choice_take_the_likeliest():
    ones = torch.ones(50, 1, dtype=torch.long)
    assert (sharp(4).write(ones, 3, temperature=0.01) == 4).all()
    assert (sharp(4).write(ones, 3, top_k=1) == 4).all()
    assert set(sharp(4).write(ones, 20, top_k=2).flatten().tolist()) == {4, 5}
    assert len(sharp(4).write(ones, 20, top_k=99, temperature=50).unique()) == 6


def test_an_edit_is_what_the_next_character_is_read_from_and_what_goes_on(model):
    held = []

    def edit(h, c):
        held.append(c[-1, 0, 2].item())
        c[-1, :, 2] = 3.0
        return torch.zeros_like(h), c

    prompt = torch.ones(500, 2, dtype=torch.long)
    torch.manual_seed(0)
    first = model.write(prompt, 1, edit=edit)
    torch.manual_seed(0)
    chances = model.head.bias[1:].softmax(-1)
    again = torch.multinomial(F.pad(chances, (1, 0)).expand(500, -1), 1)
    assert torch.equal(first, again)
    model.write(prompt, 5, edit=edit)
    assert len(held) == 6
    assert max(held[2:]) > 1  # what was set went on


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"length": 0}, "length is 0; expected a whole number of at least 1"),
        ({"temperature": 0}, "temperature is 0; expected a finite number above 0"),
        ({"top_k": 0}, "top_k is 0; expected a whole number of at least 1"),
    ],
)
def test_what_cannot_be_written_is_refused(model, wrong, message):
    with pytest.raises(ValueError, match=message):
        model.write(torch.ones(1, 1, dtype=torch.long), **{"length": 3} | wrong)


@pytest.mark.parametrize("name", ["vocab_size", "embedding_dim", "hidden_size", "num_layers"])
def test_a_size_that_is_none_is_refused(name):
    sizes = {"vocab_size": 7, "embedding_dim": 3, "hidden_size": 5, "num_layers": 1} | {name: 0}
    with pytest.raises(ValueError, match=f"{name} is 0; expected"):
        LanguageModel(**sizes)
