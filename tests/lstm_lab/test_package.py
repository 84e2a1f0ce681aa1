"""The package as a whole: quiet to import, documented, whole as a wheel.

Which room may import which is held by ``lint-imports``, in ``make check``.
"""

import doctest
import importlib
import os
import pkgutil
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import torch
from torch import nn

import lstm_lab

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(
    each.name
    for each in pkgutil.walk_packages(lstm_lab.__path__, "lstm_lab.")
    if not each.name.endswith("__main__")
)
SILENT = [name for name in MODULES if not re.match(r"lstm_lab\.(plots|explorers)\b", name)]

# What the examples may take for granted, as the page on the package says.
PUBLIC = {name: getattr(lstm_lab, name) for name in lstm_lab.__all__}
IMPORTED = {"torch": torch, "nn": nn, **PUBLIC}


def test_the_face_has_no_more_names_than_a_reader_can_survey():
    assert len(lstm_lab.__all__) <= 75


def test_a_release_has_one_version_and_notes():
    number = lstm_lab.__version__
    assert f"\nversion: {number}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    notes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", notes, re.M)[0] == number


def test_every_public_name_is_there_and_documented():
    for name in lstm_lab.__all__:
        thing = getattr(lstm_lab, name)
        assert name == "COLORS" or thing.__doc__
        assert name in dir(lstm_lab)
    with pytest.raises(AttributeError, match="no attribute 'plot_nothing'"):
        _ = lstm_lab.plot_nothing


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings_are_true(module):
    results = doctest.testmod(importlib.import_module(module), extraglobs=IMPORTED)
    assert results.failed == 0


@pytest.mark.parametrize("name", [name for name, thing in PUBLIC.items() if callable(thing)])
def test_every_public_function_and_class_has_an_example(name):
    assert doctest.DocTestParser().get_examples(PUBLIC[name].__doc__)


def test_every_public_name_is_on_a_page_of_the_package_once():
    text = "\n".join(page.read_text(encoding="utf-8") for page in (ROOT / "api").glob("*.md"))
    listed = re.findall(r"^\.\. (?:auto|py:)(class|function|data):: (\w+)$", text, re.M)
    assert sorted(listed) == sorted((_kind(thing), name) for name, thing in PUBLIC.items())


def _kind(thing):
    return "class" if isinstance(thing, type) else "function" if callable(thing) else "data"


# Run by a Python that has only the wheel: what it prints is compared.
QUIET = f"""
import importlib, random, sys, torch
state, precision = torch.get_rng_state(), torch.get_default_dtype()
dice = random.getstate()
for name in {SILENT}:
    importlib.import_module(name)
import lstm_lab
print(lstm_lab.__file__)
print(torch.equal(state, torch.get_rng_state()), dice == random.getstate())
print(torch.get_default_dtype() == precision)
loaded = {{name.split(".")[0] for name in sys.modules}}
print(sorted(loaded & {{"matplotlib", "IPython", "ipywidgets", "anywidget", "sklearn", "babel"}}))
print(lstm_lab.plot_states(torch.zeros(2, 3)), "matplotlib.pyplot" in sys.modules)
print("assert check(" in lstm_lab.exercise("1.1").solution().code)
"""
WITHOUT_ANYWIDGET = """
for name in [name for name in sys.modules if name.startswith("lstm_lab")]:
    del sys.modules[name]
sys.modules["anywidget"] = None
import lstm_lab
from lstm_lab import *
print(trace.__name__, "StateGrid" in globals(), hasattr(lstm_lab, "StateGrid"))
try:
    lstm_lab.StateGrid
except AttributeError as error:
    print(error)
"""


def test_the_wheel_is_whole_and_quiet_in_an_empty_folder_and_needs_no_anywidget(tmp_path):
    build = ["pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", tmp_path, ROOT]
    subprocess.run([sys.executable, "-m", *map(str, build)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert all(name.startswith("lstm_lab") for name in names)
    site, empty = tmp_path / "site", tmp_path / "empty"
    empty.mkdir()
    zipfile.ZipFile(wheel).extractall(site)
    run = subprocess.run(
        [sys.executable, "-c", QUIET + WITHOUT_ANYWIDGET],
        cwd=empty,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout.splitlines() == [
        str(site / "lstm_lab/__init__.py"),
        "True True",
        "True",
        "[]",
        "<Figure states h: 3 units x 2 steps, 0.00 to 0.00> False",
        "True",
        "trace False False",
        "StateGrid needs anywidget: pip install 'lstm-lab[chapters]'",
    ], run.stderr
    files = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("lstm_lab/**/files/*")}
    files |= {path.relative_to(ROOT).as_posix() for path in ROOT.glob("lstm_lab/**/*.js*")}
    assert files | {"lstm_lab/py.typed", "lstm_lab/__init__.pyi"} <= set(names)


def test_no_file_names_a_machine_s_own_path():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.splitlines()
    binary = {".png", ".gz", ".safetensors"}
    for name in listed:
        path = ROOT / name
        if path.is_file() and "vendor" not in path.parts and path.suffix not in binary:
            text = path.read_text(encoding="utf-8")
            for word in ("/" + "root/", "/" + "home/", "/" + "tmp/", "../" + "shared"):
                assert word not in text, (name, word)
