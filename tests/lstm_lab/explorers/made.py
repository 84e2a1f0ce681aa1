"""One explorer of each kind, as small as it can be."""

import torch
from torch import nn

from lstm_lab import (
    AlignExplorer,
    Alphabet,
    CellExplorer,
    Decoder,
    Encoder,
    LSTMClassifier,
    NameExplorer,
    Seq2Seq,
    ShapeCalculator,
    ShapeDrill,
    StateGrid,
)

ABC, SYMBOLS = Alphabet("abc"), Alphabet("^$xy")


def writer(stop=2, **options):
    encoder, decoder = Encoder(4, 2, 3, **options), Decoder(5, 2, 3, memory_size=None)
    return Seq2Seq(encoder, decoder, start=1, stop=stop)


def grid(module=None, **options):
    return StateGrid(module or nn.LSTM(2, 3), torch.randn(2, 4, 2), **options)


def cell(module=None, **options):
    return CellExplorer(module or nn.LSTM(3, 2), alphabet="abc", **options)


def reader(**options):
    return NameExplorer(LSTMClassifier(4, 8, 2, vocab_size=4), ABC, ["x", "y"], **options)


def align(**options):
    return AlignExplorer({"one": writer()}, ABC, SYMBOLS, **options)


MADE = {
    "StateGrid": grid,
    "ShapeCalculator": ShapeCalculator,
    "ShapeDrill": ShapeDrill,
    "CellExplorer": cell,
    "NameExplorer": reader,
    "AlignExplorer": align,
}
