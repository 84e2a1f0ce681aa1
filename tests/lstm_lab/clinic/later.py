"""Entries of the zoo that a second author's models led to: what the clinic had not seen before."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from tests.lstm_lab.clinic.samples import (
    CLASSES,
    FEATURES,
    LENGTHS,
    TOKENS,
    UNITS,
    Sample,
    classes,
    entry,
    features,
    masked,
    numbers,
    padded_tokens,
    padded_with_lengths,
    shifted_pairs,
    tags,
)


class Layered(nn.Module):
    """A layer over features or tokens, and a head over its units."""

    both, layers, out, words = False, 1, CLASSES, 0

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, FEATURES, padding_idx=0) if self.words else None
        self.lstm = nn.LSTM(FEATURES, UNITS, self.layers, batch_first=True, bidirectional=self.both)
        self.head = nn.Linear(UNITS * (1 + self.both), self.out)

    def read(self, x):
        """Return output and (h_n, c_n)."""
        return self.lstm(self.embedding(x) if self.words else x)


def step_loss(answer, target):
    return F.cross_entropy(answer.transpose(1, 2), target)


def labelled():
    """Tokens with padding, and a tag for each step, 0 where there is padding."""
    tokens = padded_tokens().inputs
    target = torch.randint(1, CLASSES, (6, 9)) * masked()
    return Sample(tokens, {"lengths": LENGTHS, "target": target, "loss": step_loss})


def skipping_labelled():
    sample = labelled()
    skip = {"loss": lambda answer, target: F.cross_entropy(answer.mT, target, ignore_index=0)}
    return Sample(sample.inputs, sample.options | skip)


def unshifted():
    """Tokens that are their own target."""
    tokens = torch.randint(1, TOKENS, (6, 9))
    return Sample((tokens,), {"target": tokens, "loss": step_loss})


def shifted_by_the_loss():
    """Tokens that are given as target, too: the loss shifts them."""
    tokens = torch.randint(1, TOKENS, (6, 9))
    shift = {"loss": lambda answer, target: step_loss(answer[:, :-1], target[:, 1:])}
    return Sample((tokens,), {"target": tokens} | shift)


def scores_in_a_dict():
    sample = classes()
    loss = {"loss": lambda result, target: F.cross_entropy(result["scores"], target)}
    return Sample(sample.inputs, sample.options | loss)


def likely():
    return Sample(classes().inputs, classes().options | {"loss": F.nll_loss})


def states_and_steps():
    return Sample((*features().inputs, torch.randn(6, 7, UNITS)))


def square():
    """As many examples as steps."""
    return Sample((torch.randn(9, 9, FEATURES),))


@entry(tags, "rows mixed")
class ClassesByView(Layered):
    out, words = 3, 1

    def forward(self, x):
        output, _ = self.read(x)
        scores = self.head(output)
        return scores.view(len(x), self.out, -1)


@entry(states_and_steps, "states crossed")
class TurnedLayers(Layered):
    layers = 2

    def __init__(self):
        super().__init__()
        self.decoder = nn.GRU(UNITS, UNITS, 2, batch_first=True)

    def forward(self, x, fed):
        _, (h_n, _) = self.read(x)
        output, _ = self.decoder(fed, h_n.flip(0))
        return self.head(output)


@entry(states_and_steps, "states crossed")
class DirectionsAsLayers(TurnedLayers):
    both, layers = True, 1

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(UNITS, CLASSES)

    def forward(self, x, fed):
        _, (h_n, _) = self.read(x)
        output, _ = self.decoder(fed, h_n)
        return self.head(output)


@entry(features, "weights unlearned")
class SoftmaxOverOne(Layered):
    def __init__(self):
        super().__init__()
        self.score = nn.Linear(UNITS, 1)

    def forward(self, x):
        output, _ = self.read(x)
        weights = self.score(output).softmax(dim=-1)
        return self.head((weights * output).sum(dim=1))


@entry(padded_with_lengths, "order lost")
class LengthsSortedAlone(Layered):
    def forward(self, x, lengths):
        lengths, _ = lengths.sort(descending=True)
        packed = pack_padded_sequence(x, lengths, batch_first=True)
        _, (h_n, _) = self.lstm(packed)
        return self.head(h_n[-1])


@entry(numbers, "no axis of examples", "loss misfit")
class LastExampleForAll(Layered):
    out = 1

    def forward(self, x):
        _, (h_n, _) = self.read(x)
        return self.head(h_n[:, -1])


@entry(square, "no axis of examples")
class MeanOverASquareBatch(Layered):
    def forward(self, x):
        output, _ = self.read(x)
        return self.head(output.mean(dim=0))


@entry(features, "weights hidden")
class LearntStateUnseen(Layered):
    def __init__(self):
        super().__init__()
        self.begin = torch.zeros(1, 1, UNITS, requires_grad=True)

    def forward(self, x):
        state = self.begin.expand(1, len(x), UNITS).contiguous()
        _, (h_n, _) = self.lstm(x, (state, state))
        return self.head(h_n[-1])


@entry(likely, "loss misfit")
class ProbabilitiesForNLL(Layered):
    def forward(self, x):
        _, (h_n, _) = self.read(x)
        return self.head(h_n[-1]).softmax(dim=-1)


@entry(scores_in_a_dict, "loss misfit")
class SoftmaxInADict(Layered):
    def forward(self, x):
        output, (h_n, _) = self.read(x)
        return {"output": output, "scores": self.head(h_n[-1]).softmax(dim=-1)}


@entry(unshifted, "target leaks")
class CopiesItsInput(Layered):
    out, words = TOKENS, 1

    def forward(self, x):
        output, _ = self.read(x)
        return self.head(output)


@entry(labelled, "loss misfit")
class TagsItsPadding(Layered):
    both, words = True, 1

    def forward(self, x):
        lengths = (x != 0).sum(dim=1)
        packed = pack_padded_sequence(
            self.embedding(x), lengths, batch_first=True, enforce_sorted=False
        )
        output, _ = pad_packed_sequence(
            self.lstm(packed)[0], batch_first=True, total_length=x.shape[1]
        )
        return self.head(output)


@entry(padded_with_lengths, "padding read")
class LargestWithZeros(Layered):
    both = True

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        output, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.head(output.amax(dim=1))


@entry(lambda: Sample(features().inputs, {"stateful": True}), "graph kept")
class StatefulWithItsGraph(Layered):
    state = None

    def forward(self, x):
        output, self.state = self.lstm(x, self.state)
        return self.head(output)


@entry(shifted_by_the_loss)
class LossShifts(CopiesItsInput):
    pass


@entry(skipping_labelled)
class TagsWithoutPadding(TagsItsPadding):
    pass


@entry(scores_in_a_dict)
class ScoresInADict(Layered):
    def forward(self, x):
        output, (h_n, _) = self.read(x)
        return {"output": output, "scores": self.head(h_n[-1])}


@entry(unshifted)
class GivesBackAllOfIt(Layered):
    """An autoencoder of tokens: what it gives back at a step has come through the last state."""

    out, words = TOKENS, 1

    def __init__(self):
        super().__init__()
        self.decoder = nn.LSTM(UNITS, UNITS, batch_first=True)

    def forward(self, x):
        _, (h_n, _) = self.read(x)
        output, _ = self.decoder(h_n[-1].unsqueeze(1).expand(-1, x.shape[1], -1))
        return self.head(output)


@entry(shifted_pairs)
class TopStateForBothLayers(Layered):
    layers, words, out = 2, 1, TOKENS

    def __init__(self):
        super().__init__()
        self.decoder = nn.GRU(FEATURES, UNITS, 2, batch_first=True)

    def forward(self, source, fed):
        _, (h_n, _) = self.read(source)
        output, _ = self.decoder(self.embedding(fed), h_n[-1].expand(2, -1, -1).contiguous())
        return self.head(output)


@entry(features)
class HeadsByTranspose(Layered):
    """Axes that change places by a transpose, and back."""

    def forward(self, x):
        output, _ = self.read(x)
        heads = output.unflatten(2, (2, -1)).transpose(1, 2)
        return self.head(heads.transpose(1, 2).flatten(2).transpose(0, 1).transpose(0, 1))


def rolled_pairs():
    """A source, and the target with its last step in front."""
    target = torch.randint(3, TOKENS, (6, 7))
    source = torch.randint(1, TOKENS, (6, 9))
    return Sample((source, target.roll(1, dims=1)), {"target": target})


@entry(rolled_pairs, "target leaks")
class RolledNotShifted(TopStateForBothLayers):
    pass
