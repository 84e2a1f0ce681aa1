"""Where the book lives: what its pages can only say once they are published.

Three variables of the environment, set by the publishing workflow and by nothing else:

    BOOK_REPOSITORY   https://github.com/owner/name
    BOOK_URL          https://owner.github.io/name/
    BOOK_COMMIT       the commit that is published; main without it

With the first, each chapter has buttons for Colab and Binder, and the notebooks to study begin with
a cell that installs ``lstm_lab`` where it is missing. With the second, pages have canonical
addresses, preview images and a site map. Without them these are absent, not dead.
"""

import os
import re
from urllib.parse import quote, urlsplit

import nbformat
from sphinx.errors import ConfigError

INSTALL = '''\
# Run alone, on Colab say, this notebook lacks the book's package.
import importlib.util

if importlib.util.find_spec("lstm_lab") is None:
    %pip install --quiet "lstm-lab[chapters] @ {source}"'''


def address(name: str) -> str:
    """Return an address of the environment without its last slash, or an empty text."""
    value = os.environ.get(name, "").rstrip("/")
    if value and not re.fullmatch(r"https://[\w.-]+(/[\w.-]+)*", value):
        raise ConfigError(f"{name} is {value!r}; expected an address such as https://host/path")
    return value


def configure(app, config) -> None:
    """Give the extensions that need an address theirs."""
    url = address("BOOK_URL")
    config.html_baseurl = f"{url}/" if url else ""
    config.ogp_site_url = config.html_baseurl
    config.ogp_social_cards = {
        "enable": bool(url),
        "image": "assets/logo.png",
        "image_mini": "assets/logo.png",
        "line_color": "#4e7afa",
    }
    config.notfound_urls_prefix = f"{urlsplit(url).path}/"
    if url:
        config.sitemap_url_scheme = "{link}"
        config.sitemap_excludes = ["search.html", "genindex.html", "404.html", "_modules/*"]
    repository = address("BOOK_REPOSITORY")
    if repository:
        config.html_theme_options |= {
            "repository_url": repository,
            "use_repository_button": True,
            "use_issues_button": True,
        }


def add_buttons(app, pagename, templatename, context, doctree) -> None:
    """Offer the notebook to study, and two ways to run it without installing anything."""
    if context.get("page_source_suffix") != ".ipynb":
        return
    copy = f"study/{pagename.rpartition('/')[2]}.ipynb"
    for group in context["header_buttons"]:
        for button in group.get("buttons", []):
            if button.get("label") == "download-source-button":
                button["url"] = context["pathto"](copy, 1)
    repository = address("BOOK_REPOSITORY")
    if not repository:
        return
    project = urlsplit(repository).path
    ways = {
        "Colab": f"https://colab.research.google.com/github{project}/blob/gh-pages/{copy}",
        "Binder": f"https://mybinder.org/v2/gh{project}/{commit()}?urlpath={quote(f'lab/tree/{copy}')}",
    }
    buttons = [
        {
            "type": "link",
            "text": name,
            "url": url,
            "icon": "fas fa-play",
            "tooltip": f"Run on {name}",
        }
        for name, url in ways.items()
    ]
    group = {"type": "group", "label": "launch-buttons", "tooltip": "Run this chapter"}
    context["header_buttons"].insert(0, group | {"icon": "fas fa-play", "buttons": buttons})


def commit() -> str:
    return os.environ.get("BOOK_COMMIT") or "main"


def portable(notebook: nbformat.NotebookNode, source: str) -> nbformat.NotebookNode:
    """Return a notebook that installs the book's package from ``source`` where it is missing."""
    cell = nbformat.v4.new_code_cell(INSTALL.format(source=source), id="install")
    notebook.cells.insert(0, cell)
    return notebook


def setup(app):
    if address("BOOK_URL"):
        app.setup_extension("sphinx_sitemap")  # it warns where there is no address
    app.connect("config-inited", configure, priority=900)
    app.connect("html-page-context", add_buttons, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
