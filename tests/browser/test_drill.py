"""The drill of shapes in a browser: its chips, what it draws on a miss, and its score."""

import pytest

from lstm_lab import ShapeDrill
from tests.browser import bench
from tests.site import checks

# What axe wants of a whole page.
BARE = ("page-has-heading-one", "region", "landmark-one-main")


@pytest.fixture
def at(open_page, tmp_path):
    def at(fragment="", **options):
        return open_page(bench.page(tmp_path, ShapeDrill()) + fragment, **options)

    return at


def says(tab):
    return tab.locator("#shape-drill .lab-says").text_content()


def answer(tab, *names):
    for name in names:
        tab.get_by_role("button", name=f"Add {name}", exact=True).click()
    tab.get_by_role("button", name="Check").click()


def test_axes_are_clicked_into_the_answer_and_taken_away_again(at):
    tab = at()
    for name in ("Add batch", "Add seq_len", "Take away batch"):
        tab.get_by_role("button", name=name).click()
    assert tab.locator("#shape-drill input").input_value() == "seq_len=11"
    tab.get_by_role("button", name="Take away seq_len").click()
    answer(tab, "2*num_layers", "batch", "proj_size")
    assert tab.locator("#shape-drill input").input_value() == "2*num_layers=6, batch=6, proj_size=5"
    assert says(tab).endswith("hidden state. Right at the first try: 1 of 1.")
    tab.get_by_role("button", name="Next question").click()
    assert tab.locator("#shape-drill .lab-box").count() == 0


def test_a_miss_draws_both_boxes_and_marks_where_they_differ(at):
    tab = at()
    answer(tab, "seq_len", "batch", "hidden_size")
    boxes = tab.locator("#shape-drill .lab-wide .lab-box")
    shapes = [box.locator("> .lab-code").all_text_contents() for box in boxes.all()]
    assert shapes == [["yours", "(11, 6, 12)"], ["h_n", "(6, 6, 5)"]]
    marked = [box.locator("tspan.lab-moved").all_text_contents() for box in boxes.all()]
    assert marked == [["11", "12"], ["6", "5"]]
    assert [each for each in checks.violations(tab) if not each.startswith(BARE)] == []


@pytest.mark.parametrize(
    ("number", "typed", "edges"),
    [(7, "6, 6, 5", ["5", "6", "6"]), (4, "3, 4", ["4", "3"])],  # 2 axes and 3 are right
)
def test_an_answer_of_too_many_or_too_few_axes_is_drawn_without_their_names(
    at, number, typed, edges
):
    tab = at(f"#shape-drill:number={number}")
    tab.locator("#shape-drill input").fill(typed)
    tab.keyboard.press("Enter")
    mine = tab.locator("#shape-drill .lab-wide .lab-box").first.locator("> .lab-edge text")
    assert mine.all_text_contents() == edges


def test_answers_in_a_row_are_counted(at):
    tab = at("#shape-drill:number=1,counted=0,right=1,tried=1,streak=1")
    asked = tab.locator("#shape-drill")
    asked.get_by_text("The answer", exact=True).click()
    asked.get_by_role("button", name="Show the answer").click()
    tab.locator("#shape-drill input").fill(says(tab).split(" is ")[0])
    tab.keyboard.press("Enter")
    assert says(tab).endswith("Right at the first try: 2 of 2, 2 in a row.")


def test_a_link_to_a_question_and_another_place_keep_the_score(at):
    tab = at()
    answer(tab, "batch", "batch", "batch")
    link = tab.get_by_role("link", name="Link to this question").get_attribute("href")
    assert link == "#shape-drill:number=0"
    bench.show(tab, "shape-drill", number=5)
    assert says(tab) == "Question 6. Right at the first try: 0 of 1."
    tab.evaluate("location.hash = 'elsewhere'")
    tab.wait_for_timeout(30)
    assert says(tab) == "Question 6. Right at the first try: 0 of 1."
    address = tab.locator("#shape-drill .lab-link").get_attribute("href")
    assert says(at(address)) == "Question 6. Right at the first try: 0 of 1."
    bench.show(tab, "shape-drill", number=2, right=3, tried=4)
    assert says(tab) == "Question 3. Right at the first try: 3 of 4."
    bench.show(tab, "shape-drill", number=2, tried=4)
    assert says(tab) == "Question 3. Right at the first try: 0 of 4."


@pytest.mark.parametrize("width", [1280, 390])
def test_the_drill_fits_the_screen(at, width):
    tab = at("#shape-drill:checked=111%2C222%2C333", width=width)
    assert checks.too_wide(tab) == []
    assert tab.locator("#shape-drill").bounding_box()["height"] <= 850
