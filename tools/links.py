"""Check the links that the book's sources write by hand: files, headings and addresses.

    python -m tools.links

Cross-references by role ({ref}, {numref}, {term}, {cite}) are not looked at here: the build
resolves them, and a dead one fails it. Addresses on the web are checked for their form only.
"""

import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

import nbformat

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"(?<!\\)\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
FENCE = re.compile(r"^(`{3,}|~{3,})(?!\{).*?^\1", re.DOTALL | re.MULTILINE)


def main() -> int:
    found = [*ROOT.rglob("*.md"), *ROOT.rglob("*.ipynb")]
    pages = sorted(page for page in found if not elsewhere(page.relative_to(ROOT)))
    problems = [problem for page in pages for problem in dead_links(page)]
    print(*problems, f"{len(pages)} pages, {len(problems)} dead links", sep="\n")
    return 1 if problems else 0


def elsewhere(path: Path) -> bool:
    """Return whether a page is built, installed or somebody else's."""
    return any(
        part in ("_build", "vendor", "node_modules") or part.startswith(".") for part in path.parts
    )


def dead_links(page: Path) -> list[str]:
    """Return the links of a Markdown page or notebook that lead nowhere, a line each."""
    text = source(page)
    dead = [target for target in LINK.findall(text) if not leads_somewhere(target, page, text)]
    return [f"{page.name}: {target}" for target in dead]


def leads_somewhere(target: str, page: Path, text: str) -> bool:
    parts = urlsplit(target)
    if parts.scheme:
        return parts.scheme in ("https", "mailto") and bool(parts.netloc or parts.path)
    to = (page.parent / parts.path).resolve() if parts.path else page
    if not to.is_file() and not to.is_dir():
        return False
    if not parts.fragment:
        return True
    return to.is_file() and parts.fragment in anchors(text if to == page else source(to))


def source(page: Path) -> str:
    """Return the Markdown of a page, blocks of literal code left out."""
    if page.suffix == ".ipynb":
        cells = nbformat.read(page, as_version=4).cells
        text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    else:
        text = page.read_text(encoding="utf-8")
    return re.sub(r"`[^`\n]+`", "", FENCE.sub("", text))


def anchors(text: str) -> set[str]:
    """Return the labels of a page and the slugs of its headings."""
    labels = re.findall(r"^\(([^)]+)\)=$", text, re.MULTILINE)
    headings = re.findall(r"^#+ +(.+)$", text, re.MULTILINE)
    slugs = (re.sub(r"[^\w\- ]", "", heading).strip().lower() for heading in headings)
    return {*labels, *(slug.replace(" ", "-") for slug in slugs)}


if __name__ == "__main__":
    sys.exit(main())
