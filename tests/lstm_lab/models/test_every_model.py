"""What all models share: padding, batches of one, gradients, saving, compiling, refusals."""

from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from torch import nn
from torch.testing import assert_close

from lstm_lab import BidirectionalPredictor, Decoder, Encoder, GapPredictor, LSTMClassifier, Seq2Seq
from lstm_lab.models.trained import NameReader


class Pairs(Seq2Seq):
    """A model of pairs that is called as the others are: the target is always the same."""

    def __init__(self, attention, bidirectional, num_layers):
        memory_size = 4 * (1 + bidirectional) if attention else None
        encoder = Encoder(7, 3, 4, bidirectional=bidirectional, num_layers=num_layers)
        decoder = Decoder(9, 3, 4, memory_size=memory_size, num_layers=num_layers)
        super().__init__(encoder, decoder, start=1, stop=2)

    def forward(self, input, lengths=None):
        target = torch.tensor([[5, 3, 8, 2]] * len(input), device=input.device)
        return super().forward(input, lengths, target)


MODELS = {
    "classifier": lambda: LSTMClassifier(2, 3, 4, num_layers=2, bidirectional=True),
    "last": lambda: LSTMClassifier(2, 3, 4, num_layers=2, readout="last"),
    "max": lambda: LSTMClassifier(2, 3, 4, layer=nn.GRU, readout="max"),
    "both ends": lambda: BidirectionalPredictor(2, 3, 1, num_layers=2),
    "mean of letters": lambda: LSTMClassifier(
        2, 3, 4, bidirectional=True, vocab_size=7, readout="mean"
    ),
    "gap": lambda: GapPredictor(7, 2, 3),
    "left of the gap": lambda: GapPredictor(7, 2, 3, sides="left"),
    "reader of names": lambda: NameReader(7, 2, 3, 4),
    "pairs": lambda: Pairs(False, False, 1),
    "pairs, attention": lambda: Pairs(True, False, 1),
    "pairs, two layers and directions": lambda: Pairs(False, True, 2),
    "pairs, all of it": lambda: Pairs(True, True, 2),
}
OF_FEATURES = ["classifier", "last", "max", "both ends"]
OF_LETTERS = [name for name in MODELS if name not in OF_FEATURES]
SAVED = {
    "torch": (torch.save, partial(torch.load, weights_only=True)),
    "safetensors": (save_file, load_file),
}
each_name = pytest.mark.parametrize("name", MODELS)
some_lengths = st.lists(st.integers(1, 6), min_size=1, max_size=4)


def sequences(name, batch, seq_len):
    """Return a batch that the model takes: features, or numbers of letters."""
    if name in OF_FEATURES:
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
    found = model(x, lengths)
    rows = list(torch.stack([*found.values()], dim=1) if isinstance(found, dict) else found)
    if lengths is None or not isinstance(model, GapPredictor):
        return rows
    return [row[:length] for row, length in zip(rows, lengths, strict=True)]


def embeddings(model):
    return [part for part in model.modules() if isinstance(part, nn.Embedding)]


@each_name
@settings(max_examples=30)
@given(lengths=some_lengths, more=st.integers(0, 3))
def test_padding_changes_no_prediction_and_neither_do_the_other_rows(name, lengths, more):
    model, x = MODELS[name](), sequences(name, len(lengths), max(lengths))
    found = predictions(model, spoiled(x, lengths, more), lengths)
    assert all(row.isfinite().all() for row in found)
    for k, length in enumerate(lengths):
        assert_close(predictions(model, x[k : k + 1, :length])[0], found[k])
    assert_close(predictions(model, x[:1], lengths[:1])[0], found[0])


@each_name
def test_every_parameter_gets_a_gradient_but_the_embedding_of_padding(name):
    model, lengths = MODELS[name](), [5, 2, 4]
    x = sequences(name, 3, 5)
    x = x if name in OF_FEATURES else x * (torch.arange(5) < torch.tensor(lengths).unsqueeze(1))
    sum(row.square().sum() for row in predictions(model, x, lengths)).backward()
    for path, parameter in model.named_parameters():
        assert parameter.grad.any(), path
    for part in embeddings(model):
        assert not part.weight[0].any()
        assert not part.weight.grad[0].any()


@pytest.mark.parametrize(
    "make",
    [
        lambda: LSTMClassifier(2, 8, 4, num_layers=2, dropout=0.5, vocab_size=7),
        lambda: Encoder(7, 2, 8, num_layers=2, dropout=0.5),
        lambda: Decoder(7, 2, 8, num_layers=2, dropout=0.5),
    ],
)
def test_dropout_stands_between_the_layers_in_training_only(make):
    model, x, state = make(), torch.randint(1, 7, (3, 5)), (torch.zeros(2, 3, 8),) * 2

    def run():
        found = model(x, state) if isinstance(model, Decoder) else model(x)
        return found[0] if isinstance(found, tuple) else getattr(found, "output", found)

    assert not torch.equal(run(), run())
    model.eval()
    assert torch.equal(run(), run())


@pytest.mark.parametrize("form", SAVED)
@each_name
def test_saved_and_loaded_weights_give_equal_predictions(name, form, tmp_path):
    model, other, x = MODELS[name](), MODELS[name](), sequences(name, 3, 5)
    before = predictions(other, x, [5, 2, 4])
    save, load = SAVED[form]
    save(model.state_dict(), tmp_path / "weights")
    other.load_state_dict(load(tmp_path / "weights"))
    for old, new, wanted in zip(
        before, predictions(other, x, [5, 2, 4]), predictions(model, x, [5, 2, 4]), strict=True
    ):
        assert torch.equal(new, wanted)
        assert not torch.equal(old, wanted)


def test_a_compiled_model_gives_equal_predictions():
    torch.compiler.reset()
    model, x = MODELS["mean of letters"](), sequences("mean of letters", 3, 5)
    compiled = torch.compile(model, backend="eager")
    for lengths in (None, [5, 2, 4]):
        assert_close(compiled(x, lengths), model(x, lengths))


@pytest.mark.filterwarnings("ignore:The tensor attributes")  # torch's own, of its layers
@pytest.mark.parametrize("name", ["classifier", "mean of letters", "gap"])
@pytest.mark.skipif(torch.__version__ < "2.7", reason="torch 2.6 exports no module that may raise")
def test_a_model_without_lengths_can_be_exported(name):
    model, x = MODELS[name]().eval(), sequences(name, 3, 5)
    assert_close(torch.export.export(model, (x,), strict=False).module()(x), model(x))


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
@each_name
def test_a_model_of_another_precision_stays_in_it(name, dtype):
    model, x = MODELS[name]().to(dtype), sequences(name, 3, 5)
    for row in predictions(model, x.to(dtype) if x.is_floating_point() else x, [5, 2, 4]):
        assert row.dtype is dtype
        assert row.isfinite().all()


@each_name
def test_torch_s_default_device_changes_nothing(name):
    model, x = MODELS[name](), sequences(name, 3, 5)
    wanted = predictions(model, x, [5, 2, 4])
    with torch.device("meta"):
        found = predictions(model, x, [5, 2, 4])
    assert all(torch.equal(*pair) for pair in zip(found, wanted, strict=True))


@pytest.mark.parametrize(
    ("lengths", "words"),
    [
        ([5, 0, 2], "lengths is 0; expected a whole number of at least 1"),
        ([5, 6, 2], "lengths goes up to 6; expected 1 to seq_len=5"),
        ([5, 2], r"lengths has 2 entries; expected \(3,\) whole numbers"),
        (torch.ones(3, 5, dtype=torch.bool), "lengths looks like a mask"),
        (
            [torch.tensor(True)] * 3,
            r"lengths has shape \(\) and type torch\.bool; expected a whole",
        ),
        ([1.0, 2.0, 3.0], "lengths is 1.0; expected a whole number"),
    ],
)
@each_name
def test_wrong_lengths_are_refused(name, lengths, words):
    model = MODELS[name]()
    with pytest.raises(ValueError, match=words):
        model(sequences(name, 3, 5), lengths)


@pytest.mark.parametrize(
    ("input", "words"),
    [
        (None, r"input is None; expected \(batch, seq_len, input_size=2\)"),
        (torch.zeros(3, 2), r"\(3, 2\) .*; expected \(batch, seq_len, input_size=2\)"),
        (torch.zeros(3, 5, 4), r"input has shape \(3, 5, 4\) .*; expected .*input_size=2"),
        (torch.zeros(0, 5, 2), r"\(0, 5, 2\) .*; expected .* at least one"),
        (torch.zeros(3, 0, 2), r"\(3, 0, 2\) .*; expected .* at least one"),
        (torch.ones(3, 5, 2).long(), "torch.int64; expected .* of floating point"),
        (torch.ones(3, 5, 2).double(), r"type torch\.float64; expected the layer's torch\.float32"),
        (
            torch.ones(3, 5, 2, device="meta"),
            "input is on the meta device; expected one that holds",
        ),
        (torch.full((1, 3, 2), torch.nan), "is NaN at step 0 of sequence 0, inside its"),
    ],
)
@pytest.mark.parametrize("name", OF_FEATURES)
def test_features_that_do_not_fit_are_refused_by_name(name, input, words):
    with pytest.raises(ValueError, match=words):
        MODELS[name]()(input)


@pytest.mark.parametrize(
    ("input", "words"),
    [
        ([[1, 2]], r"input is \[\[1, 2\]\]; expected \(batch, seq_len\) whole numbers"),
        (torch.ones(0, 3).long(), r"\(0, 3\) .*; expected .* at least one"),
        (torch.ones(3, 0).long(), r"\(3, 0\) .*; expected .* at least one"),
        (torch.ones(5).long(), r"input has shape \(5,\) and type torch\.int64"),
        (torch.ones(3, 5).byte(), "type torch.uint8; expected .* int64 or int32"),
        (torch.ones(3, 5).bool(), r"input has shape \(3, 5\) and type torch\.bool"),
        (torch.zeros(3, 5), r"type torch\.float32; expected \(batch, seq_len\) whole"),
        (torch.ones(3, 5, device="meta").long(), "input is on the meta device; expected one"),
        (torch.tensor([[3, 7]]), "input goes from 3 to 7; expected 0 to 6"),
        (torch.tensor([[-1, 2]]), "goes from -1 to 2; expected 0 to 6"),
    ],
)
@pytest.mark.parametrize("name", OF_LETTERS[:5])
def test_letters_that_do_not_fit_are_refused_by_name(name, input, words):
    model = MODELS[name]()
    with pytest.raises(ValueError, match=words):
        (model.encoder if isinstance(model, Seq2Seq) else model)(input)


@pytest.mark.parametrize("name", ["mean of letters", "reader of names", "pairs"])
def test_padding_inside_the_lengths_is_refused_and_beyond_them_it_is_not(name):
    model, text = MODELS[name](), torch.tensor([[3, 1, 2], [4, 0, 0]])
    with pytest.raises(ValueError, match="at step 1 of sequence 1, inside its length; expected le"):
        model(text, [3, 2])
    assert_close(predictions(model, text, [3, 1])[1], predictions(model, text[1:, :1])[0])
