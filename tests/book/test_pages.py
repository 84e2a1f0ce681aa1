"""The pages around the chapters: links, the front figure, and the words they share."""

import importlib
import io
import json
import os
import posixpath
import re
import shutil
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path

import nbformat
import pytest
import torch
import yaml
from sphinx.util.inventory import InventoryFile

from _ext import reference
from tools import front_figure, links, notebooks

ROOT = Path(__file__).resolve().parents[2]


CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
TERM = re.compile(r"\{term\}`([^`<]+?)(?: <([^>]+)>)?`")
# The word is there and the term is not meant, or is not linked yet.
OTHERWISE = {("leak", "02-shapes")}
# Pages of others that describe more than one name.
SHARED = {
    "tensors.html",
    "tensor_attributes.html",
    "optim.html",
    "data.html",
    "library/collections.abc.html",
    "api/figure_api.html",
    "examples/Using%20Interact.html",
}


def terms():
    text = (ROOT / "glossary.md").read_text(encoding="utf-8")
    return re.findall(r"^([a-z_ -]+)$", text.split("```{glossary}")[1], re.M)


@cache
def markdown(path):
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def linked(text):
    return {target or words for words, target in TERM.findall(text)}


def uses(text, term):
    """Say whether the prose has the term, as it is or with a plain plural; no other inflection."""
    prose = TERM.sub(r"\1", re.sub(r"^(#|```|:).*$", "", text, flags=re.M))
    prose = re.sub(r"\{[a-z:]+\}`[^`]*`|\[[^\]]*\]\([^)]*\)", "", prose)
    if "_" in term or term in ("hx", "output"):  # PyTorch's names stand in backticks
        return f"`{term}`" in prose
    words = re.sub(r"`[^`]*`|\$[^$]*\$", "", prose)
    return bool(re.search(rf"\b{term}(e?s)?\b", words, re.I))


def test_the_front_figure_is_what_a_real_network_gives():
    names = {}
    text = (ROOT / "intro.md").read_text(encoding="utf-8")
    exec(re.search(r"```\{explorer\}\n(.*?)```", text, re.S)[1], names)
    with torch.no_grad():
        output, (h_n, c_n) = names["lstm"](names["x"][:1])
    stored = front_figure.FILE.read_text(encoding="utf-8")
    assert stored == front_figure.svg()
    drawn = re.findall(r">(\N{MINUS SIGN}?\d\.\d\d)<", stored)
    drawn = Counter(each.replace("\N{MINUS SIGN}", "-") for each in drawn)
    wanted = [*output.flatten(), *h_n[0].flatten(), *c_n.flatten()]
    assert not Counter(f"{each:.2f}" for each in wanted) - drawn
    for name in ("output", "h_n[1]", "c_n[0]"):
        assert f">{name}</text>" in stored


@pytest.mark.parametrize(
    ("target", "alive"),
    [
        ("other.md", True),
        ("other.md#a-heading", True),
        ("#here", True),
        ("https://pytorch.org/docs", True),
        ("mailto:someone@example.org", True),
        ("missing.md", False),
        ("other.md#no-heading", False),
        ("#nowhere", False),
        ("http://pytorch.org", False),
    ],
)
def test_links_are_followed(tmp_path, target, alive):
    (tmp_path / "other.md").write_text("# Other\n\n## A heading\n", encoding="utf-8")
    page = tmp_path / "page.md"
    code = "`[not](gone.md)`\n\n```python\n[not](gone.md)\n```\n"
    page.write_text(f"(here)=\n# Page\n\nSee [this]({target}).\n\n{code}", "utf-8")
    assert links.dead_links(page) == ([] if alive else [f"page.md: {target}"])


def test_the_glossary_is_in_order_and_names_each_term_once():
    assert terms() == sorted(set(terms()), key=str.lower)
    assert {"output", "h_n", "c_n", "hidden state", "cell state"} <= set(terms())


def test_every_term_is_linked_somewhere():
    pages = [*CHAPTERS, ROOT / "intro.md", *(ROOT / "api").glob("*.md")]
    assert set(terms()) == set().union(*(linked(markdown(page)) for page in pages))


@pytest.mark.parametrize("term", terms())
def test_the_first_chapter_that_uses_a_term_links_it(term):
    first = next((path for path in CHAPTERS if uses(markdown(path), term)), None)
    if first and (term, first.stem) not in OTHERWISE:
        assert term in linked(markdown(first)), first.stem


each_inventory = pytest.mark.parametrize(
    "path", sorted(reference.FOLDER.glob("*.txt")), ids=lambda path: path.stem
)


def located(name):
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


@each_inventory
def test_an_inventory_names_what_is_there_and_leads_to_its_page(path):
    rows = reference.rows(path)
    assert re.fullmatch(r"https://[a-z.]+/([a-z0-9]+/)*", reference.base(path))
    assert len({name for name, _, _ in rows}) == len(rows)
    for name, role, uri in rows:
        thing = located(name)
        assert callable(thing)
        assert role == ("class" if isinstance(thing, type) else "function")
        page, public = uri.split("#")
        # A page of prose has a heading of the bare name.
        assert public == name.rpartition(".")[2] or located(public) is thing
        assert page in {f"generated/{public}.html", f"api/_as_gen/{public}.html", *SHARED}


@each_inventory
def test_sphinx_reads_an_inventory_as_it_is_written(path):
    stream = io.BytesIO(reference.binary(path))
    found = InventoryFile.load(stream, reference.base(path), posixpath.join)
    read = [
        (name, role, uri) for role, names in found.items() for name, (*_, uri, _) in names.items()
    ]
    assert sorted(read) == sorted(
        (name, f"py:{role}", reference.base(path) + uri) for name, role, uri in reference.rows(path)
    )


def test_the_front_page_names_every_chapter():
    intro = (ROOT / "intro.md").read_text(encoding="utf-8")
    for path in (ROOT / "chapters").glob("*.ipynb"):
        assert f"(chapters/{path.name})" in intro


def made_by(file):
    """Return the script of experiments/ that a stored result names as its maker."""
    provenance = json.loads(file.read_text(encoding="utf-8"))["provenance"]
    return re.match(r"experiments/(\w+\.py),", provenance)[1]


def test_a_page_of_the_book_names_the_script_of_every_stored_result():
    assert "experiments/README" in notebooks.toc_files(ROOT)
    text = (ROOT / "experiments/README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[`(\w+\.py)`\]\(\1\)(.*)", text, re.M)
    named = {(script, file) for script, row in rows for file in re.findall(r"`(\S+\.json)`", row)}
    rooms = (ROOT / "lstm_lab/data/results", ROOT / "lstm_lab/models/files")
    stored = [file for room in rooms for file in room.glob("*.json")]
    assert named == {(made_by(file), file.name) for file in stored}
    assert all((ROOT / "experiments" / script).is_file() for script, _ in rows)


def test_every_requirement_has_a_reason_and_a_range():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        if line and not line.startswith(("#", "-c", "-e")):
            assert re.fullmatch(r"[a-z0-9-]+>=[\d.]+,<[\d.]+ +# .{12,}", line), line
    assert not any("index-url" in line for line in lines if not line.startswith("#"))


def test_the_constraints_pin_neither_torch_nor_numpy():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pins = dict(re.findall(r"^([a-z0-9-]+)==(\S+)$", text, re.M))
    assert {"sphinx", "myst-nb", "jupyter-book", "pydata-sphinx-theme"} <= set(pins)
    assert {"torch", "numpy"}.isdisjoint(pins)


def test_the_build_runs_every_notebook_afresh():
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    assert config["execute"]["execute_notebooks"] == "force"
    assert config["execute"]["allow_errors"] is False
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "jupyter-book build . -W -n --keep-going --all\n" in makefile
    strict = r"-m pytest --nbval --nbval-current-env .*-n auto --dist loadfile chapters\n"
    assert re.search(strict, makefile)


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not here")
def test_a_misspelt_device_is_refused_before_anything_is_installed():
    outer = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    command = ["make", "-n", "test", "DEVICE=gpu"]
    run = subprocess.run(command, cwd=ROOT, env=outer, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "DEVICE is gpu; expected cpu, cuda, mps or auto" in run.stderr
    assert run.stdout == ""


def test_the_examples_of_readme_run(capsys):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    names = {}
    short, own, package = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(own, names)
    said = re.search(r"```text\n(.*?)```", text, re.DOTALL)[1]
    assert capsys.readouterr().out.startswith(said)
    assert short.count("\n") <= 6  # with one that is empty
    exec(short, names | {"YourModel": names["Model"]})
    assert capsys.readouterr().out.startswith(said)
    exec(package, names)
    assert names["features"].shape == (32, 32)
    assert names["forget"].shape == (2, 2, 32, 10, 16)
    assert "weight_ih_l1_reverse" in capsys.readouterr().out
