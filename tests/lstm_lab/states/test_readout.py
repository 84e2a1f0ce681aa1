"""Each readout against the state that PyTorch itself returns, over random options."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from torch.testing import assert_close

from lstm_lab import (
    final_states,
    last_valid,
    max_pool,
    mean_pool,
    split_directions,
    split_states,
)
from lstm_lab.states.readout import top_state
from tests.lstm_lab.states.draws import batches, first_of, modules

POOLS = (last_valid, mean_pool, max_pool)


def run_packed(module, x, lengths):
    """Return the padded output, the packed output and ``h_n`` of a packed run."""
    packed = pack_padded_sequence(x, lengths, module.batch_first, enforce_sorted=False)
    output, state = module(packed)
    padded, _ = pad_packed_sequence(output, module.batch_first, total_length=None)
    return padded, output, first_of(state)


def top(h_n, module):
    """Return the top layer's final states side by side, by PyTorch's own row order."""
    return torch.cat(list(h_n[-2:] if module.bidirectional else h_n[-1:]), dim=-1)


@given(st.data())
def test_final_states_equal_h_n_padded_and_packed(data):
    module = data.draw(modules())
    x, lengths = data.draw(batches(module))
    padded, packed, h_n = run_packed(module, x, lengths)
    assert_close(final_states(padded, lengths, module=module), top(h_n, module))
    assert_close(final_states(packed, module=module), top(h_n, module))


@given(st.data())
def test_final_states_equal_h_n_unbatched_and_without_padding(data):
    module = data.draw(modules())
    x = torch.randn(data.draw(st.integers(1, 6)), module.input_size)
    output, state = module(x)
    assert_close(final_states(output, module=module), top(first_of(state), module))
    assert_close(final_states(output, len(x), module=module), top(first_of(state), module))
    x = x.unsqueeze(0 if module.batch_first else 1)
    output, state = module(x)
    assert_close(final_states(output, module=module), top(first_of(state), module))


@given(st.data())
def test_last_valid_equals_h_n_for_one_direction(data):
    module = data.draw(modules(bidirectional=False))
    x, lengths = data.draw(batches(module))
    padded, packed, h_n = run_packed(module, x, lengths)
    first = module.batch_first
    assert_close(last_valid(padded, lengths, batch_first=first), h_n[-1])
    assert_close(last_valid(packed), h_n[-1])
    # Run over the padding instead: with one direction the valid steps are the same.
    over_padding, _ = module(x)
    assert_close(last_valid(over_padding, lengths, batch_first=first), h_n[-1])


@given(st.data())
def test_states_are_split_by_layer_and_direction(data):
    module = data.draw(modules())
    x, lengths = data.draw(batches(module))
    _, _, h_n = run_packed(module, x, lengths)
    found = split_states(h_n, module)
    step = 2 if module.bidirectional else 1
    for layer in range(module.num_layers):
        assert_close(found.forward[layer], h_n[step * layer])
        if module.bidirectional:
            assert_close(found.backward[layer], h_n[step * layer + 1])
    assert (found.backward is None) == (not module.bidirectional)


@given(st.data())
def test_directions_meet_the_states_at_their_own_ends(data):
    module = data.draw(modules(bidirectional=True, batch_first=True))
    x = torch.randn(3, 4, module.input_size)
    output, state = module(x)
    halves, states = split_directions(output, module), split_states(first_of(state), module)
    assert_close(halves.forward[:, -1], states.forward[-1])
    assert_close(halves.backward[:, 0], states.backward[-1])
    assert_close(torch.cat([halves.forward, halves.backward], dim=-1), output)


@given(st.data())
def test_pools_equal_a_loop_over_the_sequences(data):
    module = data.draw(modules())
    x, lengths = data.draw(batches(module))
    padded, packed, _ = run_packed(module, x, lengths)
    rows = padded if module.batch_first else padded.transpose(0, 1)
    cut = [row[:length] for row, length in zip(rows, lengths, strict=True)]
    means, largest = (torch.stack(s) for s in ([c.mean(0) for c in cut], [c.amax(0) for c in cut]))
    first = module.batch_first
    assert_close(mean_pool(padded, lengths, batch_first=first), means)
    assert_close(max_pool(padded, lengths.tolist(), batch_first=first), largest)
    assert_close(mean_pool(packed), means)
    assert_close(max_pool(packed), largest)


@pytest.mark.parametrize("pool", POOLS)
def test_unbatched_equals_a_batch_of_one(pool):
    output = torch.randn(5, 3)
    for length in (4, [4], torch.tensor(4), np.uint16(4)):
        assert_close(pool(output, length), pool(output.unsqueeze(0), [4])[0])
    with pytest.raises(ValueError, match="lengths is True"):
        pool(output, True)
    assert_close(pool(output), pool(output, [5]))


def test_padding_never_wins_even_when_it_is_largest():
    output = torch.tensor([[[-3e9], [-2e9], [9.0]], [[-5.0], [-4.0], [-1.0]]])
    assert max_pool(output, [2, 3])[:, 0].tolist() == [-2e9, -1.0]
    assert mean_pool(output, [2, 1])[:, 0].tolist() == [-2.5e9, -5.0]


def test_a_mean_of_many_half_precision_numbers_does_not_overflow():
    assert mean_pool(torch.full((1, 4096, 1), 40.0, dtype=torch.half)).item() == 40


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int16, torch.int32, torch.uint16])
def test_lengths_of_any_whole_type_are_taken(dtype):
    output = torch.arange(6.0).view(2, 3, 1)
    assert last_valid(output, torch.tensor([3, 1], dtype=dtype))[:, 0].tolist() == [2.0, 3.0]


def test_not_a_number_in_the_padding_does_not_leak():
    output = torch.tensor([[[1.0], [2.0], [torch.nan]]], requires_grad=True)
    for pool in POOLS:
        value = pool(output, [2])
        assert value.isfinite().all()
        (gradient,) = torch.autograd.grad(value.sum(), output)
        assert gradient[0, 2].item() == 0


def test_gradients_flow_to_valid_steps_only():
    output = torch.randn(2, 4, 3, requires_grad=True)
    for pool in POOLS:
        (gradient,) = torch.autograd.grad(pool(output, [4, 2]).sum(), output)
        assert gradient[1, 2:].abs().sum() == 0
        assert gradient[1, :2].abs().sum() > 0


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize(
    ("lengths", "words"),
    [
        ([0, 3], "lengths is 0; expected a whole number of at least 1"),
        ([1, 6], "lengths goes up to 6; expected 1 to seq_len=5"),
        ([1, 2, 3], r"has 3 entries; expected \(2,\)"),
        ([1, 2, 3, 4, 5], r"is the layout the other one \(batch_first\)"),
        (torch.ones(2, 5, dtype=torch.bool), "looks like a mask"),
        (torch.ones(2, 5), "looks like a mask"),
        (torch.tensor([True, False]), "looks like a mask"),
        ([1.0, 2.0], "lengths is 1.0; expected a whole number"),
        (torch.tensor([1.0, 2.0]), "lengths is 1.0"),
        ([True, 2], "lengths is True"),
        ([], r"has 0 entries; expected \(2,\)"),
        (3, r"lengths is 3; expected \(2,\) whole numbers"),
        (torch.tensor(3), "the single number 3"),
        (torch.ones(2, device="meta"), "lengths has shape"),
        ("ab", "lengths is 'ab'; expected"),
        ({3, 5}, r"lengths is \{3, 5\}; expected"),
        ({3: 0, 5: 0}, "lengths is {3: 0, 5: 0}; expected"),
        ((n for n in (3, 5)), "lengths is a generator"),
        (b"ab", "lengths is b'ab'; expected"),
    ],
)
def test_wrong_lengths_are_refused(pool, lengths, words):
    with pytest.raises(ValueError, match=words):
        pool(torch.zeros(2, 5, 3), lengths)


@pytest.mark.parametrize("pool", POOLS)
def test_outputs_that_are_none_are_refused(pool):
    with pytest.raises(ValueError, match="output is a tuple"):
        pool((torch.zeros(2, 5, 3), None))
    with pytest.raises(ValueError, match=r"output has shape \(2, 5, 3, 1\)"):
        pool(torch.zeros(2, 5, 3, 1))
    with pytest.raises(ValueError, match=r"expected \(seq_len, batch, features\)"):
        pool(torch.zeros(0, 5, 3), batch_first=False)
    packed = pack_padded_sequence(torch.zeros(2, 5, 3), torch.tensor([5, 3]), batch_first=True)
    with pytest.raises(ValueError, match="a packed output knows its own"):
        pool(packed, [5, 3])


def test_swapped_states_are_refused_where_sizes_tell():
    lstm = nn.LSTM(2, 5, num_layers=2)
    _, (h_n, c_n) = lstm(torch.zeros(4, 3, 2))
    with pytest.raises(ValueError, match=r"shape \(3, 2, 5\).*axes are swapped"):
        split_states(h_n.transpose(0, 1), lstm)
    with pytest.raises(ValueError, match="h_n or c_n, one at a time"):
        split_states((h_n, c_n), lstm)
    with pytest.raises(ValueError, match=r"shape \(2, 3, 4\)"):
        split_states(torch.zeros(2, 3, 4), lstm)
    with pytest.raises(ValueError, match=r"shape \(2, 3, 4, 5\)"):
        split_states(torch.zeros(2, 3, 4, 5), lstm)


def test_cell_states_are_split_at_their_own_size():
    lstm = nn.LSTM(2, 5, proj_size=3, bidirectional=True)
    _, (h_n, c_n) = lstm(torch.zeros(4, 2, 2))
    assert split_states(h_n, lstm).forward.shape == (1, 2, 3)
    assert split_states(c_n, lstm).backward.shape == (1, 2, 5)
    _, (h_n, _) = lstm(torch.zeros(4, 2))
    assert split_states(h_n, lstm).forward.shape == (1, 3)


def test_an_output_of_another_module_is_refused():
    lstm = nn.LSTM(2, 5, bidirectional=True, batch_first=True)
    for readout in (split_directions, lambda output, m: final_states(output, module=m)):
        with pytest.raises(ValueError, match=r"expected D \* H_out=10 on the last axis"):
            readout(torch.zeros(3, 4, 5), lstm)
    with pytest.raises(ValueError, match=r"output is \[1, 2\]; expected"):
        split_directions([1, 2], lstm)


def test_a_backward_direction_that_read_padding_is_refused():
    lstm = nn.LSTM(2, 3, bidirectional=True, batch_first=True)
    output, _ = lstm(torch.randn(2, 5, 2))
    with pytest.raises(ValueError, match="has read the padding"):
        final_states(output, [5, 3], module=lstm)
    packed = pack_padded_sequence(torch.randn(2, 5, 2), torch.tensor([5, 3]), batch_first=True)
    output, (h_n, _) = lstm(packed)
    for padding in (-7.0, torch.nan):
        unpacked, lengths = pad_packed_sequence(output, batch_first=True, padding_value=padding)
        assert_close(final_states(unpacked, lengths, module=lstm), torch.cat([*h_n], dim=-1))


def test_one_direction_has_no_backward_half():
    gru = nn.GRU(2, 3)
    output, h_n = gru(torch.zeros(4, 2, 2))
    assert split_directions(output, gru).backward is None
    assert repr(split_states(h_n, gru)) == "Directions(forward=(1, 2, 3), backward=None)"


@pytest.mark.parametrize("rows", [1, 3])
def test_the_top_of_another_layer_s_state_is_refused(rows):
    gru = nn.GRU(2, 3, bidirectional=True)
    for state in (torch.zeros(rows, 4, 3), (torch.zeros(2, 4, 3),) * 2):
        with pytest.raises(ValueError, match=r"state .*; expected .*(num_layers=2|h_n or c_n)"):
            top_state(state, gru)


@pytest.mark.parametrize("dtype", [torch.int64, torch.bool, torch.complex64])
@pytest.mark.parametrize("pool", [mean_pool, max_pool])
def test_numbers_that_have_no_mean_or_order_here_are_refused(pool, dtype):
    with pytest.raises(ValueError, match=f"output has type {dtype}; expected floating point"):
        pool(torch.ones(1, 2, 1, dtype=dtype))
    assert last_valid(torch.ones(1, 2, 1, dtype=dtype)).item() == 1


def test_states_of_more_layers_than_the_module_has_are_refused():
    lstm = nn.LSTM(2, 5, num_layers=2)
    for rows in (1, 3):
        with pytest.raises(ValueError, match=rf"state has shape \({rows}, 3, 5\); expected"):
            split_states(torch.zeros(rows, 3, 5), lstm)
