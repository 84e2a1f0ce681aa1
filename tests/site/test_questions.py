"""The questions of the built pages, answered by mouse and by keyboard."""

import pytest

from tests.site import checks
from tests.site.conftest import SITE

PAGES = [
    page.relative_to(SITE).as_posix()
    for page in checks.pages(SITE)
    if 'class="lab-question"' in page.read_text(encoding="utf-8")
]


def said(tab):
    """Return which explanation is to be seen, one number for each that is."""
    shown = "all => all.map((it, k) => it.checkVisibility() ? k : -1).filter(k => k >= 0)"
    return tab.locator(".lab-said").evaluate_all(shown)


@pytest.mark.parametrize("name", PAGES)
def test_every_answer_shows_its_own_explanation(origin, open_page, name):
    tab = open_page(origin + name)
    assert said(tab) == []
    seen, before = [], 0
    for question in tab.locator(".lab-question").all():
        answers = question.locator("label").all()
        for k, answer in enumerate(answers):
            answer.click()
            assert said(tab) == [*seen, before + k]
        before += len(answers)
        seen.append(before - 1)
    assert len(seen) == 3


@pytest.fixture
def front(origin, open_page):
    """Return a function that opens the front page at its first question."""

    def front(**options):
        tab = open_page(f"{origin}intro.html", **options)
        return tab, tab.locator(".lab-question").first

    return front


def test_the_keyboard_goes_in_chooses_and_goes_on(front):
    tab, question = front()
    question.locator("legend").click()
    tab.keyboard.press("Tab")
    focused = question.locator("label:has(:focus-visible)")
    assert focused.evaluate("it => getComputedStyle(it).outlineStyle") == "solid"
    assert said(tab) == []  # to come by is not to answer
    tab.keyboard.press("Space")
    assert said(tab) == [0]
    for key, place in (("ArrowDown", 1), ("ArrowDown", 2), ("ArrowUp", 1)):
        tab.keyboard.press(key)
        assert said(tab) == [place]
    tab.keyboard.press("Tab")
    assert question.locator(":focus").count() == 0
    tab.keyboard.press("Space")
    assert said(tab) == [1, 3]


def test_an_explanation_is_announced_and_told_by_a_word_and_a_mark(front):
    _, question = front()
    for kind, word, mark in (("right", "Right. ", "✓"), ("wrong", "No", "✗")):
        answer = question.locator(f".lab-{kind}").first
        answer.locator("label").click()
        heard = answer.locator("[aria-live=polite]")
        assert heard.locator("p").inner_text().startswith(word)
        assert heard.locator("[aria-hidden=true]").inner_text() == mark


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_answered_question_is_accessible_and_fits_a_finger(front, theme):
    tab, _ = front(theme=theme, width=390)
    for k, asked in enumerate(tab.locator(".lab-question").all()):
        asked.locator("label").nth(k).click()
    assert [*checks.violations(tab), *checks.too_wide(tab)] == []
    for label in tab.locator(".lab-question label").all():
        assert label.bounding_box()["height"] >= 44


def test_on_paper_stands_the_right_explanation(front):
    tab, question = front()
    question.locator(".lab-wrong label").first.click()
    tab.emulate_media(media="print")
    right = tab.locator(".lab-answer").evaluate_all(
        "all => all.flatMap((it, k) => it.matches('.lab-right') ? k : [])"
    )
    assert len(right) == 3
    assert said(tab) == right
