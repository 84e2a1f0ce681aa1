"""The zoo's right models: odd as some look, each reads what it should."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from lstm_lab import (
    BidirectionalPredictor,
    Decoder,
    Encoder,
    GapPredictor,
    LanguageModel,
    LSTMClassifier,
    Seq2Seq,
)
from tests.lstm_lab.clinic.samples import (
    CLASSES,
    FEATURES,
    LENGTHS,
    TOKENS,
    UNITS,
    Sample,
    classes,
    echoes,
    entry,
    features,
    numbers,
    padded,
    padded_tokens,
    padded_with_lengths,
    pairs,
    series,
    shifted_pairs,
    tags,
    text,
    time_first,
    tokens_with_lengths,
    yes_or_no,
)
from tests.lstm_lab.clinic.wrong import Base, Pair


@entry(classes)
class LastState(Base):
    """The article's classifier."""

    layers = 2

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.head(h_n[-1])


@entry(features)
class LastStep(Base):
    kind = nn.RNN

    def forward(self, x):
        output, _ = self.lstm(x)
        return self.head(output[:, -1, :])


@entry(features)
class BothEnds(Base):
    """The article's sequence predictor, mended."""

    layers, both = 2, True

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.head(torch.cat([h_n[-2], h_n[-1]], dim=-1))


@entry(features)
class BothEndsOfOutput(Base):
    both, kind = True, nn.GRU

    def forward(self, x):
        output, _ = self.lstm(x)
        return self.head(torch.cat([output[:, -1, :UNITS], output[:, 0, UNITS:]], dim=-1))


@entry(features)
class SumOfEnds(Base):
    both, width = True, UNITS

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.head(h_n[-2] + h_n[-1])


@entry(features)
class MovedThenJoined(Base):
    """Every layer and direction, side by side, after a transpose."""

    layers, both, width = 2, True, 4 * UNITS

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.head(h_n.transpose(0, 1).reshape(len(x), -1))


@entry(features)
class MaxOverSteps(Base):
    both = True

    def forward(self, x):
        output, _ = self.lstm(x)
        return self.head(output.max(dim=1).values)


@entry(features)
class EverySpan(Base):
    """First and last step of both directions: each final state is there, among others."""

    both, width = True, 4 * UNITS

    def forward(self, x):
        output, _ = self.lstm(x)
        return self.head(torch.cat([output[:, 0], output[:, -1]], dim=1))


@entry(features)
class Flattened(Base):
    width = 9 * UNITS

    def forward(self, x):
        output, _ = self.lstm(x)
        return self.head(output.reshape(len(x), -1))


@entry(time_first)
class TimeFirst(Base):
    """The article's plain layer, with a head."""

    layers, batch_first = 2, False

    def forward(self, x):
        h_0, c_0 = x.new_zeros(2, x.shape[1], UNITS), x.new_zeros(2, x.shape[1], UNITS)
        output, _ = self.lstm(x, (h_0, c_0))
        return self.head(output)


@entry(time_first)
class TimeFirstAnswer(Base):
    batch_first = False

    def forward(self, x):
        return self.head(self.lstm(x)[1][0][-1])


@entry(features)
class TurnedInside(Base):
    """Batch-first outside, time-first inside."""

    batch_first = False

    def forward(self, x):
        output, _ = self.lstm(x.transpose(0, 1))
        return self.head(output).transpose(0, 1)


@entry(features)
class Directions(Base):
    """output.view with an axis of directions is in order: the last axis comes apart."""

    both = True

    def forward(self, x):
        output, _ = self.lstm(x)
        halves = output.view(*x.shape[:2], 2, UNITS)
        return self.head(torch.cat([halves[:, -1, 0], halves[:, 0, 1]], dim=1))


@entry(padded_with_lengths)
class Packed(Base):
    both = True

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        _, (h_n, _) = self.lstm(packed)
        return self.head(torch.cat([h_n[-2], h_n[-1]], dim=1))


@entry(padded_with_lengths)
class SortedAndBack(Base):
    def forward(self, x, lengths):
        lengths, order = lengths.sort(descending=True)
        packed = pack_padded_sequence(x[order], lengths, batch_first=True)
        _, (h_n, _) = self.lstm(packed)
        return self.head(h_n[-1][order.argsort()])


@entry(padded_with_lengths)
class Gathered(Base):
    def forward(self, x, lengths):
        output, _ = self.lstm(x)
        index = (lengths - 1).view(-1, 1, 1).expand(-1, 1, UNITS)
        return self.head(output.gather(1, index).squeeze(1))


@entry(tokens_with_lengths)
class MaskedAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, 6, padding_idx=0)
        self.lstm = nn.LSTM(6, UNITS, batch_first=True, bidirectional=True)
        self.score = nn.Linear(2 * UNITS, 1)
        self.head = nn.Linear(2 * UNITS, CLASSES)

    def forward(self, tokens, lengths):
        packed = pack_padded_sequence(
            self.embedding(tokens), lengths, batch_first=True, enforce_sorted=False
        )
        output, _ = pad_packed_sequence(
            self.lstm(packed)[0], batch_first=True, total_length=tokens.shape[1]
        )
        scores = self.score(output).squeeze(-1).masked_fill(tokens == 0, -torch.inf)
        return self.head((scores.softmax(dim=1).unsqueeze(1) @ output).squeeze(1))


@entry(padded_tokens)
class CountsItsPadding(nn.Module):
    """The lengths are found in the tokens."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, 6, padding_idx=0)
        self.gru = nn.GRU(6, UNITS, batch_first=True)
        self.head = nn.Linear(UNITS, CLASSES)

    def forward(self, tokens):
        lengths = (tokens != 0).sum(dim=1)
        packed = pack_padded_sequence(
            self.embedding(tokens), lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        return self.head(self.gru(packed)[1][-1])


@entry(padded_with_lengths)
class MeanOfValid(Base):
    both = True

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        output, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.head(output.sum(dim=1) / lengths.unsqueeze(1))


@entry(padded)
class PaddedTagger(Base):
    """Forward only: what stands behind the end never reaches a valid step."""

    def forward(self, x):
        return self.head(self.lstm(x)[0])


@entry(tags)
class Tagger(nn.Module):
    """Both directions at every step: the tag is no part of the input."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, 6)
        self.lstm = nn.LSTM(6, UNITS, 2, batch_first=True, bidirectional=True, dropout=0.3)
        self.head = nn.Linear(2 * UNITS, 3)

    def forward(self, tokens):
        return self.head(self.lstm(self.embedding(tokens))[0])


@entry(text)
class NextToken(LanguageModel):
    def __init__(self):
        super().__init__(TOKENS, 6, UNITS, num_layers=2)


@entry(text)
class NextTokenFlat(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, UNITS)
        self.rnn = nn.LSTM(UNITS, UNITS, batch_first=True)
        self.head = nn.Linear(UNITS, TOKENS)
        self.head.weight = self.embedding.weight

    def forward(self, tokens):
        output, _ = self.rnn(self.embedding(tokens))
        return self.head(output.reshape(-1, UNITS))


@entry(text)
class ClassesSecond(NextTokenFlat):
    """Logits as cross_entropy takes them: the classes before the steps."""

    def forward(self, tokens):
        output, _ = self.rnn(self.embedding(tokens))
        return self.head(output).transpose(1, 2)


@entry(lambda: Sample((torch.randn(6, 9),)))
class OneFeature(nn.Module):
    """A number for each step, to which forward gives its axis of features."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(1, UNITS, batch_first=True)
        self.head = nn.Linear(UNITS, 1)

    def forward(self, x):
        return self.head(self.rnn(x.unsqueeze(-1))[1][-1])


@entry(series)
class NextNumber(Base):
    def __init__(self):
        nn.Module.__init__(self)
        self.lstm = nn.LSTM(1, UNITS, batch_first=True, proj_size=3)
        self.head = nn.Linear(3, 1)

    def forward(self, x):
        return self.head(self.lstm(x)[0])


@entry(shifted_pairs)
class Translator(Pair):
    layers = 2

    def forward(self, source, fed):
        _, state = self.encoder(self.source(source))
        return self.head(self.decoder(self.target(fed), state)[0]).flatten(0, 1)


@entry(pairs)
class ShiftsItself(Pair):
    """The article's encoder and decoder, mended."""

    def forward(self, source, target):
        _, state = self.encoder(self.source(source))
        start = torch.ones_like(target[:, :1])
        fed = torch.cat([start, target[:, :-1]], dim=1)
        return self.head(self.decoder(self.target(fed), state)[0])


@entry(shifted_pairs)
class Bridged(Pair):
    """Both directions of the encoder, through a linear layer, into the decoder."""

    both = True

    def __init__(self):
        super().__init__()
        self.bridge = nn.Linear(2 * UNITS, UNITS)

    def forward(self, source, fed):
        _, states = self.encoder(self.source(source))
        state = tuple(
            self.bridge(torch.cat([s[0], s[1]], dim=1)).tanh().unsqueeze(0) for s in states
        )
        return self.head(self.decoder(self.target(fed), state)[0])


@entry(shifted_pairs)
class StepByStep(Pair):
    """A loop over the decoder's steps, its state handed on, its own answers fed."""

    def forward(self, source, fed):
        _, state = self.encoder(self.source(source))
        token, answers = fed[:, :1], []
        for _ in range(fed.shape[1]):
            output, state = self.decoder(self.target(token), state)
            answers.append(self.head(output))
            token = answers[-1].argmax(dim=-1)
        return torch.cat(answers, dim=1)


@entry(features)
class CellByHand(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.GRUCell(FEATURES, UNITS)
        self.head = nn.Linear(UNITS, CLASSES)

    def forward(self, x):
        h = x.new_zeros(len(x), UNITS)
        for t in range(x.shape[1]):
            h = self.cell(x[:, t], h)
        return self.head(h)


@entry(echoes)
class Echo(Base):
    """An autoencoder: the whole sequence through one state, and out again."""

    def __init__(self):
        super().__init__()
        self.decoder = nn.LSTM(UNITS, UNITS, batch_first=True)
        self.out = nn.Linear(UNITS, FEATURES)

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        repeated = h_n[-1].unsqueeze(1).expand(-1, x.shape[1], -1)
        return self.out(self.decoder(repeated)[0])


@entry(features)
class LearnedBeginning(Base):
    def __init__(self):
        super().__init__()
        self.h_0 = nn.Parameter(torch.randn(1, 1, UNITS))
        self.c_0 = nn.Parameter(torch.randn(1, 1, UNITS))

    def forward(self, x):
        state = tuple(s.expand(-1, len(x), -1).contiguous() for s in (self.h_0, self.c_0))
        return {"logits": self.head(self.lstm(x, state)[0][:, -1]), "state": state}


@entry(lambda: Sample((torch.randn(6, 9, FEATURES),), {"stateful": True}))
class StatefulOnPurpose(Base):
    """Chapter 10's: the state goes on, cut from the graph."""

    def __init__(self):
        super().__init__()
        self.state = None

    def forward(self, x):
        output, state = self.lstm(x, self.state)
        self.state = tuple(each.detach() for each in state)
        return self.head(output[:, -1])


@entry(
    lambda: Sample(
        (torch.randn(6, 9, FEATURES), (torch.randn(1, 6, UNITS), torch.randn(1, 6, UNITS)))
    )
)
class StateHandedIn(Base):
    def forward(self, x, state):
        output, state = self.lstm(x, state)
        return self.head(output), state


@entry(features)
class StackedWithResidual(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.LSTM(FEATURES, UNITS, batch_first=True, bidirectional=True)
        self.norm = nn.LayerNorm(2 * UNITS)
        self.second = nn.LSTM(2 * UNITS, UNITS, batch_first=True, bidirectional=True)
        self.drop = nn.Dropout(0.4)
        self.head = nn.Linear(2 * UNITS, CLASSES)

    def forward(self, x):
        lower, _ = self.first(x)
        upper, (h_n, _) = self.second(self.drop(self.norm(lower)))
        mixed = (upper + lower).mean(dim=1)
        return self.head(self.drop(mixed + torch.cat([h_n[-2], h_n[-1]], dim=1)))


@entry(features)
class NormedOverExamples(Base):
    """Batch normalisation: in eval() each example stands alone."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(UNITS)

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.head(self.norm(h_n[-1]))


@entry(lambda: Sample((torch.randn(6, 9, FEATURES), torch.randn(6, 9, FEATURES))))
class Twins(Base):
    def forward(self, one, other):
        a, b = (self.lstm(x)[1][0][-1] for x in (one, other))
        return (self.head(a) - self.head(b)).abs().sum(dim=1)


@entry(lambda: Sample((torch.randint(1, TOKENS, (6, 4, 7)),)))
class SentencesOfWords(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, 6)
        self.words = nn.GRU(6, UNITS, batch_first=True)
        self.sentences = nn.GRU(UNITS, UNITS, batch_first=True)
        self.head = nn.Linear(UNITS, CLASSES)

    def forward(self, tokens):
        read = [self.words(self.embedding(tokens[:, k]))[1][-1] for k in range(tokens.shape[1])]
        return self.head(self.sentences(torch.stack(read, dim=1))[1][-1])


@entry(features)
class WeighedByAttention(Base):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(UNITS, 2, batch_first=True)

    def forward(self, x):
        output, (h_n, _) = self.lstm(x)
        seen, _ = self.attention(h_n[-1:].transpose(0, 1), output, output)
        return self.head(seen.squeeze(1))


@entry(yes_or_no)
class OneLogit(Base):
    def forward(self, x):
        return self.head(self.lstm(x)[1][0][-1])[:, 0]


@entry(numbers)
class OneNumber(Base):
    def forward(self, x):
        return self.head(self.lstm(x)[0].mean(dim=1))[:, 0]


@entry(classes)
class NothingLearntYet(Base):
    """A head of zeros lets no gradient through at the first step."""

    def __init__(self):
        super().__init__()
        nn.init.zeros_(self.head.weight)

    def forward(self, x):
        return self.head(self.lstm(x)[1][0][-1])


@entry(padded_with_lengths)
class PoolsItsFeatures(LSTMClassifier):
    def __init__(self):
        super().__init__(FEATURES, UNITS, CLASSES, bidirectional=True, readout="mean")


@entry(padded_with_lengths)
class ReadsItsCell(LSTMClassifier):
    def __init__(self):
        super().__init__(FEATURES, UNITS, CLASSES, num_layers=2, readout="c_n")


@entry(tokens_with_lengths)
class LargestOfTokens(LSTMClassifier):
    def __init__(self):
        super().__init__(6, UNITS, CLASSES, vocab_size=TOKENS, readout="max", layer=nn.GRU)


@entry(tokens_with_lengths)
class LastOfTokens(LSTMClassifier):
    def __init__(self):
        super().__init__(6, UNITS, CLASSES, vocab_size=TOKENS, readout="last")


@entry(padded_with_lengths)
class BothEndsPredicted(BidirectionalPredictor):
    def __init__(self):
        super().__init__(FEATURES, UNITS, 2, num_layers=2)


def gaps():
    tokens = tokens_with_lengths().inputs[0]
    return Sample((tokens, torch.tensor(LENGTHS)), {"lengths": LENGTHS, "target": tokens})


@entry(gaps)
class FillsGaps(GapPredictor):
    def __init__(self):
        super().__init__(TOKENS, 6, UNITS)


def three_arguments():
    source, lengths = tokens_with_lengths().inputs
    target = torch.randint(3, TOKENS, (6, 7))
    return Sample((source, lengths, target), {"lengths": LENGTHS, "target": target})


@entry(three_arguments)
class PlainPair(Seq2Seq):
    def __init__(self):
        encoder = Encoder(TOKENS, 6, UNITS, num_layers=2, bidirectional=True)
        super().__init__(encoder, Decoder(TOKENS, 6, UNITS, num_layers=2), start=1, stop=2)


@entry(three_arguments)
class PairWithAttention(Seq2Seq):
    def __init__(self):
        encoder = Encoder(TOKENS, 6, UNITS, bidirectional=True)
        decoder = Decoder(TOKENS, 6, UNITS, memory_size=2 * UNITS)
        super().__init__(encoder, decoder, start=1, stop=2)
