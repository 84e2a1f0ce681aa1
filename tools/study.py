"""Write the chapters as plain notebooks to study, teach and hand out: study/.

    python -m tools.study [FOLDER]

They are right in JupyterLab, VS Code, Colab and on GitHub: plain Markdown, captions as text, no
stored outputs, no solutions. Code that the book folds is folded. A solution is one call away,
``check.solution()``; the answers to the three questions of a chapter stand in answers.md. After
``make book``, a chapter opens with its first figure drawn, and executed/ has the same notebooks
with all outputs of that run, to look at on GitHub.
"""

import shutil
import sys
from copy import deepcopy
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from _ext.address import address, commit, portable
from tools.notebooks import KERNEL, ROOT, with_drawings
from tools.plain import Book, bibliography, captioned, glossary, number_of, plain, questions

STUDY = ROOT / "study"
RUN = ROOT / "_build/jupyter_execute/chapters"
SHOWN = {"text/plain", "text/html", "image/png", "image/svg+xml", "text/latex"}
HIDDEN = {"hide-input", "hide-cell"}
READ_ME = """\
# Notebooks to study

One notebook for each chapter of *What your LSTM returns*, and one for each appendix.
Open them in JupyterLab, VS Code or Colab, from the top: a later cell needs the earlier ones.
Predict before you run; each exercise has a check that says whether you are right.

{listed}

Beside them: the [glossary](glossary.md), the [bibliography](bibliography.md), and the
[answers to the three questions](answers.md) of each chapter.
"""


def main(argv: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if argv is None else argv
    folder = Path(arguments[0]) if arguments else STUDY
    made = write(ROOT, folder)
    print(f"wrote {len(made)} notebooks to {folder}")
    return 0


def write(root: Path, folder: Path) -> list[Path]:
    """Write the study copies of a book's chapters; what the folder held before is gone."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    book, made, told, answers = Book.of(root), [], [], []
    repository = address("BOOK_REPOSITORY")
    for path in sorted((root / "chapters").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        copy = study(notebook, book, number_of(path))
        if repository:
            copy = portable(copy, f"git+{repository}@{commit()}")
        if (RUN / path.name).is_file():
            folder.joinpath("executed").mkdir(exist_ok=True)
            run = nbformat.read(RUN / path.name, as_version=4)
            nbformat.write(executed(copy, run), folder / "executed" / path.name)
            copy = opened(copy, run)
        made.append(folder / path.name)
        nbformat.write(copy, made[-1])
        title = copy.cells[1 if repository else 0].source.split("\n")[0].lstrip("# ")
        told.append(f"- [{number_of(path)}. {title}]({path.name})")
        answers += _answers(notebook, book, f"{number_of(path)}. {title}")
    pages = {
        "README.md": READ_ME.format(listed="\n".join(told)),
        "answers.md": "# Answers to the three questions\n\n" + "\n".join(answers),
        "bibliography.md": bibliography(root),
        "glossary.md": glossary((root / "glossary.md").read_text(encoding="utf-8"), book),
    }
    for name, text in pages.items():
        folder.joinpath(name).write_text(text, encoding="utf-8")
    return made


def study(notebook: NotebookNode, book: Book, chapter: str) -> NotebookNode:
    """Return a chapter as a plain notebook without outputs and without solutions."""
    cells = []
    for cell in notebook.cells:
        tags = set(cell.metadata.get("tags", []))
        if cell.cell_type == "markdown":
            text = plain(cell.source, book, chapter)
            cells += [nbformat.v4.new_markdown_cell(text, id=cell.id)] if text else []
        elif "solution" not in tags:
            metadata = {"jupyter": {"source_hidden": True}} if tags & HIDDEN else {}
            if "raises-exception" in tags:
                metadata["tags"] = ["raises-exception"]  # or "run all" would stop there
            cells.append(nbformat.v4.new_code_cell(cell.source, id=cell.id, metadata=metadata))
            if caption := captioned(cell, book):
                cells.append(nbformat.v4.new_markdown_cell(caption, id=f"{cell.id}-fig"))
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def executed(copy: NotebookNode, run: NotebookNode) -> NotebookNode:
    """Return a study notebook with the outputs that its cells had when the book was built."""
    copy = deepcopy(copy)
    outputs = {cell.id: cell.outputs for cell in run.cells if cell.cell_type == "code"}
    for cell in copy.cells:
        if cell.cell_type == "code":
            cell.outputs = [_shown(each) for each in outputs.get(cell.id, [])]
            cell.execution_count = 1
    with_drawings(copy)
    return copy


def opened(copy: NotebookNode, run: NotebookNode) -> NotebookNode:
    """Return a study notebook whose first figure is drawn: the one that the chapter asks about."""
    copy = deepcopy(copy)
    hooks = {cell.id: cell for cell in run.cells if "hook" in cell.metadata.get("tags", [])}
    for cell in copy.cells:
        if cell.id in hooks:
            drawn = [_shown(each, {"image/png"}) for each in hooks[cell.id].outputs]
            cell.outputs = [each for each in drawn if each.get("data")]
    return copy


def _shown(output: NotebookNode, kinds: set[str] = SHOWN) -> NotebookNode:
    """Return an output without what only a live kernel can show, each picture with its size."""
    if "data" in output:
        kept = {kind: output.data[kind] for kind in output.data if kind in kinds}
        sizes = {kind: output.metadata[kind] for kind in kept if kind in output.metadata}
        output = NotebookNode(output | {"data": kept, "metadata": sizes})
    return output


def _answers(notebook: NotebookNode, book: Book, title: str) -> list[str]:
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    pairs = [pair for text in cells for pair in questions(text)]
    if not pairs:
        return []
    told = [f"**{asked}**\n\n{plain(answer, book, '')}\n" for asked, answer in pairs]
    return [f"## {title}\n", *told]


if __name__ == "__main__":
    sys.exit(main())
