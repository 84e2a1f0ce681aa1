"""Greedy and beam decoding against every sequence there is, on vocabularies small enough."""

from itertools import product

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.testing import assert_close

from lstm_lab import Decoder, Encoder, Seq2Seq, beam, greedy

START, STOP, A, B, C, D = 1, 2, 3, 4, 5, 6
LONGEST = 4
LENGTHS = torch.tensor([5, 2, 4])
every_seed = pytest.mark.parametrize("seed", range(8))  # each option of ``made`` once


def made(seed, padding=0.0, start=0.0):
    """Return a model of 5 symbols, weighty enough for its choices to differ, and 3 sources."""
    torch.manual_seed(seed)
    attention, bidirectional, num_layers = seed % 2, seed // 2 % 2 == 1, 1 + seed // 4 % 2
    encoder = Encoder(6, 4, 8, bidirectional=bidirectional, num_layers=num_layers)
    memory_size = 8 * (1 + bidirectional) if attention else None
    decoder = Decoder(5, 4, 8, num_layers=num_layers, memory_size=memory_size)
    with torch.no_grad():
        for parameter in (*encoder.parameters(), *decoder.parameters()):
            parameter.mul_(5)
        decoder.head.bias[STOP] += 1  # or few answers would end, and none before the others
        decoder.head.bias[0] += padding
        decoder.head.bias[START] += start
    model = Seq2Seq(encoder, decoder, start=START, stop=STOP)
    return model, torch.randint(1, 6, (3, 5))


class Bigrams(nn.Module):
    """Stands in for a decoder: what follows depends on the last symbol alone, by a table."""

    def __init__(self, shares):
        super().__init__()
        self.shares = torch.zeros(7, 7)
        self.shares[:, STOP] = 1.0  # where the table says nothing
        for symbol, following in shares.items():
            self.shares[symbol] = 0.0
            for after, share in following.items():
                self.shares[symbol, after] = share

    def forward(self, tokens, state, encoded):
        return self.shares[tokens].log(), state, None


class Ladder(nn.Module):
    """Stands in for a decoder: says A, B, C, one symbol less than the source has, and ends."""

    def forward(self, tokens, state, encoded):
        place = tokens[:, 0].clamp(min=STOP) - STOP
        right = torch.where(place < encoded.mask.sum(dim=1) - 1, place + A, STOP)
        shares = torch.full((len(tokens), 1, 7), 0.05)
        shares[torch.arange(len(tokens)), 0, right] = 0.7
        return shares.log(), state, None


def bigrams(shares):
    """Return a model that says bigrams, and one source."""
    model = Seq2Seq(Encoder(3, 1, 1), Decoder(7, 1, 1), start=START, stop=STOP)
    model.decoder = Bigrams(shares)
    return model, torch.ones(1, 1, dtype=torch.long)


def lone(*arguments, **options):
    """Return the only row of a beam of one."""
    return beam(*arguments, width=1, **options)[0]


def said(decoded, k=0):
    """Return what was decoded for one source, as a list."""
    return decoded.tokens[k, : decoded.lengths[k]].tolist()


def as_targets(decoded, longest=LONGEST):
    """Return what was decoded as targets: behind what ended stands the stop symbol."""
    targets = F.pad(decoded.tokens, (0, longest - decoded.tokens.shape[1]))
    ended = decoded.lengths < longest
    targets[ended, decoded.lengths[ended]] = STOP
    return targets


def every_sequence():
    """Return all targets of ``LONGEST`` symbols, those that end before it among them."""
    kept = [symbol for symbol in range(1, 5) if symbol not in (START, STOP)]
    ended = [[*row, STOP] for n in range(LONGEST) for row in product(kept, repeat=n)]
    rows = [*ended, *product(kept, repeat=LONGEST)]
    return torch.tensor([[*row, *[0] * (LONGEST - len(row))] for row in rows])


def log_p(model, source, lengths, targets):
    """Return the log-probability of targets, whether they end or not."""
    each = -F.cross_entropy(
        model(source, lengths, targets).transpose(1, 2), targets, ignore_index=0, reduction="none"
    )
    return each.sum(dim=1)


def from_the_beginning(model, source, longest=LONGEST):
    """Return the likeliest symbols of one source and their score, all read again at each step."""
    symbols, score = [], 0
    while len(symbols) < longest:
        shares = model(source, None, torch.tensor([[*symbols, 0]]))[0, -1].log_softmax(dim=-1)
        symbol = STOP + int(shares[STOP:].argmax())  # neither padding nor the start symbol
        score = score + shares[symbol]
        if symbol == STOP:
            break
        symbols.append(symbol)
    return symbols, score


@every_seed
def test_greedy_steps_equal_teacher_forcing_on_their_own_output(seed):
    model, source = made(seed)
    decoded = greedy(model, source, LENGTHS, longest=LONGEST)
    for k, length in enumerate(LENGTHS):
        symbols, score = from_the_beginning(model, source[k : k + 1, :length])
        assert said(decoded, k) == symbols
        assert_close(decoded.scores[k], score)


@every_seed
def test_greedy_says_what_the_model_says_when_nothing_is_forced(seed):
    # Fed its own answers, the model may say 0 and the start symbol.
    model, source = made(seed, padding=-1e9, start=-1e9)
    decoded = greedy(model, source, LENGTHS, longest=LONGEST)
    logits = model(source, LENGTHS, torch.zeros(3, LONGEST, dtype=torch.long), 0)
    targets = as_targets(decoded)
    best, own = logits.log_softmax(dim=-1).max(dim=-1)
    assert torch.equal(own.masked_fill(targets == 0, 0), targets)
    assert_close(best.masked_fill(targets == 0, 0).sum(dim=1), decoded.scores)


@every_seed
def test_a_beam_of_one_is_greedy(seed):
    model, source = made(seed)
    one, other = (decode(model, source, LENGTHS, longest=8) for decode in (lone, greedy))
    assert torch.equal(one.tokens, other.tokens)
    assert torch.equal(one.lengths, other.lengths)
    assert_close(one.scores, other.scores)


@every_seed
def test_a_beam_that_holds_every_sequence_returns_them_all_in_order(seed):
    model, source = made(seed, padding=3.0 * (seed % 3))
    targets = every_sequence()
    found = beam(model, source, LENGTHS, width=len(targets), longest=LONGEST)
    for k, length in enumerate(LENGTHS):
        scores = log_p(model, source[k].expand(len(targets), -1), [length] * len(targets), targets)
        best = targets[scores.argmax()]
        assert said(found[0], k) == best[(best != 0) & (best != STOP)].tolist()
        in_order = scores.sort(descending=True).values
        assert_close(torch.stack([each.scores[k] for each in found]), in_order)
        assert len({tuple(said(each, k)) for each in found}) == len(targets)


@every_seed
def test_a_score_is_the_log_probability_of_what_was_said(seed):
    model, source = made(seed)
    for longest in (1, 3, 6):
        found = beam(model, source, LENGTHS, width=3, longest=longest)
        for decoded in (greedy(model, source, LENGTHS, longest=longest), *found):
            targets = as_targets(decoded, longest)
            assert_close(decoded.scores, log_p(model, source, LENGTHS, targets))
            assert not decoded.scores.requires_grad
            assert (decoded.lengths <= longest).all()


@every_seed
def test_a_batch_is_decoded_as_each_source_alone(seed):
    model, source = made(seed)
    together = beam(model, source, LENGTHS, width=4, longest=6, length_penalty=0.7)
    for k, length in enumerate(LENGTHS):
        one = source[k : k + 1, :length]
        alone = beam(model, one, width=4, longest=6, length_penalty=0.7)
        assert [said(each) for each in alone] == [said(each, k) for each in together]
        for each, row in zip(alone, together, strict=True):
            assert_close(each.scores[0], row.scores[k])
        everyone, single = greedy(model, source, LENGTHS, longest=6), greedy(model, one, longest=6)
        assert said(single) == said(everyone, k)


@pytest.mark.parametrize("decode", [greedy, lone])
def test_each_source_is_said_to_its_own_end_and_no_step_goes_beyond_the_last(decode):
    model, _ = bigrams({})
    model.decoder, steps, lengths = Ladder(), [], [4, 1, 3, 5]
    model.decoder.register_forward_hook(lambda *_: steps.append(1))
    decoded = decode(model, torch.ones(4, 5, dtype=torch.long), lengths)
    assert [said(decoded, k) for k in range(4)] == [[A, B, C], [], [A, B], [A, B, C, D]]
    assert_close(decoded.scores, torch.tensor(0.7).log() * torch.tensor(lengths))
    assert len(steps) == 5


@every_seed
def test_padding_of_a_source_changes_nothing_that_is_said(seed):
    model, source = made(seed)
    padding = torch.arange(7) >= LENGTHS.unsqueeze(1)
    spoiled = torch.where(padding, torch.randint(1, 6, (3, 7)), F.pad(source, (0, 2)))
    for decode in (lambda *call: [greedy(*call, longest=6)], lambda *call: beam(*call, longest=6)):
        for one, other in zip(*(decode(model, x, LENGTHS) for x in (source, spoiled)), strict=True):
            assert torch.equal(one.tokens, other.tokens)
            assert_close(one.scores, other.scores)


@every_seed
def test_the_stop_symbol_and_what_follows_are_zeros_and_nothing_else_is(seed):
    model, source = made(seed, padding=9.0)  # the likeliest symbol by far
    for decoded in (greedy(model, source, longest=5), *beam(model, source, longest=5)):
        behind = torch.arange(decoded.tokens.shape[1]) >= decoded.lengths.unsqueeze(1)
        assert torch.equal(decoded.tokens == 0, behind)
        assert not (decoded.tokens == STOP).any()
        assert decoded.tokens.shape[1] == max(1, decoded.lengths.max())
        assert decoded.scores.isfinite().all()


@pytest.mark.parametrize("likeliest", ["padding", "start"])
def test_neither_padding_nor_start_is_ever_said(likeliest):
    model, source = made(1, **{likeliest: 9.0})
    symbols, score = from_the_beginning(model, source[:1])
    for decoded in (greedy(model, source[:1], longest=4), lone(model, source[:1], longest=4)):
        assert said(decoded) == symbols
        assert_close(decoded.scores[0], score)


@pytest.mark.parametrize(("width", "best", "share"), [(1, [A], 0.24), (2, [B], 0.36)])
def test_a_beam_finds_what_a_first_choice_hides(width, best, share):
    shares = {START: {A: 0.6, B: 0.4}, A: {STOP: 0.4, A: 0.35, C: 0.25}, B: {STOP: 0.9, C: 0.1}}
    found = beam(*bigrams(shares), width=width, longest=2)[0]
    assert said(found) == best
    assert found.scores.exp().item() == pytest.approx(share)


@pytest.mark.parametrize(
    ("width", "best", "share"), [(1, [A], 0.208), (2, [B, C, A], 0.0881), (3, [A], 0.208)]
)
def test_a_wider_beam_can_find_less(width, best, share):
    # Two beginnings with B are likelier than A and its end, and crowd it out; none ends as well.
    shares = {
        START: {A: 0.52, B: 0.48},
        A: {STOP: 0.4, C: 0.35, D: 0.25},
        B: {C: 0.51, D: 0.49},
        C: {A: 0.36, B: 0.33, STOP: 0.31},
        D: {A: 0.35, B: 0.34, STOP: 0.31},
    }
    found = beam(*bigrams(shares), width=width, longest=3)[0]
    assert said(found) == best
    assert found.scores.exp().item() == pytest.approx(share, abs=1e-4)


@pytest.mark.parametrize(
    ("length_penalty", "in_order"),
    [(0, [[], [B], [A, C]]), (0.5, [[B], [A, C], []]), (1, [[A, C], [B], []])],
)
def test_a_length_penalty_orders_by_score_over_symbols_to_its_power(length_penalty, in_order):
    # Log-probabilities of -0.92, -1.20 and -1.49, for 1, 2 and 3 symbols.
    shares = {START: {STOP: 0.4, B: 0.35, A: 0.25}, B: {STOP: 0.86, C: 0.14}}
    shares |= {A: {C: 1.0}, C: {STOP: 0.9, A: 0.1}}
    found = beam(*bigrams(shares), width=3, length_penalty=length_penalty)
    assert [said(each) for each in found] == in_order


@every_seed
@pytest.mark.parametrize("length_penalty", [0.3, 1.0, 2.0])
def test_a_length_penalty_changes_the_order_alone(seed, length_penalty):
    model, source = made(seed)
    plain = beam(model, source, LENGTHS, width=6, longest=6)
    found = beam(model, source, LENGTHS, width=6, longest=6, length_penalty=length_penalty)
    for k in range(3):
        rows = [(said(each, k), each.scores[k].item()) for each in found]
        assert sorted(rows) == sorted((said(each, k), each.scores[k].item()) for each in plain)
        ended = [(len(row) + 1, score) for row, score in rows if len(row) < 6]
        ranks = [score / symbols**length_penalty for symbols, score in ended]
        assert ranks == sorted(ranks, reverse=True)


def test_where_there_are_fewer_sequences_than_width_the_rest_cannot_be():
    model, source = made(0)
    found = beam(model, source, LENGTHS, width=6, longest=1)
    assert len(found) == 6
    scores = torch.stack([each.scores for each in found])
    assert scores[:3].isfinite().all()
    assert (scores[3:] == -torch.inf).all()
    for k in range(3):
        assert sorted(said(each, k) for each in found[:3]) == [[], [3], [4]]


def test_what_does_not_end_is_cut_at_the_longest():
    model, source = bigrams({START: {A: 1.0}, A: {A: 0.5, B: 0.5}, B: {A: 1.0}})
    assert greedy(model, source).lengths.tolist() == [50]
    assert [each.lengths.item() for each in beam(model, source)] == [50] * 4
    for longest in (1, 3):
        assert greedy(model, source, longest=longest).tokens.shape == (1, longest)
        assert beam(model, source, longest=longest)[0].tokens.shape == (1, longest)


def test_an_empty_answer_ends_at_once_and_costs_the_stop_symbol():
    model, source = bigrams({START: {STOP: 0.75, A: 0.25}, A: {STOP: 1.0}})
    for decoded in (greedy(model, source), beam(model, source, width=2)[0]):
        assert decoded.tokens.tolist() == [[0]]
        assert decoded.lengths.tolist() == [0]
        assert decoded.scores.exp().item() == pytest.approx(0.75)


def test_decoding_leaves_the_model_and_its_mode_as_they_were():
    model, source = made(1)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = torch.get_rng_state()
    greedy(model, source)
    beam(model, source)
    assert model.training
    assert torch.equal(state, torch.get_rng_state())
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert all(parameter.requires_grad for parameter in model.parameters())


@pytest.mark.parametrize("decode", [greedy, beam])
def test_scores_are_as_precise_as_the_model(decode):
    model, source = made(3)
    decoded = decode(model.double(), source, LENGTHS, longest=LONGEST)
    best = decoded[0] if decode is beam else decoded
    assert best.scores.dtype is torch.float64
    score = log_p(model, source, LENGTHS, as_targets(best))
    assert_close(best.scores, score, atol=1e-12, rtol=1e-12)


@pytest.mark.parametrize("value", [0, -1, 2.0, True, "4", None])
@pytest.mark.parametrize(
    ("decode", "name"), [(greedy, "longest"), (beam, "longest"), (beam, "width")]
)
def test_what_is_no_number_of_steps_is_refused_by_name(decode, name, value):
    model, source = made(0)
    words = f"{name} is {value!r}; expected a whole number of at least 1"
    with pytest.raises(ValueError, match=words):
        decode(model, source, **{name: value})


@pytest.mark.parametrize("value", [-0.1, torch.inf, torch.nan, True, "1", None])
def test_a_length_penalty_that_is_no_number_is_refused(value):
    words = f"length_penalty is {value!r}; expected a finite number of at least 0"
    with pytest.raises(ValueError, match=words):
        beam(*made(0), length_penalty=value)


@pytest.mark.parametrize("value", [torch.nan, torch.inf])
@pytest.mark.parametrize("decode", [greedy, beam])
def test_logits_that_are_no_numbers_are_refused(decode, value):
    model, source = made(0)
    with torch.no_grad():
        model.decoder.head.bias[4] = value
    with pytest.raises(ValueError, match="model gives logits that are NaN or infinite"):
        decode(model, source)


@pytest.mark.parametrize("decode", [greedy, beam])
def test_a_source_that_does_not_fit_is_refused_by_name(decode):
    model, source = made(0)
    with pytest.raises(ValueError, match="input goes from 3 to 6; expected 0 to 5"):
        decode(model, torch.tensor([[3, 6]]))
    for empty in (source[:0], source[:, :0]):
        with pytest.raises(ValueError, match=r"input has shape \(.*; expected .* at least one"):
            decode(model, empty)
    with pytest.raises(ValueError, match="lengths goes up to 6; expected 1 to seq_len=5"):
        decode(model, source, [5, 6, 1])
