"""The small models against PyTorch's own layers: what they read, and what they must not."""

from functools import partial
from itertools import product

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from torch import nn
from torch.testing import assert_close

from lstm_lab import BidirectionalPredictor, GapPredictor, LSTMClassifier
from lstm_lab.models import top

READOUTS = [
    (layer, readout, num_layers, bidirectional)
    for layer, readout, num_layers, bidirectional in product(
        (nn.LSTM, nn.GRU, nn.RNN), ("h_n", "c_n", "last", "mean", "max"), (1, 2), (False, True)
    )
    if (readout != "c_n" or layer is nn.LSTM) and not (readout == "last" and bidirectional)
]
MODELS = {
    "classifier": lambda: LSTMClassifier(2, 3, 4, num_layers=2, bidirectional=True),
    "mean of letters": lambda: LSTMClassifier(
        2, 3, 4, bidirectional=True, vocab_size=7, readout="mean"
    ),
    "max": lambda: LSTMClassifier(2, 3, 4, layer=nn.GRU, readout="max"),
    "last": lambda: LSTMClassifier(2, 3, 4, num_layers=2, readout="last"),
    "both ends": lambda: BidirectionalPredictor(2, 3, 1, num_layers=2),
    "gap": lambda: GapPredictor(7, 2, 3),
    "left of the gap": lambda: GapPredictor(7, 2, 3, sides="left"),
}
SAVED = {
    "torch": (torch.save, partial(torch.load, weights_only=True)),
    "safetensors": (save_file, load_file),
}
every_model = pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
some_lengths = st.lists(st.integers(1, 6), min_size=1, max_size=4)


def sequences(model, batch, seq_len):
    """Return a batch that the model takes: features, or numbers of letters."""
    if getattr(model, "embedding", None) is None:
        return torch.randn(batch, seq_len, 2)
    return torch.randint(1, 7, (batch, seq_len))


def spoiled(x, lengths, more=0):
    """Return ``x`` with rubbish for padding, ``more`` steps of it: NaN, or numbers at random."""
    steps = torch.arange(x.shape[1] + more)
    x = torch.cat([x, x[:, :1].expand(-1, more, *x.shape[2:])], dim=1)
    rubbish = torch.full_like(x, torch.nan) if x.is_floating_point() else torch.randint_like(x, 7)
    padding = steps >= torch.tensor(lengths).unsqueeze(1)
    return torch.where(padding.view(*padding.shape, *[1] * (x.dim() - 2)), rubbish, x)


def predictions(model, x, lengths=None):
    """Return a prediction for each sequence; a text's without those in its padding."""
    rows = list(model(x, lengths))
    if lengths is None or not isinstance(model, GapPredictor):
        return rows
    return [row[:length] for row, length in zip(rows, lengths, strict=True)]


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


def letters_that_reach(model, logits):
    """Return the letters on whose embedding the logits depend."""
    total = (logits * torch.randn_like(logits)).sum()
    (gradient,) = torch.autograd.grad(total, model.embedding.weight, retain_graph=True)
    return set(gradient.any(dim=1).nonzero().flatten().tolist())


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


@pytest.mark.parametrize("num_layers", [1, 2, 3])
def test_both_ends_of_the_top_layer_make_one_prediction(num_layers):
    model, lengths = BidirectionalPredictor(2, 3, 4, num_layers=num_layers), [4, 1, 6]
    assert model.layer.num_layers == num_layers
    x = spoiled(torch.randn(3, 6, 2), lengths)
    for row, length, found in zip(x, lengths, model(x, lengths), strict=True):
        assert_close(found, model.head(by_hand("h_n", model.layer, row[:length])))


def test_a_subclass_of_a_layer_has_what_the_layer_has():
    own = type("Own", (nn.LSTM,), {})
    assert LSTMClassifier(2, 3, 4, layer=own, readout="c_n")(torch.zeros(1, 5, 2)).shape == (1, 4)


def test_letters_are_embedded_before_they_are_read():
    model = LSTMClassifier(2, 3, 4, vocab_size=7)
    text = torch.tensor([[1, 6, 4], [3, 3, 5]])
    _, (h_n, _) = model.layer(model.embedding.weight[text])
    assert_close(model(text), model.head(h_n[0]))
    assert_close(model(text.int()), model(text))


@every_model
@given(lengths=some_lengths, more=st.integers(0, 3))
def test_padding_never_changes_a_prediction(make, lengths, more):
    model = make()
    x = sequences(model, len(lengths), max(lengths))
    found = predictions(model, spoiled(x, lengths, more), lengths)
    assert_close(found, predictions(model, x, lengths))
    assert all(row.isfinite().all() for row in found)


@every_model
@given(lengths=some_lengths)
def test_a_batch_of_one_equals_its_row(make, lengths):
    model = make()
    x = spoiled(sequences(model, len(lengths), max(lengths)), lengths)
    rows = predictions(model, x, lengths)
    for k, length in enumerate(lengths):
        assert_close(predictions(model, x[k : k + 1, :length])[0], rows[k])
        assert_close(predictions(model, x[k : k + 1], [length])[0], rows[k])


@pytest.mark.parametrize("name", ["classifier", "last", "both ends"])
def test_every_valid_step_reaches_a_prediction_and_no_padding_does(name):
    model, lengths = MODELS[name](), torch.tensor([4, 6, 1])
    x = torch.randn(3, 6, 2, requires_grad=True)
    (gradient,) = torch.autograd.grad(model(x, lengths).square().sum(), x)
    assert torch.equal(gradient.any(dim=2), torch.arange(6) < lengths.unsqueeze(1))


@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_mean_depends_on_every_valid_step_and_on_no_padding(bidirectional):
    model = LSTMClassifier(2, 3, 4, bidirectional=bidirectional, readout="mean", vocab_size=9)
    logits = model(torch.arange(1, 9).unsqueeze(0), [5])
    assert letters_that_reach(model, logits) == {1, 2, 3, 4, 5}


@pytest.mark.parametrize("length", [1, 2, 5, 8])
@pytest.mark.parametrize("sides", ["both", "left"])
def test_a_gap_is_filled_without_a_look_at_its_letter(sides, length):
    model = GapPredictor(9, 2, 4, sides=sides)
    letters = range(1, 9)  # all different, so that a letter stands for its step
    logits = model(torch.tensor([letters]), [length])[0]
    assert logits.shape == (8, 9)  # as long as the text, padding and all
    for t in range(length):
        seen = set(letters[:t]) | (set(letters[t + 1 : length]) if sides == "both" else set())
        assert letters_that_reach(model, logits[t]) == seen


@pytest.mark.parametrize("sides", ["both", "left"])
@given(t=st.integers(0, 5), change=st.integers(1, 5))
def test_another_letter_changes_the_predictions_of_its_neighbours_only(sides, t, change):
    model = GapPredictor(7, 2, 4, sides=sides).double()
    text = torch.randint(1, 7, (1, 6))
    other = text.clone()
    other[0, t] = (text[0, t] - 1 + change) % 6 + 1
    changed = (model(text) != model(other)).any(dim=2)[0].tolist()
    assert changed == [step > t or (sides == "both" and step < t) for step in range(6)]


def test_a_gap_joins_the_states_before_and_after_it():
    model, text = GapPredictor(7, 2, 3), torch.tensor([[3, 1, 6, 2]])
    forward, backward = model.layer(model.embedding(text))[0].split(3, dim=-1)
    edge = torch.zeros(3)
    for t in range(4):
        before, after = (forward[0, t - 1] if t else edge), (backward[0, t + 1] if t < 3 else edge)
        assert_close(model(text)[0, t], model.head(torch.cat([before, after])))


@every_model
def test_every_parameter_gets_a_gradient(make):
    model = make()
    x = sequences(model, 3, 5)
    sum(row.square().sum() for row in predictions(model, x, [5, 2, 4])).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad.any(), name


@pytest.mark.parametrize("name", ["mean of letters", "gap", "left of the gap"])
def test_padding_has_an_embedding_of_zeros_that_is_not_learned(name):
    model = MODELS[name]()
    model(torch.tensor([[3, 5, 0]]), [2]).square().sum().backward()
    assert not model.embedding.weight[0].any()
    assert not model.embedding.weight.grad[0].any()


def test_dropout_stands_between_the_layers_in_training_only():
    model, x = LSTMClassifier(2, 8, 4, num_layers=2, dropout=0.5), torch.randn(3, 5, 2)
    assert not torch.equal(model(x), model(x))
    model.eval()
    assert torch.equal(model(x), model(x))


@pytest.mark.parametrize("form", SAVED)
@every_model
def test_saved_and_loaded_weights_give_equal_predictions(make, form, tmp_path):
    model, other = make(), make()
    x = sequences(model, 3, 5)
    assert not torch.equal(model(x, [5, 2, 4]), other(x, [5, 2, 4]))
    save, load = SAVED[form]
    save(model.state_dict(), tmp_path / "weights")
    other.load_state_dict(load(tmp_path / "weights"))
    assert torch.equal(model(x, [5, 2, 4]), other(x, [5, 2, 4]))


@every_model
def test_a_compiled_model_gives_equal_predictions(make):
    torch.compiler.reset()
    model = make()
    compiled, x = torch.compile(model, backend="eager"), sequences(model, 3, 5)
    for lengths in (None, [5, 2, 4]):
        assert_close(compiled(x, lengths), model(x, lengths))


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
@every_model
def test_a_model_of_another_precision_stays_in_it(make, dtype):
    model = make()
    x = sequences(model, 3, 5)
    rough = model.to(dtype)(x.to(dtype) if x.is_floating_point() else x, [5, 2, 4])
    assert rough.dtype is dtype
    assert rough.isfinite().all()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: LSTMClassifier(2, 3, 4, readout="first"),
            "readout is 'first'; expected one of h_n, c_n, last, mean, max",
        ),
        (lambda: LSTMClassifier(2, 3, 4, readout="c_n", layer=nn.GRU), "GRU has no cell state"),
        (lambda: LSTMClassifier(2, 3, 4, readout="c_n", layer=nn.RNN), "readout is 'c_n'"),
        (
            lambda: LSTMClassifier(2, 3, 4, readout="last", bidirectional=True),
            "readout is 'last' with two directions.*; expected 'h_n'",
        ),
        (
            lambda: LSTMClassifier(2, 3, 0),
            "num_classes is 0; expected a whole number of at",
        ),
        (lambda: LSTMClassifier(2, 3, 4, vocab_size=7.0), "vocab_size is 7.0; expected a whole"),
        (lambda: LSTMClassifier(2, 3, 4, bidirectional=2), "bidirectional is 2; expected True or"),
        (lambda: LSTMClassifier(2, 3, 4, layer=nn.Linear), "layer is .*Linear.*; expected nn.LSTM"),
        (lambda: LSTMClassifier(2, 3, 4, layer=nn.LSTM(2, 3)), r"layer is LSTM\(2, 3\); expected"),
        (lambda: BidirectionalPredictor(2, 3, True), "output_size is True; expected a whole"),
        (lambda: GapPredictor(0, 2, 3), "vocab_size is 0; expected a whole number of at least 1"),
        (lambda: GapPredictor(7, 2, 3, sides="right"), "'right'; expected 'both' or 'left'"),
    ],
)
def test_a_model_that_cannot_be_is_refused_by_name(make, words):
    with pytest.raises(ValueError, match=words):
        make()


@pytest.mark.parametrize(
    ("name", "input", "words"),
    [
        ("max", torch.zeros(3, 2), r"\(3, 2\) .*; expected \(batch, seq_len, input_size=2\)"),
        ("max", torch.zeros(3, 5, 4), r"input has shape \(3, 5, 4\) .*; expected .*input_size=2"),
        ("both ends", torch.zeros(3, 5), r"input has shape \(3, 5\) .*; expected \(batch, seq_len"),
        ("max", None, r"input is a NoneType; expected \(batch, seq_len, input_size=2\)"),
        ("max", torch.zeros(0, 5, 2), r"\(0, 5, 2\) .*; expected .* at least one"),
        ("max", torch.zeros(3, 0, 2), r"\(3, 0, 2\) .*; expected .* at least one"),
        ("max", torch.ones(3, 5, 2).long(), "torch.int64; expected .* of floating point"),
        ("max", torch.full((1, 3, 2), torch.nan), "is NaN at step 0 of sequence 0, inside its"),
        ("gap", [[1, 2]], r"input is a list; expected \(batch, seq_len\) whole numbers"),
        ("gap", torch.ones(0, 3).long(), r"\(0, 3\) .*; expected .* at least one"),
        ("gap", torch.ones(3, 0).long(), r"\(3, 0\) .*; expected .* at least one"),
        ("gap", torch.ones(3, 5).byte(), "type torch.uint8; expected .* int64 or int32"),
        (
            "mean of letters",
            torch.tensor([[3, 0, 2]]),
            "is 0, the padding, at step 1 of sequence",
        ),
        ("gap", torch.zeros(3, 5), r"type torch\.float32; expected \(batch, seq_len\) whole"),
        ("gap", torch.ones(3, 5).bool(), r"input has shape \(3, 5\) and type torch\.bool"),
        ("gap", torch.ones(5).long(), r"input has shape \(5,\) and type torch\.int64"),
        ("gap", torch.tensor([[3, 7]]), "input goes from 3 to 7; expected 0 to 6"),
        ("mean of letters", torch.tensor([[-1, 2]]), "goes from -1 to 2; expected 0 to 6"),
    ],
)
def test_an_input_that_does_not_fit_is_refused_by_name(name, input, words):
    with pytest.raises(ValueError, match=words):
        MODELS[name]()(input)


def test_padding_inside_the_lengths_is_refused_and_beyond_them_it_is_not():
    model, text = MODELS["mean of letters"](), torch.tensor([[3, 1, 2], [4, 0, 0]])
    with pytest.raises(ValueError, match="at step 1 of sequence 1, inside its length; expected le"):
        model(text, [3, 2])
    assert_close(model(text, [3, 1])[1:], model(text[1:, :1]))
    assert_close(GapPredictor(7, 2, 3)(text).shape, (2, 3, 7))  # there it hides a letter


@pytest.mark.filterwarnings("ignore:The tensor attributes")  # torch's own, of its layers
@pytest.mark.parametrize("name", ["classifier", "mean of letters", "gap"])
@pytest.mark.skipif(torch.__version__ < "2.7", reason="torch 2.6 exports no module that may raise")
def test_a_model_without_lengths_can_be_exported(name):
    model = MODELS[name]().eval()
    x = sequences(model, 3, 5)
    assert_close(torch.export.export(model, (x,), strict=False).module()(x), model(x))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_top_of_another_layer_s_state_is_refused(rows):
    gru = nn.GRU(2, 3, bidirectional=True)
    for state in (torch.zeros(rows, 4, 3), (torch.zeros(2, 4, 3),) * 2):
        with pytest.raises(ValueError, match=r"state .*; expected h_n or c_n \(2, batch, features"):
            top(state, gru)


@pytest.mark.parametrize(
    ("lengths", "words"),
    [
        ([5, 0, 2], "lengths is 0; expected a whole number of at least 1"),
        ([5, 6, 2], "lengths goes up to 6; expected 1 to seq_len=5"),
        ([5, 2], r"lengths has 2 entries; expected \(3,\) whole numbers"),
        (torch.ones(3, 5, dtype=torch.bool), "lengths looks like a mask"),
        ([1.0, 2.0, 3.0], "lengths is 1.0; expected a whole number"),
    ],
)
@every_model
def test_wrong_lengths_are_refused(make, lengths, words):
    model = make()
    with pytest.raises(ValueError, match=words):
        model(sequences(model, 3, 5), lengths)
