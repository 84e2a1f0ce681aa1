"""The reader of names: which models it takes."""

import pytest
from torch import nn

from lstm_lab import LSTMClassifier, NameExplorer
from tests.lstm_lab.explorers.made import ABC


@pytest.mark.parametrize(
    ("model", "alphabet", "classes", "message"),
    [
        (
            nn.LSTM(2, 3),
            ABC,
            ["x"],
            r"model is LSTM\(2, 3\); expected a NameReader, or an LSTM",
        ),
        (LSTMClassifier(4, 8, 2), ABC, ["x", "y"], r"model is a LSTMClassifier; expected .*vocab"),
        (
            LSTMClassifier(4, 8, 2, vocab_size=4, bidirectional=True),
            ABC,
            ["x", "y"],
            r"model's layer is LSTM\(.*bidirectional=True\); expected an nn\.LSTM of one layer",
        ),
        (
            type("Own", (LSTMClassifier,), {"forward": lambda *_: None})(4, 8, 2, vocab_size=4),
            ABC,
            ["x", "y"],
            r"model has a forward of its own; expected that of LSTMClassifier",
        ),
        (LSTMClassifier(4, 8, 2, vocab_size=9), ABC, ["x", "y"], r"has 3 letters; expected 8"),
        (LSTMClassifier(4, 8, 2, vocab_size=4), ABC, ["x"], r"classes has 1 names; expected 2"),
    ],
)
def test_what_a_name_explorer_cannot_show_is_refused(model, alphabet, classes, message):
    with pytest.raises(ValueError, match=message):
        NameExplorer(model, alphabet, classes)


def test_the_truth_about_an_example_comes_along():
    model = LSTMClassifier(4, 8, 3, vocab_size=4)
    data = NameExplorer(model, ABC, ["x", "y", "z"], examples={"cab": "z", "a": "x"}).data
    assert (data["examples"], data["truths"]) == (["cab", "a"], [2, 0])


@pytest.mark.parametrize(
    ("examples", "message"),
    [
        (["cab"], r"examples is \['cab'\]; expected a mapping from text to class"),
        ({"cab": "w"}, r"examples has 'cab' as 'w'; expected one of classes, x, y"),
        ({"cab": 1}, r"examples has 'cab' as 1; expected one of classes, x, y"),
        ({"Q": "x"}, r"Q"),
        ({5: "x"}, r"text is 5; expected letters"),
    ],
)
def test_an_example_needs_known_letters_and_a_class(examples, message):
    with pytest.raises(ValueError, match=message):
        NameExplorer(LSTMClassifier(4, 8, 2, vocab_size=4), ABC, ["x", "y"], examples=examples)
