"""What the site knows of its address: nothing without one, and no dead button with one."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from sphinx.errors import ConfigError

from _ext import address

ROOT = Path(__file__).resolve().parents[2]


REPOSITORY = "https://github.com/someone/a-book"


@pytest.fixture
def published(monkeypatch):
    monkeypatch.setenv("BOOK_REPOSITORY", REPOSITORY)
    monkeypatch.setenv("BOOK_URL", "https://someone.github.io/a-book/")
    monkeypatch.setenv("BOOK_COMMIT", "0123abc")


@pytest.fixture
def unpublished(monkeypatch):
    for name in ("BOOK_REPOSITORY", "BOOK_URL", "BOOK_COMMIT"):
        monkeypatch.delenv(name, raising=False)


def buttons(page="chapters/01-three-tensors", suffix=".ipynb"):
    download = {"label": "download-source-button", "url": "_sources/x.ipynb"}
    context = {"page_source_suffix": suffix, "header_buttons": [{"buttons": [download]}]}
    context["pathto"] = lambda name, resource: f"../{name}"
    address.add_buttons(None, page, "page.html", context, None)
    return [button["url"] for group in context["header_buttons"] for button in group["buttons"]]


def configured():
    config = SimpleNamespace(html_theme_options={})
    address.configure(None, config)
    return config


def test_without_an_address_there_are_no_buttons_and_no_canonical_pages(unpublished):
    assert buttons() == ["../study/01-three-tensors.ipynb"]
    config = configured()
    assert config.html_baseurl == config.ogp_site_url == ""
    assert config.html_theme_options == {}
    assert not config.ogp_social_cards["enable"]


def test_with_an_address_a_chapter_runs_on_colab_and_binder(published):
    colab, binder, download = buttons()
    path = "study/01-three-tensors.ipynb"
    assert download == f"../{path}"
    assert colab == (
        f"https://colab.research.google.com/github/someone/a-book/blob/gh-pages/{path}"
    )
    assert binder == f"https://mybinder.org/v2/gh/someone/a-book/0123abc?urlpath=lab/tree/{path}"


def test_a_page_that_is_no_notebook_has_no_such_buttons(published):
    assert buttons("glossary", ".md") == ["_sources/x.ipynb"]


def test_the_addresses_of_pages_begin_with_the_site_s(published):
    config = configured()
    assert config.html_baseurl == "https://someone.github.io/a-book/"
    assert config.notfound_urls_prefix == "/a-book/"
    assert config.html_theme_options["repository_url"] == REPOSITORY


@pytest.mark.parametrize("value", ["github.com/a/b", "http://x.org/a", "https://x.org/a b"])
def test_what_is_no_address_is_refused(monkeypatch, value):
    monkeypatch.setenv("BOOK_URL", value)
    with pytest.raises(ConfigError, match=r"BOOK_URL is .*; expected an address such as"):
        address.address("BOOK_URL")


def test_a_copy_begins_with_the_installation_and_is_else_unchanged():
    notebook = nbformat.read(ROOT / "chapters/01-three-tensors.ipynb", as_version=4)
    cells = [*notebook.cells]
    first, *rest = address.portable(notebook, f"git+{REPOSITORY}@0123abc").cells
    assert rest == cells
    assert f'"lstm-lab[chapters] @ git+{REPOSITORY}@0123abc"' in first.source
    nbformat.validate(notebook)


def test_the_first_cell_installs_nothing_where_the_package_is():
    code = address.INSTALL.format(source="nowhere").replace("%pip", "raise SystemExit(1) #")
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_the_first_cell_installs_where_the_package_is_not(tmp_path):
    code = address.INSTALL.format(source="nowhere").replace("%pip", "raise SystemExit(7) #")
    isolated = [sys.executable, "-I", "-S", "-c", code]
    assert subprocess.run(isolated, cwd=tmp_path).returncode == 7
