"""The zoo's wrong models: they run, they train, and each has one mistake that people make."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from lstm_lab import LanguageModel
from tests.lstm_lab.clinic.samples import (
    CLASSES,
    FEATURES,
    TOKENS,
    UNITS,
    classes,
    entry,
    features,
    numbers,
    padded,
    padded_with_lengths,
    pairs,
    series,
    shifted_pairs,
    text,
    time_first,
    tokens,
    tokens_with_lengths,
    yes_or_no,
)


class Base(nn.Module):
    """A layer over features, and a head over its units."""

    layers, both, batch_first, kind, width = 1, False, True, nn.LSTM, None

    def __init__(self):
        super().__init__()
        self.lstm = self.kind(
            FEATURES, UNITS, self.layers, batch_first=self.batch_first, bidirectional=self.both
        )
        self.head = nn.Linear(self.width or UNITS * (1 + self.both), CLASSES)


@entry(features, "one step seen")
class LastOfBoth(Base):
    """The article's sequence predictor: both directions, read at the last step."""

    both = True

    def forward(self, x):
        output, _ = self.lstm(x)
        return self.head(output[:, -1, :])


@entry(features, "one step seen")
class FirstOfBoth(Base):
    both, kind = True, nn.GRU

    def forward(self, x):
        output, _ = self.lstm(x)
        return self.head(torch.relu(self.normed(output[:, 0])))

    def __init__(self):
        super().__init__()
        self.normed = nn.LayerNorm(2 * UNITS)


@entry(features, "one step seen")
class EndsCrossed(Base):
    """The two ends, each of the direction that begins there."""

    both = True

    def forward(self, x):
        output, _ = self.lstm(x)
        ends = torch.cat([output[:, 0, :UNITS], output[:, -1, UNITS:]], dim=1)
        return self.head(ends)


@entry(features, "one step seen")
class FirstStepOnly(Base):
    def forward(self, x):
        output, _ = self.lstm(x)
        return self.head(output[:, 0])


@entry(features, "one step seen")
class NormedThenLast(Base):
    """A norm between the layer and the last step."""

    both = True

    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(2 * UNITS)

    def forward(self, x):
        output, _ = self.lstm(x)
        return self.head(self.norm(output)[:, -1])


@entry(features, "one step seen")
class LastThenRelu(Base):
    """A nonlinearity without a module between the layer and the head."""

    both = True

    def forward(self, x):
        output, _ = self.lstm(x)
        return self.head(F.relu(output[:, -1]))


@entry(features, "unread states")
class OneRowOfTwo(Base):
    """h_n[-1] of two directions is the backward one."""

    both, width = True, UNITS

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.head(h_n[-1])


@entry(tokens, "unread states")
class FirstLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, 6)
        self.rnn = nn.GRU(6, UNITS, 2, batch_first=True)
        self.head = nn.Linear(UNITS, CLASSES)

    def forward(self, tokens):
        _, h_n = self.rnn(self.embedding(tokens))
        return self.head(h_n[0])


@entry(features, "unread states")
class GRUTakenForLSTM(Base):
    """A GRU's h_n has two rows, and comes apart like a pair."""

    kind, both, width = nn.GRU, True, UNITS

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.head(h_n)


@entry(features, "unread states")
class LowerLayerOfBoth(Base):
    layers, both = 2, True

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.head(torch.cat([h_n[0], h_n[1]], dim=1))


@entry(features, "unread states")
class ForwardHalfPooled(Base):
    both, width = True, UNITS

    def forward(self, x):
        output, _ = self.lstm(x)
        return self.head(output[:, :, :UNITS].mean(dim=1))


@entry(features, "rows mixed")
class ViewOfStates(Base):
    both = True

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.head(h_n.view(x.size(0), -1))


@entry(features, "rows mixed")
class ReshapeOfLayers(Base):
    layers, both = 2, True

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.head(h_n.reshape(2, x.size(0), -1)[-1])


@entry(features, "examples mixed")
class BatchFirstForgotten(Base):
    batch_first = False

    def forward(self, x):
        output, _ = self.lstm(x)
        return self.head(output[:, -1, :])


@entry(features, "no axis of examples")
class BatchFirstForgottenState(Base):
    batch_first = False

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.head(h_n[-1])


@entry(features, "examples mixed")
class BatchFirstForgottenTagger(Base):
    batch_first, kind = False, nn.RNN

    def forward(self, x):
        output, _ = self.lstm(x)
        return self.head(output)


@entry(time_first, "examples mixed")
class BatchFirstTooMuch(Base):
    def forward(self, x):
        output, _ = self.lstm(x)
        return self.head(output[-1])


@entry(features, "no axis of examples")
class AllStates(Base):
    """Every row of h_n gets an answer, one for each direction."""

    both, width = True, UNITS

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.head(h_n)


@entry(features, "no axis of examples")
class LastExample(Base):
    """output[-1] of a batch-first layer is an example, not a step."""

    def forward(self, x):
        output, _ = self.lstm(x)
        return self.head(output[-1])


@entry(features, "no axis of examples")
class MeanOverExamples(Base):
    def forward(self, x):
        output, _ = self.lstm(x)
        return self.head(output.mean(dim=0))


@entry(features, "examples mixed")
class ViewForTranspose(Base):
    """A view in the place of a transpose, on the way into the layer."""

    batch_first = False

    def forward(self, x):
        batch, steps, size = x.shape
        output, _ = self.lstm(x.reshape(steps, batch, size))
        return self.head(output[-1])


@entry(features, "examples mixed")
class AttentionOverExamples(Base):
    """nn.MultiheadAttention is not batch-first unless it is told so."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(UNITS, 2)

    def forward(self, x):
        output, _ = self.lstm(x)
        seen, _ = self.attention(output, output, output)
        return self.head(seen.mean(dim=1))


@entry(features, "examples mixed")
class SoftmaxOverExamples(Base):
    def __init__(self):
        super().__init__()
        self.score = nn.Linear(UNITS, 1)

    def forward(self, x):
        output, _ = self.lstm(x)
        weights = F.softmax(self.score(output), dim=0)
        return self.head((weights * output).sum(dim=1))


@entry(padded, "padding read")
class LastOfPadded(Base):
    def forward(self, x):
        output, _ = self.lstm(x)
        return self.head(output[:, -1])


@entry(padded_with_lengths, "padding read")
class LastOfUnpacked(Base):
    """Packed and padded again, and then read where most examples have nothing."""

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        output, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.head(output[:, -1])


@entry(padded_with_lengths, "padding read")
class MeanOfAllSteps(Base):
    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        output, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.head(output.mean(dim=1))


@entry(tokens_with_lengths, "padding read")
class BackwardThroughPadding(nn.Module):
    """Gathered at the right steps, but the backward direction has read the padding first."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, 6, padding_idx=0)
        self.lstm = nn.LSTM(6, UNITS, batch_first=True, bidirectional=True)
        self.head = nn.Linear(2 * UNITS, CLASSES)

    def forward(self, tokens, lengths):
        output, _ = self.lstm(self.embedding(tokens))
        rows = torch.arange(len(tokens))
        ends = [output[rows, lengths - 1, :UNITS], output[:, 0, UNITS:]]
        return self.head(torch.cat(ends, dim=1))


@entry(padded_with_lengths, "padding read")
class AttentionWithoutMask(Base):
    def __init__(self):
        super().__init__()
        self.score = nn.Linear(UNITS, 1)

    def forward(self, x, lengths):
        output, _ = self.lstm(x)
        weights = self.score(torch.tanh(output)).softmax(dim=1)
        return self.head((weights * output).sum(dim=1))


@entry(padded_with_lengths, "order lost")
class SortedForGood(Base):
    def forward(self, x, lengths):
        lengths, order = lengths.sort(descending=True)
        packed = pack_padded_sequence(x[order], lengths, batch_first=True)
        _, (h_n, _) = self.lstm(packed)
        return self.head(h_n[-1])


@entry(padded_with_lengths, "steps unread")
class OneTooSoon(Base):
    def forward(self, x, lengths):
        output, _ = self.lstm(x)
        return self.head(output[torch.arange(len(x)), lengths - 2])


@entry(features, "state not carried")
class ForgetsEachStep(Base):
    def forward(self, x):
        for t in range(x.shape[1]):
            output, _ = self.lstm(x[:, t : t + 1])
        return self.head(output[:, -1])


@entry(features, "state not carried")
class CellWithoutState(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.LSTMCell(FEATURES, UNITS)
        self.head = nn.Linear(UNITS, CLASSES)

    def forward(self, x):
        h, c = x.new_zeros(len(x), UNITS), x.new_zeros(len(x), UNITS)
        outputs = []
        for t in range(x.shape[1]):
            h_t, _ = self.cell(x[:, t], (h, c))
            outputs.append(h_t)
        return self.head(torch.stack(outputs, dim=1))


@entry(features, "gradient cut")
class CutAtEachStep(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.GRUCell(FEATURES, UNITS)
        self.head = nn.Linear(UNITS, CLASSES)

    def forward(self, x):
        h = x.new_zeros(len(x), UNITS)
        for t in range(x.shape[1]):
            h = self.cell(x[:, t], h.detach())
        return self.head(h)


@entry(features, "single step")
class OneLongStep(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(9 * FEATURES, UNITS, batch_first=True)
        self.head = nn.Linear(UNITS, CLASSES)

    def forward(self, x):
        output, _ = self.lstm(x.flatten(1).unsqueeze(1))
        return self.head(output[:, -1])


@entry(features, "state kept", "graph kept")
class KeepsItsState(Base):
    def __init__(self):
        super().__init__()
        self.state = None

    def forward(self, x):
        output, self.state = self.lstm(x, self.state)
        return self.head(output[:, -1])


@entry(features, "state kept")
class KeepsItsStateDetached(Base):
    def __init__(self):
        super().__init__()
        self.state = (torch.zeros(1, 6, UNITS), torch.zeros(1, 6, UNITS))

    def forward(self, x):
        output, state = self.lstm(x, self.state)
        self.state = tuple(each.detach() for each in state)
        return self.head(output[:, -1])


@entry(features, "random answer")
class RandomBeginning(Base):
    def forward(self, x):
        h_0, c_0 = torch.randn(1, len(x), UNITS), torch.randn(1, len(x), UNITS)
        output, _ = self.lstm(x, (h_0, c_0))
        return self.head(output[:, -1])


@entry(features, "random answer")
class DropsForEver(Base):
    def forward(self, x):
        output, _ = self.lstm(x)
        return self.head(F.dropout(output[:, -1], 0.5))


class Pair(nn.Module):
    """An encoder and a decoder of tokens."""

    layers, both = 1, False

    def __init__(self):
        super().__init__()
        self.source = nn.Embedding(TOKENS, 6)
        self.target = nn.Embedding(TOKENS, 6)
        self.encoder = nn.LSTM(6, UNITS, self.layers, batch_first=True, bidirectional=self.both)
        self.decoder = nn.LSTM(6, UNITS, self.layers, batch_first=True)
        self.head = nn.Linear(UNITS, TOKENS)


@entry(pairs, "target leaks")
class FedItsTarget(Pair):
    """The article's encoder and decoder: the target is fed as it stands."""

    def forward(self, source, target):
        _, state = self.encoder(self.source(source))
        output, _ = self.decoder(self.target(target), state)
        return self.head(output)


@entry(shifted_pairs, "states crossed")
class SwapsHandC(Pair):
    def forward(self, source, fed):
        _, (h_n, c_n) = self.encoder(self.source(source))
        output, _ = self.decoder(self.target(fed), (c_n, h_n))
        return self.head(output)


@entry(shifted_pairs, "states crossed", "unread states")
class FirstRowsHandedOver(Pair):
    """The first rows of h_n are both directions of layer 0, not the forward ones of both layers."""

    layers, both = 2, True

    def forward(self, source, fed):
        _, (h_n, c_n) = self.encoder(self.source(source))
        output, _ = self.decoder(self.target(fed), (h_n[:2].contiguous(), c_n[:2].contiguous()))
        return self.head(output)


@entry(shifted_pairs, "weights unlearned")
class EncoderCutOff(Pair):
    def forward(self, source, fed):
        _, (h_n, c_n) = self.encoder(self.source(source))
        output, _ = self.decoder(self.target(fed), (h_n.detach(), c_n.detach()))
        return self.head(output)


@entry(shifted_pairs, "weights unlearned")
class EncoderForgotten(Pair):
    def forward(self, source, fed):
        self.encoder(self.source(source))
        output, _ = self.decoder(self.target(fed))
        return self.head(output)


@entry(text, "target leaks")
class ReadsAhead(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, 6)
        self.lstm = nn.LSTM(6, UNITS, batch_first=True, bidirectional=True)
        self.head = nn.Linear(2 * UNITS, TOKENS)

    def forward(self, tokens):
        output, _ = self.lstm(self.embedding(tokens))
        return self.head(output)


@entry(series, "target leaks")
class SeesTomorrow(nn.Module):
    """Chapter 9's forecaster of both directions."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(1, UNITS, batch_first=True, bidirectional=True)
        self.head = nn.Linear(2 * UNITS, 1)

    def forward(self, x):
        return self.head(self.gru(x)[0])


@entry(classes, "loss misfit")
class SoftmaxForCrossEntropy(Base):
    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.head(h_n[-1]).softmax(dim=1)


@entry(yes_or_no, "loss misfit")
class SigmoidTwice(Base):
    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return torch.sigmoid(self.head(h_n[-1])[:, 0])


@entry(numbers, "loss misfit")
class ColumnAgainstRow(Base):
    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.head(h_n[-1])[:, :1]


@entry(features, "weights hidden")
class LayersInAList(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [
            nn.GRU(FEATURES, UNITS, batch_first=True),
            nn.GRU(UNITS, UNITS, batch_first=True),
        ]
        self.head = nn.Linear(UNITS, CLASSES)

    def forward(self, x):
        for layer in self.layers:
            x, _ = layer(x)
        return self.head(x[:, -1])


@entry(tokens, "weights unlearned")
class AnswersWithoutGraph(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = LanguageModel(TOKENS, 6, UNITS)

    @torch.no_grad()
    def forward(self, tokens):
        return self.model(tokens)[0]
