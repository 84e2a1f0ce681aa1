"""Chapter 8: right answers, and mistakes with their reasons."""

import torch
from torch import nn
from torch.nn import functional as F

from lstm_lab import LSTMClassifier
from lstm_lab.judge import seeded
from tests.lstm_lab.exercises.models import made

with seeded(2):
    TAGS, WANTED = torch.randn(4, 6, 6), torch.randint(0, 6, (4, 6))
LOSS = F.cross_entropy(TAGS.transpose(1, 2), WANTED)


class Remembers(made(lambda head, output, h_n: head(h_n[-1]))):
    before = 0

    def forward(self, x):
        self.before = self.before + super().forward(x)
        return self.before


class Bag(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super().__init__()
        sizes = (input_size, hidden_size, num_classes)
        self.first, self.head = nn.Linear(*sizes[:2]), nn.Linear(*sizes[1:])

    def forward(self, x):
        return self.head(self.first(x).tanh().sum(1))


class Fixed(made(lambda head, output, h_n: head(h_n[-1]))):
    def __init__(self, input_size, hidden_size, num_classes):
        super().__init__(input_size, 7, num_classes)


class Ten(made(lambda head, output, h_n: head(h_n[-1]))):
    def __init__(self, input_size, hidden_size, num_classes):
        super().__init__(4, hidden_size, 3)


class Empty(nn.Module): ...


class Stub(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super().__init__()

    def forward(self, x):
        return ...


class Attentive(nn.Module):
    """Reads all steps, weighed by a score whose bias has no say."""

    def __init__(self, input_size, hidden_size, num_classes):
        super().__init__()
        self.layer = nn.GRU(input_size, hidden_size, batch_first=True)
        self.score, self.head = nn.Linear(hidden_size, 1), nn.Linear(hidden_size, num_classes)

    def forward(self, x):
        output, _ = self.layer(x)
        return self.head((self.score(output).softmax(1) * output).sum(1))


def both(output, lengths, fill=-torch.inf, last=None):
    valid = (torch.arange(output.shape[1]) < lengths.unsqueeze(1)).unsqueeze(2)
    ends = output[torch.arange(len(output)), lengths - 1] if last is None else output[:, last]
    top = output.amax(1) if fill is None else output.masked_fill(~valid, fill).amax(1)
    return torch.cat([top, ends], dim=-1)


def one_by_one(output, lengths):
    rows = [output[k, :n] for k, n in enumerate(lengths)]
    return torch.stack([torch.cat([row.amax(0), row[-1]]) for row in rows]).numpy()


def ends_of(h_n):
    return torch.cat([h_n[-2], h_n[-1]], dim=-1)


def view(head, output, h_n):
    return head(h_n.view(len(output), -1))


TWO_WAYS = {"wide": 2, "bidirectional": True}
GIVEN = {"8.2": {"tags": TAGS, "wanted": WANTED}}
RIGHT = {
    "8.1": [
        made(lambda head, output, h_n: head(h_n[-1])),
        made(lambda head, output, h_n: head(output[:, -1]), layer=nn.GRU),
        made(lambda head, output, h_n: head(output.mean(1)), layer=nn.RNN),
        made(lambda head, output, h_n: head(output.amax(1))),
        made(lambda head, output, h_n: head(h_n[-1]).log_softmax(-1), num_layers=2, dropout=0.5),
        made(lambda head, output, h_n: head(ends_of(h_n)), **TWO_WAYS),
        made(view),
        LSTMClassifier,
        Attentive,
    ],
    "8.2": [LOSS, LOSS.item(), F.cross_entropy(TAGS.flatten(0, 1), WANTED.flatten())],
    "8.3": [both, one_by_one],
    "8.4": [(96, 40), [96, 40], torch.tensor([96, 40])],
}
WRONG = {
    "8.1": [
        (made(lambda head, o, h: head(o[:, -1]), batch_first=False), "batch_first=True"),
        (made(lambda head, o, h: head(h[-1]), batch_first=False), "batch_first=True"),
        (
            made(lambda head, o, h: head(o[:, -1]), batch_first=False, **TWO_WAYS),
            "batch_first=True",
        ),
        (made(view, **TWO_WAYS), "a view moves no axis"),
        (made(view, wide=2, num_layers=2), "a view moves no axis"),
        (made(lambda head, o, h: head(o.mean(0))), "the mean over the batch"),
        (made(lambda head, o, h: head(o.mean((0, 1)))), "the mean over the batch"),
        (made(lambda head, o, h: head(h[-1] - h[-1].mean(0))), "the mean over the batch"),
        (made(lambda head, o, h: head(h[-1]).softmax(-1)), "no softmax here"),
        (made(lambda head, o, h: head(o)), "one for each sequence is wanted"),
        (made(lambda head, o, h: o), "one for each sequence is wanted"),
        (made(lambda head, o, h: (o, h)), "that is what the layer returns"),
        (made(lambda head, o, h: h[-1]), "a linear layer must make"),
        (made(lambda head, o, h: head(o[:, 0])), "some steps change nothing"),
        (made(lambda head, o, h: head(o[:, 2])), "some steps change nothing"),
        (made(lambda head, o, h: head(h[-1]).detach() * 0), "some steps change nothing"),
        (Bag, "the order of the steps changes nothing"),
        (Remembers, "at the second call"),
        (made(lambda head, o, h: head(h[-1]).detach()), "nothing is left of the way back"),
        (made(lambda head, o, h: head(h[-1]), bidirectional=True), "gets no gradient"),
        (made(lambda head, o, h: head(o[:, -1]), **TWO_WAYS), "layer.weight_hh_l0_reverse"),
        (made(lambda head, o, h: head(h[-1].detach())), "layer.weight_ih_l0"),
        (Fixed, "hidden_size changes nothing"),
        (Ten, "it raises RuntimeError"),
        (made(lambda head, o, h: head(h[-1])[:, :2]), "the shape is (8, 2); (8, 3) is wanted"),
        (made(lambda head, o, h: head(h[-1]).squeeze()), "the shape is (2,); (1, 2) is wanted"),
        (made(lambda head, o, h: head(o.flatten(1))), "it raises RuntimeError"),
        (made(lambda head, o, h: None), "a tensor, and this is a NoneType"),
        (Stub, "three dots"),
        (Empty, "three dots"),
        (made(lambda head, o, h: (..., head(h[-1]))), "three dots"),
        (LSTMClassifier(4, 6, 3), "a class is wanted"),
        (both, "a class is wanted"),
    ],
    "8.2": [
        (F.cross_entropy(TAGS, WANTED), "axis 1 is the steps"),
        (F.cross_entropy(TAGS.transpose(1, 2).softmax(1), WANTED), "no softmax"),
    ],
    "8.3": [
        (lambda o, n: both(o, n, fill=None), "the padding won"),
        (lambda o, n: both(o, n, last=-1), "the last step is padding"),
        (lambda o, n: both(o, n, fill=None, last=-1), "padding, twice"),
        (lambda o, n: both(o, n).roll(3, 1), "the maximum comes first"),
        (lambda o, n: both(o, n, fill=0), "0 is more than a negative feature"),
        (lambda o, n: both(o.where(o != 9, -torch.inf), n, fill=None), "the padding won"),
        (lambda o, n: both(o, torch.full_like(n, 2)), "of 4"),
        (lambda o, n: [...], "three dots"),
    ],
    "8.4": [
        ((48, 40), "two directions"),
        ((16, 40), "one layer and one direction"),
        ((96, 20), "both directions of the top layer"),
        ((96, 120), "do not belong"),
        ((6, 40), "six rows"),
    ],
}
