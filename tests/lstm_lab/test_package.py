"""The package as a whole: quiet to import, layered, documented, whole as a wheel."""

import ast
import doctest
import importlib
import os
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
PACKAGE = ROOT / "lstm_lab"
MODULES = sorted(path.stem for path in PACKAGE.glob("*.py") if not path.stem.startswith("__"))

# Who may import whom inside the package, and what from outside, when the module is imported.
INSIDE = {
    "alphabet": set(),
    "curves": {"figure", "style"},
    "data": {"lengths"},
    "exercises": set(),
    "export": set(),
    "figure": {"style"},
    "gates": set(),
    "grid": {"figure", "lengths", "style"},
    "inputs": {"lengths", "shapes"},
    "lengths": set(),
    "machine": set(),
    "plots": {"figure", "lengths", "style", "trace"},
    "gradients": {"figure", "lengths", "style"},
    "pronouncer": {"decoding", "encoder", "seq2seq", "texts"},
    "readout": {"lengths", "shapes"},
    "scan": set(),
    "scripts": {"style"},
    "scores": set(),
    "shapes": {"lengths"},
    "style": set(),
    "texts": {"alphabet"},
    "trace": {"gates", "inputs", "scan", "shapes", "style"},
    "models": {"inputs", "lengths", "readout"},
    "encoder": {"inputs", "lengths"},
    "seq2seq": {"encoder", "inputs", "lengths"},
    "decoding": {"encoder", "lengths", "seq2seq"},
    "training": {"lengths"},
    "shipped": {"encoder", "inputs", "lengths", "readout", "seq2seq", "texts"},
    "explorer": {"scripts"},
    "widgets": {
        "alphabet",
        "explorer",
        "export",
        "lengths",
        "models",
        "scripts",
        "seq2seq",
        "shapes",
        "shipped",
    },
}
OUTSIDE = {
    "curves": {"torch", "matplotlib"},
    "exercises": {"torch", "numpy"},
    "figure": {"torch", "matplotlib"},
    "grid": {"torch", "matplotlib"},
    "plots": {"torch", "matplotlib"},
    "gradients": {"torch", "matplotlib"},
    "machine": {"torch", "numpy"},
    "explorer": {"anywidget", "traitlets"},
    "widgets": {"torch", "traitlets"},
}


# What the examples may take for granted, as the page on the package says.
PUBLIC = {name: getattr(lstm_lab, name) for name in lstm_lab.__all__}
IMPORTED = {"torch": torch, "nn": nn, **PUBLIC}


def imports(path, top_level_only):
    """Return the dotted names that a module imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if top_level_only else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


def run(code, **environment):
    command = [sys.executable, "-c", code]
    run = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_every_module_is_in_the_table_of_layers():
    assert set(INSIDE) == set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_modules_import_only_what_their_layer_allows(module):
    path = PACKAGE / f"{module}.py"
    inside = {n.split(".")[1] for n in imports(path, False) if n.startswith("lstm_lab.")}
    assert inside <= INSIDE[module]
    outside = {name.split(".")[0] for name in imports(path, True)} - {"lstm_lab"}
    allowed = OUTSIDE.get(module, {"torch"})
    assert {name for name in outside if name not in sys.stdlib_module_names} <= allowed


def test_importing_sets_nothing_and_needs_neither_jupyter_nor_matplotlib():
    out = run(
        "import random, sys, torch\n"
        "state, precision = torch.get_rng_state(), torch.get_default_dtype()\n"
        "dice = random.getstate()\n"
        "import lstm_lab\n"
        "assert torch.equal(state, torch.get_rng_state()) and dice == random.getstate()\n"
        "assert torch.get_default_dtype() == precision\n"
        "heavy = {'matplotlib', 'IPython', 'ipywidgets', 'anywidget', 'sklearn', 'babel'}\n"
        "print(sorted(heavy & {name.split('.')[0] for name in sys.modules}))\n"
    )
    assert out == "[]\n"


def test_matplotlib_comes_with_the_first_plot():
    out = run(
        "import sys, lstm_lab\n"
        "before = 'matplotlib' in sys.modules\n"
        "lstm_lab.plot_grid\n"
        "print(before, 'matplotlib' in sys.modules, 'matplotlib.pyplot' in sys.modules)\n"
    )
    assert out == "False True False\n"


def test_every_public_name_is_there_and_documented():
    for name in lstm_lab.__all__:
        thing = getattr(lstm_lab, name)
        assert name == "COLORS" or thing.__doc__
        assert name in dir(lstm_lab)
    with pytest.raises(AttributeError, match="no attribute 'plot_nothing'"):
        _ = lstm_lab.plot_nothing


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings_are_true(module):
    module = importlib.import_module(f"lstm_lab.{module}")
    results = doctest.testmod(module, extraglobs=IMPORTED)
    assert results.failed == 0


@pytest.mark.parametrize("name", [name for name, thing in PUBLIC.items() if callable(thing)])
def test_every_public_function_and_class_has_an_example(name):
    assert doctest.DocTestParser().get_examples(PUBLIC[name].__doc__)


def test_every_public_name_is_on_the_page_of_the_package_once():
    text = (ROOT / "api.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\.\. (?:auto|py:)(class|function|data):: (\w+)$", text, re.M)
    assert sorted(listed) == sorted((_kind(thing), name) for name, thing in PUBLIC.items())


def _kind(thing):
    return "class" if isinstance(thing, type) else "function" if callable(thing) else "data"


def test_the_wheel_works_in_an_empty_folder(tmp_path):
    build = ["pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", tmp_path, ROOT]
    subprocess.run([sys.executable, "-m", *map(str, build)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {"lstm_lab/py.typed", "lstm_lab/results/names-padding.json"} <= set(names)
    assert all(name.startswith("lstm_lab") for name in names)
    site, empty = tmp_path / "site", tmp_path / "empty"
    empty.mkdir()
    zipfile.ZipFile(wheel).extractall(site)
    code = (
        "import lstm_lab, torch\nprint(lstm_lab.__file__, lstm_lab.plot_states(torch.zeros(2, 3)))"
    )
    environment = {**os.environ, "PYTHONPATH": str(site)}
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=empty, env=environment, check=True, capture_output=True
    ).stdout.decode()
    assert out.startswith(str(site))
    assert "<Figure states h: 3 units x 2 steps, 0.00 to 0.00>" in out


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
