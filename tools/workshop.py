"""Write the instructor's notes, a page for each chapter, and the polls: workshop/.

    python -m tools.workshop             after a change of a chapter
    python -m tools.workshop FOLDER      its pages as HTML, for a site whose chapters lie beside

What a person must say stands in workshop/claims.yml. All else comes from the chapters and from the
checks of their exercises, so that it cannot drift: what is predicted before a cell is run, the
options of the polls with what each wrong one believes, where latecomers rejoin, and which cells
make a class wait (workshop/waits.json, measured by experiments/waits.py).
"""

import json
import re
import sys
from collections.abc import Iterator
from html import escape
from inspect import signature
from pathlib import Path
from shutil import copytree, ignore_patterns, rmtree

import nbformat
import torch
import yaml
from markdown_it import MarkdownIt
from mdit_py_plugins.anchors import anchors_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from _ext.book import engine
from lstm_lab import exercise
from lstm_lab.exercises import EXERCISES
from lstm_lab.judge import Check
from tools.notebooks import ROOT
from tools.plain import FENCE, LABEL, Book, plain

WORKSHOP = ROOT / "workshop"
FRAME = {
    *("What you will learn", "What you need", "Three questions"),
    *("Exercises", "Key points", "Where next"),
}


PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1.05rem/1.55 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; }}
body {{ padding: 0 1rem; }}
pre {{ padding: .7rem 1rem; overflow-x: auto; border: 1px solid #8886; border-radius: 6px; }}
table {{ border-collapse: collapse; display: block; overflow-x: auto; }}
th, td {{ padding: .3rem .6rem; text-align: left; border-bottom: 1px solid #8886; }}
img {{ max-width: 100%; background: white; border-radius: 6px; }}
</style></head>
<body>
{body}</body></html>
"""


def formula(source: str, _: dict) -> str:
    """Return a formula as MathML, which needs no style sheet."""
    return engine().call("katex.renderToString", source, {"output": "mathml"})


MARKDOWN = (
    MarkdownIt("commonmark")
    .enable("table")
    .use(anchors_plugin, max_level=3)
    .use(dollarmath_plugin, allow_digits=False, allow_space=False, renderer=formula)
)


def main(argv: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if argv is None else argv
    if arguments:
        pages(Path(arguments[0]))
        print(f"wrote the workshop's pages to {arguments[0]}")
        return 0
    folder = WORKSHOP / "notes"
    folder.mkdir(exist_ok=True)
    for name, text in notes(ROOT):
        folder.joinpath(f"{name}.md").write_text(text, encoding="utf-8")
    WORKSHOP.joinpath("polls.md").write_text(polls(ROOT), encoding="utf-8")
    print("wrote workshop/notes/ and workshop/polls.md")
    return 0


def pages(folder: Path) -> None:
    """Write each page of the workshop as HTML, and beside it the files that it names."""
    rmtree(folder, ignore_errors=True)
    copytree(WORKSHOP, folder, ignore=ignore_patterns("*.md", "*.json", "*.yml", "__pycache__"))
    for source in WORKSHOP.rglob("*.md"):
        target = folder / source.relative_to(WORKSHOP).with_suffix(".html")
        target.write_text(page(source.read_text(encoding="utf-8")), encoding="utf-8")


def page(text: str) -> str:
    """Return a page of Markdown as HTML, its links leading to pages of the site."""
    body = re.sub(r'href="([\w./-]+)\.(?:ipynb|md)', r'href="\1.html', MARKDOWN.render(text))
    title = text.splitlines()[0].removeprefix("# ").replace("`", "")
    return PAGE.format(title=escape(title), body=body)


def polls(root: Path) -> str:
    """Return the twelve questions, and their answers at the end."""
    asked = yaml.safe_load((root / "workshop/polls.yml").read_text(encoding="utf-8"))
    parts, answers = (
        ["# Before and after", "Ask these twelve at the start and again at the end."],
        [],
    )
    for k, each in enumerate(asked, 1):
        options = [
            f"- {letter}. {words}" for letter, words in zip("ABC", each["options"], strict=True)
        ]
        parts.append("\n".join([f"**{k}. {each['ask']}**\n", *options]))
        answers.append(f"{k} {'ABC'[right(each['check'])]}")
    return "\n\n".join([*parts, "## Answers", ", ".join(answers) + "."]) + "\n"


def right(check: str) -> int:
    """Return the number of the right option, as PyTorch has it."""
    names = {"torch": torch, "nn": nn, "pack_padded_sequence": pack_padded_sequence}
    exec(check, names)
    return names["right"]


def notes(root: Path) -> Iterator[tuple[str, str]]:
    """Yield each chapter's name and its notes."""
    claims = yaml.safe_load((root / "workshop/claims.yml").read_text(encoding="utf-8"))
    waits = json.loads((root / "workshop/waits.json").read_text(encoding="utf-8"))
    book = Book.of(root)
    for path in sorted((root / "chapters").glob("[0-9]*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        parts = [
            _head(path, cells, claims[path.stem]),
            _live(cells),
            _polls(cells, book),
            _exercises(path, cells),
            _waits(waits[path.stem]),
        ]
        yield path.stem, "\n\n".join(filter(None, parts)) + "\n"


def _head(path: Path, cells: list, own: dict) -> str:
    title = LABEL.sub("", cells[0].source).splitlines()[0].removeprefix("# ")
    minutes = next(
        found for cell in cells if (found := re.search(r"^(\d+) minutes; (\d+)", cell.source, re.M))
    )
    myths = "\n".join(f"- {myth}" for myth in own["myths"])
    return (
        f"# {path.stem[:2].lstrip('0')}. {title}\n\n"
        f"[The chapter](../../chapters/{path.name}): {minutes[1]} minutes, {minutes[2]} more for"
        " all exercises.\n\n"
        f"**The one claim.** {own['claim']}\n\n"
        f"**What they come with.**\n\n{myths}\n\n"
        f"**Cut first.** {own['cut']}"
    )


def _live(cells: list) -> str:
    """Return the sections in order: what to ask, what to run, where latecomers rejoin."""
    lines, heading, asked = [], "", []
    for cell in cells:
        if cell.cell_type == "markdown":
            for line in LABEL.sub("", FENCE.sub("", cell.source)).splitlines():
                if line.startswith("## "):
                    heading, asked = line[3:], []
                elif line.endswith("?") and not line.startswith(("#", "|")):
                    asked.append(line)
        elif heading and heading not in FRAME and not _hidden(cell):
            first = next(line for line in cell.source.splitlines() if line.strip())
            questions = [f"  - ask: {each}" for each in asked]
            lines += [f"- **{heading}**: run cell `{cell.id}`, `{first}`", *questions]
            heading, asked = "", []
    setup = next(cell for cell in cells if cell.cell_type == "code" and "seed" in cell.source)
    return (
        "## Live\n\n"
        f"Latecomers run cell `{setup.id}`, the set-up, then all above the section you are in.\n\n"
        + "\n".join(lines)
    )


def _hidden(cell) -> bool:
    return bool({"hide-cell", "hide-input", "solution"} & set(cell.metadata.get("tags", [])))


def _polls(cells: list, book: Book) -> str:
    """Return the three questions with what each answer believes."""
    found = []
    for cell in cells:
        for each in FENCE.finditer(cell.source):
            if each[2] == "question":
                asked, *answers = each[4].strip().split("\n\n")
                options = [answer.partition("\n: ")[::2] for answer in answers]
                listed = [
                    f"- {words}: {_from_here(plain(why, book, ''))}" for words, why in options
                ]
                found.append("\n".join([f"**{asked}**\n", *listed]))
    return "## Polls\n\n" + "\n\n".join(found) if found else ""


def _from_here(text: str) -> str:
    """Return a chapter's text with its links as they are from the folder of the notes."""
    text = re.sub(r"\]\(([\w-]+\.ipynb)(?:#[^)]*)?\)", r"](../../chapters/\1)", text)
    return text.replace("](glossary.md", "](../../glossary.md").replace(
        "](bibliography.md", "](../../bibliography.md"
    )


def _exercises(path: Path, cells: list) -> str:
    """Return the exercises with what each known wrong answer is told."""
    chapter = path.stem[:2].lstrip("0")
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    titles = re.findall(r"\{exercise\} (.+)\n:label: \S+\n\n\*(\w+)\*, (\d+) minutes", text)
    parts = ["## Exercises"]
    for k, (title, kind, minutes) in enumerate(titles, 1):
        number = f"{chapter}.{k}"
        parts.append(f"**{number} {title}** ({kind.lower()}, {minutes} minutes)")
        if not signature(EXERCISES[number]).parameters:
            check = exercise(number).check
            told = _mistakes(check) if isinstance(check, Check) else check.reasons
            parts.append("\n".join(f"- {each}" for each in told))
    return "\n\n".join(filter(None, parts))


def _mistakes(check: Check) -> list[str]:
    shown = ((repr(value), why) for value, why in check.mistakes)
    return [f"`{value}`: {why}" if len(value) < 60 else why for value, why in shown]


def _waits(waits: list[dict]) -> str:
    if not waits:
        return ""
    lines = [f"- `{it['cell']}`, {it['heading']}: {it['seconds']} s" for it in waits]
    return (
        "## Start early\n\nThese cells train; start each, and ask what will come out while it"
        " runs. Seconds are of one thread of a two-core machine.\n\n" + "\n".join(lines)
    )


if __name__ == "__main__":
    sys.exit(main())
