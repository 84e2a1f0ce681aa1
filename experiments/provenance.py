"""Where the numbers of a results file come from, in one line."""

import os
import platform
from datetime import date
from importlib.metadata import version
from pathlib import Path


def provenance(script: str, *, packages: list[str]) -> str:
    """Return script, date, machine and versions."""
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    machine = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}"
    python = f"Python {platform.python_version()}"
    return f"experiments/{Path(script).name}, {date.today()}, {machine}, {python}, {versions}"
