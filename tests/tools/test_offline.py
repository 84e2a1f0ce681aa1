"""The folder for a place without network: what is in it, and what its first page says."""

import re
import subprocess
from zipfile import ZipFile

import pytest
from bs4 import BeautifulSoup

from tools import offline, wheels
from tools.notebooks import ROOT

BUILT = [
    "html/index.html",
    "html/which-tensor.html",
    "html/.buildinfo",
    "html/reports/chapter.err.log",
    "html/study/01-a.ipynb",
    "html/study/.ipynb_checkpoints/01-a.ipynb",
    "html/slides/index.html",
    "html/workshop/README.html",
]


@pytest.fixture(scope="module")
def stick(tmp_path_factory):
    built, folder = tmp_path_factory.mktemp("built"), tmp_path_factory.mktemp("stick") / "book"
    for name in BUILT:
        path = built / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"this is {name}", encoding="utf-8")
    offline.pack(ROOT, built / "html", folder)
    return folder


def test_the_folder_holds_the_book_and_nothing_that_was_made_on_the_way(stick):
    names = {str(path.relative_to(stick)) for path in stick.rglob("*") if path.is_file()}
    wheel = next(name for name in names if name.startswith("wheels/lstm_lab-"))
    assert names == {
        *("CITATION.cff", "LICENSE", "READ-ME-FIRST.html", "requirements.txt"),
        *("pictures/three-tensors.svg", "site/index.html", "site/which-tensor.html"),
        *("site/study/01-a.ipynb", "study/01-a.ipynb", "site/slides/index.html"),
        *("site/workshop/README.html", wheel),
    }
    with ZipFile(stick / wheel) as packed:  # the solutions of the exercises come with the package
        inside = packed.namelist()
    assert sum(name.startswith("lstm_lab/exercises/chapters/") for name in inside) >= 15


def test_every_link_and_picture_of_the_first_page_is_there(stick):
    parsed = BeautifulSoup(stick.joinpath("READ-ME-FIRST.html").read_text("utf-8"), "html.parser")
    named = [it.get("href") or it.get("src") for it in parsed.select("a, img")]
    named = [it for it in named if not it.startswith("http")]
    assert len(named) >= 4
    assert [it for it in named if not (stick / it).is_file()] == []


def test_what_is_installed_is_in_the_wheels_or_fetched_for_them(stick):
    asked = stick.joinpath("requirements.txt").read_text(encoding="utf-8").splitlines()
    learners = (ROOT / "workshop/requirements.txt").read_text(encoding="utf-8").splitlines()
    assert asked[0] == "lstm-lab"
    assert asked[1:] == [line for line in learners if line and line[0] not in "#-"]


def test_a_book_that_is_not_built_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(offline, "SITE", tmp_path)
    assert offline.main() == 1
    assert "make book" in capsys.readouterr().out


def test_the_first_page_installs_and_checks_on_each_system():
    blocks = re.findall(r"```(sh|bat)\n(.*?)```", offline.READ_ME, re.S)
    for _, text in blocks[:2]:
        made, installed, checked = text.splitlines()
        assert made.endswith("-m venv .venv")
        assert installed.endswith("--no-index --find-links wheels -r requirements.txt")
        assert checked.endswith("-m lstm_lab")
    assert [kind for kind, _ in blocks] == ["sh", "bat", "sh"]


class Calls:
    """What stands for uv and pip: it notes each command, and resolves to two packages."""

    def __init__(self, refused=""):
        self.made, self.refused = [], refused

    def __call__(self, command, **options):
        self.made.append([str(word) for word in command])
        if self.refused in command:
            raise subprocess.CalledProcessError(1, command)
        return subprocess.CompletedProcess(command, 0, stdout="lstm-lab==1\nnvidia-x==2\n")


@pytest.fixture
def calls(tmp_path, monkeypatch):
    calls = Calls(refused="no system")
    (tmp_path / "wheels").mkdir()
    (tmp_path / "requirements.txt").write_text("lstm-lab", encoding="utf-8")
    monkeypatch.setattr(wheels, "STICK", tmp_path)
    monkeypatch.setattr(subprocess, "run", calls)
    return calls


def test_each_system_is_resolved_fetched_and_proved(calls, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PIP_FIND_LINKS", "/here /there")
    assert wheels.main(["--system", "macos", "--python", "3.13"]) == 0
    first, fetched, proved = calls.made
    assert [first[k + 1] for k, word in enumerate(first) if word == "--find-links"] == [
        *(str(tmp_path / "wheels"), "/here", "/there")
    ]
    assert first[first.index("--python-platform") + 1] == "macos"
    assert "--no-deps" in fetched
    assert "macosx_13_0_arm64" in fetched
    assert "--no-index" in proved
    assert "/here" not in proved
    assert (tmp_path / "wheels/for.txt").read_text(encoding="utf-8") == "macos, Python 3.13\n"
    assert "2 packages, 1 of them CUDA's" in capsys.readouterr().out


def test_what_cannot_be_had_is_told_and_the_rest_is_fetched(calls, tmp_path, capsys):
    calls.refused = "windows"
    assert wheels.main(["--system", "windows", "linux", "--python", "3.12"]) == 1
    assert (tmp_path / "wheels/for.txt").read_text(encoding="utf-8") == "linux, Python 3.12\n"
    assert "windows, Python 3.12: not to be had" in capsys.readouterr().out
