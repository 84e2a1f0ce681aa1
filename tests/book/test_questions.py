"""The questions of the pages: three where an explorer is, each wrong answer explained."""

import re
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.docutils import docutils_namespace

ROOT = Path(__file__).resolve().parents[2]
EXPLORER = re.compile(r"^(?:```\{explorer\}|(?:\w+Explorer|StateGrid|Shape\w+)\()", re.M)
LONGEST = 30  # words of an explanation


def cells(path):
    """Return the pairs of kind and text that a page is made of."""
    if path.suffix == ".md":
        return [("markdown", path.read_text(encoding="utf-8"))]
    return [(cell.cell_type, cell.source) for cell in nbformat.read(path, as_version=4).cells]


PAGES = [
    path
    for path in (
        ROOT / "intro.md",
        ROOT / "which-tensor.md",
        *sorted((ROOT / "chapters").glob("*.ipynb")),
    )
    if any(EXPLORER.search(text) for _, text in cells(path))
]
each_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)


def prose(path):
    return "\n\n".join(text for kind, text in cells(path) if kind == "markdown")


def questions(path):
    """Return the answers and explanations of each question of a page."""
    bodies = re.findall(r"^```\{question\}\n[^\n]+\?\n\n(.*?)^```$", prose(path), re.M | re.S)
    return [
        [answer.partition("\n: ")[::2] for answer in body.strip().split("\n\n")] for body in bodies
    ]


@each_page
def test_a_page_with_an_explorer_has_three_questions_under_their_heading(path):
    assert len(questions(path)) == prose(path).count("{question}") == 3
    sections = re.split(r"^## ", prose(path), flags=re.M)
    places = [k for k, text in enumerate(sections) if "{question}" in text]
    assert len(places) == 1
    assert sections[places[0]].startswith("Three questions\n")
    if path.suffix == ".ipynb":
        assert sections[places[0] + 1].startswith("Exercises\n")


@each_page
def test_one_answer_is_right_and_every_wrong_one_is_explained(path):
    for answers in questions(path):
        assert 2 <= len(answers) <= 4
        verdicts = [re.match(r"Right\. |No[:,] ", why) for _, why in answers]
        assert all(verdicts), answers
        assert [verdict[0] for verdict in verdicts].count("Right. ") == 1
        assert all(len(why.split()) <= LONGEST for _, why in answers), answers


GOOD = """What is *asked*, of `h_n`?

This, $c$
: No: it is `c_n`.

That
: Right. A **reason**.
"""


def built(folder, body):
    """Build a page with a question, and return it."""
    text = f"# Page\n\n```{{question}}\n{body}```\n"
    folder.joinpath("index.md").write_text(text, encoding="utf-8")
    options = {
        "extensions": ["myst_parser", "_ext.questions"],
        "myst_enable_extensions": ["deflist", "dollarmath"],
    }
    with docutils_namespace():
        app = Sphinx(folder, None, folder / "out", folder / "trees", "html", options, None, None)
        app.build()
    return BeautifulSoup((folder / "out/index.html").read_text("utf-8"), "html.parser")


def test_a_question_becomes_radio_buttons_with_what_is_said_of_each(tmp_path):
    asked = built(tmp_path, GOOD).fieldset
    assert asked.legend.get_text() == "What is asked, of h_n?"
    assert [tag.name for tag in asked.legend.span.find_all(["em", "code"])] == ["em", "code"]
    answers = asked.select(".lab-answer")
    buttons = [answer.label.input for answer in answers]
    assert {(it["type"], it["name"]) for it in buttons} == {("radio", "question-0")}
    assert answers[0].label.select_one(".math")
    assert [answer["class"][1] for answer in answers] == ["lab-wrong", "lab-right"]
    said = [answer.select_one("[aria-live=polite] .lab-said") for answer in answers]
    assert said[0].select_one("[aria-hidden=true]").get_text() == "✗"
    assert [" ".join(it.p.get_text().split()) for it in said] == [
        "No: it is c_n.",
        "Right. A reason.",
    ]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("Right.", "No:", "exactly one explanation that begins"),
        ("No:", "Right.", "exactly one explanation that begins"),
        ("No:", "Hardly:", "neither"),
        (": Right.", ": Right. Yes.\n: Right.", "without exactly one explanation"),
        ("What is *asked*, of `h_n`?\n\n", "", "is not one paragraph"),
        ("That\n:", "That\n\n", "is not one paragraph"),
    ],
)
def test_a_question_of_another_form_ends_the_build_and_names_its_page(tmp_path, old, new, reason):
    assert old in GOOD
    with pytest.raises(SphinxError, match=f"^index: the question .*{reason}"):
        built(tmp_path, GOOD.replace(old, new))
