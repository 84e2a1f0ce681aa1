"""What holds for the exercises of all chapters: answers, mistakes, stubs, wrong types, solutions.

The answers and mistakes stand beside this file, a file a chapter.
"""

from importlib import import_module

import pytest
import torch
from torch import nn

from lstm_lab import exercise
from lstm_lab.exercises import EXERCISES
from lstm_lab.judge import UNANSWERED, Trial, Verdict

each_exercise = pytest.mark.parametrize("number", EXERCISES)
STUBS = [..., (1, ...), [[...], 2], lambda *anything: ..., lambda *anything: [1, (...,)]]
TYPES = ["h_n", 7.5, None, {}, {1, 2}, nn.LSTM, torch.Tensor, lambda: 7, lambda *anything: {}]
TYPES += [object(), torch.zeros(2, 3).to_sparse(), torch.zeros(2, device="meta"), [], 1 + 2j]


def tables(name):
    """Return the tables of one name of all chapters, by the numbers of the exercises."""
    parts = [import_module(f"tests.lstm_lab.exercises.chapter_{k:02}") for k in range(1, 16)]
    return {number: each for part in parts for number, each in vars(part).get(name, {}).items()}


GIVEN, RIGHT, WRONG = tables("GIVEN"), tables("RIGHT"), tables("WRONG")


def fetched(number):
    return exercise(number, **GIVEN.get(number, {}))


def test_every_chapter_has_two_to_four_exercises():
    chapters = [number.split(".")[0] for number in EXERCISES]
    assert sorted(set(chapters), key=int) == [str(each) for each in range(1, 16)]
    assert all(2 <= chapters.count(each) <= 4 for each in chapters)


@pytest.mark.parametrize(
    ("number", "answer"), [(number, each) for number in RIGHT for each in RIGHT[number]]
)
def test_a_right_answer_is_right_in_every_form(number, answer):
    verdict = fetched(number)(answer)
    assert verdict, verdict


@pytest.mark.parametrize(
    ("number", "answer", "reason"), [(number, *each) for number in WRONG for each in WRONG[number]]
)
def test_a_mistake_gets_its_reason(number, answer, reason):
    verdict = fetched(number)(answer)
    assert not verdict
    assert reason in verdict.text


@each_exercise
def test_a_stub_is_not_answered_yet(number):
    trial = isinstance(fetched(number).check, Trial)
    for stub in STUBS if trial else STUBS[:3]:
        if number in ("8.1", "9.1", "15.3") and stub in STUBS[3:]:
            continue  # a class is wanted there
        assert fetched(number)(stub) == Verdict(False, UNANSWERED)


@each_exercise
def test_a_wrong_type_is_refused_in_one_line(number):
    for answer in TYPES:
        verdict = fetched(number)(answer)
        assert not verdict
        assert len(repr(verdict).splitlines()) == 1


@each_exercise
def test_every_known_mistake_is_met_by_a_test_of_its_chapter(number):
    told = [fetched(number)(answer).text for answer, _ in WRONG[number]]
    for reason in fetched(number).check.reasons:
        assert any(reason in text for text in told), reason


@each_exercise
def test_the_text_form_hides_the_answer(number):
    assert repr(fetched(number)) == f"Exercise {number}: call it with your answer"


@each_exercise
def test_a_check_draws_from_no_seed_but_its_own(number):
    before = torch.get_rng_state()
    check = fetched(number)
    first = [repr(check(answer)) for answer in (RIGHT[number][0], lambda: 7)]
    assert torch.equal(before, torch.get_rng_state())
    torch.rand(3)
    assert first == [repr(check(answer)) for answer in (RIGHT[number][0], lambda: 7)]


@each_exercise
def test_the_solution_is_the_chapter_s_cell_and_the_mistakes_follow(number):
    shown = repr(fetched(number).solution())
    assert "assert check(" in shown
    assert all(f"- {reason}" in shown for reason in fetched(number).check.reasons)


def test_a_solution_that_is_nowhere_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr("lstm_lab.exercises.FOLDERS", (tmp_path, tmp_path / "chapters"))
    with pytest.raises(FileNotFoundError, match="chapter 1 has no notebook"):
        exercise("1.1").solution()
    (tmp_path / "01-empty.ipynb").write_text('{"cells": []}', encoding="utf-8")
    with pytest.raises(LookupError, match=r"number is '1\.1'; its chapter has no solution"):
        exercise("1.1").solution()


@pytest.mark.parametrize(
    ("number", "given", "words"),
    [
        ("1.9", {}, r"number is '1\.9'; expected one of 1\.1, 1\.2"),
        (1.1, {}, r"number is 1\.1; expected one of"),
        (["1.1"], {}, r"number is \['1\.1'\]; expected one of"),
        ("1.2", {}, r"stacked is missing in nothing; exercise 1\.2 expects stacked, x"),
        ("1.2", {"stacked": 1}, r"x is missing in stacked; exercise 1\.2 expects stacked, x"),
        ("1.1", {"x": 1}, r"x is unknown; exercise 1\.1 expects nothing"),
        ("7.4", {"mine": torch.ones(3, 2, 1)}, r"mine has shape \(3, 2, 1\).*; expected a list"),
        ("7.4", {"mine": [torch.ones(3, 2)]}, "mine has length 1; expected a list of two or more"),
        ("7.4", {"mine": [torch.ones(3)] * 2}, r"mine\[0\] has shape \(3,\).*, features\) each"),
        ("7.4", {"mine": [torch.ones(3, 2), torch.ones(0, 2)]}, r"mine\[1\] has shape \(0, 2\)"),
        ("7.4", {"mine": [torch.ones(3, 2).long()] * 2}, r"mine\[0\].*expected torch.float32"),
        ("7.4", {"mine": [torch.ones(3, 2), torch.ones(2, 1)]}, r"mine\[1\] has 1 features"),
        ("7.4", {"mine": [torch.ones(3, 2)] * 2}, "mine has 2 sequences of one length"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_name(number, given, words):
    with pytest.raises(ValueError, match=words):
        exercise(number, **given)
