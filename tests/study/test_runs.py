"""The study notebooks run: blank, and with the solutions put in.

``STUDY=01,07`` chooses chapters by number; all of them take some ten minutes.
"""

import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

from tools import study

ROOT = Path(__file__).resolve().parents[2]
WANTED = os.environ.get("STUDY", "").split(",") if os.environ.get("STUDY") else []
NAMES = [
    path.name
    for path in sorted((ROOT / "chapters").glob("*.ipynb"))
    if not WANTED or path.stem.partition("-")[0] in WANTED
]
STUB = re.compile(r"^check\(\w+\)$", re.M)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("study")
    study.write(ROOT, made)
    return made


def run(folder, name, change):
    """Return a study notebook that has run, after a change of its cells."""
    notebook = nbformat.read(folder / name, as_version=4)
    notebook.cells = change(notebook.cells)
    client = NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": folder}}
    )
    return client.execute().cells


def verdicts(cells, wanted):
    return [said(cell) for cell in cells if wanted(cell)]


def said(cell):
    return "".join(
        output.get("data", {}).get("text/plain", "") for output in cell.get("outputs", [])
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_blank_notebook_runs_to_its_end_and_no_check_is_answered(folder, name):
    cells = run(folder, name, lambda cells: cells)
    told = verdicts(cells, lambda cell: STUB.search(cell.source))
    assert all(each.startswith("Not yet: ") for each in told)
    assert bool(told) == name[0].isdigit()


@pytest.mark.parametrize("name", [name for name in NAMES if name[0].isdigit()])
def test_with_the_solutions_every_check_is_right(folder, name):
    whole = nbformat.read(ROOT / "chapters" / name, as_version=4).cells
    solved = iter(c.source for c in whole if "solution" in c.metadata.get("tags", []))

    def with_solutions(cells):
        for cell in cells:
            yield cell
            if STUB.search(cell.source):
                yield new_code_cell(next(solved), id=f"{cell.id}-solved")

    cells = run(folder, name, lambda cells: list(with_solutions(cells)))
    told = verdicts(cells, lambda cell: cell.id.endswith("-solved"))
    assert told
    assert all(each.startswith("Right: ") for each in told)
