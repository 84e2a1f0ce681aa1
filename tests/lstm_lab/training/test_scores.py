"""Accuracy and error rates by hand, edit distances against their definition."""

from functools import cache

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lstm_lab import error_rates
from lstm_lab.training.scores import ErrorRates, accuracy, edit_distance

texts = st.text("abc", max_size=7)


@cache
def brute(one, other):
    """Return the distance as it is defined: the cheapest of three edits, or none."""
    if not one or not other:
        return len(one) + len(other)
    if one[0] == other[0]:
        return brute(one[1:], other[1:])
    return 1 + min(brute(one[1:], other), brute(one, other[1:]), brute(one[1:], other[1:]))


@given(texts, texts)
def test_a_distance_is_what_its_definition_says(one, other):
    assert edit_distance(one, other) == brute(one, other)
    assert edit_distance([*one], tuple(other)) == brute(one, other)


@given(texts, texts, texts)
def test_a_distance_is_a_metric(one, other, third):
    distance = edit_distance(one, other)
    assert distance == edit_distance(other, one)
    assert (distance == 0) == (one == other)
    assert distance <= edit_distance(one, third) + edit_distance(third, other)


@given(texts, texts)
def test_a_distance_lies_between_its_bounds(one, other):
    sizes = len(one), len(other)
    assert max(sizes) - min(sizes) <= edit_distance(one, other) <= max(sizes)


def test_symbols_of_many_letters_are_compared_whole():
    assert edit_distance(["AA", "T"], ["AO", "T"]) == 1
    assert edit_distance([], ["AA", "T"]) == 2
    assert edit_distance((1, 2, 3), (2, 3, 4)) == 2


def test_rates_are_edits_over_symbols_and_wrong_texts_over_texts():
    said = ["K AE T", "D AO", "F IH SH AH", ""]
    known = [["K AE T"], ["D AO G"], ["F IH SH"], ["B IY"]]
    found = error_rates(said, known)
    assert isinstance(found, ErrorRates)
    assert found.symbols == (0 + 1 + 1 + 2) / (3 + 3 + 3 + 2)
    assert found.texts == 3 / 4


def test_the_nearest_of_the_right_answers_counts_with_its_own_length():
    tomato = ("T AH M EY T OW", "T AH M AA T OW")
    assert error_rates(["T AH M AA T OW"], [tomato]) == ErrorRates(0.0, 0.0)
    assert error_rates(["A B C D X"], [["A", "A B C D"]]) == ErrorRates(1 / 4, 1.0)
    assert error_rates(["A"], [["A B C", "A B"]]) == ErrorRates(1 / 2, 1.0)
    assert error_rates(["A"], [["B C", "B"]]) == ErrorRates(1.0, 1.0)  # 2 of 2, and 1 of 1
    assert error_rates(["A X"], [["A B C", "B"]]) == ErrorRates(2.0, 1.0)  # as near: the shorter


def test_rates_can_be_above_one_where_too_much_is_said():
    assert error_rates(["A B C D"], [["E"]]) == ErrorRates(4.0, 1.0)


@pytest.mark.parametrize(
    ("said", "known"), [([], []), (["A"], []), ([], [["A"]]), (["A"], [["A"]] * 2)]
)
def test_texts_that_differ_in_number_are_refused(said, known):
    words = f"said has {len(said)} texts and known {len(known)}; expected as many, and at least one"
    with pytest.raises(ValueError, match=words):
        error_rates(said, known)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: error_rates("AB", [["A"], ["B"]]), "said is 'AB'; expected a list of texts"),
        (lambda: error_rates([["A"]], [["A"]]), r"said is \[\['A'\]\]; expected a list of texts"),
        (lambda: error_rates(["A"], ["A"]), "known is 'A'; expected a list of texts"),
        (lambda: error_rates(["A"], "A"), "known is 'A'; expected a list of lists"),
        (lambda: error_rates(["A"], [{"A"}]), r"known is \[\{'A'\}\]; expected a list of lists"),
        (lambda: error_rates(["A"], [[]]), r"known has \[\] for 'A'; expected texts with symbols"),
        (lambda: error_rates(["A"], [["A", " "]]), r"known has \['A', ' '\] for 'A'"),
        (lambda: edit_distance({"A"}, "A"), r"one is \{'A'\}; expected a sequence"),
        (lambda: edit_distance("A", None), "other is None; expected a sequence"),
    ],
)
def test_what_is_no_text_or_sequence_is_refused_by_name(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_accuracy_is_one_where_the_largest_number_is_the_target():
    logits = torch.tensor([[0.1, 0.7, 0.2], [-3.0, -2.0, -1.0], [5.0, 4.0, 0.0]])
    found = accuracy(logits, torch.tensor([1, 0, 0]))
    assert found.tolist() == [1.0, 0.0, 1.0]
    assert found.is_floating_point()


@pytest.mark.parametrize(
    ("logits", "target", "words"),
    [
        (torch.full((2, 3), torch.nan), [0, 0], "logits has NaN; expected numbers"),
        (torch.zeros(2, 3, 1), [0, 0], r"logits has shape \(2, 3, 1\) .*; expected \(batch, num_c"),
        (
            torch.zeros(3, 3),
            [[0], [0], [0]],
            r"target has shape \(3, 1\) .*; expected \(3,\) who",
        ),
        (torch.zeros(2, 3), [0], r"target has shape \(1,\) .*; expected \(2,\) whole numbers"),
        (torch.zeros(2, 3), [0.0, 0.0], "type torch.float32; expected .* whole numbers"),
    ],
)
def test_what_has_no_accuracy_is_refused_by_name(logits, target, words):
    with pytest.raises(ValueError, match=words):
        accuracy(logits, torch.tensor(target))
