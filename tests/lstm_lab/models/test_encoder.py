"""The encoder: what it hands over, and its bridge against a plain loop."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from lstm_lab import Encoded, Encoder
from tests.lstm_lab.models.test_every_model import spoiled


def drawn(lengths, size=8):
    """Return a batch of letters, 0 behind the end."""
    numbers = torch.randint(1, size, (len(lengths), max(lengths)))
    return numbers * (torch.arange(max(lengths)) < torch.tensor(lengths).unsqueeze(1))


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2, 3])
def test_the_state_joins_both_ends_of_each_layer_and_of_no_other(bidirectional, num_layers):
    encoder, lengths = Encoder(8, 3, 4, num_layers=num_layers, bidirectional=bidirectional), [5, 2]
    source = drawn(lengths)
    found = encoder(source, lengths).state
    for k, length in enumerate(lengths):
        _, both = encoder.layer(encoder.embedding(source[k : k + 1, :length]))
        for kind, rows in enumerate(both):  # h, then c
            wanted = rows
            if bidirectional:
                ends = [torch.cat([rows[2 * n], rows[2 * n + 1]], -1) for n in range(num_layers)]
                wanted = torch.stack([encoder.bridges[kind](end) for end in ends])
                wanted = wanted if kind else wanted.tanh()  # c goes beyond -1 and 1
            assert_close(found[kind][:, k : k + 1], wanted)


@pytest.mark.parametrize("bidirectional", [False, True])
@given(lengths=st.lists(st.integers(1, 6), min_size=1, max_size=4))
def test_the_memory_is_zero_in_the_padding(bidirectional, lengths):
    encoder = Encoder(8, 3, 4, num_layers=2, bidirectional=bidirectional)
    encoded = encoder(spoiled(drawn(lengths), lengths, more=1), lengths)
    assert encoded.mask.sum(dim=1).tolist() == lengths
    assert encoded.mask.int().diff(dim=1).le(0).all()  # valid steps first
    assert torch.equal(encoded.output.any(dim=2), encoded.mask)
    assert encoder(drawn(lengths)[:, :1]).mask.all()


@pytest.mark.parametrize(
    ("output", "mask", "words"),
    [
        (torch.zeros(3, 8), torch.ones(3, 5).bool(), r"output has shape \(3, 8\)"),
        (torch.zeros(3, 5, 8), torch.ones(3, 5), r"type torch.float32; expected \(3, 5\) of bool"),
        (torch.zeros(3, 5, 8), torch.ones(3, 4).bool(), r"mask has shape \(3, 4\)"),
        (torch.zeros(3, 5, 8), None, "mask is None"),
        (torch.zeros(3, 5, 8), torch.zeros(3, 5).bool(), "mask is false for a whole sequence"),
    ],
)
def test_what_was_not_encoded_is_refused_by_name(output, mask, words):
    with pytest.raises(ValueError, match=words):
        Encoded(output, (torch.zeros(2, 3, 4), torch.zeros(2, 3, 4)), mask)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"vocab_size": 0}, "vocab_size is 0; expected a whole number of at least 1"),
        ({"bidirectional": 1}, "bidirectional is 1; expected True or False"),
    ],
)
def test_an_encoder_that_cannot_be_is_refused_by_name(options, words):
    with pytest.raises(ValueError, match=words):
        Encoder(**{"vocab_size": 8, "embedding_dim": 3, "hidden_size": 4, **options})
