"""One explorer of each kind, as small as it can be."""

import torch
from torch import nn

from lstm_lab import (
    AlignExplorer,
    Alphabet,
    CellExplorer,
    Decoder,
    Drawing,
    Encoder,
    LanguageModel,
    LSTMClassifier,
    NameExplorer,
    Options,
    Seq2Seq,
    ShapeCalculator,
    ShapeDrill,
    StateGrid,
    TextExplorer,
    WhichTensor,
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


def code(**options):
    return TextExplorer(LanguageModel(4, 2, 5), ABC, **options)


MADE = {
    "StateGrid": grid,
    "ShapeCalculator": ShapeCalculator,
    "ShapeDrill": ShapeDrill,
    "CellExplorer": cell,
    "NameExplorer": reader,
    "AlignExplorer": align,
    "TextExplorer": code,
    "WhichTensor": WhichTensor,
}


def drawings():
    """Return one drawing of each kind."""
    lstm = nn.LSTM(2, 3, 2, batch_first=True)
    state = {"h": torch.randn(3), "c": torch.randn(3)}
    output, query = torch.randn(5, 4), torch.randn(4)
    weights = (output @ query).softmax(0)
    options = vars(Options("LSTM", 3, 4, num_layers=2))
    triangle = torch.ones(6, 6).tril()
    parts = {
        "attention": {
            "query": query,
            "output": output,
            "scores": output @ query,
            "weights": weights,
            "context": weights @ output,
        },
        "bands": {"network": nn.LSTM(1, 2)},
        "boxes": {"options": options | {"batch": 3, "seq_len": 5, "call": "batched"}},
        "cell": {"network": nn.LSTM(1, 2), "x": torch.randn(1, 6, 1), "step": 3, "unit": 0},
        "chunks": {"states": [state, state], "chunk": 10},
        "directions": {"seen": {"forward": triangle, "backward": triangle.T}},
        "dropout": {"masks": torch.rand(1, 4, 4) > 0.5},
        "gap": {"word": "change", "place": 1},
        "handover": {
            "source": "Sep 26, 2041",
            "fed": "^2041-09-26",
            "asked": "2041-09-26$",
            "numbers": 48,
        },
        "moves": {
            "panels": [
                {"name": "right", "moved": torch.eye(4).bool().tolist()},
                {"name": "h_n.view", "moved": [[True, True, False, False]] * 4},
                {"name": "no batch_first", "moved": torch.ones(4, 4).tril().bool().tolist()},
                {"name": "softmax(dim=0)", "moved": torch.ones(4, 4).bool().tolist()},
            ]
        },
        "next": {
            "fed": "if",
            "asked": "f ",
            "guesses": [
                [["f", 0.5], ["n", 0.25], ["s", 0.125]],
                [[" ", 0.75], ["(", 0.1], ["_", 0]],
            ],
        },
        "packing": {
            "texts": ["Ido", "Latein", "Urdu"],
            "order": [1, 2, 0],
            "batch_sizes": [3, 3, 3, 2, 1, 1],
        },
        "readouts": {"network": lstm, "x": torch.randn(1, 5, 2)},
        "stack": {"network": lstm, "x": torch.randn(1, 4, 2)},
        "stream": {"degrees": torch.tensor([3.0, 5, 9, 8, 7, 4]), "now": 3, "saved": 1},
        "swap": {"counts": [3, 8], "states": [state, state], "waits": ["?", "?"]},
        "tree": {
            "first": {"a": 0.5, "b": 0.4, "c": 0.1},
            "then": {
                "a": {"a": 0.4, "b": 0.3, "c": 0.3},
                "b": {"a": 0.05, "b": 0.9, "c": 0.05},
                "c": {"a": 0.2, "b": 0.2, "c": 0.6},
            },
            "kept": 2,
        },
    }
    return {kind: Drawing(kind, **data) for kind, data in parts.items()}
