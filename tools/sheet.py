"""Print the cheat sheet on one page of A4: _build/pdf/cheat-sheet.pdf.

python -m tools.sheet          after make book
"""

import sys
from pathlib import Path

from pypdf import PdfReader, PdfWriter

from tools.notebooks import ROOT
from tools.pdf import SITE, anchor, article, cover_of, print_pdf, stylesheets

PAGE = "which-tensor"
PDF = ROOT / "_build/pdf/cheat-sheet.pdf"
STYLE = Path(__file__).with_name("sheet.css")


def main() -> int:
    page = SITE / f"{PAGE}.html"
    if not page.is_file():
        print(f"{SITE} has no page {page.name}: make book builds it")
        return 1
    cover = cover_of(ROOT, page)
    print_pdf(sheet(SITE, stylesheets(page), cover.title), PDF)
    writer = PdfWriter(clone_from=PDF)
    writer.add_metadata({"/Title": f"Cheat sheet: {cover.title}", "/Author": cover.authors})
    writer.write(PDF)
    print(f"wrote {PDF.relative_to(ROOT)}, {len(PdfReader(PDF).pages)} page")
    return 0


def sheet(site: Path, links: str, title: str) -> str:
    """Return the cheat sheet's section as a page of its own; links in it are plain text."""
    section = article(site, PAGE, []).select_one(f"#{anchor(PAGE, 'cheat-sheet')}")
    section["class"] = "bd-content sheet"
    section.h2.string = title
    head = f'<meta charset="utf-8"><title>Cheat sheet</title>{links}'
    style = f"<style>{STYLE.read_text(encoding='utf-8')}</style>"
    theme = 'lang="en" data-theme="light" data-mode="light"'
    return (
        f"<!DOCTYPE html>\n<html {theme}><head>{head}{style}</head><body>{section}</body></html>\n"
    )


if __name__ == "__main__":
    sys.exit(main())
