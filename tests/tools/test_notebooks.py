"""The notebook tool: each rule can fail, the slim form is what the chapters have."""

import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import notebooks

ROOT = Path(__file__).resolve().parents[2]


PICTURE = {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure of a test>"}
DESCRIBED = {
    "image": {"alt": "a line"},
    "figure": {"name": "fig-line", "caption": "It is a line."},
}


def code(source="1 + 1", outputs=(), tags=(), **metadata):
    cell = new_code_cell(source, outputs=list(outputs), execution_count=1)
    cell.metadata = nbformat.NotebookNode({"tags": list(tags), **metadata})
    return cell


def result(data):
    return new_output("execute_result", data, execution_count=1)


def found(tmp_path, *cells, name="chapter", toc=("chapters/chapter",)):
    path = tmp_path / f"{name}.ipynb"
    nbformat.write(new_notebook(cells=list(cells)), path)
    return notebooks.check(path, set(toc))


def test_a_slim_notebook_has_no_problems(tmp_path):
    error = new_output("error", ename="ValueError", evalue="no", traceback=[])
    cells = [
        new_markdown_cell("# Title\n\n![a line](line.png)"),
        code(outputs=[result({"text/plain": "2"})]),
        code(outputs=[error], tags=["raises-exception"]),
        code(outputs=[result({"text/plain": "<Figure of a line>"})], mystnb=DESCRIBED),
    ]
    assert found(tmp_path, *cells) == []


LONG = "\n".join(f"x = {k}" for k in range(16))
LOOP = "for k in range(3):\n" + "\n".join(f"    print({k})" for k in range(25))
RULES = {
    "execution_count is None": new_code_cell("1 + 1"),
    "stores image/png": code(outputs=[result(PICTURE)], mystnb=DESCRIBED),
    r"stores application/vnd.jupyter.widget-view\+json": code(
        outputs=[new_output("display_data", {"application/vnd.jupyter.widget-view+json": {}})]
    ),
    "stores collapsed in its metadata": code(collapsed=True),
    "stores a picture in text/html": code(
        outputs=[result({"text/html": '<img src="data:image/png;base64,iVBORw0KGgo=">'})]
    ),
    "tagged raises-exception and raises none": code(tags=["raises-exception"]),
    "switches the comparison off": code("# NBVAL_IGNORE_OUTPUT\n1 + 1"),
    r"stores an error \(ValueError\)": code(outputs=[new_output("error", ename="ValueError")]),
    "writes to stderr: careful": code(
        outputs=[new_output("stream", name="stderr", text="careful\n")]
    ),
    "16 lines; at most 15": code(LONG),
    "26 lines; at most 15, 25 for one": code(LOOP),
    "17 lines; at most 15": code("%time 1\n" + LONG),
    "unknown tag 'remove-cell'": new_markdown_cell("Text", metadata={"tags": ["remove-cell"]}),
    "image <img src='a.png'> without alt text": new_markdown_cell("<img src='a.png'>"),
    "unknown tag 'nbval-skip'": code(tags=["nbval-skip"]),
    "without mystnb image: alt": code(
        outputs=[result({"text/plain": "<Figure of a test>"})],
        mystnb={"figure": DESCRIBED["figure"]},
    ),
    "without mystnb figure: caption": code(
        outputs=[result({"text/plain": "<Figure of a test>"})],
        mystnb={"image": DESCRIBED["image"], "figure": {"name": "fig-line", "caption": " "}},
    ),
    "without mystnb figure: name": code(
        outputs=[
            new_output("display_data", {"text/plain": "a"}, metadata={"pictures": ["image/png"]})
        ],
        mystnb={"image": DESCRIBED["image"], "figure": {"caption": "It is a line."}},
    ),
    "ends with a semicolon": code("1 + 1;"),
    r"image line.png without alt text": new_markdown_cell("![](line.png)"),
    r"image grid.svg without alt text": new_markdown_cell("```{figure} grid.svg\n:alt:\n\nA\n```"),
}


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_can_fail(tmp_path, rule):
    problems = found(tmp_path, RULES[rule])
    assert re.search(rule, "\n".join(problems))


def test_the_state_of_widgets_is_found_where_jupyter_stores_it(tmp_path):
    path = tmp_path / "chapter.ipynb"
    nbformat.write(new_notebook(cells=[code()], metadata={"widgets": {}}), path)
    assert notebooks.check(path, {"chapters/chapter"}) == [
        "chapter.ipynb: stores widgets in its metadata"
    ]


def test_a_chapter_must_be_in_the_table_of_contents(tmp_path):
    assert found(tmp_path, code(), toc=()) == ["chapter.ipynb: not in _toc.yml"]


def test_a_fifth_may_be_exempt_and_must_be_followed_by_an_assertion(tmp_path):
    def check(pattern):  # e: exempt, a: asserts, o: any other
        kinds = {
            "e": ("1 + 1", ["nbval-ignore-output"]),
            "a": ("assert True", []),
            "o": ("# assert 2", []),
        }
        made = [code(kinds[kind][0], tags=kinds[kind][1]) for kind in pattern]
        return "\n".join(found(tmp_path, *made))

    assert check("eaooo") == ""
    assert "2 of 8 code cells are exempt" in check("eaooeaoo")
    assert "not followed by one with an assert" in check("eoooa")
    assert "not followed by one with an assert" in check("oooae")


def test_running_stores_the_slim_form(tmp_path):
    source = "from IPython.display import display, SVG\ndisplay(SVG('<svg/>'))\nprint('seen')\n3"
    path = tmp_path / "chapter.ipynb"
    failing = new_code_cell("1 / 0", metadata={"tags": ["raises-exception"]})
    cells = [new_code_cell(source, metadata={"a": 1}), failing]
    nbformat.write(new_notebook(cells=cells, metadata={"widgets": {}}), path)
    notebooks.run(path)
    notebook = nbformat.read(path, as_version=4)
    assert notebook.metadata.language_info == {"name": "python"}
    assert "widgets" not in notebook.metadata
    cell, failed = notebook.cells
    assert failed.outputs[0].evalue == "division by zero"
    assert failed.outputs[0].traceback == []
    assert cell.execution_count == 1
    assert cell.metadata == {}
    drawn, printed, shown = cell.outputs
    assert drawn.metadata == {"pictures": ["image/svg+xml"]}
    assert set(drawn.data) == {"text/plain"}
    assert printed.text == "seen\n"
    assert shown.data == {"text/plain": "3"}
    assert any("without mystnb" in problem for problem in notebooks.check(path, set()))


def test_the_command_reports_and_fails(tmp_path, capsys):
    path = tmp_path / "loose.ipynb"
    nbformat.write(new_notebook(cells=[code("1 + 1;")]), path)
    assert notebooks.main(["check", str(path)]) == 1
    assert "1 notebooks, 2 problems" in capsys.readouterr().out


def test_the_table_of_contents_is_read_whole():
    files = notebooks.toc_files(ROOT)
    chapters = {f"chapters/{path.stem}" for path in (ROOT / "chapters").glob("*.ipynb")}
    assert chapters <= set(files)
    assert files[0] == "intro"
