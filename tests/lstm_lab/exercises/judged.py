"""What the tests of all chapters' exercises share."""

import pytest


def right(answers):
    """Parametrise a test by every right answer: pairs of a number and its answers."""
    pairs = [(number, answer) for number, forms in answers.items() for answer in forms]
    return pytest.mark.parametrize(("number", "answer"), pairs)


def wrong(answers):
    """Parametrise a test by every mistake: pairs of an answer and its reason."""
    triples = [(number, *pair) for number, pairs in answers.items() for pair in pairs]
    return pytest.mark.parametrize(("number", "answer", "reason"), triples)
