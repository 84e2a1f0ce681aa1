"""Random configurations of recurrent layers, for the tests that compare with PyTorch."""

import torch
from hypothesis import strategies as st
from torch import nn


@st.composite
def modules(draw, bidirectional=None, batch_first=None):
    """Draw a small recurrent layer with random options and weights."""
    kind = draw(st.sampled_from([nn.LSTM, nn.GRU, nn.RNN]))
    extra = {}
    if kind is nn.RNN:
        extra["nonlinearity"] = draw(st.sampled_from(["tanh", "relu"]))
    torch.manual_seed(draw(st.integers(0, 2**16)))
    hidden_size = draw(st.integers(2, 4))
    if kind is nn.LSTM:
        extra["proj_size"] = draw(st.integers(0, hidden_size - 1))
    return kind(
        draw(st.integers(1, 3)),
        hidden_size,
        num_layers=draw(st.integers(1, 3)),
        bias=draw(st.booleans()),
        batch_first=draw(st.booleans()) if batch_first is None else batch_first,
        bidirectional=draw(st.booleans()) if bidirectional is None else bidirectional,
        **extra,
    )


@st.composite
def batches(draw, module):
    """Draw ``(x, lengths)``: a padded batch in the module's layout, and its valid lengths."""
    lengths = draw(st.lists(st.integers(1, 6), min_size=1, max_size=4))
    x = torch.randn(len(lengths), max(lengths), module.input_size)
    return (x if module.batch_first else x.transpose(0, 1)), torch.tensor(lengths)


def first_of(state):
    """Return ``h_n`` of what a module returned beside ``output``."""
    return state[0] if isinstance(state, tuple) else state
