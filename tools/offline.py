"""Make a folder that works without network and without make: _build/what-your-lstm-returns/.

    python -m tools.offline        after make book

The site with its slides and the workshop's pages, the notebooks to study, the package's wheel, and
READ-ME-FIRST.html. A zip of it lies beside, small enough to send; ``tools.wheels`` then adds to the
folder the wheels of all other packages, which a stick has room for.
"""

import subprocess
import sys
from pathlib import Path
from shutil import copy, copytree, ignore_patterns, make_archive, rmtree

from tools.notebooks import ROOT
from tools.workshop import page

SITE = ROOT / "_build/html"
STICK = ROOT / "_build/what-your-lstm-returns"
READ_ME = """\
# What your LSTM returns, without network

![Three tensors: output is the top layer at every step, h_n and c_n are all layers at the last
step](pictures/three-tensors.svg)

| you want to | |
| --- | --- |
| read | open [site/index.html](site/index.html): nothing to install, nothing loaded |
| study | install as below, then run the notebooks in `study` |
| teach | the [workshop kit](site/workshop/README.html), the [slides](site/slides/index.html) |

A browser that reads files directly lists what a search finds without the lines around it.
`python -m http.server --directory site` shows those too, on <http://localhost:8000>.

## Install

1. Copy this folder to your own disk: an environment cannot lie on most sticks.
2. Have one of the Pythons that `wheels/for.txt` names for your system; `python --version` tells.
3. Open a terminal in the copy, and type these lines.

Linux and macOS:

```sh
python3 -m venv .venv
.venv/bin/python -m pip install --no-index --find-links wheels -r requirements.txt
.venv/bin/python -m lstm_lab
```

Windows:

```bat
py -m venv .venv
.venv\\Scripts\\python -m pip install --no-index --find-links wheels -r requirements.txt
.venv\\Scripts\\python -m lstm_lab
```

The second line takes a minute or two.
The third is the check: ten lines, and "All is well." below them, or what mends it.

This folder came without `wheels/for.txt`?
Then it is the small edition: leave out `--no-index`, and pip fetches the rest from the network.

## Study

```sh
.venv/bin/python -m jupyterlab study
```

On Windows begin with `.venv\\Scripts\\python`.
Where many work on one machine, set `OMP_NUM_THREADS=1` before.
"""


def main() -> int:
    if not (SITE / "index.html").is_file():
        print(f"{SITE} has no index.html: make book builds it")
        return 1
    rmtree(STICK, ignore_errors=True)
    pack(ROOT, SITE, STICK)
    zipped = Path(make_archive(str(STICK), "zip", STICK.parent, STICK.name))
    print(f"wrote {STICK.relative_to(ROOT)}, and a zip of {zipped.stat().st_size / 1e6:.1f} MB")
    return 0


def pack(root: Path, site: Path, folder: Path) -> None:
    """Write the folder: the site, what is studied, taught and installed, and how."""
    unwanted = ignore_patterns(".*", "__pycache__", "reports")
    copytree(site, folder / "site", ignore=unwanted)
    copytree(site / "study", folder / "study", ignore=unwanted)
    (folder / "pictures").mkdir()
    copy(root / "assets/three-tensors.svg", folder / "pictures")
    for name in ("CITATION.cff", "LICENSE"):
        copy(root / name, folder)
    folder.joinpath("requirements.txt").write_text(requirements(root), encoding="utf-8")
    folder.joinpath("READ-ME-FIRST.html").write_text(page(READ_ME), encoding="utf-8")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--wheel-dir", folder / "wheels", root], check=True)


def requirements(root: Path) -> str:
    """Return what a learner installs: the package as a wheel, not as the folder it comes from."""
    text = (root / "workshop/requirements.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith(("#", "-"))]
    return "\n".join(["lstm-lab", *lines]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
