"""Encoder and decoder against slow and plain loops: the bridge, the attention, the targets."""

import math
from itertools import product

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F
from torch.testing import assert_close

from lstm_lab import Decoder, Encoded, Encoder, Seq2Seq, cross_entropy, greedy
from tests.lstm_lab.models.reached import letters_that_reach
from tests.lstm_lab.models.test_every_model import spoiled

OPTIONS = list(product((False, True), (False, True), (1, 2)))
every_option = pytest.mark.parametrize(("attention", "bidirectional", "num_layers"), OPTIONS)
START, STOP = 1, 2


def made(attention=True, bidirectional=True, num_layers=2, dropout=0.0):
    """Return a model of 8 source letters and 9 target symbols, 3 to 8 of them neither end."""
    layers = {"num_layers": num_layers, "dropout": dropout}
    encoder = Encoder(8, 3, 4, bidirectional=bidirectional, **layers)
    memory_size = 4 * (1 + bidirectional) if attention else None
    decoder = Decoder(9, 3, 4, memory_size=memory_size, **layers)
    return Seq2Seq(encoder, decoder, start=START, stop=STOP)


def drawn(lengths, size=8):
    """Return a batch of letters, 0 behind the end."""
    numbers = torch.randint(1, size, (len(lengths), max(lengths)))
    return numbers * (torch.arange(max(lengths)) < torch.tensor(lengths).unsqueeze(1))


def fed_to(decoder):
    """Return a list in which every call of the decoder will leave the tokens that it was fed."""
    fed = []
    decoder.register_forward_hook(lambda _, arguments, result: fed.append(arguments[0]))
    return fed


@every_option
def test_a_logit_has_seen_only_what_stands_before_it(attention, bidirectional, num_layers):
    model = made(attention, bidirectional, num_layers)
    target = torch.tensor([[3, 4, 5, 6, 7, STOP]])  # all different: a symbol stands for its step
    logits = model(drawn([5]), None, target)[0]
    for t in range(6):
        seen = {START, *target[0, :t].tolist()}
        assert letters_that_reach(model.decoder.embedding, logits[t]) == seen


@every_option
def test_a_logit_depends_on_the_whole_source_and_on_no_padding(
    attention, bidirectional, num_layers
):
    model = made(attention, bidirectional, num_layers)
    logits = model(torch.arange(1, 8).unsqueeze(0), [5], torch.tensor([[3, 4, STOP]]))[0]
    for t in range(3):
        assert letters_that_reach(model.encoder.embedding, logits[t]) == {1, 2, 3, 4, 5}


@given(lengths=st.lists(st.integers(1, 6), min_size=1, max_size=4), steps=st.integers(1, 4))
def test_attention_sums_to_one_and_is_zero_in_the_padding(lengths, steps):
    model, tokens = made(), torch.randint(0, 9, (len(lengths), steps))
    encoded = model.encoder(spoiled(drawn(lengths), lengths, more=2), lengths)
    weights = model.decoder(tokens, encoded.state, encoded)[2]
    assert_close(weights.sum(dim=2), torch.ones(len(lengths), steps))
    padding = ~encoded.mask.unsqueeze(1).expand_as(weights)
    assert not weights[padding].any()
    assert (weights[~padding] > 0).all()


@pytest.mark.parametrize("bidirectional", [False, True])
def test_attention_equals_a_loop_over_targets_and_sources(bidirectional):
    model, lengths = made(True, bidirectional), [5, 2, 1]
    encoded, tokens = model.encoder(drawn(lengths), lengths), torch.randint(1, 9, (3, 4))
    decoder = model.decoder
    logits, _, weights = decoder(tokens, encoded.state, encoded)
    states, _ = decoder.layer(decoder.embedding(tokens), encoded.state)
    for k, t in product(range(3), range(4)):
        memory = encoded.output[k, : lengths[k]]
        scores = torch.stack([states[k, t] @ (decoder.key.weight @ m) for m in memory])
        share = scores.exp() / scores.exp().sum()
        context = sum(one * m for one, m in zip(share, memory, strict=True))
        joined = decoder.join(torch.cat([states[k, t], context])).tanh()
        assert_close(weights[k, t, : lengths[k]], share)
        assert_close(logits[k, t], decoder.head(joined))


@pytest.mark.parametrize("num_layers", [1, 2])
def test_without_attention_the_logits_are_those_of_the_layer(num_layers):
    model = made(attention=False, num_layers=num_layers)
    encoded, tokens = model.encoder(drawn([4, 2]), [4, 2]), torch.randint(1, 9, (2, 3))
    decoder = model.decoder
    logits, state, weights = decoder(tokens, encoded.state)
    output, wanted = decoder.layer(decoder.embedding(tokens), encoded.state)
    assert weights is None
    assert_close(logits, decoder.head(output))
    assert_close(state, wanted)


@every_option
def test_a_decoder_goes_on_from_the_state_that_it_returned(attention, bidirectional, num_layers):
    model = made(attention, bidirectional, num_layers)
    encoded, tokens = model.encoder(drawn([4, 2]), [4, 2]), torch.randint(1, 9, (2, 5))
    whole, end, _ = model.decoder(tokens, encoded.state, encoded)
    state, parts = encoded.state, []
    for part in tokens.split(2, dim=1):
        logits, state, _ = model.decoder(part, state, encoded)
        parts.append(logits)
    assert_close(torch.cat(parts, dim=1), whole)
    assert_close(state, end)


@every_option
def test_steps_that_are_all_forced_equal_the_parallel_pass(attention, bidirectional, num_layers):
    model, lengths = made(attention, bidirectional, num_layers), [4, 2]
    source, target = drawn(lengths), torch.randint(3, 9, (2, 5))
    parallel = model(source, lengths, target)
    assert torch.equal(model(source, lengths, target, 1), parallel)
    fed = fed_to(model.decoder)
    almost_one = math.nextafter(1, 0)  # above every draw
    assert_close(model(source, lengths, target, almost_one), parallel)
    assert torch.equal(torch.cat(fed, dim=1), model.shifted(target))


@every_option
def test_free_steps_equal_teacher_forcing_on_their_own_output(attention, bidirectional, num_layers):
    model, lengths = made(attention, bidirectional, num_layers), [4, 2, 5]
    source, target = drawn(lengths), torch.randint(3, 9, (3, 6))
    free = model(source, lengths, target, teacher_forcing_ratio=0)
    own = free.argmax(dim=-1)
    assert_close(model(source, lengths, own), free)
    assert torch.equal(model(source, lengths, torch.zeros_like(target), 0), free)


def test_a_ratio_between_is_drawn_for_each_step_and_sequence():
    model = made()
    with torch.no_grad():
        model.decoder.head.bias[8] = -1e9  # never the model's own answer
    source, fed = drawn([4] * 200), fed_to(model.decoder)
    model(source, None, torch.full((200, 11), 8), teacher_forcing_ratio=0.3)
    forced = (torch.cat(fed, dim=1)[:, 1:] == 8).float()  # the first step is fed the start symbol
    assert (torch.cat(fed, dim=1)[:, 0] == START).all()
    assert abs(forced.mean() - 0.3) < 0.05  # 5 standard deviations of 2000 draws
    assert (abs(forced.mean(dim=0) - 0.3) < 0.17).all()
    assert forced.mean(dim=1).unique().numel() > 2  # not one draw for a whole sequence


def test_what_is_not_forced_is_the_model_s_last_answer():
    model, source, target = made(), drawn([4, 2, 3]), torch.randint(3, 9, (3, 6))
    fed = fed_to(model.decoder)
    own = model(source, [4, 2, 3], target, teacher_forcing_ratio=0.5).argmax(dim=-1)
    fed = torch.cat(fed, dim=1)[:, 1:]
    told = fed == target[:, :-1]
    assert torch.equal(fed[~told], own[:, :-1][~told])
    assert told.any()
    assert not told.all()


def test_a_score_is_the_log_probability_of_each_symbol_added_up():
    model, source = made(), drawn([4, 2, 5])
    targets = [[5, 3, STOP], [STOP], [8, 8, 8, 7, STOP]]
    padded = torch.tensor([row + [0] * (6 - len(row)) for row in targets])
    found = model.score(source, [4, 2, 5], padded)
    encoded = model.encoder(source, [4, 2, 5])
    for k, target in enumerate(targets):
        tokens = torch.tensor([[START, *target[:-1]]] * 3)
        share = model.decoder(tokens, encoded.state, encoded)[0][k].softmax(dim=-1)
        assert_close(found[k], sum(share[t, symbol].log() for t, symbol in enumerate(target)))


@given(lengths=st.lists(st.integers(1, 5), min_size=1, max_size=4), more=st.integers(0, 3))
def test_padding_behind_a_target_adds_to_neither_score_nor_loss(lengths, more):
    model, source = made(), drawn([4] * len(lengths))
    target = drawn(lengths, size=7).add(2) * (drawn(lengths) != 0)  # neither start nor stop
    target[range(len(lengths)), [length - 1 for length in lengths]] = STOP
    longer = F.pad(target, (0, more))
    score = model.score(source, None, target)
    assert_close(model.score(source, None, longer), score)
    loss = cross_entropy(model(source, None, longer), longer)
    assert_close(loss, -score.sum() / sum(lengths))


def test_a_compiled_model_runs_freely_as_the_model_does():
    torch.compiler.reset()
    model = made()
    compiled, call = torch.compile(model, backend="eager"), (drawn([5, 5]), [5, 2])
    target = torch.randint(3, 9, (2, 3))
    assert_close(compiled(*call, target, 0.0), model(*call, target, 0.0))


@pytest.mark.parametrize(
    ("parts", "symbols", "words"),
    [
        (
            (Encoder(8, 3, 4, num_layers=2), Decoder(9, 3, 4)),
            (1, 2),
            r"encoder has \(num_layers, hidden_size\) \(2, 4\) and decoder \(1, 4\); expected the",
        ),
        ((Encoder(8, 3, 4), Decoder(9, 3, 5)), (1, 2), r"\(1, 4\) and decoder \(1, 5\)"),
        (
            (Encoder(8, 3, 4, bidirectional=True), Decoder(9, 3, 4, memory_size=4)),
            (1, 2),
            "decoder has memory_size=4; expected 8",
        ),
        (
            (Encoder(8, 3, 4), Decoder(9, 3, 4, memory_size=8)),
            (1, 2),
            "decoder has memory_size=8; expected 4",
        ),
        ((Encoder(8, 3, 4), Decoder(9, 3, 4)), (2, 2), "start and stop are both 2; expected two"),
        ((Encoder(8, 3, 4), Decoder(9, 3, 4)), (0, 2), "start is 0; expected 1 to 8"),
        ((Encoder(8, 3, 4), Decoder(9, 3, 4)), (1, 9), "stop is 9; expected 1 to 8"),
        ((Encoder(8, 3, 4), Decoder(9, 3, 4)), (1, 2.0), "stop is 2.0; expected a whole number"),
        ((Encoder(8, 3, 4), Decoder(9, 3, 4)), (True, 2), "start is True; expected a whole"),
    ],
)
def test_parts_that_do_not_fit_are_refused_by_name(parts, symbols, words):
    with pytest.raises(ValueError, match=words):
        Seq2Seq(*parts, start=symbols[0], stop=symbols[1])


@pytest.mark.parametrize("ratio", [-0.1, 1.1, math.nan, None])
def test_a_ratio_that_is_no_probability_is_refused(ratio):
    words = f"teacher_forcing_ratio is {ratio}; expected a probability, 0 to 1"
    with pytest.raises(ValueError, match=words):
        made()(drawn([3]), None, torch.tensor([[3, STOP]]), ratio)


@pytest.mark.parametrize(
    ("tokens", "state", "words"),
    [
        (torch.zeros(3, 5), None, r"tokens has shape \(3, 5\) and type torch\.float32; expected"),
        (torch.ones(5).long(), None, r"tokens has shape \(5,\).*expected \(batch, seq_len\) whole"),
        (None, torch.zeros(2, 3, 4), r"state has shape .*; expected the pair \(h, c\)"),
        (None, (torch.zeros(2, 3, 4),) * 3, r"state is a tuple; expected the pair \(h, c\)"),
        (
            None,
            (torch.zeros(4, 3, 4), torch.zeros(2, 3, 4)),
            r"h of state has shape \(4, 3, 4\) .* \(num_layers, batch, hidden_size\) = \(2, 3, 4\)",
        ),
        (None, (torch.zeros(2, 3, 4), torch.zeros(3, 2, 4)), r"c of state has shape \(3, 2,"),
        (None, (None, None), "h of state is None; expected"),
        (
            None,
            (torch.zeros(2, 3, 4).double(),) * 2,
            r"h of state has type torch\.float64; expected",
        ),
        (None, None, "encoded is None; expected an Encoded to attend to"),
        (torch.ones(3, 0).long(), None, r"tokens has shape \(3, 0\) .*; expected"),
        (torch.tensor([[1], [9], [2]]), None, "tokens goes from 1 to 9; expected 0 to 8"),
    ],
)
def test_what_a_decoder_cannot_take_is_refused_by_name(tokens, state, words):
    tokens = torch.ones(3, 5, dtype=torch.long) if tokens is None else tokens
    state = (torch.zeros(2, 3, 4), torch.zeros(2, 3, 4)) if state is None else state
    with pytest.raises(ValueError, match=words):
        made().decoder(tokens, state)


def test_a_decoder_that_cannot_be_is_refused_by_name():
    with pytest.raises(ValueError, match="memory_size is 0; expected a whole number"):
        Decoder(9, 3, 4, memory_size=0)


@pytest.mark.parametrize("sizes", [(2, 5, 8), (3, 5, 7)])
def test_what_cannot_be_attended_to_is_refused_by_name(sizes):
    state, mask = (torch.zeros(2, 3, 4), torch.zeros(2, 3, 4)), torch.ones(sizes[:2]).bool()
    with pytest.raises(ValueError, match=r"\(batch=3, seq_len, memory_size=8\)"):
        made().decoder(torch.ones(3, 5).long(), state, Encoded(torch.zeros(sizes), state, mask))


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ([[3, 9], [3, 2]], "target goes from 2 to 9; expected 0 to 8"),
        ([3, 2], r"target has shape \(2,\)"),
        ([[3.0, 2.0], [3.0, 2.0]], "target has shape .* type torch.float32; expected"),
        ([[3, 2]], "target has 1 rows; expected the source's 2"),
    ],
)
def test_a_target_that_does_not_fit_is_refused_by_name(target, words):
    with pytest.raises(ValueError, match=words):
        made()(drawn([4, 4]), None, torch.tensor(target))


@pytest.mark.parametrize("row", [[3, 4, 5], [3, 2, 2], [3, 2, 4], [3, 0, 2], [0, 0, 0], [3, 2, 1]])
def test_a_target_that_does_not_end_once_has_no_score(row):
    words = rf"target has the row \[{str(row)[1:-1]}\]; expected one stop symbol, 2, no 0 before it"
    with pytest.raises(ValueError, match=words):
        made().score(drawn([4, 4]), None, torch.tensor([[3, 2, 0], row]))


@pytest.mark.parametrize(
    ("logits", "target", "words"),
    [
        (
            torch.zeros(2, 3, 9),
            torch.zeros(2, 3).long(),
            "target has nothing but padding, 0; expect",
        ),
        (
            torch.zeros(2, 3, 9),
            torch.zeros(2, 3),
            r"target has shape \(2, 3\) and type torch\.float",
        ),
        (torch.zeros(2, 3, 9), torch.full((2, 3), 9), "target goes from 9 to 9; expected 0 to 8"),
        (torch.zeros(2, 3, 9), torch.ones(2, 4).long(), r"target has shape .*; expected \(2, 3\)"),
        (
            torch.zeros(2, 9),
            torch.ones(2, 9).long(),
            r"logits has shape .*; expected floats \(batch",
        ),
        (
            torch.zeros(2, 3, 9).long(),
            torch.ones(2, 3).long(),
            "logits has shape .*int64; expected",
        ),
    ],
)
def test_what_has_no_loss_is_refused_by_name(logits, target, words):
    with pytest.raises(ValueError, match=words):
        cross_entropy(logits, target)


def test_a_loss_takes_targets_of_both_whole_types():
    logits, target = torch.randn(2, 3, 9), torch.tensor([[3, 2, 0], [5, 7, 2]])
    assert_close(cross_entropy(logits, target.int()), cross_entropy(logits, target))
    wanted = -logits.log_softmax(dim=2).gather(2, target.unsqueeze(2))[target != 0].mean()
    assert_close(cross_entropy(logits, target), wanted)


def test_an_explanation_is_what_is_said_and_where_the_decoder_looks():
    model, source, lengths = made(), drawn([5, 2]), [5, 2]
    tokens, weights = model.explain(source, lengths)
    encoded = model.encoder(source, lengths)
    assert torch.equal(tokens, greedy(model, source, lengths).tokens)
    assert_close(weights, model.decoder(model.shifted(tokens), encoded.state, encoded)[2])
    with pytest.raises(ValueError, match="decoder has no attention; expected one with memory_size"):
        made(attention=False).explain(source, lengths)
