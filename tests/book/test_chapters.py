"""The form of a chapter, and that its stored outputs are really compared."""

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = sorted((ROOT / "chapters").glob("[0-9]*.ipynb"))  # not the appendices
SECTIONS = ["What you will learn", "What you need", "Exercises", "Key points", "Where next"]


@cache
def every_cell(path):
    return nbformat.read(path, as_version=4).cells


def cells(path, kind=None):
    return [cell for cell in every_cell(path) if kind in (None, cell.cell_type)]


def text(path):
    return "\n\n".join(cell.source for cell in cells(path, "markdown"))


def section(path, title):
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", text(path), re.M | re.S)[1]


def tagged(cell, tag):
    return tag in cell.metadata.get("tags", [])


each_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)


@each_chapter
def test_a_chapter_has_the_skeleton(path):
    assert re.fullmatch(r"\d\d(-[a-z0-9]+)+", path.stem)
    assert re.match(r"\(ch-[a-z-]+\)=\n# [A-Z]", text(path))
    headings = re.findall(r"^## (.+)$", text(path), re.M)
    assert [heading for heading in headings if heading in SECTIONS] == SECTIONS
    assert headings[:2] == SECTIONS[:2]
    assert headings[-3:] == SECTIONS[2:]


@each_chapter
def test_the_hook_is_a_figure_cited_before_it_appears(path):
    first, second, *_ = cells(path)
    name = second.metadata["mystnb"]["figure"]["name"]
    assert f"{{numref}}`{name}`" in first.source
    assert "?" in first.source


@each_chapter
def test_every_figure_is_cited(path):
    for cell in cells(path, "code"):
        if "figure" in cell.metadata.get("mystnb", {}):
            name = cell.metadata["mystnb"]["figure"]["name"]
            assert f"{{numref}}`{name}`" in text(path)


@each_chapter
def test_each_objective_has_its_key_point(path):
    goals, points = (
        re.findall(r"^- ", section(path, title), re.M) for title in (SECTIONS[0], SECTIONS[3])
    )
    assert 3 <= len(goals) <= 5
    assert len(goals) == len(points)


@each_chapter
def test_the_set_up_is_one_short_cell(path):
    first = next(cell for cell in cells(path, "code") if not tagged(cell, "hide-input"))
    lines = [line for line in first.source.splitlines() if line.strip()]
    assert "torch.manual_seed(" in first.source
    assert len(lines) <= 8


def exercises(path):
    """Return the code cells of each exercise, before its solution: what it gives, the reader's."""
    found, current = [], None
    for cell in cells(path):
        if "{solution-start}" in cell.source:
            current = None
        if "{exercise}" in cell.source:
            current = []
            found.append(current)
        elif current is not None:
            current.append(cell)
    return found


@each_chapter
def test_exercises_have_a_type_minutes_a_check_and_a_solution_that_asserts(path):
    written = re.findall(r"\{exercise\}.*?\n:label: (\S+)\n\n(.*?)\n(.*?)```", text(path), re.S)
    assert 2 <= len(written) <= 4
    for label, first_line, _ in written:
        assert re.fullmatch(r"\*(Predict|Trace|Change|Build)\*, \d+ minutes\.", first_line)
        assert f"{{solution-start}} {label}\n:class: dropdown" in text(path)
    solutions = [cell for cell in cells(path, "code") if tagged(cell, "solution")]
    assert len(solutions) == len(written)
    for cell in solutions:
        assert re.search(r"^assert check\(", cell.source, re.M)
    assert text(path).count("{solution-end}") == len(written)


@each_chapter
def test_an_unanswered_exercise_says_so_and_a_solution_is_right(path):
    shown = [
        cell.outputs[-1].data["text/plain"]
        for cell in cells(path, "code")
        if re.search(r"^check\(", cell.source, re.M)
    ]
    assert [verdict.split(":")[0] for verdict in shown] == ["Not yet", "Right"] * (len(shown) // 2)
    assert set(shown[::2]) == {"Not yet: replace the three dots by your answer."}


@each_chapter
def test_an_exercise_fetches_its_check_in_sight_and_holds_no_answer(path):
    for number, given in enumerate(exercises(path), start=1):
        *_, reader = given
        assert 1 <= len(given) <= 2
        assert not any(cell.metadata for cell in given)  # nothing folded, no prompt
        source = "\n".join(cell.source for cell in given)
        assert f'check = exercise("{int(path.stem[:2])}.{number}"' in source
        assert "..." in reader.source
        assert re.search(r"^check\(\w+\)$", reader.source, re.M)
    assert not any("Check" in cell.source for cell in cells(path, "code"))


def lesson(path):
    """Return the cells in sight before the exercises; folded code is left out."""
    end = next(k for k, cell in enumerate(cells(path)) if "## Exercises" in cell.source)
    folded = ("hide-input", "hide-cell")
    return [c for c in cells(path)[: end + 1] if not any(tagged(c, tag) for tag in folded)]


@each_chapter
def test_words_outweigh_code(path):
    shown = lesson(path)
    prose = "\n\n".join(c.source for c in shown if c.cell_type == "markdown")
    words = len(re.sub(r"```.*?```", "", prose.split("## Exercises")[0], flags=re.S).split())
    code = [c for c in shown if c.cell_type == "code"]
    assert len(code) <= 28
    assert words >= 60 * len(code)


@each_chapter
def test_no_more_than_two_code_cells_stand_together(path):
    kinds = "".join(cell.cell_type[0] for cell in lesson(path))
    assert "ccc" not in kinds


@each_chapter
def test_no_sentence_is_long(path):
    prose = re.sub(r"```.*?```|\$\$.*?\$\$|<a [^>]*>|^\|.*?$", "", text(path), flags=re.S | re.M)
    for line in prose.splitlines():
        assert len(line.split()) <= 30, line


def minutes(path):
    """Return how long a chapter takes to read: words, cells in sight, explorers, predictions."""
    prose = re.sub(r"\n## Exercises\n.*?(?=\n## Key points\n)", "", text(path), flags=re.S)
    shown = [cell.source for cell in lesson(path) if cell.cell_type == "code"]
    explorers = re.findall(r"^(?:\w+Explorer|StateGrid|Shape\w+)\(", "\n".join(shown), re.M)
    asked = re.findall(r"\b(?:Predict|Guess|Decide|before you (?:look|run))\b", prose)
    return len(prose.split()) / 200 + 0.75 * len(shown) + 3 * len(explorers) + 0.5 * len(asked)


def claimed(path):
    """Return the minutes that a chapter says it takes: to read, and for its exercises."""
    found = re.search(r"^(\d+) minutes; (\d+) more for the exercises\.$", text(path), re.M)
    return tuple(map(int, found.groups()))


@each_chapter
def test_a_chapter_takes_as_long_as_it_says(path):
    read, exercised = claimed(path)
    assert abs(read - minutes(path)) <= 3
    labels = re.findall(r"^\*(?:Predict|Trace|Change|Build)\*, (\d+) minutes", text(path), re.M)
    assert exercised == sum(map(int, labels))


def test_the_front_page_says_the_same_minutes_and_those_of_the_short_path():
    intro = (ROOT / "intro.md").read_text(encoding="utf-8")
    listed = re.findall(r"\(chapters/(\S+)\.ipynb\) \|.*\| (\d+) \|", intro)
    assert listed == [(path.stem, str(claimed(path)[0])) for path in CHAPTERS]
    of = {int(path.stem[:2]): claimed(path)[0] for path in CHAPTERS}
    short = of[1] + of[2] + of[6] + of[7] + max(of[8], of[9], of[11])
    assert f"that builds what you need; {short} minutes without the exercises." in intro


@each_chapter
def test_prose_has_one_sentence_a_line(path):
    prose = re.sub(r"```.*?```", "", text(path), flags=re.S)
    prose = re.sub(r"`[^`]*`|\$[^$]*\$", "x", prose)
    for line in prose.splitlines():
        if not line.startswith("|"):
            assert not re.search(r"[a-z)][.?!] [A-Z]", line), line


@each_chapter
def test_filler_stays_out(path):
    words = re.compile(r"\b(simply|just|obviously|of course|basically|easily|clearly)\b", re.I)
    assert words.findall(text(path)) == []


@each_chapter
def test_a_chapter_is_neither_short_nor_long(path):
    code = cells(path, "code")
    lesson = re.sub(r"^```\{question\}\n.*?^```$", "", text(path), flags=re.M | re.S)
    assert 1200 <= len(re.findall(r"\w+", lesson)) <= 2800
    lengths = sorted(len(cell.source.splitlines()) for cell in code)
    assert lengths[len(lengths) // 2] <= 10


def written(path, *numbers):
    """Write a notebook that prints a third in each cell, and stores these numbers."""
    shown = [new_output("stream", name="stdout", text=f"{number}\n") for number in numbers]
    source = 'print(f"{1 / 3:.3f}")'
    cells = [new_code_cell(source, outputs=[each], execution_count=1) for each in shown]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=cells), path)


def test_one_changed_digit_fails_the_comparison_and_copies_under_build_are_not_looked_at(tmp_path):
    written(tmp_path / "chapters/two.ipynb", 0.333, 0.334)
    written(tmp_path / "_build/html/_sources/chapters/two.ipynb", 0.335)
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"),
        *("-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path)),
        *("--nbval", "--nbval-current-env", "."),
    ]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    run = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert "FAILED chapters/two.ipynb::Cell 1" in run.stdout
    assert "1 failed, 1 passed" in run.stdout, run.stdout
