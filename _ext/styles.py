"""One style sheet a page, without the rules that no page can use.

A theme's style sheet has rules for everything it might show; most of them are for none of this
book's pages, and a page waits for all of them before its first paint. A rule stays when every class
and id that it names is a word of some page or script.
"""

import re
from hashlib import sha256
from pathlib import Path
from posixpath import dirname, join, normpath

import tinycss2

LINK = re.compile(r'<link\b[^>]*?href="([^"]*?)_static/([^"?]+\.css)[^"]*"[^>]*?>\n?')
OPTIONS = re.compile(r'<script src="[^"]*documentation_options\.js[^"]*"></script>')
URL = re.compile(r"""url\((["']?)(?!data:|#|https?:)([^)"']+)\1\)""")
IMPORT = re.compile(r"""["']([^"']+)["']""")
NAME = re.compile(r"[.#]((?:[\w-]|\\.)+)")
GROUPS = ("media", "supports", "layer")


def words(site: Path) -> set[str]:
    """Return every word of the pages and scripts: what a class or an id may be."""
    files = [*site.rglob("*.html"), *site.glob("_static/**/*.js")]
    texts = (file.read_text(encoding="utf-8", errors="ignore") for file in files)
    return {word for text in texts for word in re.findall(r"[\w-]+", text)}


def used(selector: str, known: set[str]) -> bool:
    """Return whether all classes and ids of a selector are known, those in parentheses aside."""
    while (plain := re.sub(r"\([^()]*\)", "", selector)) != selector:
        selector = plain
    plain = re.sub(r"\[[^\]]*\]", "", selector)
    return all(name.replace("\\", "") in known for name in NAME.findall(plain))


def without_unused(rules: list, known: set[str]) -> str:
    """Return style rules as text, without the selectors that can meet nothing."""
    kept = []
    for rule in rules:
        if rule.type == "qualified-rule":
            selectors = [each for each in split_at_commas(rule.prelude) if used(each, known)]
            if selectors:
                kept.append(f"{','.join(selectors)}{{{tinycss2.serialize(rule.content)}}}")
        elif rule.type == "at-rule" and rule.lower_at_keyword in GROUPS and rule.content:
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            body = without_unused(inner, known)
            if body:
                kept.append(f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{body}}}")
        elif rule.type == "at-rule" and rule.lower_at_keyword != "charset":
            kept.append(rule.serialize())
    return "".join(kept)


def split_at_commas(prelude: list) -> list[str]:
    """Return the selectors of a rule; what stands in parentheses is one token here."""
    parts = [[]]
    for token in prelude:
        if token == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return [tinycss2.serialize(part).strip() for part in parts]


def sheet(static: Path, name: str, known: set[str]) -> str:
    """Return a style sheet, and what it imports, as it stands in the folder of static files."""
    text = static.joinpath(name).read_text(encoding="utf-8")
    folder = dirname(name)
    rules = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
    imports = [rule for rule in rules if getattr(rule, "lower_at_keyword", "") == "import"]
    paths = [normpath(join(folder, IMPORT.search(rule.serialize())[1])) for rule in imports]
    own = without_unused([rule for rule in rules if rule not in imports], known)
    moved = URL.sub(lambda match: f"url({normpath(join(folder, match[2]))})", own)
    return "".join(sheet(static, path, known) for path in paths) + moved


def bundle(app, exception) -> None:
    """Give each page one style sheet in place of its many, and its options in place."""
    if exception or app.builder.name != "html":
        return
    site = Path(app.outdir)
    static = site / "_static"
    known, written = words(site), {}
    options = static.joinpath("documentation_options.js").read_text(encoding="utf-8")
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        links = LINK.findall(text)
        if not links:
            continue
        names = tuple(name for _, name in links)
        if names not in written:
            css = "\n".join(sheet(static, name, known) for name in names)
            written[names] = f"styles-{sha256(css.encode()).hexdigest()[:8]}.css"
            static.joinpath(written[names]).write_text(css, encoding="utf-8")
        first = LINK.search(text).start()
        link = f'<link rel="stylesheet" href="{links[0][0]}_static/{written[names]}" />\n'
        text = text[:first] + link + LINK.sub("", text[first:])
        text = OPTIONS.sub(lambda _: f"<script>{options}</script>", text)
        page.write_text(text, encoding="utf-8")
    for name in {name for names in written for name in names}:
        static.joinpath(name).unlink()


def setup(app):
    app.connect("build-finished", bundle, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
