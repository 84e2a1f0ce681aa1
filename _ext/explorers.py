"""Write each explorer's first view and each drawing into its page, and give the page its script.

An explorer's cell leaves an element with data. Its own script, run here in an embedded engine
(mini-racer), writes what a reader sees first, so that a page without scripts, a printer and a
search engine see it too; in a browser the same script takes over.
"""

import ast
import json
import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive

INLINE = 16_000  # letters of data that a page holds itself; more go into a file
SHEET = "explorers.css"
ELEMENT = re.compile(
    r'<div class="lab-explorer" id="([\w-]+)" data-explorer="(\w+)">'
    r'<script type="application/json">(.*?)</script><pre>.*?</pre></div>',
    re.DOTALL,
)
DRAWING = re.compile(
    r'(<div class="lab-drawing">)<script type="application/json">(.+?)</script>'
    r"<pre>.*?</pre></div>",
    re.DOTALL,
)
# What the engine lacks, and a browser has.
ATOB = """
globalThis.atob = (text) => {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  let bits = 0, count = 0, out = "";
  for (const letter of text.replace(/=/g, "")) {
    bits = (bits << 6) | letters.indexOf(letter);
    count += 6;
    if (count >= 8) out += String.fromCharCode((bits >> (count -= 8)) & 255);
  }
  return out;
};
"""


@cache
def engine(script: str):
    from py_mini_racer import MiniRacer

    racer = MiniRacer()
    racer.eval(ATOB + script)
    return racer


def first_view(name: str, given: str, ident: str) -> str:
    """Return an explorer as a reader first sees it."""
    from lstm_lab.explorers.scripts import for_page

    call = f"labWritten({json.dumps(name)}, {given}, {json.dumps(ident)})"
    return engine(for_page(name)).eval(call)


def drawn(given: str) -> str:
    """Return a drawing in its two layouts."""
    from lstm_lab.explorers.scripts import joined

    return engine(joined("drawings")).eval(f"drawings.drawn({given})")


def pictured(html: str) -> str:
    """Let a drawing's picture stand in its element, for front ends that cannot draw it."""

    def image(found) -> str:
        wide = re.search(r"<svg .*?</svg>", drawn(found[2]), re.DOTALL)[0]
        title = re.search("<title>(.*?)</title>", wide)[1]
        source = b64encode(alone(wide).encode()).decode()
        return (
            f'{found[1]}<script type="application/json"></script>'
            f'<img alt="{title}" src="data:image/svg+xml;base64,{source}"></div>'
        )

    return DRAWING.sub(image, html)


def alone(svg: str) -> str:
    """Return a picture as a file of its own, on white paper."""
    from lstm_lab.explorers.scripts import styles

    head = '<svg xmlns="http://www.w3.org/2000/svg" style="margin:0" class="lab-drawing '
    rules = "<style>" + re.sub(r"\s+", " ", styles("draw")) + "</style>"
    paper = '<rect class="lab-ground" width="100%" height="100%"></rect>'
    opened, rest = svg.replace('<svg class="', head, 1).split(">", 1)
    return f"{opened}>{rules}{paper}{rest}"


def write(app, pagename, templatename, context, doctree) -> None:
    """Put the first view of every explorer into a page, and ask for what it needs."""
    body = context.get("body", "")
    found = ELEMENT.findall(body)
    if DRAWING.search(body):
        context["body"] = body = DRAWING.sub(lambda each: f"{each[1]}{drawn(each[2])}</div>", body)
    if not found:
        return
    static, files = Path(app.outdir, "_static"), []

    def whole(match) -> str:
        ident, name, given = match.groups()
        view = first_view(name, given, ident)
        if len(given) > INLINE:
            given, file = apart(static, given)
            files.append(file)
        return (
            f'<div class="lab-explorer" id="{ident}" data-explorer="{name}">'
            f'<script type="application/json">{given}</script>{view}</div>'
        )

    body = ELEMENT.sub(whole, body)
    files.append(script(static, sorted({name for _, name, _ in found})))
    address = context["pathto"]
    tags = [f'<script defer src="{address("_static/" + each, 1)}"></script>' for each in files]
    context["body"] = body + "\n".join(dict.fromkeys(tags))


def apart(static: Path, given: str) -> tuple[str, str]:
    """Write data into a file of their own, and return what stands in for them, and the file."""
    key = sha256(given.encode()).hexdigest()[:8]
    file = f"explorers-data-{key}.js"
    text = f'(globalThis.labData ??= {{}})["{key}"] = {given};\n'
    static.joinpath(file).write_text(text, encoding="utf-8")
    return json.dumps({"file": key}), file


def script(static: Path, names: list[str]) -> str:
    """Write the script of some explorers, and return its name."""
    from lstm_lab.explorers.scripts import for_page

    text = for_page(*names)
    file = f"explorers-{sha256(text.encode()).hexdigest()[:8]}.js"
    static.joinpath(file).write_text(text, encoding="utf-8")
    return file


def made(source: str):
    """Return what the last line of some Python makes."""
    tree = ast.parse(source)
    last = ast.Expression(tree.body.pop().value)
    names: dict = {}
    exec(compile(tree, "<explorer>", "exec"), names)
    return eval(compile(last, "<explorer>", "eval"), names)


class Shown(Directive):
    """An explorer on a page that is no notebook: Python whose last line makes one."""

    has_content = True

    def run(self):
        html = made("\n".join(self.content))._repr_html_()
        return [nodes.raw("", html, format="html")]


def add_styles(app) -> None:
    from lstm_lab.explorers.scripts import styles

    if app.builder.name != "html":
        return
    static = Path(app.outdir, "_static")
    static.mkdir(parents=True, exist_ok=True)
    static.joinpath(SHEET).write_text(styles(), encoding="utf-8")


def setup(app):
    app.add_directive("explorer", Shown)
    app.connect("builder-inited", add_styles)
    app.connect("html-page-context", write)
    app.add_css_file(SHEET)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
