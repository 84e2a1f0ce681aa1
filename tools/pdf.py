"""Print the built site as one PDF with bookmarks: _build/pdf/what-your-lstm-returns.pdf.

    python -m tools.pdf            after make book

The pages are joined in the order of _toc.yml and printed by this machine's Chromium or Chrome,
twice: the first print says on which page each chapter begins. What is folded on the site is
shown, and solutions stay where they are. Links to files that are not in the PDF become plain text.
"""

import logging
import re
import sys
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path
from posixpath import dirname, join, normpath
from urllib.parse import unquote, urlsplit

import yaml
from bs4 import BeautifulSoup, Tag
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, TextStringObject

from tools.browser import browser
from tools.notebooks import ROOT, toc_files

SITE = ROOT / "_build/html"
PDF = ROOT / "_build/pdf/what-your-lstm-returns.pdf"
STYLE = Path(__file__).with_name("print.css")
NOT_PRINTED = (
    "script, button, input, .headerlink, .viewcode-link, .katex-mathml, .lab-controls, .lab-foot"
)
HEADING = re.compile("^h[1-6]$")
NAMES_AN_ID = ("for", "headers", "aria-labelledby", "aria-describedby", "aria-controls")


@dataclass(frozen=True)
class Cover:
    """What the first page and the metadata say."""

    title: str
    subtitle: str
    authors: str
    version: str
    day: date


def main() -> int:
    logging.getLogger("pypdf").setLevel(logging.ERROR)  # warns of what Chromium writes
    names = toc_files(ROOT)
    missing = [name for name in names if not (SITE / f"{name}.html").is_file()]
    if missing:
        print(f"{SITE} has no page {missing[0]}.html: make book builds it")
        return 1
    cover = cover_of(ROOT, SITE / f"{names[0]}.html")
    articles = {name: article(SITE, name, names) for name in names}
    sheets = stylesheets(SITE / f"{names[0]}.html")
    print_pdf(compose(articles, cover, {}, sheets), PDF)
    whole = compose(articles, cover, begins(PDF, names), sheets)
    print_pdf(whole, PDF)
    count = finish(PDF, cover, headings(whole))
    print(f"wrote {PDF.relative_to(ROOT)}, {count} pages, {PDF.stat().st_size / 1e6:.1f} MB")
    return 0


def cover_of(root: Path, page: Path) -> Cover:
    """Return what CITATION.cff says, and the day on which the page was built."""
    cited = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    title, _, subtitle = cited["title"].partition(": ")
    authors = (
        each.get("name") or f"{each['given-names']} {each['family-names']}"
        for each in cited["authors"]
    )
    day = date.fromtimestamp(page.stat().st_mtime)
    return Cover(title, subtitle, ", ".join(authors), str(cited["version"]), day)


def anchor(name: str, fragment: str = "") -> str:
    """Return an id that is unique in the whole book: the page's name, then the page's own id."""
    page = re.sub(r"[^\w-]", "-", name)
    return f"{page}--{fragment}" if fragment else f"page-{page}"


def article(site: Path, name: str, names: list[str]) -> Tag:
    """Return a page's article in a section of its own, ready to be joined with the others."""
    text = (site / f"{name}.html").read_text(encoding="utf-8")
    section = BeautifulSoup(text, "html.parser").select_one("article")
    if section is None:
        raise ValueError(f"{name}.html has no article")
    section.name = "section"
    for number in section.select("button.lab-number"):
        number.name = "span"  # an explorer's numbers can be chosen on the site, and read on paper
    for tag in section.select(NOT_PRINTED):
        tag.decompose()
    for formula in section.select(".katex-html"):
        del formula["aria-hidden"]  # the MathML that is read out on the site is not printed
    for token in section.select("pre span.n, pre span.p, pre span.w, code span.pre"):
        token.unwrap()  # has no colour of its own, and would be one more element of the PDF
    unfold(section)
    make_unique(section, name)
    for tag in section.select("a[href], image[href], use[href]"):
        follow(tag, name, names)
    for tag in section.select("[src]"):
        tag["src"] = from_the_site(tag["src"], name)
    section["id"] = anchor(name)
    section["class"] = "bd-content chapter"
    return section


def unfold(section: Tag) -> None:
    """Show what is under a fold: of a cell the code alone, of others their title too."""
    for summary in section.select("details.hide > summary"):
        summary.decompose()
    for summary in section.select("details > summary"):
        summary.name = "p"
    for details in section.select("details"):
        details.name = "div"
        details["class"] = "unfolded"
    for solution in section.select(".dropdown"):
        solution["class"].remove("dropdown")


def make_unique(section: Tag, name: str) -> None:
    """Prefix every id with the page's name, where it is given and where it is named."""
    seen = set()
    for tag in section.select("[id]"):
        # sphinx-exercise gives the same id to the content of every exercise of a page
        if tag["id"] in seen:
            del tag["id"]
        else:
            seen.add(tag["id"])
            tag["id"] = anchor(name, tag["id"])
    for tag in section.find_all(True):
        for key in NAMES_AN_ID:
            if key in tag.attrs:
                value = tag[key] if isinstance(tag[key], str) else " ".join(tag[key])
                tag[key] = " ".join(anchor(name, each) for each in value.split())
        for key, value in tag.attrs.items():
            if isinstance(value, str) and "url(#" in value:
                tag[key] = re.sub(r"url\(#(.+?)\)", rf"url(#{anchor(name)[5:]}--\1)", value)
    for style in section.select("style"):
        style.string = re.sub(
            r"#([\w-]+)",
            lambda found: f"#{anchor(name, found[1])}" if found[1] in seen else found[0],
            style.string or "",
        )


def follow(tag: Tag, name: str, names: list[str]) -> None:
    """Point a link into the book, leave it on the web, or make it plain text."""
    parts = urlsplit(tag["href"])
    if parts.scheme or parts.netloc:
        return
    page = normpath(join(dirname(name), unquote(parts.path))) if parts.path else f"{name}.html"
    if page.removesuffix(".html") in names and page.endswith(".html"):
        # Behind a colon is the view that an explorer is to show: on paper it shows one.
        ident = unquote(parts.fragment).partition(":")[0]
        tag["href"] = "#" + anchor(page.removesuffix(".html"), ident)
    else:
        tag.unwrap()


def from_the_site(path: str, name: str) -> str:
    """Return the address of a page's file, seen from the folder of the PDF."""
    if urlsplit(path).scheme:
        return path
    return join("../html", normpath(join(dirname(name), path)))


def compose(articles: dict[str, Tag], cover: Cover, pages: dict[str, int], links: str = "") -> str:
    """Return the whole book as one page of HTML; ``pages`` says where each article begins."""
    titles = {name: headings(section)[0] for name, section in articles.items()}
    head = (
        '<meta charset="utf-8">'
        f"<title>{escape(cover.title)}</title>"
        f"{links}<style>{STYLE.read_text(encoding='utf-8')}{running_heads(titles)}</style>"
    )
    body = "\n".join([title_page(cover), contents(titles, pages), *map(str, articles.values())])
    theme = 'lang="en" data-theme="light" data-mode="light"'
    return f"<!DOCTYPE html>\n<html {theme}><head>{head}</head>\n<body>{body}</body></html>\n"


def headings(whole: str | Tag) -> list[str]:
    """Return what the headings say, in order."""
    tags = (BeautifulSoup(whole, "html.parser") if isinstance(whole, str) else whole).find_all(
        HEADING
    )
    return [" ".join(tag.get_text().split()) for tag in tags]


def running_heads(titles: dict[str, str]) -> str:
    """Return the rules that print each article's title at the head of its pages."""
    rules = []
    for name, title in titles.items():
        words = title.replace("\\", r"\\").replace('"', r"\"")
        rules.append(
            f"#{anchor(name)} {{ page: {anchor(name)} }}\n"
            f'@page {anchor(name)} {{ @top-right {{ content: "{words}" }} }}\n'
        )
    return "".join(rules)


def title_page(cover: Cover) -> str:
    lines = [
        ("book-title", cover.title),
        ("book-subtitle", cover.subtitle),
        ("book-authors", cover.authors),
        ("book-version", f"Version {cover.version}, built {cover.day.day} {cover.day:%B %Y}"),
        ("book-licence", "Text and figures: CC BY 4.0. Code: MIT License."),
    ]
    paragraphs = (f'<p class="{kind}">{escape(text)}</p>' for kind, text in lines)
    return f'<section class="title-page">{"".join(paragraphs)}</section>'


def contents(titles: dict[str, str], pages: dict[str, int]) -> str:
    rows = (
        f'<li><a href="#{anchor(name)}">{escape(title)}</a><span>{pages.get(name, "")}</span></li>'
        for name, title in titles.items()
    )
    return f'<section class="contents"><h1>Contents</h1><ul>{"".join(rows)}</ul></section>'


def stylesheets(page: Path) -> str:
    """Return links to what the site's own pages are styled by."""
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    sheets = (from_the_site(tag["href"], page.name) for tag in soup.select("link[rel=stylesheet]"))
    return "".join(f'<link rel="stylesheet" href="{sheet}">' for sheet in sheets)


def print_pdf(whole: str, pdf: Path) -> None:
    """Write a PDF, and beside it the page of HTML that it is a print of."""
    from playwright.sync_api import sync_playwright

    pdf.parent.mkdir(parents=True, exist_ok=True)
    source = pdf.with_suffix(".html")
    source.write_text(whole, encoding="utf-8")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=browser(playwright))
        page = launched.new_page(java_script_enabled=False, color_scheme="light", offline=True)
        page.set_default_timeout(0)
        page.goto(source.as_uri())
        page.pdf(
            path=pdf,
            outline=True,
            tagged=True,
            prefer_css_page_size=True,
            print_background=True,
        )
        launched.close()


def begins(pdf: Path, names: list[str]) -> dict[str, int]:
    """Return the number of the page on which each article begins."""
    reader = PdfReader(pdf)
    found = {key.lstrip("/"): place for key, place in reader.named_destinations.items()}
    return {name: reader.get_destination_page_number(found[anchor(name)]) + 1 for name in names}


def finish(pdf: Path, cover: Cover, headings: list[str]) -> int:
    """Write the metadata and mend the bookmarks; return how many pages there are."""
    writer = PdfWriter(clone_from=pdf)
    writer.add_metadata({"/Title": cover.title, "/Author": cover.authors})
    # Chromium writes a heading twice that it moved to the next page, and joins words at a line end.
    for item, words in zip(bookmarks(writer.root_object["/Outlines"]), headings, strict=True):
        item[NameObject("/Title")] = TextStringObject(words)
    writer.write(pdf)
    return len(writer.pages)


def bookmarks(parent):
    item = parent.get("/First")
    while item is not None:
        item = item.get_object()
        yield item
        yield from bookmarks(item)
        item = item.get("/Next")


if __name__ == "__main__":
    sys.exit(main())
