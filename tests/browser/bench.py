"""A page with explorers of a test's own, made as the book makes its pages."""

from pathlib import Path

from _ext import explorers
from lstm_lab.explorers.scripts import EXPLORERS, for_page, styles

ROOT = Path(__file__).resolve().parents[2]
FRAME = 16  # ms
# A page of these tests has no heading and no landmarks.
BARE = ("page-has-heading-one", "region", "landmark-one-main")
# Milliseconds from the first listener of an input or a click to the last.
TIMED = """() => {
  globalThis.spent = [];
  let begun = 0;
  for (const kind of ["input", "click"]) {
    addEventListener(kind, () => { begun = performance.now(); }, true);
    addEventListener(kind, () => { spent.push(performance.now() - begun); });
  }
}"""


def page(folder, *made):
    """Write a page with some explorers, and return its address."""

    def whole(match):
        ident, name, given = match.groups()
        view = explorers.first_view(name, given, ident)
        data = f'<script type="application/json">{given}</script>'
        return f'<div class="lab-explorer" id="{ident}" data-explorer="{name}">{data}{view}</div>'

    body = "".join(explorers.ELEMENT.sub(whole, each._repr_html_()) for each in made)
    head = f'<meta charset="utf-8"><title>Explorers</title><style>{styles()}</style>'
    script = f"<script>{for_page(*EXPLORERS)}</script>"
    file = folder / "explorers.html"
    file.write_text(
        f'<!DOCTYPE html><html lang="en"><head>{head}</head><body>{body}{script}</body></html>',
        encoding="utf-8",
    )
    return file.as_uri()


def opened(open_page, folder, made, *, theme, width):
    """Open a page with an explorer, in a theme and on its ground, at a width."""
    tab = open_page(page(folder, made), theme=theme, width=width)
    tab.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    ground = "#121212" if theme == "dark" else "#fff"
    tab.add_style_tag(content=f"body {{ background: {ground} }}")
    return tab


def read_aloud(text):
    """Return the number that a page shows."""
    return float(text.replace("\N{MINUS SIGN}", "-"))


def show(tab, ident, **state):
    """Bring an explorer into a view, as a link to it would."""
    pairs = ",".join(f"{key}={value}" for key, value in state.items())
    tab.evaluate(
        """address => new Promise((heard) => {
          addEventListener("hashchange", () => setTimeout(heard, 30), { once: true });
          location.hash = "";
          location.hash = address;
        })""",
        f"#{ident}:{pairs}",
    )


def codes(tab, ident):
    return tab.locator(f"#{ident} .lab-code code").all_text_contents()
