"""What the pages on the package need: links to others' names and to source code, and docstrings.

Inventories tell intersphinx where PyTorch and others document a name. Here they are small text
files with the names that this book uses, so that a build needs no network.
"""

import re
import zlib
from pathlib import Path

from sphinx.util import inspect

FOLDER = Path(__file__).resolve().parent / "inventories"
BACK = re.compile(
    r'(<div class="viewcode-block" id="([\w.]+)">)\n(<a [^>]*href="[^"#]*#)[\w.]+(".*</a>)\n'
)


def base(path: Path) -> str:
    """Return the address that the uris of an inventory begin at, from its first line."""
    return path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")


def rows(path: Path) -> list[list[str]]:
    """Return ``[name, role, uri]`` of each line, the name put in for ``$``."""
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [line.split() for line in lines if not line.startswith("#")]
    return [[name, role, uri.replace("$", name)] for name, role, uri in found]


def binary(path: Path) -> bytes:
    """Return an inventory as Sphinx reads it: four lines of text, then the rest compressed."""
    head = f"# Sphinx inventory version 2\n# Project: {path.stem}\n# Version: \n"
    head += "# The remainder of this file is compressed using zlib.\n"
    lines = "".join(f"{name} py:{role} 1 {uri} -\n" for name, role, uri in rows(path))
    return head.encode() + zlib.compress(lines.encode())


def write_inventories(app, config):
    folder = Path(app.doctreedir) / "inventories"
    folder.mkdir(parents=True, exist_ok=True)
    mapping = dict(config.intersphinx_mapping)
    for path in sorted(FOLDER.glob("*.txt")):
        stored = folder / f"{path.stem}.inv"
        stored.write_bytes(binary(path))
        mapping[path.stem] = (base(path), str(stored))
    config.intersphinx_mapping = mapping


def returns_in_words(app, what, name, obj, options, lines):
    """Keep ``Returns:`` as it is written: napoleon takes what precedes a colon for a type."""
    for k, line in enumerate(lines[:-1]):
        if line == "Returns:":
            lines[k : k + 2] = [f":returns: {lines[k + 1].strip()}"]


def own_signature(app, what, name, obj, options, signature, returns):
    """Show what a widget's own constructor takes; its base class takes anything."""
    if what == "class" and "HasTraits" in {base.__name__ for base in obj.__mro__}:
        own = inspect.signature(obj.__init__, bound_method=True)
        return inspect.stringify_signature(own, unqualified_typehints=True), returns
    return None


def signatures_as_lists(app, pagename, templatename, context, doctree):
    """Make the lines of a signature a list: Sphinx writes definitions without terms."""
    if "body" in context:
        lines = re.compile(r"<dl>\n(<dd><em class=\"sig-param\">.*?)</dl>", re.DOTALL)
        context["body"] = lines.sub(_list, context["body"])


def _list(found: re.Match) -> str:
    items = found[1].replace("<dd>", "<li>").replace("</dd>", "</li>")
    return f"<ul>\n{items}</ul>"


def source_page(app, pagename, templatename, context, doctree):
    """Mend a page of source code: no line is added, its heading may break, links back arrive.

    Sphinx writes all links of a page with one prefix: a class that is named by its room and a
    function that is named by the package may stand in one file.
    """
    folder, _, path = pagename.partition("/")
    if folder == "_modules":
        names, module = app.env.get_domain("py").objects, path.replace("/", ".")

        def arriving(found):
            public = f"lstm_lab.{found[2]}"
            name = public if public in names else f"{module}.{found[2]}"
            return f"{found[1]}{found[3]}{name}{found[4]}"

        body = BACK.sub(arriving, context["body"]).replace("</div>\n\n", "</div>\n")
        name = module.replace(".", ".<wbr>")
        heading = f'<h1 class="lab-source">Source code for {name}</h1>'
        context["body"] = body.replace(f"<h1>Source code for {module}</h1>", heading)


def setup(app):
    app.connect("config-inited", write_inventories)
    app.connect("autodoc-process-docstring", returns_in_words, priority=400)  # before napoleon
    app.connect("autodoc-process-signature", own_signature)
    app.connect("html-page-context", signatures_as_lists)
    app.connect("html-page-context", source_page)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
