"""Run the chapters' notebooks, store them in a slim form, and check that form.

    python -m tools.notebooks run   [NOTEBOOK ...]    execute and store; default: all chapters
    python -m tools.notebooks check [NOTEBOOK ...]    list every departure from the form

Slim: text and HTML outputs are kept, because the tests compare them; images, widgets, the data of
interactive figures and volatile metadata are dropped, because they differ from machine to machine
and swell every diff. Every code cell has run, and its count is 1. This tool knows nothing of the
package that the notebooks use.
"""

import argparse
import ast
import re
import sys
from collections.abc import Collection
from itertools import zip_longest
from pathlib import Path

import nbformat
import yaml
from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent
TAGS = {"raises-exception", "nbval-ignore-output", "hide-input", "hide-cell", "solution", "shared"}
TAGS |= {"hook", "question", "drawing", "explorer", "exercise"}  # what a slide is made of
TEXT = ("text/plain", "text/html")
# What an interactive figure computes from: trained weights, different on each machine.
DATA = re.compile(r'(<script type="application/json">).*?(</script>)', re.DOTALL)
LINES, LINES_OF_ONE_STATEMENT = 15, 25
EXEMPT_SHARE = 0.2
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["run", "check"])
    parser.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK")
    arguments = parser.parse_args(argv)
    paths = arguments.notebooks or sorted((ROOT / "chapters").glob("*.ipynb"))
    if arguments.command == "run":
        for path in paths:
            print(f"running {path.name}", flush=True)
            run(path)
    problems = [problem for path in paths for problem in check(path, toc_files(ROOT))]
    print(*problems, f"{len(paths)} notebooks, {len(problems)} problems", sep="\n")
    return 1 if problems else 0


def run(path: Path) -> None:
    """Execute a notebook in its own folder and write it back in the slim form."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        coalesce_streams=True,  # how the kernel cuts a stream into messages is a matter of time
        resources={"metadata": {"path": path.parent}},
    ).execute()
    with_drawings(notebook)
    nbformat.write(slim(notebook), path)


def with_drawings(notebook: NotebookNode) -> None:
    """Let each drawing's picture stand where nobody can draw it: on GitHub, in a plain editor."""
    from _ext.explorers import pictured

    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "text/html" in output.get("data", {}):
                output.data["text/html"] = pictured(output.data["text/html"])


def slim(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook with the outputs that are compared, and nothing that is volatile."""
    notebook.metadata = NotebookNode(
        kernelspec=KERNEL,
        language_info={"name": "python"},
    )
    for cell in notebook.cells:
        kept = {key: cell.metadata[key] for key in ("tags", "mystnb") if key in cell.metadata}
        cell.metadata = NotebookNode(kept)
        if cell.cell_type == "code":
            cell.execution_count = 1
            cell.outputs = [output for each in cell.outputs for output in _slim_output(each)]
    return notebook


def _slim_output(output: NotebookNode) -> list[NotebookNode]:
    if output.output_type == "error":
        output.traceback = []
    if "data" not in output:
        return [output]
    # What made a picture is remembered, for the rule that a figure has a caption.
    pictures = sorted(kind for kind in output.data if kind.startswith("image/"))
    output.metadata = NotebookNode({"pictures": pictures} if pictures else {})
    output.data = {kind: output.data[kind] for kind in TEXT if kind in output.data}
    if "text/html" in output.data:
        output.data["text/html"] = DATA.sub(r"\1\2", output.data["text/html"])
    if output.output_type == "execute_result":
        output.execution_count = 1
    return [output]


def toc_files(root: Path) -> list[str]:
    """Return the files that the table of contents names, in its order, without their endings."""

    def files(node):
        if isinstance(node, dict):
            yield from (node[key] for key in ("root", "file") if key in node)
            node = list(node.values())
        for child in node if isinstance(node, list) else []:
            yield from files(child)

    return list(files(yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))))


def check(path: Path, toc: Collection[str]) -> list[str]:
    """Return what departs from the form, a line each: ``name: cell number: what``."""
    notebook = nbformat.read(path, as_version=4)
    found = [(None, what) for what in _check_whole(path, notebook, toc)]
    for number, cell in enumerate(notebook.cells):
        rules = CODE_RULES if cell.cell_type == "code" else TEXT_RULES
        found += [(number, what) for rule in rules for what in rule(cell)]
    return [f"{path.name}: {_where(number)}{what}" for number, what in found]


def _where(number: int | None) -> str:
    return "" if number is None else f"cell {number}: "


def _check_whole(path: Path, notebook: NotebookNode, toc: Collection[str]):
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for key in sorted(set(notebook.metadata) - {"kernelspec", "language_info"}):
        yield f"stores {key} in its metadata"
    if f"chapters/{path.stem}" not in toc:
        yield "not in _toc.yml"
    exempt = sum("nbval-ignore-output" in _tags(cell) for cell in code)
    if exempt > EXEMPT_SHARE * len(code):
        yield f"{exempt} of {len(code)} code cells are exempt from comparison; a fifth may be"
    for cell, after in zip_longest(code, code[1:]):
        if "nbval-ignore-output" in _tags(cell) and not _asserts(after):
            yield "a cell exempt from comparison is not followed by one with an assert"


def _asserts(cell) -> bool:
    tree = _tree(cell.source) if cell else None
    return tree is not None and any(isinstance(node, ast.Assert) for node in ast.walk(tree))


def _tree(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except SyntaxError:  # a magic, or an error that is shown on purpose
        return None


def _ran(cell):
    if cell.execution_count != 1:
        yield f"execution_count is {cell.execution_count}, not 1: run the notebooks"


def _no_pictures(cell):
    for output in cell.outputs:
        for kind, data in output.get("data", {}).items():
            if kind not in TEXT:
                yield f"stores {kind}"
            elif ("data:image/" in data) != ('class="lab-drawing"' in data):
                yield f"stores a picture in {kind}, or a drawing without its own"
    for key in sorted(set(cell.metadata) - {"tags", "mystnb"}):
        yield f"stores {key} in its metadata"


def _errors(cell):
    raised = [output.ename for output in cell.outputs if output.output_type == "error"]
    expected = "raises-exception" in _tags(cell)
    if raised and not expected:
        yield f"stores an error ({raised[0]}) without the tag raises-exception"
    if expected and not raised:
        yield "is tagged raises-exception and raises none"


def _no_stderr(cell):
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stderr":
            yield f"writes to stderr: {output.text.strip()[:60]}"


def _compared(cell):
    if re.search(r"^\s*#\s*(NBVAL_|PYTEST_VALIDATE_)", cell.source, re.MULTILINE):
        yield "switches the comparison off in a comment; the tag nbval-ignore-output is counted"


def _length(cell):
    lines = [line for line in cell.source.splitlines() if line.strip()]
    tree = _tree(cell.source)
    most = LINES_OF_ONE_STATEMENT if tree is not None and len(tree.body) == 1 else LINES
    if len(lines) > most:
        yield f"{len(lines)} lines; at most {LINES}, {LINES_OF_ONE_STATEMENT} for one statement"


def _known_tags(cell):
    for tag in _tags(cell) - TAGS:
        yield f"unknown tag {tag!r}"


def _figure_described(cell):
    drawn = any(
        output.get("metadata", {}).get("pictures")
        or "image/png" in output.get("data", {})
        or output.get("data", {}).get("text/plain", "").startswith("<Figure")
        for output in cell.outputs
    )
    mystnb = cell.metadata.get("mystnb", {})
    for group, key in (("image", "alt"), ("figure", "caption"), ("figure", "name")):
        if drawn and not str((mystnb.get(group) or {}).get(key) or "").strip():
            yield f"draws a figure without mystnb {group}: {key}"


def _no_semicolon(cell):
    # Run without history, as in a test, IPython shows the value all the same.
    if cell.source.rstrip().endswith(";"):
        yield "ends with a semicolon"


def _images_described(cell):
    for target in re.findall(r"!\[\s*\]\(([^)]*)\)", cell.source):
        yield f"image {target} without alt text"
    for _, target, options in re.findall(
        r"(```+|:::+)\{(?:figure|image)\} *(\S*)(.*?)\1", cell.source, re.DOTALL
    ):
        if not re.search(r":alt:[ \t]*\S", options):
            yield f"image {target} without alt text"
    for image in re.findall(r"<img\b[^>]*>", cell.source):
        if not re.search(r"alt=[\"'][^\"']", image):
            yield f"image {image} without alt text"


def _tags(cell) -> set[str]:
    return set(cell.metadata.get("tags", []))


CODE_RULES = (
    _ran,
    _no_pictures,
    _errors,
    _no_stderr,
    _compared,
    _length,
    _known_tags,
    _figure_described,
    _no_semicolon,
)
TEXT_RULES = (_known_tags, _images_described)

if __name__ == "__main__":
    sys.exit(main())
