"""Weights go to Keras and back: against Keras's equations as a loop, and against Keras itself."""

import os

import numpy as np
import pytest
import torch
from torch import nn
from torch.testing import assert_close

from lstm_lab import keras_weights, load_keras_weights

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Keras's own
LAYERS = [nn.LSTM, nn.GRU, nn.RNN]
each_layer = pytest.mark.parametrize("kind", LAYERS)
both_ways = pytest.mark.parametrize("bidirectional", [False, True])
with_bias = pytest.mark.parametrize("bias", [True, False])


def by_equations(arrays, kind, x):
    """Return every state of one direction as Keras's documentation computes them."""
    kernel, recurrent, *bias = (torch.tensor(array) for array in arrays)
    h = c = x.new_zeros(len(x), recurrent.shape[0])
    states = []
    for x_t in x.unbind(1):
        if kind is nn.GRU:
            first, second = bias[0] if bias else (0, 0)
            z, r, n = (x_t @ kernel + first).chunk(3, dim=-1)
            z_h, r_h, n_h = (h @ recurrent + second).chunk(3, dim=-1)
            z, r = (z + z_h).sigmoid(), (r + r_h).sigmoid()
            h = z * h + (1 - z) * (n + r * n_h).tanh()
        else:
            gates = x_t @ kernel + h @ recurrent + (bias[0] if bias else 0)
            if kind is nn.RNN:
                h = gates.tanh()
            else:
                i, f, g, o = gates.chunk(4, dim=-1)
                c = f.sigmoid() * c + i.sigmoid() * g.tanh()
                h = o.sigmoid() * c.tanh()
        states.append(h)
    return torch.stack(states, dim=1)


@each_layer
@both_ways
@with_bias
def test_the_arrays_compute_the_same_by_the_equations_of_keras(kind, bidirectional, bias):
    layer = kind(4, 5, bias=bias, batch_first=True, bidirectional=bidirectional)
    x = torch.randn(3, 6, 4)
    arrays = keras_weights(layer)
    half = len(arrays) // (1 + bidirectional)
    found = by_equations(arrays[:half], kind, x)
    if bidirectional:
        back = by_equations(arrays[half:], kind, x.flip(1)).flip(1)
        found = torch.cat([found, back], dim=-1)
    assert_close(found, layer(x)[0], atol=1e-5, rtol=0)


@each_layer
@both_ways
@with_bias
def test_there_and_back_again_is_the_same_layer(kind, bidirectional, bias):
    options = {"bias": bias, "batch_first": True, "bidirectional": bidirectional}
    one, other = (kind(4, 4, num_layers=2, **options) for _ in range(2))
    for layer in range(2):
        load_keras_weights(other, keras_weights(one, layer=layer), layer=layer)
    x = torch.randn(3, 6, 4)
    assert_close(other(x)[0], one(x)[0], atol=1e-6, rtol=0)


def test_what_does_not_fit_is_refused_and_nothing_is_written():
    gru = nn.GRU(4, 5)
    before = [weight.clone() for weight in gru.parameters()]
    kernel, recurrent, bias = keras_weights(gru)
    with pytest.raises(ValueError, match="reset_after=False has no counterpart"):
        load_keras_weights(gru, [kernel, recurrent, bias[0]])
    with pytest.raises(
        ValueError, match=r"kernel of weights has shape \(5, 15\); expected \(4, 15\)"
    ):
        load_keras_weights(gru, [recurrent, kernel, bias])
    with pytest.raises(ValueError, match="weights has 2 arrays; expected 3, as get_weights"):
        load_keras_weights(gru, [kernel, recurrent])
    with pytest.raises(ValueError, match=r"expected 6, as get_weights\(\) of a Bidirectional LSTM"):
        load_keras_weights(nn.LSTM(4, 5, bidirectional=True), keras_weights(nn.LSTM(4, 5)))
    with pytest.raises(ValueError, match="proj_size=2; Keras has no projection"):
        keras_weights(nn.LSTM(4, 5, proj_size=2))
    with pytest.raises(ValueError, match="layer"):
        keras_weights(gru, layer=1)
    assert all(map(torch.equal, before, gru.parameters()))


@pytest.fixture(scope="module")
def layers():
    before = os.environ.setdefault("KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras")
    assert before == "torch"
    return keras.layers


@each_layer
@both_ways
@with_bias
def test_keras_itself_gives_the_same_numbers_both_ways(layers, kind, bidirectional, bias):
    made = {nn.LSTM: layers.LSTM, nn.GRU: layers.GRU, nn.RNN: layers.SimpleRNN}[kind]
    theirs = made(5, return_sequences=True, use_bias=bias)
    theirs = layers.Bidirectional(theirs) if bidirectional else theirs
    x = np.random.default_rng(0).standard_normal((3, 6, 4)).astype("float32")
    theirs(x)
    ours = kind(4, 5, bias=bias, batch_first=True, bidirectional=bidirectional)
    load_keras_weights(ours, theirs.get_weights())
    assert_close(ours(torch.tensor(x))[0], theirs(x).detach(), atol=1e-5, rtol=0)
    other = kind(4, 5, bias=bias, batch_first=True, bidirectional=bidirectional)
    theirs.set_weights(keras_weights(other))
    assert_close(other(torch.tensor(x))[0], theirs(x).detach(), atol=1e-5, rtol=0)


def test_a_gru_that_resets_before_is_another_function(layers):
    theirs = layers.GRU(5, reset_after=False)
    theirs(np.zeros((1, 2, 4), "float32"))
    with pytest.raises(ValueError, match="reset_after=False has no counterpart"):
        load_keras_weights(nn.GRU(4, 5), theirs.get_weights())
