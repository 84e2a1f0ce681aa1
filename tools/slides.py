"""Make slides of the chapters' tagged cells: slides/ in the site, a file a chapter, and an index.

    python -m tools.slides         after make book

A chapter's slides are its title with its one claim, then in order what is tagged: the hook, the
drawings and explorers, which stay alive, the questions and the exercises, and at the end the key
points. Everything lies beside the file: no request goes elsewhere. Add ``?print-pdf`` to a file's
address to print it.
"""

import re
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from shutil import copy, copytree, rmtree

import nbformat
import yaml
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from _ext.book import engine
from _ext.explorers import DRAWING, ELEMENT, drawn, first_view
from lstm_lab.explorers.scripts import for_page, styles
from tools.notebooks import ROOT
from tools.plain import FENCE, LABEL, Book, number_of, plain
from tools.workshop import page

SLIDES = ROOT / "_build/html/slides"
RUN = ROOT / "_build/jupyter_execute/chapters"
VENDOR = ROOT / "assets/vendor"
LIVE = ("drawing", "explorer", "hook")
LINK = re.compile(r"<a [^>]*>(.*?)</a>", re.S)
PAGE = """<!DOCTYPE html>
<html lang="en" data-theme="light">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<link rel="stylesheet" href="vendor/reveal/reset.css">
<link rel="stylesheet" href="vendor/reveal/reveal.css">
<link rel="stylesheet" href="vendor/katex/katex.min.css">
<style>{styles}</style>
</head>
<body>
<div class="reveal"><div class="slides">
{slides}
</div></div>
<script src="vendor/reveal/reveal.js"></script>
<script>
Reveal.initialize({{
  width: 1280, height: 720, margin: 0.03, center: false, slideNumber: true, transition: "none",
  // The keys belong to an explorer while it has the focus.
  keyboardCondition: () => !document.activeElement?.closest(".lab-explorer"),
}});
</script>
<script>{script}</script>
</body>
</html>
"""


def main(folder: Path = SLIDES) -> int:
    paths = sorted(RUN.glob("[0-9]*.ipynb"))
    if not paths:
        print(f"{RUN} has no notebook that ran: make book comes first")
        return 1
    rmtree(folder, ignore_errors=True)
    copytree(VENDOR / "reveal", folder / "vendor/reveal")
    (folder / "vendor/katex").mkdir()
    copy(VENDOR / "katex/katex.min.css", folder / "vendor/katex")
    copytree(VENDOR / "katex/fonts", folder / "vendor/katex/fonts")
    listed = []
    for path in paths:
        title, made = deck(path, ROOT)
        (folder / f"{path.stem}.html").write_text(made, encoding="utf-8")
        listed.append(f"- [{number_of(path)}. {title}]({path.stem}.html)")
    text = "# Slides\n\nOf [the book](../intro.html), a file a chapter.\n\n" + "\n".join(listed)
    (folder / "index.html").write_text(page(text), encoding="utf-8")
    print(f"wrote {len(paths)} files of slides to {folder}")
    return 0


def deck(path: Path, root: Path) -> tuple[str, str]:
    """Return a chapter's title, and its slides as a page.

    Args:
        path: of the notebook with the outputs of its run; what is tagged, the chapter says.
    """
    ran = {cell.id: cell for cell in nbformat.read(path, as_version=4).cells}
    cells = nbformat.read(root / "chapters" / path.name, as_version=4).cells
    for cell in cells:
        if cell.cell_type == "code" and cell.id in ran:
            cell.outputs = ran[cell.id].outputs
    claims = yaml.safe_load((root / "workshop/claims.yml").read_text(encoding="utf-8"))
    writer = Writer(Book.of(root), number_of(path))
    title = LABEL.sub("", cells[0].source).splitlines()[0].removeprefix("# ")
    first = f"<h1>{writer.inline(title)}</h1>{writer.html(claims[path.stem]['claim'])}"
    slides = "\n".join(f"<section>{each}</section>" for each in (first, *writer.slides(cells)))
    kinds = sorted(set(re.findall(r'data-explorer="(\w+)"', slides)))
    style = styles() + Path(__file__).with_name("slides.css").read_text(encoding="utf-8")
    script = for_page(*kinds) if kinds else ""
    words = title.replace("`", "")
    return words, PAGE.format(title=escape(words), styles=style, slides=slides, script=script)


def formula(source: str, options: dict) -> str:
    """Return a formula as the site's pages have it."""
    given = {"displayMode": options["display_mode"]}
    return engine().call("katex.renderToString", source, given)


class Writer:
    """What turns a chapter's cells into slides.

    Args:
        book: what references point to.
        chapter: its number.
    """

    def __init__(self, book: Book, chapter: str) -> None:
        self.book, self.chapter = book, chapter
        self.markdown = (
            MarkdownIt("commonmark").enable("table").use(dollarmath_plugin, renderer=formula)
        )

    def html(self, text: str) -> str:
        """Return Markdown as HTML, formulas set, links as plain words."""
        return LINK.sub(r"\1", self.markdown.render(text))

    def inline(self, text: str) -> str:
        """Return a line of Markdown in the same way."""
        return LINK.sub(r"\1", self.markdown.renderInline(text))

    def slides(self, cells: list) -> Iterator[str]:
        asked = [line for line in cells[0].source.splitlines() if line.endswith("?")]
        heading = plain(asked[-1], self.book, self.chapter) if asked else ""
        for cell in cells:
            tags = set(cell.metadata.get("tags", []))
            if cell.cell_type == "markdown":
                for line in FENCE.sub("", cell.source).splitlines():
                    heading = line[3:] if line.startswith("## ") else heading
                yield from self._asked(cell.source, tags)
                if "## Key points" in cell.source:
                    points = cell.source.split("## Key points")[1].split("\n## ")[0]
                    yield f"<h2>Key points</h2>{self.html(plain(points, self.book, ''))}"
            elif tags & set(LIVE):
                alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
                shown = "".join(_shown(each, alt) for each in cell.outputs)
                # An explorer needs the whole slide, and has words of its own.
                titled = heading and "explorer" not in tags
                yield (f"<h2>{self.inline(heading)}</h2>" if titled else "") + shown

    def _asked(self, source: str, tags: set[str]) -> Iterator[str]:
        """Yield the questions and exercises of a cell; an answer appears at the next key."""
        for found in FENCE.finditer(source):
            if found[2] == "question" and "question" in tags:
                asked, *answers = found[4].strip().split("\n\n")
                pairs = [answer.partition("\n: ")[::2] for answer in answers]
                options = "".join(f"<li>{self.inline(words)}</li>" for words, _ in pairs)
                told = next(why for _, why in pairs if why.startswith("Right. "))
                told = self.html(plain(told, self.book, ""))
                head = f"<h2>{self.inline(asked)}</h2>"
                yield f'{head}<ul>{options}</ul><div class="fragment">{told}</div>'
            elif found[2] == "exercise" and "exercise" in tags:
                text = plain(found[0], self.book, self.chapter)
                yield self.html(text.replace("### ", "## ", 1))


def _shown(output: nbformat.NotebookNode, alt: str) -> str:
    """Return a figure, a drawing or an explorer; nothing of other outputs."""
    data = output.get("data", {})
    if "image/png" in data:
        picture = data["image/png"].replace("\n", "")
        return f'<img alt="{escape(alt)}" src="data:image/png;base64,{picture}">'
    html = data.get("text/html", "")
    if DRAWING.search(html):
        return DRAWING.sub(lambda found: f"{found[1]}{drawn(found[2])}</div>", html)
    return "".join(_alive(found) for found in ELEMENT.finditer(html))


def _alive(found: re.Match) -> str:
    ident, name, given = found.groups()
    return (
        f'<div class="lab-explorer" id="{ident}" data-explorer="{name}">'
        f'<script type="application/json">{given}</script>{first_view(name, given, ident)}</div>'
    )


if __name__ == "__main__":
    sys.exit(main())
