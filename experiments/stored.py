"""Run an experiment by seeds, and store what it found, with where the numbers come from."""

import json
import os
import platform
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path

from lstm_lab.data.measured import FOLDER

CHAPTERS = Path(__file__).resolve().parents[1] / "chapters"


def shared_cells(chapter: str) -> dict:
    """Return what the cells with the tag "shared" of a chapter define.

    Args:
        chapter: the notebook's name, without its ending.
    """
    names = {}
    path = CHAPTERS / f"{chapter}.ipynb"
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if "shared" in cell["metadata"].get("tags", []):
            exec("".join(cell["source"]), names)
    return names


def by_seed(measure: Callable, ways: dict[str, dict]) -> dict[str, list]:
    """Return what ``measure`` gives for each way's options and three seeds, printed as it comes."""
    runs = {}
    for name, options in ways.items():
        runs[name] = [measure(seed, **options) for seed in range(3)]
        print(name, runs[name], flush=True)
    return runs


def provenance(script: str, *, packages: list[str]) -> str:
    """Return script, date, machine and versions."""
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    machine = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}"
    python = f"Python {platform.python_version()}"
    return f"experiments/{Path(script).name}, {date.today()}, {machine}, {python}, {versions}"


def store(name: str, script: str, *, packages: list[str], **result) -> None:
    """Write a file that ``lstm_lab.measured`` reads."""
    stored = {"provenance": provenance(script, packages=packages), **result}
    text = json.dumps(stored, indent=1) + "\n"
    FOLDER.joinpath(f"{name}.json").write_text(text, encoding="utf-8")
