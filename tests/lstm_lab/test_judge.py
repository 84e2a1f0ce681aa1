"""Verdicts: any right answer is right, and a known mistake is explained."""

import math

import numpy as np
import pytest
import torch

from lstm_lab.judge import UNANSWERED, Check, Trial, TrialError, Verdict, called, compare, seeded

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


def test_a_list_of_tensors_is_as_good_as_their_stack():
    rows = torch.arange(6.0, requires_grad=True).view(2, 3)
    assert Check(rows, "yes.")(list(rows))
    assert Check(rows, "yes.")(tuple(row.detach().numpy() for row in rows))
    assert Check(rows, "yes.")([list(row) for row in rows])
    assert Check(rows, "yes.")([rows, rows[0]]).text == "a tensor is wanted, and this is a list."


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


def test_no_bound_is_a_number_like_others_and_what_has_no_numbers_is_refused():
    bound = Check((1, 12), "yes.", mistakes=[((1, math.inf), "only so much.")])
    assert bound((1, torch.inf)).text == "only so much."
    assert bound((1, math.nan)).text == "entry 1: nan is not it."
    for answer in (torch.Tensor, torch.zeros(2, device="meta"), torch.zeros(2).to_sparse()):
        assert not bound(answer)
        assert not Check(7, "yes.")(answer)


def pairs():
    return [(torch.tensor([2.0, 1.0]), 1), (torch.tensor([0.0, 3.0]), 2)]


TIMES = compare(
    lambda x, k: x * k,
    pairs,
    "every entry, k times.",
    mistakes=[(lambda x, k: x, "k is not used."), (lambda x, k: x.append(k), "x is no list.")],
)


def test_a_function_is_judged_by_what_it_returns_at_every_call():
    assert TIMES(lambda x, k: x * k) == Verdict(True, "every entry, k times.")
    assert TIMES(lambda x, k: (k * x).tolist())
    assert TIMES(lambda x, k: x.mul_(k))  # a changed input spoils no other call
    assert TIMES(lambda x, k: x).text == "k is not used."
    assert TIMES(lambda x, k: x.append(3)).text == "x is no list."
    assert TIMES(lambda x, k: x[0]).text.startswith("call 1 of 2: the shape is ()")
    assert TIMES(lambda x, k: torch.tensor([2.0, 1.0])).text.startswith("call 2 of 2: the shape is")
    assert TIMES.reasons == ("k is not used.", "x is no list.")


def test_a_function_that_raises_is_told_so_in_one_line():
    def fails(x, k):
        raise ValueError("one\ntwo " + 300 * "!")

    assert TIMES(fails).text.startswith("it raises ValueError: one two !!!")
    assert len(TIMES(fails).text) < 220
    assert "it raises TypeError: " in TIMES(lambda x: x).text
    with pytest.raises(TrialError, match="it raises ValueError: one two"):
        called(fails, 1, 2)


def test_three_dots_are_found_wherever_a_function_returns_them():
    for stub in (..., lambda x, k: ..., lambda x, k: [k, (..., x)]):
        assert TIMES(stub) == Verdict(False, UNANSWERED)
    with pytest.raises(TrialError, match="three dots"):
        called(lambda: [...])


def test_what_cannot_be_called_is_asked_for_by_its_name():
    found = TIMES(torch.zeros(2)).text
    assert (
        found
        == "a function is wanted, and this is a Tensor: hand it over by its name, without brackets."
    )
    assert Trial(bool, "", wanted="a class")(7).text.startswith("a class is wanted, and this is an")


def test_a_trial_leaves_the_reader_s_random_numbers_alone():
    state = torch.get_rng_state()
    with seeded(3):
        first = torch.rand(2)
    assert torch.equal(state, torch.get_rng_state())
    torch.rand(5)
    with seeded(3):
        assert torch.equal(first, torch.rand(2))
    drawn = []
    trial = Trial(lambda answer: called(answer), "")
    for _ in range(2):
        torch.rand(1)
        trial(lambda: drawn.append(torch.rand(2)))
    assert torch.equal(*drawn)
