"""Mend what the theme, docutils and MyST-NB write and a browser's checks refuse.

Each entry is a text that stands in a page as it is; a newer version that no longer writes it makes
the entry idle, and the checks of the built site tell whether it was needed.
"""

import re
from functools import cache
from pathlib import Path

EDITS = (
    # MyST-NB's label for a folded cell hides the cell's own, better text.
    (re.compile(r' aria-label="Toggle hidden content"'), ""),
    # The same id for each exercise and each solution of a page.
    (re.compile(r' id="(?:exercise|solution)-content"'), ""),
    # Roles for a bibliography that ARIA has withdrawn, and a list whose items are none.
    (re.compile(r' role="doc-biblioentry"'), ""),
    (re.compile(r'<div role="list" class="citation-list">'), '<div class="citation-list">'),
    # The settings of a live-code launcher that is not there.
    (re.compile(r'<script type="text/x-thebe-config">.*?</script>', re.DOTALL), ""),
    (re.compile(r"<script>kernelName = 'python3'</script>"), ""),
)
FIXED = {
    "genindex": "Every name of the package lstm_lab, in alphabetical order.",
    "_modules/index": "Every file of the package lstm_lab that the book describes, to read.",
    "search": "Search the book on what PyTorch's recurrent layers return.",
    "404": "This page is not part of the book.",
}
ROW = re.compile(r"^\| \d+ \[(.+?)\]\((chapters/.+?)\.ipynb\) \| (.+?) \|", re.MULTILINE)


def edit(app, pagename, templatename, context, doctree) -> None:
    if "body" in context:
        for pattern, text in EDITS:
            context["body"] = pattern.sub(text, context["body"])


def describe(app, pagename, templatename, context, doctree) -> None:
    """Say in the head what the page is good for: search engines and previews show it."""
    if 'name="description"' in context.get("metatags", ""):
        return
    text = FIXED.get(pagename) or promises(app.srcdir).get(pagename)
    if pagename.startswith("_modules/lstm_lab/"):
        text = f"The source code of {context['title']}, a file of this book's package."
    if text:
        tag = f'<meta name="description" content="{text}" />\n'
        context["metatags"] = context.get("metatags", "") + tag
        if context.get("meta") is not None:
            context["meta"]["og:description"] = text


@cache
def promises(folder: str) -> dict[str, str]:
    """Return what each chapter promises in the front page's table, by the page's name."""
    table = ROW.findall(Path(folder, "intro.md").read_text(encoding="utf-8"))
    return {
        page: f"{title}: after this chapter you can {text}.".replace("`", "").replace('"', "&quot;")
        for title, page, text in table
    }


def setup(app):
    app.connect("html-page-context", edit)
    app.connect("html-page-context", describe, priority=400)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
