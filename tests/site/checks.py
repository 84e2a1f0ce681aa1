"""What must hold on a built page: each check returns its problems, a line each.

The checks of the file look at the HTML; those of the browser open the page and look at what came.
"""

import gzip
import re
from collections import Counter
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup

HTML_LIMIT, IMAGE_LIMIT, WIRE_LIMIT = 60 * 1024, 200 * 1024, 300 * 1024
WITH_A_LANGUAGE_MODEL = 600 * 1024  # on the wire
COMPRESSED = {".png", ".woff2", ".jpg", ".zip"}
AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
APART = {"_static", "slides", "workshop"}  # these have tests of their own


def parsed(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def pages(site: Path) -> list[Path]:
    """Return every page of the book, without those that only lead on to another one."""
    found = [page for page in sorted(site.rglob("*.html")) if not leads_on(page)]
    return [page for page in found if not APART & {*page.relative_to(site).parts}]


def leads_on(page: Path) -> bool:
    return 'http-equiv="Refresh"' in page.read_text(encoding="utf-8")[:500]


def home(site: Path) -> str:
    """Return the path at which a site is published: its page for lost readers knows."""
    lost = site / "404.html"
    found = (
        re.search(r'href="(/[^"]*?)_static/', lost.read_text("utf-8")) if lost.exists() else None
    )
    return found[1] if found else "/"


def dead_links(site: Path, page: Path, soup: BeautifulSoup, ids: dict[Path, set[str]]) -> list[str]:
    """Return links to files and anchors that are not there; ``ids`` is filled on the way."""
    problems = []
    links = [tag["href"] for tag in soup.find_all(href=True)]
    for link in links + [tag["src"] for tag in soup.find_all(src=True)]:
        address = urlsplit(link)
        if address.scheme or address.netloc:
            continue
        path = unquote(address.path)
        folder = site if path.startswith("/") else page.parent
        target = (folder / path.removeprefix(home(site))).resolve() if path else page
        if not target.is_file() or site not in target.parents:
            problems.append(f"{link} leads nowhere")
        elif address.fragment and target.suffix == ".html":
            if target not in ids:
                ids[target] = {each["id"] for each in parsed(target).find_all(id=True)}
            # Behind a colon is the view that an explorer is to show.
            if unquote(address.fragment).partition(":")[0] not in ids[target] | {""}:
                problems.append(f"{link} has no such anchor")
    return problems


def foreign(soup: BeautifulSoup) -> list[str]:
    """Return what the page would load from another host."""
    tags = soup.select("script[src], img[src], iframe[src], link[href]")
    asked = [tag for tag in tags if "canonical" not in (tag.get("rel") or [])]
    addresses = [tag.get("src") or tag.get("href") for tag in asked]
    styles = " ".join(tag.get_text() for tag in soup.find_all("style"))
    addresses += re.findall(r"url\(['\"]?(https?:[^)'\"]+)", styles)
    return [f"{each} is on another host" for each in addresses if urlsplit(each).netloc]


def markup(soup: BeautifulSoup) -> list[str]:
    """Return what a reader without eyes, or a search engine, would miss."""
    problems = [
        f"{img['src']} has no alt text" for img in soup.find_all("img") if not img.get("alt")
    ]
    counts = Counter(tag["id"] for tag in soup.find_all(id=True))
    problems += [f"id {name!r} stands {n} times" for name, n in counts.items() if n > 1]
    description = soup.find("meta", attrs={"name": "description"})
    if not description or not 20 <= len(description["content"]) <= 300:
        problems.append("no description of 20 to 300 letters")
    # The theme's second title is there for print alone.
    headings = soup.select("main h1:not(#jb-print-docs-body h1)")
    if len(headings) != 1:
        problems.append(f"{len(headings)} headings of the first rank; expected 1")
    for img in soup.select("article img"):
        if not (img.get("width") and img.get("height")):
            problems.append(f"{img['src']} has no width and height")
    return problems


def weights(page: Path, soup: BeautifulSoup) -> list[str]:
    """Return files of a page that are too heavy."""
    problems, html = [], len(gzip.compress(page.read_bytes(), 9))
    if html > HTML_LIMIT:
        problems.append(f"the HTML has {html:,} bytes; at most {HTML_LIMIT:,}")
    for img in soup.find_all("img", src=re.compile(r"^(?!data:|https?:)")):
        file = page.parent / unquote(urlsplit(img["src"]).path)
        if file.is_file() and file.stat().st_size > IMAGE_LIMIT:
            problems.append(
                f"{file.name} has {file.stat().st_size:,} bytes; at most {IMAGE_LIMIT:,}"
            )
    return problems


def of_file(site: Path, page: Path, ids: dict[Path, set[str]]) -> list[str]:
    soup = parsed(page)
    return [*dead_links(site, page, soup, ids), *foreign(soup), *markup(soup), *weights(page, soup)]


def watch(tab) -> list[str]:
    """Return a list into which a browser's tab writes what goes wrong while it loads a page."""
    problems = []
    tab.on("console", lambda it: it.type == "error" and problems.append(f"console: {it.text}"))
    tab.on("pageerror", lambda error: problems.append(f"exception: {error}"))
    tab.on("requestfailed", lambda it: problems.append(f"{it.url} failed: {it.failure}"))
    tab.on("response", lambda it: it.status >= 400 and problems.append(f"{it.url}: {it.status}"))
    return problems


def wire(files: list[Path]) -> int:
    """Return the bytes that some files weigh on the wire, from a host that compresses."""
    return sum(map(_wired, files))


@cache
def _wired(file: Path) -> int:
    data = file.read_bytes()
    return len(data) if file.suffix in COMPRESSED else len(gzip.compress(data, 9))


def too_wide(tab) -> list[str]:
    over = tab.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return [f"{over} px wider than the screen"] if over > 0 else []


# Thousands of words of code and of signatures are of a few kinds: each is looked at once.
ONE_OF_EACH_KIND = """() => {
  const known = new Set();
  for (const word of document.querySelectorAll(":is(pre, dt) span[class]")) {
    const kind = `${word.className} in ${word.parentElement.closest("div, dl").className}`;
    if (known.has(kind)) word.replaceWith(...word.childNodes);
    known.add(kind);
  }
}"""


def violations(tab, rules: list[str] | None = None, within: str | None = None) -> list[str]:
    """Return what axe-core finds as the page stands: by some rules, within one of its parts."""
    options = AXE if rules is None else AXE | {"runOnly": rules}
    tab.evaluate(ONE_OF_EACH_KIND)
    found = Axe().run(tab, within, options).response["violations"]
    return [
        f"{each['id']} ({each['impact']}): {node['html'][:160]}"
        for each in found
        for node in each["nodes"]
    ]
