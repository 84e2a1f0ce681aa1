"""The reader of code: which models it takes, and which views."""

import pytest
import torch
from torch import nn

from lstm_lab import Alphabet, LanguageModel, TextExplorer
from lstm_lab.explorers.text import MOST
from tests.lstm_lab.explorers.made import ABC, code

FOLLOW = {"a": torch.tensor([[0.125] * 5, [-0.5] * 5])}


class Own(LanguageModel):
    def forward(self, input, hx=None):
        return super().forward(input, hx)


@pytest.mark.parametrize(
    ("model", "alphabet", "options", "message"),
    [
        (nn.LSTM(2, 3), ABC, {}, r"model is LSTM\(2, 3\); expected a LanguageModel"),
        (Own(4, 2, 5), ABC, {}, r"model has a forward of its own; expected that of LanguageModel"),
        (LanguageModel(9, 2, 5), ABC, {}, r"alphabet has 3 letters; expected 8 of one character"),
        (LanguageModel(4, 2, 5), Alphabet(("a", "b", "cd")), {}, r"expected 3 of one character"),
        (LanguageModel(4, 2, 5), ABC, {"follow": {"a": [1]}}, r"'a', which is \[1\]; expected fi"),
        (LanguageModel(4, 2, 6), ABC, {"follow": FOLLOW}, r"expected finite numbers \(2, hidden_"),
        (
            LanguageModel(4, 2, 5),
            ABC,
            {"follow": {"a": FOLLOW["a"] / 0}},
            r"follow has 'a', which has shape \(2, 5\).*; expected finite numbers",
        ),
    ],
)
def test_what_a_text_explorer_cannot_show_is_refused(model, alphabet, options, message):
    with pytest.raises(ValueError, match=message):
        TextExplorer(model, alphabet, **options)


@pytest.mark.parametrize(
    ("view", "message"),
    [
        ({"text": "abq"}, r"letters \['q'\]"),
        ({"text": "a" * (MOST + 1)}, r"text has 601 characters; expected at most 600"),
        ({"text": "abc", "step": 4}, r"step is 4; expected 0 to 3"),
        ({"unit": 5}, r"unit is 5; expected 0 to 4"),
        ({"shown": "o"}, r"shown is 'o'; expected one of surprise, h, c"),
        ({"label": "b", "follow": FOLLOW}, r"label is 'b'; expected one of a"),
        ({"label": "a"}, r"label is 'a'; expected none without follow"),
        ({"temperature": 0}, r"temperature is 0(\.0)?; expected a finite number above 0"),
    ],
)
def test_a_view_that_is_not_there_is_refused(view, message):
    with pytest.raises(ValueError, match=message):
        code(**view)


def test_the_first_view_is_behind_the_text_and_of_the_first_label():
    made = code(text="cab", follow=FOLLOW)
    assert (made.step, made.label) == (3, "a")
    assert made.data["follow"] == {"a": {"h": [0.12] * 5, "c": [-0.5] * 5}}
