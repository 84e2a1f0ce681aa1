"""What PyTorch's reference pages state of the recurrent layers, a chapter states or shows."""

import csv
import re
from functools import cache
from inspect import signature
from pathlib import Path
from typing import get_overloads

import nbformat
import pytest
from torch import nn
from torch.nn.utils import rnn

ROOT = Path(__file__).resolve().parents[2]
MODULES = [nn.RNN, nn.LSTM, nn.GRU, nn.RNNCell, nn.LSTMCell, nn.GRUCell]
PUBLIC = [*MODULES, *(getattr(rnn, name) for name in rnn.__all__)]


def rows():
    with (ROOT / "tests/book/reference.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def on_one_line(text):
    return " ".join(text.split())


@cache
def cells(number):
    """The sources of a chapter's or an appendix's cells by their ids."""
    (path,) = (ROOT / "chapters").glob(
        f"{number:0>2}-*.ipynb" if number.isdigit() else f"{number}-*"
    )
    return {cell.id: on_one_line(cell.source) for cell in nbformat.read(path, as_version=4).cells}


def wanted(thing):
    """The arguments of a function or class, and of a pack the methods and properties, too."""
    # A layer's own signature is (*args, **kwargs); its overloads name them.
    named = get_overloads(thing.__init__) if thing in MODULES else []
    names = set(signature(named[0] if named else thing).parameters) - {"self"}
    if thing is rnn.PackedSequence:
        names |= {name for name in vars(thing) if not name.startswith("_")}
    return names


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["statement"])
def test_the_cell_has_the_words(row):
    words = on_one_line(row["words"])
    assert 0 < len(words) <= 60
    assert words in cells(row["chapter"])[row["cell"]]


def test_no_statement_stands_twice():
    statements = [on_one_line(row["statement"]).lower() for row in rows()]
    assert sorted(set(statements)) == sorted(statements)


def test_no_name_and_no_argument_is_lost():
    told = {thing.__name__: "" for thing in PUBLIC}
    for row in rows():
        for name in row["object"].split(", "):
            told[name] += f"{row['statement']}\n"
    assert [name for name, text in told.items() if not text] == []
    lost = [
        f"{thing.__name__}: {name}"
        for thing in PUBLIC
        for name in sorted(wanted(thing))
        if not re.search(rf"\b{name}\b", told[thing.__name__])
    ]
    assert lost == []
