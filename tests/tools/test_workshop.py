"""The workshop kit: timetables that add up, notes that cannot drift, polls with their answers."""

import json
import re
from pathlib import Path

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup

from tools import workshop

ROOT = Path(__file__).resolve().parents[2]
KIT = ROOT / "workshop"
TABLES = dict(
    re.findall(
        r"^## (.+)\n\n\| minutes \| what \| they work \|\n\| --- \| --- \| --- \|\n((?:\|.*\n)+)",
        (KIT / "README.md").read_text(encoding="utf-8"),
        re.M,
    )
)
NOTES = dict(workshop.notes(ROOT))


def rows(table):
    return [
        (int(minutes), what, int(work))
        for minutes, what, work in re.findall(r"^\| (\d+) \| (.+) \| (\d+) \|$", table, re.M)
    ]


def exercise_minutes():
    """Return the minutes that each exercise states, by its number."""
    found = {}
    for path in sorted((ROOT / "chapters").glob("[0-9]*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        stated = re.findall(r"\{exercise\} .+\n:label: \S+-(\d)\n\n\*\w+\*, (\d+) minutes", text)
        found |= {f"{int(path.stem[:2])}.{k}": int(minutes) for k, minutes in stated}
    return found


def test_there_are_four_timetables():
    assert len(TABLES) == 4
    assert all(len(rows(table)) == table.count("\n") for table in TABLES.values())


@pytest.mark.parametrize("title", TABLES)
def test_a_timetable_adds_up_and_the_learners_work_a_third_of_it(title):
    every = rows(TABLES[title])
    said = re.search(r", (\d+) minutes$", title)
    total = sum(minutes for minutes, _, _ in every)
    assert said is None or total == int(said[1])
    taught = sum(minutes for minutes, what, _ in every if what not in ("break", "reserve"))
    assert 3 * sum(work for _, _, work in every) >= taught
    assert all(work <= minutes for minutes, _, work in every)


@pytest.mark.parametrize("title", TABLES)
def test_exercises_get_the_minutes_that_they_state(title):
    stated = exercise_minutes()
    for minutes, what, _ in rows(TABLES[title]):
        if what.startswith(("exercise", "lab: exercises")):
            numbers = re.findall(r"\d+\.\d", what)
            assert numbers
            assert abs(sum(stated[number] for number in numbers) - minutes) <= 1, what


@pytest.mark.parametrize("name", NOTES)
def test_the_notes_are_what_the_tool_writes(name):
    assert KIT.joinpath("notes", f"{name}.md").read_text(encoding="utf-8") == NOTES[name]


@pytest.mark.parametrize("name", NOTES)
def test_the_notes_name_cells_that_are_there(name):
    cells = nbformat.read(ROOT / "chapters" / f"{name}.ipynb", as_version=4).cells
    named = re.findall(r"cell `([0-9a-f]{8})`|^- `([0-9a-f]{8})`, ", NOTES[name], re.M)
    assert len(named) >= 4
    assert {one or other for one, other in named} <= {cell.id for cell in cells}


def test_every_chapter_has_its_claim_and_its_waits():
    claims = yaml.safe_load((KIT / "claims.yml").read_text(encoding="utf-8"))
    waits = json.loads((KIT / "waits.json").read_text(encoding="utf-8"))
    assert list(claims) == list(NOTES) == list(waits)
    assert all(len(each["myths"]) == 2 for each in claims.values())


def test_the_polls_have_twelve_questions_with_three_options_and_one_answer():
    asked = yaml.safe_load((KIT / "polls.yml").read_text(encoding="utf-8"))
    assert len(asked) == 12
    answers = [workshop.right(each["check"]) for each in asked]
    assert set(answers) == {0, 1, 2}
    assert max(map(answers.count, answers)) <= 5
    assert (KIT / "polls.md").read_text(encoding="utf-8") == workshop.polls(ROOT)


def test_a_learner_installs_a_part_of_what_the_builder_does():
    def lines(path):
        text = path.read_text(encoding="utf-8")
        return {line for line in text.splitlines() if re.match(r"\w", line)}

    learner, builder = (lines(ROOT / name / "requirements.txt") for name in ("workshop", "."))
    assert learner < builder
    assert not any("jupyter-book" in line or "pytest" in line for line in learner)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    workshop.pages(folder / "workshop")
    return folder


def test_the_pages_of_the_kit_lead_to_each_other_and_to_the_book(site):
    book = {f"chapters/{path.stem}.html" for path in ROOT.glob("chapters/*.ipynb")}
    book |= {f"{path.stem}.html" for path in ROOT.glob("*.md")}
    pages = sorted(site.rglob("*.html"))
    assert len(pages) == len(list(KIT.rglob("*.md")))
    for page in pages:
        parsed = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
        assert parsed.title.text
        assert not re.search(r"\$\S*\$|\]\(|\*\*", parsed.select_one("body").text), page.name
        links = [it["href"] for it in parsed.select("a[href]")]
        for link in [it for it in links if not it.startswith("http")]:
            path, _, anchor = link.partition("#")
            to = (page.parent / path).resolve() if path else page
            name = to.relative_to(site.resolve()).as_posix()
            assert name in book or to.is_file(), (page.name, link)
            if anchor and to.is_file():
                assert f'id="{anchor}"' in to.read_text(encoding="utf-8"), (page.name, link)


def test_what_only_makes_the_pages_is_not_among_them(site):
    assert {path.suffix for path in site.rglob("*") if path.is_file()} == {".html", ".py", ".txt"}
