"""What the models of the zoo are given: six examples of nine steps, lengths and targets."""

from dataclasses import dataclass, field

import torch
from torch import nn

LENGTHS = [9, 4, 7, 9, 3, 6]
FEATURES, TOKENS, CLASSES, UNITS = 5, 30, 4, 8
ENTRIES = []


@dataclass(frozen=True)
class Entry:
    """A model of the zoo: what it is made of, and what is wrong with it (nothing, if right)."""

    name: str
    kind: type
    sample: object
    wrong: tuple[str, ...] = ()

    def make(self, seed=0):
        """Return the model, the arguments of its call, and what diagnose is told beside them."""
        torch.manual_seed(seed)
        model = self.kind()
        sample = self.sample()
        return model, sample.inputs, sample.options


@dataclass(frozen=True)
class Sample:
    inputs: tuple
    options: dict = field(default_factory=dict)


def entry(sample, *wrong):
    """Enter a class into the zoo, with the names of the findings that it must get."""

    def add(kind):
        ENTRIES.append(Entry(kind.__name__, kind, sample, wrong))
        return kind

    return add


def features():
    return Sample((torch.randn(6, 9, FEATURES),))


def classes():
    loss = nn.functional.cross_entropy
    return Sample(features().inputs, {"target": torch.randint(CLASSES, (6,)), "loss": loss})


def numbers():
    loss = nn.functional.mse_loss
    return Sample(features().inputs, {"target": torch.randn(6), "loss": loss})


def yes_or_no():
    loss = nn.functional.binary_cross_entropy_with_logits
    return Sample(features().inputs, {"target": torch.tensor([1.0, 0, 1, 1, 0, 0]), "loss": loss})


def time_first():
    return Sample((torch.randn(9, 6, FEATURES),), {"batch_first": False})


def tokens():
    return Sample((torch.randint(1, TOKENS, (6, 9)),))


def tags():
    return Sample((torch.randint(1, TOKENS, (6, 9)),), {"target": torch.randint(3, (6, 9))})


def text():
    """Tokens, and at each step the next one as target."""
    whole = torch.randint(1, TOKENS, (6, 10))
    return Sample((whole[:, :-1],), {"target": whole[:, 1:]})


def masked():
    return ~(torch.arange(9) >= torch.tensor(LENGTHS).unsqueeze(1))


def padded():
    x = torch.randn(6, 9, FEATURES) * masked().unsqueeze(-1)
    return Sample((x,), {"lengths": LENGTHS})


def padded_with_lengths():
    return Sample((*padded().inputs, torch.tensor(LENGTHS)), {"lengths": LENGTHS})


def padded_tokens():
    return Sample((torch.randint(1, TOKENS, (6, 9)) * masked(),), {"lengths": LENGTHS})


def tokens_with_lengths():
    return Sample((*padded_tokens().inputs, torch.tensor(LENGTHS)), {"lengths": LENGTHS})


def pairs():
    """A source, and the target itself, which the model is to shift."""
    target = torch.randint(3, TOKENS, (6, 7))
    return Sample((torch.randint(1, TOKENS, (6, 9)), target), {"target": target})


def shifted_pairs():
    """A source, what the decoder is fed, and the target one step later."""
    whole = torch.cat([torch.ones(6, 1, dtype=torch.long), torch.randint(3, TOKENS, (6, 7))], dim=1)
    return Sample((torch.randint(1, TOKENS, (6, 9)), whole[:, :-1]), {"target": whole[:, 1:]})


def series():
    """A window of numbers, and at each step the next number as target."""
    whole = torch.randn(6, 10, 1)
    return Sample((whole[:, :-1],), {"target": whole[:, 1:]})


def echoes():
    """A sequence that is to be given back."""
    x = torch.randn(6, 9, FEATURES)
    return Sample((x,), {"target": x})
