"""What this book adds to Sphinx: set mathematics, chapters run side by side, tidier cells.

KaTeX runs in an embedded engine (mini-racer) in the build's own process, so that a page needs no
script and no other host for its formulas; KaTeX adds MathML for screen readers by itself.
"""

import json
from functools import cache
from pathlib import Path

import jupyter_client
from docutils import nodes
from nbclient import NotebookClient
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from tools.kernels import AsyncFolderKernelManager

log = logging.getLogger(__name__)
KATEX = Path(__file__).resolve().parent.parent / "assets/vendor/katex/katex.min.js"


@cache
def engine():
    from py_mini_racer import MiniRacer

    racer = MiniRacer()
    racer.eval("var self = this;" + KATEX.read_text(encoding="utf-8"))
    return racer


def tex_to_html(tex: str, display: bool, where: nodes.Node) -> str:
    try:
        return engine().call("katex.renderToString", tex, {"displayMode": display})
    except Exception as error:  # the engine has many kinds; each is an error in the TeX here
        reason = str(error).splitlines()[0]
        log.warning("KaTeX cannot set %r: %s", tex, reason, location=where, type="katex")
        return f"<code>{nodes.Text(tex).astext()}</code>"


def inline_math(self, node):
    self.body.append(self.starttag(node, "span", "", CLASS="math"))
    self.body.append(tex_to_html(node.astext(), False, node) + "</span>")
    raise nodes.SkipNode


def display_math(self, node):
    # A wide formula scrolls by itself on a phone; tabindex lets the keyboard do it.
    self.body.append(self.starttag(node, "div", CLASS="math", tabindex="0"))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(tex_to_html(node.astext(), True, node) + "</div>")
    raise nodes.SkipNode


def shorten_tracebacks(app, doctree):
    """Keep the reader's own cell and the message; drop the frames inside installed packages."""
    for block in list(doctree.findall(nodes.literal_block)):
        text = block.astext()
        if block.get("language") == "ipythontb" and "\n\nFile " in text:
            cell, message = text.split("\n\nFile ", 1)[0], text.rsplit("\n\n", 1)[1]
            short = nodes.literal_block(text=f"{cell}\n\n{message}", **block.attributes)
            block.replace_self(short)


def address_cells(app, doctree):
    """Give each code cell of a notebook an address of its own: cell- and the cell's id."""
    path = Path(app.env.doc2path(app.env.docname))
    if path.suffix == ".ipynb":
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        for node in doctree.findall(nodes.container):
            if node.get("nb_element") == "cell_code":
                node["ids"].append(f"cell-{cells[node['cell_index']]['id']}")


def run_side_by_side(app, config):
    """Let chapters be run side by side, for which Jupyter Book has no option."""
    app.parallel = 8
    # They work before or after pages are read, and declare nothing.
    for name in ("sphinx_multitoc_numbering", "sphinx_jupyterbook_latex"):
        app.extensions[name].parallel_read_safe = True


def setup(app):
    app.connect("config-inited", run_side_by_side)
    jupyter_client.AsyncKernelManager = AsyncFolderKernelManager  # what nbclient asks for
    # A line that arrives in two pieces is one; nb_merge_streams alone would break it.
    NotebookClient.coalesce_streams = True
    app.connect("doctree-read", shorten_tracebacks)
    app.connect("doctree-read", address_cells)
    app.add_html_math_renderer("katex_static", (inline_math, None), (display_math, None))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
