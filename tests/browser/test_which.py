"""Which tensor do I want, in a browser: each choice shows its lines, and where they read."""

from itertools import product

import pytest
from playwright.sync_api import expect

from lstm_lab import WhichTensor
from lstm_lab.explorers.which import KINDS, TASKS, reading
from tests.browser import bench
from tests.site import checks

ID = "#which-tensor"
EVERY = list(product(TASKS, (1, 2), (False, True), KINDS))


@pytest.fixture
def at(open_page, tmp_path):
    def at(fragment="", **options):
        return open_page(bench.page(tmp_path, WhichTensor()) + fragment, **options)

    return at


def taken(tab):
    """Return how many boxes are marked, by their quantity."""
    wide = tab.locator(f"{ID} .lab-wide")
    return {each: wide.locator(f"rect.q-{each}").count() for each in ("output", "h", "c")}


def test_every_choice_shows_its_lines_and_why(at):
    tab = at()
    for task, directions, padded, kind in EVERY:
        words = str(padded).lower()
        bench.show(tab, "which-tensor", task=task, directions=directions, padded=words, kind=kind)
        given, lines, why = vars(reading(task, directions, padded, kind)).values()
        expect(tab.locator(f"{ID} .lab-lines .lab-listing")).to_have_text("\n".join(lines))
        assert tab.locator(f"{ID} .lab-says").text_content() == why.replace("`", "")
        assert tab.locator(f"{ID} div.lab-code .lab-listing").text_content() == "\n".join(given)


@pytest.mark.parametrize(
    ("state", "marked"),
    [
        ({}, {"output": 0, "h": 1, "c": 0}),
        ({"directions": 2}, {"output": 0, "h": 2, "c": 0}),
        ({"task": "step"}, {"output": 5, "h": 0, "c": 0}),
        ({"task": "pooled", "directions": 2}, {"output": 10, "h": 0, "c": 0}),
        ({"task": "attention", "padded": "true"}, {"output": 3, "h": 0, "c": 0}),
        ({"task": "decoder", "directions": 2}, {"output": 0, "h": 4, "c": 4}),
        ({"task": "next", "kind": "GRU"}, {"output": 0, "h": 2, "c": 0}),
        ({"task": "next", "directions": 2}, {"output": 0, "h": 0, "c": 0}),
    ],
)
def test_the_picture_marks_what_the_lines_read(at, state, marked):
    tab = at()
    bench.show(tab, "which-tensor", **state)
    assert taken(tab) == marked


def test_the_lines_can_be_copied(at):
    tab = at()
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.locator(f"{ID} [data-copy]").click()
    expect(tab.locator(f"{ID} [data-copy]")).to_have_text("copied")
    copied = tab.evaluate("navigator.clipboard.readText()")
    assert copied == "\n".join(reading("sequence", 1, False, "LSTM").lines)


def test_without_script_every_answer_stands_in_a_table(browser, tmp_path):
    tab = browser.new_context(java_script_enabled=False).new_page()
    tab.goto(bench.page(tmp_path, WhichTensor()))
    rows = tab.locator(f"{ID} tbody tr:visible")
    wanted = [case for case in EVERY if case[3] == "LSTM"]
    assert rows.count() == len(wanted)
    for row, (task, *options) in zip(rows.all(), wanted, strict=True):
        cells = row.locator("th, td").all_text_contents()
        assert cells[0] == TASKS[task]
        assert cells[3] == "\n".join(reading(task, *options).lines)
    assert not tab.locator(f"{ID} input:visible").count()
    tab.context.close()


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
@pytest.mark.parametrize("task", TASKS)
def test_each_choice_is_accessible_and_fits(at, task, theme, width):
    tab = at(theme=theme, width=width)
    bench.show(tab, "which-tensor", task=task, directions=2, padded="true")
    found = [each for each in checks.violations(tab) if not each.startswith(bench.BARE)]
    assert [*found, *checks.too_wide(tab)] == []
