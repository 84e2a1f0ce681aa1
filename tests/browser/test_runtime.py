"""The recurrent layers of the page against PyTorch's, in a real browser."""

import random

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from lstm_lab import trace
from lstm_lab.explorers.export import export
from lstm_lab.explorers.scripts import STATIC

SOURCE = (STATIC / "recurrent.js").read_text(encoding="utf-8")
COUNT, TOLERANCE = 240, 1e-5
RUN = "cases.map(({network, x, lengths, hx}) => run(network, x, {lengths, hx}))"
BROKEN = {
    "the forget gate": ("gates.f[k] * value", "gates.i[k] * value"),
    "the output gate": ("gates.o[k] * Math.tanh", "gates.f[k] * Math.tanh"),
    "the reset gate": ("r[u] * fromState[2][u]", "fromState[2][u]"),
    "the backward direction": ("backward ? sequence.length - 1 - k : k", "k"),
}


def case(number):
    """Return one random call, ready for JSON, and what PyTorch returns for it."""
    draw = random.Random(number)
    torch.manual_seed(number)
    kind = (nn.LSTM, nn.GRU, nn.RNN)[number % 3]
    hidden, projected = draw.randint(2, 6), kind is nn.LSTM and draw.random() < 0.3
    options = {"nonlinearity": draw.choice(["tanh", "relu"])} if kind is nn.RNN else {}
    options |= {"proj_size": draw.randint(1, hidden - 1)} if projected else {}
    module = kind(
        draw.randint(1, 5),
        hidden,
        num_layers=draw.randint(1, 3),
        bidirectional=draw.random() < 0.5,
        bias=draw.random() < 0.8,
        batch_first=True,
        **options,
    ).requires_grad_(False)
    batch, steps = draw.randint(1, 3), draw.randint(1, 9)
    x = torch.randn(batch, steps, module.input_size)
    lengths = None if draw.random() < 0.5 else [draw.randint(1, steps) for _ in range(batch)]
    hx = None if draw.random() < 0.5 else initial(module, batch)
    call = {"network": export(module), "x": x.tolist(), "lengths": lengths, "hx": named(hx)}
    return call, returned(module, x, lengths, hx)


def initial(module, batch):
    rows = module.num_layers * (1 + module.bidirectional)
    h = torch.randn(rows, batch, module.proj_size or module.hidden_size)
    return (h, torch.randn(rows, batch, module.hidden_size)) if isinstance(module, nn.LSTM) else h


def named(hx):
    if isinstance(hx, tuple):
        return {"h": hx[0].tolist(), "c": hx[1].tolist()}
    return None if hx is None else {"h": hx.tolist()}


def returned(module, x, lengths, hx):
    if lengths is None:
        output, states = module(x, hx)
    else:
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        output, states = module(packed, hx)
        output, _ = pad_packed_sequence(output, batch_first=True)
    h_n, c_n = states if isinstance(states, tuple) else (states, None)
    return {"output": output, "h_n": h_n, "c_n": c_n}


@pytest.fixture(scope="module")
def cases():
    return [case(number) for number in range(COUNT)]


def largest_error(found, cases):
    """Return the largest difference over all cases and all tensors."""
    errors = []
    for got, (_, wanted) in zip(found, cases, strict=True):
        for name, tensor in wanted.items():
            if tensor is None:
                assert got[name] is None
                continue
            values = torch.tensor(got[name])
            assert values.shape == tensor.shape
            errors.append(float((values - tensor).abs().max()))
    return max(errors)


def in_browser(source, cases, browser):
    tab = browser.new_page()
    address = "data:text/javascript," + source.replace("%", "%25").replace("#", "%23")
    calls = [call for call, _ in cases]
    script = (
        f"async ([address, cases]) => {{ const {{ run }} = await import(address); return {RUN} }}"
    )
    found = tab.evaluate(script, [address, calls])
    tab.close()
    return found


def test_the_runtime_equals_pytorch_in_a_browser(cases, browser):
    assert largest_error(in_browser(SOURCE, cases, browser), cases) < TOLERANCE


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_runtime_does_not(cases, browser, what):
    right, wrong = BROKEN[what]
    assert SOURCE.count(right) == 1
    found = in_browser(SOURCE.replace(right, wrong), cases, browser)
    assert largest_error(found, cases) > 1e-3


def test_the_runtime_s_gates_are_those_of_the_trace(browser):
    torch.manual_seed(0)
    module = nn.LSTM(3, 4, num_layers=2, bidirectional=True, batch_first=True)
    x = torch.randn(2, 5, 3)
    call = {"network": export(module), "x": x.tolist(), "lengths": None, "hx": None}
    (found,) = in_browser(SOURCE, [(call, None)], browser)
    wanted = trace(module, x)
    for name in "ifgoch":
        values = [
            [[[step[name] for step in row] for row in way] for way in layer]
            for layer in found["trace"]
        ]
        torch.testing.assert_close(torch.tensor(values), getattr(wanted, name), atol=1e-5, rtol=0)
