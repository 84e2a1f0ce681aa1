"""The study notebooks: nothing raw, no answer, nothing lost. No notebook runs here."""

import ast
import re
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from lstm_lab.exercises import EXERCISES
from tools import plain, study

ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(path.name for path in (ROOT / "chapters").glob("*.ipynb"))
CHAPTERS = [name for name in NAMES if name[0].isdigit()]
SCAFFOLD = re.compile(r"^(?:assert )?check\(|^check = |^from lstm_lab import exercise$")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("study")
    study.write(ROOT, made)
    return made


@pytest.fixture(scope="module")
def book():
    return plain.Book.of(ROOT)


def cells(folder, name):
    return nbformat.read(folder / name, as_version=4).cells


def prose(folder, name):
    return "\n\n".join(c.source for c in cells(folder, name) if c.cell_type == "markdown")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_raw_is_left(folder, name):
    text = re.sub(r"^```.*?^```$", "", prose(folder, name), flags=re.M | re.S)
    assert not re.search(
        r"\{[a-z:-]+\}`|\{(?:term|ref|eq|numref|cite)|^:\w+:|^\(.+\)=$", text, re.M
    )
    assert "{exercise}" not in text
    assert "<Figure" not in text


@pytest.mark.parametrize(
    "text",
    [
        "see {doc}`other`",
        "```{note}\nMind this.\n```",
        "{abbr}`LSTM (long short-term memory)`",
        ":::{tip}\nno\n:::",
        "```{exercise} A\n:label: ex-a-1\n\n```{hint}\nno\n```\n```",
    ],
)
def test_another_form_is_refused(book, text):
    with pytest.raises(ValueError, match="study notebooks know"):
        plain.plain(text, book, "1")


@pytest.mark.parametrize("name", [*NAMES, "glossary.md", "answers.md", "README.md"])
def test_every_link_leads_somewhere(folder, name):
    text = prose(folder, name) if name.endswith("ipynb") else folder.joinpath(name).read_text()
    links = re.findall(r"\]\(((?!https?:)[^)#]*)(?:#([^)]*))?\)", text)
    for file, quoted in links:
        anchor = unquote(quoted)
        target = folder / (file or name)
        assert target.is_file(), file
        whole = prose(folder, file) if file.endswith("ipynb") else target.read_text("utf-8")
        titles = re.findall(r"^#+ (.+)$", whole, re.M)
        known = {title.replace(" ", "-").replace("`", "") for title in titles} | set(
            map(plain.slug, titles)
        )
        assert not anchor or anchor in known | set(re.findall(r'id="([\w-]+)"', whole)), anchor


@pytest.mark.parametrize("name", NAMES)
def test_all_code_but_the_solutions_is_there_without_outputs(folder, name):
    whole = nbformat.read(ROOT / "chapters" / name, as_version=4).cells
    kept = [c for c in whole if c.cell_type == "code" and "solution" not in tags(c)]
    copies = [c for c in cells(folder, name) if c.cell_type == "code"]
    assert [c.source for c in copies] == [c.source for c in kept]
    assert not any(c.execution_count for c in copies)
    for cell, copy in zip(kept, copies, strict=True):  # a hook is drawn, where the book was built
        assert {kind for it in copy.outputs for kind in it.data} <= {"image/png"}
        assert not copy.outputs or "hook" in tags(cell)
    for cell, copy in zip(kept, copies, strict=True):
        hidden = bool(tags(cell) & {"hide-cell", "hide-input"})
        assert copy.metadata.get("jupyter", {}).get("source_hidden", False) == hidden
        assert tags(copy) == tags(cell) & {"raises-exception"}


def tags(cell):
    return set(cell.metadata.get("tags", []))


@pytest.mark.parametrize("name", CHAPTERS)
def test_exercises_are_headings_and_captions_are_text(folder, book, name):
    number, text = str(int(name[:2])), prose(folder, name)
    wanted = [each for each in EXERCISES if each.split(".")[0] == number]
    assert re.findall(r"^### Exercise ([\d.]+): \S", text, re.M) == wanted
    assert len(re.findall(r"^\*(?:Predict|Trace|Change|Build)\*, \d+ minutes", text, re.M)) == len(
        wanted
    )
    whole = nbformat.read(ROOT / "chapters" / name, as_version=4).cells
    figures = [c.metadata.mystnb for c in whole if "figure" in c.metadata.get("mystnb", {})]
    said = re.findall(r"^\*\*Fig\. (\d+)\.(\d+)\.\*\* ", text, re.M)
    assert said == [(number, str(k)) for k in range(1, len(figures) + 1)]
    assert all(" ".join(each["image"]["alt"].split()) in text for each in figures)


def solutions(name):
    whole = nbformat.read(ROOT / "chapters" / name, as_version=4).cells
    return [c.source for c in whole if "solution" in tags(c)]


def leaked(name, study_cells):
    """Return the statements and values of a chapter's solutions that stand in its exercises."""
    start = next(k for k, c in enumerate(study_cells) if "## Exercises" in c.source)
    shown = [c.source for c in study_cells[start:]]
    text = "\n".join(shown)
    known = {ast.unparse(each) for source in shown for each in parsed(source)}
    found = []
    for source in solutions(name):
        for each in parsed(source):
            line = ast.unparse(each)
            if SCAFFOLD.match(line):
                continue
            # What an exercise gives may be said again: an import, a seed.
            given = isinstance(each, ast.Import | ast.ImportFrom)
            found += [line] if line in known and not given else []
            value = each.value if isinstance(each, ast.Assign) else None
            if value is not None and len(ast.unparse(value)) > 5 and ast.unparse(value) in text:
                found.append(line)
    return found


def parsed(source):
    try:
        return ast.parse(source).body
    except SyntaxError:
        return []


@pytest.mark.parametrize("name", CHAPTERS)
def test_no_answer_is_in_sight(folder, name):
    assert leaked(name, cells(folder, name)) == []


@pytest.mark.parametrize("name", CHAPTERS)
@pytest.mark.parametrize("make", [new_code_cell, new_markdown_cell])
def test_a_planted_answer_is_found(folder, name, make):
    planted = [*cells(folder, name), make(solutions(name)[0])]
    if make is new_markdown_cell and not any(
        isinstance(each, ast.Assign) and len(ast.unparse(each.value)) > 5
        for each in parsed(solutions(name)[0])
    ):
        planted[-1] = new_code_cell(solutions(name)[0])
    assert leaked(name, planted)


def test_three_questions_are_asked_and_answered_elsewhere(folder):
    told = folder.joinpath("answers.md").read_text(encoding="utf-8")
    for name in CHAPTERS:
        for cell in nbformat.read(ROOT / "chapters" / name, as_version=4).cells:
            for asked, answer in plain.questions(cell.source):
                assert asked in prose(folder, name)
                why = answer.partition(". Right. ")[2]
                assert why not in prose(folder, name)
                assert why in told


def test_an_executed_copy_has_the_outputs_of_the_book_s_run(folder):
    copy = nbformat.read(folder / CHAPTERS[0], as_version=4)
    run = new_notebook(cells=[new_code_cell("1 + 1", id=c.id) for c in copy.cells])
    made = new_output("execute_result", {"text/plain": "2", "text/x-live": "none"})
    for cell in run.cells:
        cell.outputs = [made]
    for cell in study.executed(copy, run).cells:
        if cell.cell_type == "code":
            assert [list(each.data) for each in cell.outputs] == [["text/plain"]]


def test_a_chapter_opens_with_its_first_figure_and_shows_no_other_output(folder):
    copy = nbformat.read(folder / CHAPTERS[0], as_version=4)
    run = nbformat.read(ROOT / "chapters" / CHAPTERS[0], as_version=4)
    for cell in (it for it in run.cells if it.cell_type == "code"):
        data = {"text/plain": "a figure", "image/png": "drawn"}
        size = {"image/png": {"width": 300, "height": 200}}
        cell.outputs = [
            new_output("stream", text="said"),
            new_output("display_data", data, metadata=size),
        ]
    shown = [cell for cell in study.opened(copy, run).cells if cell.get("outputs")]
    (hook,) = [cell.id for cell in run.cells if "hook" in tags(cell)]
    assert [cell.id for cell in shown] == [hook]
    (picture,) = shown[0].outputs
    assert picture.data == {"image/png": "drawn"}
    assert picture.metadata == size


def test_where_the_book_has_an_address_a_copy_installs_the_package(tmp_path, monkeypatch):
    monkeypatch.setenv("BOOK_REPOSITORY", "https://github.com/someone/a-book")
    monkeypatch.setenv("BOOK_URL", "https://someone.github.io/a-book")
    study.write(ROOT, tmp_path)
    first = cells(tmp_path, CHAPTERS[0])[0]
    assert "git+https://github.com/someone/a-book@main" in first.source
    assert "(https://someone.github.io/a-book/" in prose(tmp_path, CHAPTERS[13])
