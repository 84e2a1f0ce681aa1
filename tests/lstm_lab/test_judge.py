"""Verdicts: any right answer is right, and a known mistake is explained."""

import numpy as np
import pytest
import torch

from lstm_lab import Check
from lstm_lab.judge import Verdict

CHECK = Check(
    torch.tensor([1.0, 2.0]),
    "well read.",
    mistakes=[(torch.tensor([2.0, 1.0]), "the order is the other way round.")],
)


def test_a_right_answer_is_judged_by_its_value():
    near = torch.tensor([1.0, 2.0 + 1e-7], requires_grad=True)
    for answer in (torch.tensor([1, 2]), near, [1, 2], np.array([1.0, 2.0])):
        assert CHECK(answer) == Verdict(True, "well read.")
    for answer in (12, 36 / 3, np.int64(12), np.prod((3, 4)), torch.tensor(12)):
        assert Check((7, 12), "yes.")([7, answer])


def test_a_known_mistake_is_explained():
    verdict = CHECK(torch.tensor([2.0, 1.0]))
    assert not verdict
    assert repr(verdict) == "Not yet: the order is the other way round."


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (..., "replace the three dots"),
        (torch.zeros(2, 1), "the shape is (2, 1)"),
        (torch.zeros(2), "the numbers are others"),
        ("h_n[-1]", "a tensor is wanted, and this is a str"),
        (None, "a tensor is wanted, and this is a NoneType"),
    ],
)
def test_other_answers_are_told_what_differs(answer, words):
    assert words in CHECK(answer).text


def test_shapes_numbers_and_words_are_compared_as_such():
    shape = Check(((2, 3), (4,)), "yes.")
    assert shape((torch.Size([2, 3]), [4]))
    assert shape(((2, 3), (5,))).text == "entry 1: entry 0: 5 is not it."
    assert shape(((2, 3),)).text == "2 entries are wanted, and there are 1."
    assert Check(0.5, "yes.")(0.5 + 1e-9)
    assert Check((1, 2), "yes.")(torch.tensor([1, 2]))
    assert Check(True, "yes.")(np.True_)
    assert Check(0.35, "yes.")(torch.tensor([[0.35]]))
    assert Check(0.35, "yes.")(np.array([0.35]))
    assert not Check(1, "yes.")(True)
    assert Check((7,), "yes.")(torch.tensor([7]))
    assert not Check(7, "yes.")(torch.tensor([7, 7]))
    assert Check("h_n", "yes.")(7).text == "a str is wanted, and this is an int."


def test_a_tensor_is_told_what_differs_as_its_number_would_be():
    assert Check(5, "yes.")(torch.tensor(7)).text == "7 is not it."
    assert Check(5, "yes.")(7.5).text == "7.5 is not it."
    assert Check(5, "yes.")(True).text == "an int is wanted, and this is a bool."
    assert CHECK([1, 3]).text == "the shape is right, the numbers are others."
    assert (
        CHECK(torch.tensor([1.0, 3.0]).to_sparse()).text
        == "the shape is right, the numbers are others."
    )
    assert Check((2, 3), "yes.")(torch.tensor([2, 4])).text == "entry 1: 4 is not it."
    assert Check((2, 3), "yes.")(torch.tensor([2])).text == "2 entries are wanted, and there are 1."


def test_a_tensor_must_have_the_shape_and_may_have_another_type():
    assert not Check(torch.ones(2, 3), "yes.")(torch.tensor(1.0))
    assert not Check(torch.ones(2, 3), "yes.")(torch.ones(3))
    assert Check(torch.ones(2), "yes.")(torch.ones(2, dtype=torch.bfloat16))
    assert Check((1.0, 2.0), "yes.")(torch.tensor([1, 2], dtype=torch.bfloat16))


def test_the_html_form_is_escaped():
    html = Check(1, "a < b")(1)._repr_html_()
    assert html == '<p class="lab-verdict lab-right"><strong>Right:</strong> a &lt; b</p>'
    assert 'lab-wrong"><strong>Not yet:</strong>' in Check(1, "")(2)._repr_html_()


def test_the_tolerance_is_the_check_s_own():
    fine, coarse = Check((0.1, 0.5), "", tolerance=1e-9), Check((1.0, 2.0), "", tolerance=0.1)
    assert fine((0.1 + 1e-6, 0.5)).text.startswith("entry 0: ")
    assert coarse((1.05, 2.2)).text == "entry 1: 2.2 is not it."
    assert not Check(torch.tensor([1, 2]), "")(torch.tensor([1.4, 2.0]))
    assert not Check(torch.tensor([1.0]), "")(torch.tensor([1.01]))
    assert not Check(torch.tensor([1000.0]), "")(torch.tensor([1000.5]))  # not a share of the value
