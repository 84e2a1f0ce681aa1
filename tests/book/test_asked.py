"""The page of questions: each has an answer, and a link to a cell that is there."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "questions.md").read_text(encoding="utf-8")
ASKED = re.findall(r"^\*\*(.+)\*\*\n\n((?:.+\n)+)", PAGE, re.M)
LINK = re.compile(r'^<a href="chapters/(\S+)\.html#cell-(\w+)">(.+?), (.+)</a>( \(folded\))?\.$')
COUNT = 114  # as the front page says


def parts(answer):
    *sentences, link = answer.strip().splitlines()
    return sentences, LINK.match(link).groups()


def test_no_question_is_without_an_answer():
    assert len({question for question, _ in ASKED}) == PAGE.count("\n**") == COUNT
    assert f"answers {COUNT} that people ask" in (ROOT / "intro.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("question", "answer"), ASKED, ids=[it for it, _ in ASKED])
def test_a_question_is_answered_shortly_and_leads_to_a_cell_under_the_heading_it_names(
    question, answer
):
    sentences, (chapter, cell, place, title, folded) = parts(answer)
    assert "?" in question
    assert 1 <= len(sentences) <= 3
    assert all(len(sentence.split()) <= 30 for sentence in sentences)
    cells = json.loads((ROOT / f"chapters/{chapter}.ipynb").read_text(encoding="utf-8"))["cells"]
    number = next(k for k, it in enumerate(cells) if it["id"] == cell)
    assert cells[number]["cell_type"] == "code"
    prose = "\n".join("".join(it["source"]) for it in cells[:number] if it["cell_type"] != "code")
    assert title == re.findall(r"^##? (.+)$", prose, re.M)[-1].replace("`", "")
    named = f"Chapter {int(chapter[:2])}" if chapter[0].isdigit() else f"Appendix {chapter[0]}"
    assert place == named
    assert bool(folded) == ("hide-cell" in cells[number]["metadata"].get("tags", []))
