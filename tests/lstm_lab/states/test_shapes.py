"""Every shape, for every option, against what the modules really take and return."""

import itertools
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from lstm_lab import Options, shapes

KINDS = {"LSTM": nn.LSTM, "GRU": nn.GRU, "RNN": nn.RNN}
GRID = [
    Options(kind, 4, 5, layers, bias, first, two, proj)
    for kind, layers, bias, first, two in itertools.product(
        KINDS, (1, 2, 3), (True, False), (True, False), (True, False)
    )
    for proj in ((0, 3) if kind == "LSTM" else (0,))
]


def build(options):
    proj = {"proj_size": options.proj_size} if options.kind == "LSTM" else {}
    return KINDS[options.kind](
        options.input_size,
        options.hidden_size,
        num_layers=options.num_layers,
        bias=options.bias,
        batch_first=options.batch_first,
        bidirectional=options.bidirectional,
        **proj,
    )


def results(module, table, x):
    """Run the module on states of the shapes that the table says; return all by name."""
    h_0 = torch.randn(table["h_0"].shape)
    hx = (h_0, torch.randn(table["c_0"].shape)) if isinstance(module, nn.LSTM) else h_0
    output, state = module(x, hx)
    h_n, *c_n = state if isinstance(state, tuple) else (state,)
    return {"output": output, "h_n": h_n, **({"c_n": c_n[0]} if c_n else {})}


@pytest.mark.parametrize("options", GRID, ids=str)
def test_batched_and_unbatched_shapes_are_those_of_the_module(options):
    module = build(options)
    for batch, seq_len in ((3, 6), (None, 6), (1, 1)):
        table = shapes(module, batch=batch, seq_len=seq_len)
        found = results(module, table, torch.randn(table["input"].shape))
        assert {name: tuple(t.shape) for name, t in found.items()} == {
            name: table[name].shape for name in found
        }
        assert ("c_n" in found) == any(row.name == "c_n" for row in table)


@pytest.mark.parametrize("options", GRID, ids=str)
def test_packed_shapes_are_those_of_the_module(options):
    module = build(options)
    table = shapes(module, lengths=[2, 5, 3])
    assert table == shapes(module, lengths=torch.tensor([2, 5, 3]))
    x = pack_padded_sequence(torch.randn(3, 5, 4), torch.tensor([2, 5, 3]), True, False)
    assert tuple(x.data.shape) == table["input"].shape
    found = results(module, table, x)
    assert tuple(found["output"].data.shape) == table["output"].shape
    assert tuple(found["h_n"].shape) == table["h_n"].shape


@pytest.mark.parametrize("options", GRID, ids=str)
def test_parameters_are_those_of_the_module_in_its_order(options):
    rows = shapes(options, seq_len=1).parameters
    real = {name: tuple(p.shape) for name, p in build(options).named_parameters()}
    assert {row.name: row.shape for row in rows} == real
    assert [row.name for row in rows] == list(real)


@pytest.mark.parametrize("options", GRID, ids=str)
def test_options_survive_the_way_through_a_module(options):
    assert Options.of(build(options)) == options


def test_every_axis_has_a_letter_a_size_and_a_name():
    for options in GRID:
        for row in shapes(options, batch=2, seq_len=3):
            assert len(row.letters) == len(row.shape) == len(row.axes)


def test_the_axes_are_named_in_their_order():
    def axes(options, **sizes):
        return {row.name: row.axes for row in shapes(options, **sizes)}

    lstm = Options("LSTM", 4, 5, bidirectional=True)
    found = axes(lstm, batch=2, seq_len=3)
    assert found["input"] == ("time step", "sequence", "feature")
    assert found["output"] == ("time step", "sequence", "hidden state of both directions")
    assert found["c_n"] == ("layer and direction", "sequence", "cell state")
    assert found["weight_ih_l0"] == ("gates i f g o", "feature")
    first = axes(replace(lstm, batch_first=True, bidirectional=False), batch=2, seq_len=3)
    assert first["output"] == ("sequence", "time step", "hidden state")
    assert first["h_n"] == ("layer and direction", "sequence", "hidden state")
    gru = axes(Options("GRU", 4, 5), seq_len=3)
    assert gru["h_n"] == ("layer and direction", "hidden state")
    assert gru["weight_hh_l0"] == ("gates r z n", "hidden state")
    assert axes(Options("RNN", 4, 5), lengths=[2])["input"] == ("step of a sequence", "feature")


def test_the_letters_are_the_documentation_s():
    table = shapes(nn.LSTM(10, 20, 2, bidirectional=True, proj_size=3), batch=3, seq_len=5)
    assert table["output"].letters == ("L", "N", "D * H_out")
    assert table["c_n"].letters == ("D * num_layers", "N", "H_cell")
    assert table["weight_ih_l1"].letters == ("4 * H_cell", "D * H_out")
    assert dict(table.letters) == {"N": 3, "L": 5, "D": 2, "H_in": 10, "H_cell": 20, "H_out": 3}


def test_the_text_form_is_a_table():
    lines = repr(shapes(nn.GRU(4, 5), batch=2, seq_len=7)).splitlines()
    assert lines[0] == "nn.GRU(4, 5), batched: N=2, L=7, D=1, H_in=4, H_out=5"
    assert lines[2].split() == ["tensor", "letters", "shape", "axes"]
    first_words = [line.split(" ")[0] for line in lines[3:]]
    assert first_words[:6] == ["input", "h_0", "output", "h_n", "", "parameters:"]
    assert "parameters: 165 numbers in 4 tensors" in lines


def test_the_html_form_names_each_tensor_once():
    table = shapes(nn.LSTM(4, 5), batch=2, seq_len=7)
    html = table._repr_html_()
    for row in table:
        assert html.count(f"<th>{row.name}</th>") == 1
    first_parameter = html.index("<th>weight_ih_l0</th>")
    assert html.index("<th>c_n</th>") < html.index("parameters: ") < first_parameter
    assert html.startswith('<table class="dataframe lab-shapes"><caption>nn.LSTM(4, 5), batched')


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"batch": 2}, "seq_len is None"),
        ({"batch": 0, "seq_len": 3}, "batch is 0"),
        ({"batch": True, "seq_len": 3}, "batch is True"),
        ({"batch": 2, "seq_len": 2.5}, "seq_len is 2.5"),
        ({"lengths": []}, "lengths is empty"),
        ({"lengths": [3, 0]}, "lengths is 0"),
        ({"lengths": [3], "batch": 1}, "expected no batch"),
        ({"lengths": torch.tensor([True, False])}, "looks like a mask"),
        ({"lengths": 3}, "lengths is 3; expected"),
    ],
)
def test_sizes_that_are_none_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        shapes(nn.LSTM(4, 5), **arguments)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "lstm"}, "kind is 'lstm'; expected one of LSTM, GRU, RNN"),
        ({"hidden_size": 0}, "hidden_size is 0"),
        ({"proj_size": 5}, "proj_size is 5; expected less than hidden_size=5"),
        ({"kind": "GRU", "proj_size": 2}, "nn.GRU has no projection"),
    ],
)
def test_options_that_torch_refuses_are_refused(change, words):
    with pytest.raises(ValueError, match=words):
        replace(Options("LSTM", 4, 5), **change)


@pytest.mark.parametrize("module", [nn.Linear(2, 3), nn.LSTM, nn.LSTMCell(2, 3), None])
def test_other_modules_are_refused_by_name(module):
    with pytest.raises(ValueError, match=r"expected an nn\.LSTM, nn\.GRU or nn\.RNN"):
        shapes(module, batch=1, seq_len=1)


def test_a_missing_tensor_is_named():
    with pytest.raises(KeyError, match="no 'c_n' here; there are input, h_0, output, h_n"):
        shapes(nn.GRU(4, 5), batch=1, seq_len=1)["c_n"]
