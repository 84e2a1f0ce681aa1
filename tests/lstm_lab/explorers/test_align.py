"""The encoder and decoder at work: which models it takes."""

import pytest
from torch import nn

from lstm_lab import AlignExplorer, Alphabet
from tests.lstm_lab.explorers.made import ABC, SYMBOLS, align, writer


@pytest.mark.parametrize(
    ("models", "letters", "message"),
    [
        ({}, ABC, r"models is \{\}; expected Seq2Seq models by name"),
        ({"one": nn.LSTM(2, 3)}, ABC, r"expected Seq2Seq models by name"),
        ({"one": writer()}, Alphabet("abcd"), r"knows \(4, 5\) letters and symbols; expected \(5"),
        ({"one": writer(), "two": writer(stop=3)}, ABC, r"\(start, stop\) \[\(1, 2\), \(1, 3\)\]"),
    ],
)
def test_what_an_align_explorer_cannot_show_is_refused(models, letters, message):
    with pytest.raises(ValueError, match=message):
        AlignExplorer(models, letters, SYMBOLS)


def test_a_model_with_a_forward_of_its_own_is_refused():
    model = writer()
    model.forward = lambda *_: None
    with pytest.raises(
        ValueError, match=r"models\['one'\] has a forward of its own; expected that"
    ):
        AlignExplorer({"one": model}, ABC, SYMBOLS)


def test_a_model_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match=r"model is 'two'; expected one of one"):
        align(model="two")
