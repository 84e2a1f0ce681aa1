"""Fetch what learners install, for three systems and two Pythons: wheels/ in the stick's folder.

    python -m tools.wheels [--system linux macos windows] [--python 3.12 3.13]

pip resolves for the system that it runs on, so uv resolves for each of them, pip fetches exactly
that, and uv resolves once more from the folder alone: it must find all that it needs. Where pip is
told of other places (PIP_EXTRA_INDEX_URL, PIP_FIND_LINKS), uv is too.
"""

import os
import subprocess
import sys
from argparse import ArgumentParser
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.offline import STICK

# What a wheel may be made for, by uv's name of the system; uv takes glibc 2.28 and macOS 13.
LINUX = [f"manylinux_2_{k}_x86_64" for k in range(28, 4, -1)]
SYSTEMS = {
    "linux": [*LINUX, "manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64"],
    "macos": ["macosx_13_0_arm64"],
    "windows": ["win_amd64"],
}


def main(argv: list[str] | None = None) -> int:
    parser = ArgumentParser(prog="python -m tools.wheels")
    parser.add_argument("--system", nargs="+", choices=SYSTEMS, default=list(SYSTEMS))
    parser.add_argument("--python", nargs="+", default=["3.12", "3.13"])
    chosen = parser.parse_args(argv)
    requirements, wheels = STICK / "requirements.txt", STICK / "wheels"
    if not requirements.is_file():
        print(f"{STICK} has no requirements.txt: python -m tools.offline makes it")
        return 1
    lost = False
    for system, python in product(chosen.system, chosen.python):
        try:
            needs = fetch(requirements, wheels, system, python)
        except subprocess.CalledProcessError:  # its own words stand above
            print(f"{system}, Python {python}: not to be had from here")
            lost = True
            continue
        with (wheels / "for.txt").open("a", encoding="utf-8") as file:
            file.write(f"{system}, Python {python}\n")
        cuda = sum(line.startswith("nvidia-") for line in needs)
        large = f", {cuda} of them CUDA's: README says how to do without" if cuda else ""
        print(f"{system}, Python {python}: {len(needs)} packages{large}")
    size = sum(path.stat().st_size for path in wheels.iterdir())
    print(f"{wheels.relative_to(STICK.parent)}: {size / 1e6:,.0f} MB")
    return 1 if lost else 0


def fetch(requirements: Path, wheels: Path, system: str, python: str) -> list[str]:
    """Fetch all that a system and a Python need into a folder; return the packages.

    Raises:
        CalledProcessError: something cannot be had, or the folder alone would not do.
    """
    elsewhere = [
        option
        for name in ("extra-index-url", "find-links")
        for place in os.environ.get(f"PIP_{name.upper().replace('-', '_')}", "").split()
        for option in (f"--{name}", place)
    ]
    needs = resolved(requirements, system, python, "--find-links", wheels, *elsewhere)
    with TemporaryDirectory() as folder:
        listed = Path(folder, "needs.txt")
        others = [line for line in needs if not line.startswith("lstm-lab")]
        listed.write_text("\n".join(others), encoding="utf-8")
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", wheels]
        tags = [word for tag in SYSTEMS[system] for word in ("--platform", tag)]
        only = ["--only-binary", ":all:", "--python-version", python, *tags]
        subprocess.run([*pip, *only, "-r", listed], check=True)
    return resolved(requirements, system, python, "--no-index", "--find-links", wheels)


def resolved(requirements: Path, system: str, python: str, *places: str | Path) -> list[str]:
    """Return the packages of a system and a Python, each with its version."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", requirements, *places]
    command += ["--python-platform", system, "--python-version", python]
    command += ["--no-header", "--no-annotate", "--only-binary", ":all:"]
    command += ["--index-strategy", "unsafe-best-match"]  # as pip: the best version of all indexes
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.splitlines()


if __name__ == "__main__":
    sys.exit(main())
