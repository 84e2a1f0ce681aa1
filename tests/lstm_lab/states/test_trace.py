"""The trace against the fused module and against loops over PyTorch's cells."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import (
    PackedSequence,
    pack_padded_sequence,
    pack_sequence,
    pad_packed_sequence,
)
from torch.testing import assert_close

from lstm_lab import Trace, trace
from tests.lstm_lab.states.cells import cells_of, loop
from tests.lstm_lab.states.draws import batches, first_of, modules

EXACT = {torch.float32: 1e-6, torch.float64: 1e-12}
THOROUGH = settings(max_examples=max(500, settings().max_examples * 10))


@st.composite
def calls(draw):
    """Draw ``(module, input, hx, x, lengths)``: a call, and its input padded batch-first."""
    module = draw(modules()).to(draw(st.sampled_from(list(EXACT))))
    dtype = module.weight_ih_l0.dtype
    x, lengths = draw(batches(module))
    x = x.to(dtype)
    first = x if module.batch_first else x.transpose(0, 1)
    layout = draw(st.sampled_from(["padded", "packed", "sorted", "unbatched"]))
    if layout == "sorted":
        order = lengths.argsort(descending=True, stable=True)
        lengths, first = lengths[order], first[order]
        x = first if module.batch_first else first.transpose(0, 1)
    input = x
    if layout in ("packed", "sorted"):
        sort = layout == "sorted"
        input = pack_padded_sequence(x, lengths, module.batch_first, enforce_sorted=sort)
    elif layout == "unbatched":
        first, input = first[:1], first[0]
    if layout in ("padded", "unbatched"):
        lengths = torch.full((len(first),), first.shape[1])
    hx = (
        draw_states(module, len(first), layout == "unbatched", dtype)
        if draw(st.booleans())
        else None
    )
    return module, input, hx, first, lengths


def draw_states(module, batch, unbatched, dtype):
    rows = module.num_layers * (2 if module.bidirectional else 1)
    sizes = [getattr(module, "proj_size", 0) or module.hidden_size, module.hidden_size]
    states = [torch.randn(rows, batch, size, dtype=dtype) for size in sizes]
    states = [state[:, 0] for state in states] if unbatched else states
    return tuple(states) if isinstance(module, nn.LSTM) else states[0]


def reference(module, hx, x, lengths):
    """Return the loop's quantities, sequence by sequence."""
    rows = module.num_layers * (2 if module.bidirectional else 1)
    if hx is None:
        size = getattr(module, "proj_size", 0) or module.hidden_size
        hx = (x.new_zeros(rows, len(x), size), x.new_zeros(rows, len(x), module.hidden_size))
    states = hx if isinstance(hx, tuple) else (hx,)
    states = states if isinstance(module, nn.LSTM) else states[:1]
    states = [state.reshape(rows, len(x), -1) for state in states]
    cells = cells_of(module)
    for k, length in enumerate(lengths.tolist()):
        yield loop(module, cells, x[k, :length], *(state[:, k] for state in states))


@THOROUGH
@given(calls(), st.booleans())
def test_every_quantity_equals_the_cell_loop_and_the_results_are_the_module_s_own(call, recorded):
    module, input, hx, x, lengths = call
    with torch.set_grad_enabled(recorded):
        traced, tolerance = trace(module, input, hx), EXACT[x.dtype]
        output, state = module(input, hx)
    with torch.no_grad():
        looped = list(reference(module, hx, x, lengths))
    for k, expected in enumerate(looped):
        assert set(expected) == {name for name, _ in traced.named()}
        for name, values in expected.items():
            found = getattr(traced, name)[:, :, k, : lengths[k]]
            assert_close(found, values, atol=tolerance, rtol=tolerance, msg=lambda m, n=name: n + m)
    assert_own(traced, module, output, state, x, lengths)


def assert_own(traced, module, output, state, x, lengths):
    """Hold what a trace returns beside the states to what the module returns."""
    packed = isinstance(output, PackedSequence)
    assert torch.equal(*(each.data if packed else each for each in (traced.output, output)))
    assert torch.equal(traced.h_n, first_of(state))
    assert traced.c_n is None or torch.equal(traced.c_n, state[1])
    assert torch.equal(traced.lengths, lengths)
    assert torch.equal(traced.mask.sum(dim=1), lengths)
    padded = pad_packed_sequence(output, batch_first=True)[0] if packed else output
    if not packed:
        padded = padded.reshape(*x.shape[:2], -1) if padded.dim() == 2 else padded
        padded = padded if module.batch_first or output.dim() == 2 else padded.transpose(0, 1)
    assert torch.equal(torch.cat(list(traced.h[-1]), dim=-1), padded)


@given(calls())
def test_an_lstm_s_h_comes_out_of_its_o_and_c(call):
    module, input, hx, x, _ = call
    traced, tolerance = trace(module, input, hx), EXACT[x.dtype]
    if isinstance(module, nn.LSTM):
        made = traced.o * traced.c.tanh()
        for layer in range(module.num_layers):
            for direction, end in enumerate(["", "_reverse"][: made.shape[1]]):
                half = made[layer, direction]
                if module.proj_size:
                    half = half @ getattr(module, f"weight_hr_l{layer}{end}").T
                assert_close(half, traced.h[layer, direction], atol=tolerance, rtol=tolerance)


@given(calls())
def test_padding_is_zero_and_the_final_states_stand_at_their_ends(call):
    module, input, hx, x, lengths = call
    traced, tolerance = trace(module, input, hx), EXACT[x.dtype]
    everyone = torch.arange(len(lengths))
    for name, tensor in traced.named():
        assert not tensor[:, :, ~traced.mask].any(), name
    for states, final in ((traced.h, traced.h_n), (traced.c, traced.c_n)):
        if states is not None:
            last = states[:, 0][:, everyone, lengths - 1]
            ends = torch.stack([last, states[:, 1, :, 0]], 1) if module.bidirectional else last
            assert_close(ends.reshape(final.shape), final, atol=tolerance, rtol=tolerance)


@settings(max_examples=40)
@given(calls(), st.integers(0, 10))
def test_gradients_equal_those_of_the_cell_loop(call, choice):
    module, _, hx, x, _ = call
    module, x = module.double(), x.double()
    states = (
        None if hx is None else tuple(s.double() for s in (hx if isinstance(hx, tuple) else (hx,)))
    )
    hx = states if states is None or isinstance(module, nn.LSTM) else states[0]
    input = x.clone().requires_grad_()
    given_input = input if module.batch_first else input.transpose(0, 1)
    batch_hx = None if states is None else tuple(s.reshape(len(s), len(x), -1) for s in states)
    hx = batch_hx if batch_hx is None or isinstance(module, nn.LSTM) else batch_hx[0]
    full = torch.full((len(x),), x.shape[1])
    traced = trace(module, given_input, hx)
    looped = list(reference(module, hx, input, full))
    name, found = traced.named()[choice % len(traced.named())]
    weights = torch.randn_like(found)
    expected = sum((weights[:, :, k] * states[name]).sum() for k, states in enumerate(looped))
    wanted = [input, *module.parameters()]
    ours = torch.autograd.grad((weights * found).sum(), wanted, allow_unused=True)
    theirs = torch.autograd.grad(expected, wanted, allow_unused=True)
    for one, other in zip(ours, theirs, strict=True):
        one, other = (torch.zeros(1).double() if g is None else g for g in (one, other))
        assert_close(
            one, other.expand_as(one) if other.numel() == 1 else other, atol=1e-9, rtol=1e-7
        )


def test_the_module_is_left_as_it_was():
    lstm = nn.LSTM(2, 3, num_layers=2, dropout=0.5).eval()
    calls_seen = []
    lstm.register_forward_hook(lambda *_: calls_seen.append(1))
    before = {name: value.clone() for name, value in lstm.state_dict().items()}
    state = torch.get_rng_state()
    trace(lstm, torch.zeros(4, 1, 2))
    assert torch.equal(state, torch.get_rng_state())
    assert not lstm.training
    assert calls_seen == [1]
    assert all(torch.equal(before[name], value) for name, value in lstm.state_dict().items())
    assert all(parameter.grad is None for parameter in lstm.parameters())


def test_dropout_in_training_is_refused_by_name():
    with pytest.raises(ValueError, match=r"module has dropout=0\.5 in training mode; call eval"):
        trace(nn.LSTM(2, 3, num_layers=2, dropout=0.5), torch.zeros(4, 1, 2))
    with pytest.warns(UserWarning, match="dropout option adds dropout after all but last"):
        single = nn.LSTM(2, 3, dropout=0.5)
    assert trace(single, torch.zeros(4, 1, 2)).h.shape == (1, 1, 1, 4, 3)


class Louder(nn.LSTM):
    def forward(self, input, hx=None):
        return super().forward(2 * input, hx)


def test_a_forward_that_was_replaced_is_refused():
    lstm = nn.LSTM(2, 3)
    lstm.forward = lambda x, hx=None: nn.LSTM.forward(lstm, 2 * x, hx)
    with pytest.raises(ValueError, match=r"forward of its own; expected that of LSTM"):
        trace(lstm, torch.zeros(4, 2, 2))


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
def test_functional_gradients_equal_those_of_autograd(kind):
    module, x = kind(2, 3, num_layers=2), torch.randn(25, 2, 2, requires_grad=True)
    found = torch.func.grad(lambda x: trace(module, x).named()[1][1].square().sum())(x)
    trace(module, x).named()[1][1].square().sum().backward()
    assert_close(found, x.grad)


def test_a_list_of_states_is_taken_as_the_module_takes_it():
    lstm, x = nn.LSTM(2, 3), torch.randn(4, 2, 2)
    states = [torch.randn(1, 2, 3), torch.randn(1, 2, 3)]
    assert torch.equal(trace(lstm, x, states).output, lstm(x, states)[0])


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_autocast_is_followed(kind):
    module, x = kind(2, 3, num_layers=2), torch.randn(4, 2, 2)
    exact = trace(module, x)
    with torch.autocast("cpu", torch.bfloat16):
        rough = trace(module, x)
    for (name, one), (_, other) in zip(exact.named(), rough.named(), strict=True):
        assert_close(one, other.float(), atol=0.05, rtol=0.05, msg=lambda m, n=name: n + m)


@pytest.mark.parametrize(
    ("module", "arguments", "words"),
    [
        (nn.Linear(2, 3), [torch.zeros(4, 2)], "expected an nn.LSTM, nn.GRU or nn.RNN"),
        (nn.LSTM(2, 3), [torch.zeros(4, 1, 5)], r"input has 5 features, shape \(4, 1, 5\)"),
        (nn.LSTM(2, 3), [torch.zeros(4, 1, 5, 2)], r"expected \(seq_len, batch, input_size\)"),
        (nn.LSTM(2, 3, batch_first=True), [None], r"input is None; expected \(batch"),
        (nn.LSTM(2, 3), [torch.zeros(4, 2, 2), torch.zeros(1, 2, 3)], r"expected \(h_0, c_0\)"),
        (nn.LSTM(2, 3), [torch.zeros(4, 2, 2), (torch.zeros(1, 2, 3),) * 3], "hx is not a pair"),
        (nn.LSTM(2, 3), [torch.zeros(4, 2).double()], r"type torch\.float64; expected the layer's"),
        (
            nn.LSTM(2, 3),
            [pack_sequence([torch.zeros(4, 2).double()])],
            r"input has type torch\.flo",
        ),
        (nn.GRU(2, 3, device="meta"), [torch.zeros(4, 2, device="meta")], "input is on the meta"),
        (nn.GRU(2, 3, device="meta"), [torch.zeros(4, 2)], "on the cpu device; expected .* meta"),
        (
            nn.GRU(2, 3),
            [torch.zeros(4, 2).long()],
            r"input has type torch\.int64; expected the layer",
        ),
        (nn.GRU(2, 3), [torch.zeros(4, 2, 2), torch.zeros(2, 1, 3)], "axes are swapped"),
        (nn.GRU(2, 3), [torch.zeros(4, 2), torch.zeros(1, 1, 3)], r"expected \(1, 3\)"),
        (nn.GRU(2, 3), [torch.zeros(4, 2, 2), 0], "h_0 of hx is 0; expected"),
        (Louder(2, 3), [torch.zeros(4, 2, 2)], r"forward of its own; expected that of LSTM"),
        (
            nn.GRU(2, 3),
            [torch.zeros(4, 2, 2), torch.zeros(1, 2, 3).double()],
            "h_0 of hx is torch.float64; expected the input's torch.float32",
        ),
        (
            nn.LSTM(2, 4, proj_size=3),
            [torch.zeros(4, 2, 2), (torch.zeros(1, 2, 3), torch.zeros(1, 2, 3))],
            r"c_0 of hx has shape \(1, 2, 3\) .*; expected \(1, 2, 4\)",
        ),
        (
            nn.GRU(2, 3),
            [
                pack_padded_sequence(torch.zeros(4, 2, 2), torch.tensor([4, 2])),
                torch.zeros(1, 3, 3),
            ],
            r"h_0 of hx has shape \(1, 3, 3\) .*; expected \(1, 2, 3\)",
        ),
    ],
)
def test_what_does_not_fit_is_refused_by_name(module, arguments, words):
    with pytest.raises(ValueError, match=words):
        trace(module, *arguments)


def test_not_a_number_is_named_with_its_place():
    x = torch.zeros(2, 4, 2)
    x[1, 2, 0] = torch.nan
    with pytest.raises(ValueError, match="NaN at step 2 of sequence 1, feature 0"):
        trace(nn.LSTM(2, 3, batch_first=True), x)
    packed = pack_padded_sequence(x, torch.tensor([4, 3]), batch_first=True)
    with pytest.raises(ValueError, match="NaN at step 2 of sequence 1, feature 0"):
        trace(nn.LSTM(2, 3), packed)


def test_steps_and_layers_are_slices():
    traced = trace(nn.LSTM(2, 3, num_layers=2, bidirectional=True), torch.randn(5, 4, 2))
    assert isinstance(traced, Trace)
    assert torch.equal(traced.step(2).c, traced.c[:, :, :, 2])
    assert torch.equal(traced.layer(1).o, traced.o[1])
    assert traced.step(0).r is None
    assert repr(traced.layer(0)).startswith("States(h (2, 4, 5, 3), c (2, 4, 5, 3), i (2, 4, 5, 3)")


def test_the_forms_of_a_trace_say_sizes_and_ranges():
    packed = pack_padded_sequence(torch.randn(2, 5, 2), torch.tensor([5, 3]), batch_first=True)
    traced = trace(nn.GRU(2, 3), packed)
    valid = traced.z[:, :, traced.mask]
    assert repr(traced).startswith("Trace of nn.GRU(2, 3): 1 x 1 x 2 x 5 steps, 8 valid; h ")
    assert f"z {valid.min():.2f} to {valid.max():.2f}, n " in repr(traced)
    assert "\n" not in repr(traced)
    silent = nn.RNN(2, 3, bias=False)
    nearly = trace(silent, torch.full((4, 2), -1e-4))
    assert "-0.00" not in repr(nearly)
    html = traced._repr_html_()
    assert html.count("<tr>") == 5
    assert "reset gate" in html
