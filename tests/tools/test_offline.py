"""The zip for a place without network: what is in it."""

import re
from pathlib import Path
from zipfile import ZipFile

import pytest

from tools import offline

ROOT = Path(__file__).resolve().parents[2]


TREE = [
    "_build/html/index.html",
    "_build/html/_static/a.css",
    "_build/html/.buildinfo",
    "_build/html/reports/chapter.err.log",
    "_build/html/study/a.ipynb",
    "chapters/b.ipynb",
    "chapters/a.ipynb",
    "chapters/.ipynb_checkpoints/a.ipynb",
    "lstm_lab/__init__.py",
    "lstm_lab/data/files/words.txt.gz",
    "lstm_lab/data/__pycache__/x.pyc",
    "wheels/torch.whl",
]


@pytest.fixture
def book(tmp_path):
    for name in [*TREE, *offline.BESIDE]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"this is {name}", encoding="utf-8")
    return tmp_path


def test_the_zip_holds_the_book_and_nothing_that_was_made_on_the_way(book):
    offline.pack(book, book / "_build/html", book / "one.zip")
    with ZipFile(book / "one.zip") as zipped:
        names = [info.filename for info in zipped.infolist() if not info.is_dir()]
        names = sorted(name.removeprefix("what-your-lstm-returns/") for name in names)
        notebook = zipped.read("what-your-lstm-returns/chapters/a.ipynb")
    assert names == sorted(
        [
            *offline.BESIDE,
            "READ-ME-FIRST.md",
            "chapters/a.ipynb",
            "chapters/b.ipynb",
            "lstm_lab/__init__.py",
            "lstm_lab/data/files/words.txt.gz",
            "site/_static/a.css",
            "site/index.html",
            "site/study/a.ipynb",
            "study/a.ipynb",
        ]
    )
    assert notebook == b"this is chapters/a.ipynb"  # and not the checkpoint of that name


def test_a_book_that_is_not_built_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(offline, "SITE", tmp_path)
    assert offline.main() == 1
    assert "make book" in capsys.readouterr().out


def test_the_first_page_to_read_names_what_is_there():
    named = re.findall(r"(?:-r|open) `?([\w./-]+)", offline.READ_ME, re.IGNORECASE)
    assert set(named) == {"site/index.html", "requirements.txt"}
    assert {"requirements.txt", "constraints.txt", "pyproject.toml"} <= set(offline.BESIDE)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for text in (offline.READ_ME, makefile):
        assert "--wheel-dir wheels -r requirements.txt hatchling editables" in text
