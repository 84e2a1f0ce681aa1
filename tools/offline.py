"""Pack the book for a place without network: _build/what-your-lstm-returns.zip.

    python -m tools.offline        after make book

The built site, the notebooks to study and the chapters with their solutions, the package and what
an install needs. The wheels of other packages
stay outside: they differ from system to system, and torch alone is larger than all the rest.
"""

import sys
from pathlib import Path
from shutil import copy, copytree, ignore_patterns, make_archive
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build/html"
NAME = "what-your-lstm-returns"
BESIDE = (
    "CITATION.cff",
    "LICENSE",
    "README.md",
    "constraints.txt",
    "pyproject.toml",
    "requirements.txt",
)
READ_ME = """\
# What your LSTM returns, without network

## Read

Open `site/index.html` in a browser.
Nothing is loaded from elsewhere; figures, formulas and search work from the folder.
A browser that reads files directly lists what a search finds without the lines around it;
`python -m http.server --directory site` shows those too.

## Run the notebooks

You need Python 3.11 to 3.14, and a folder `wheels` beside this file.
`make wheels` in a clone of the book makes that folder, on a machine with network.
That machine must have the system and the version of Python that yours has.
There without `make`, from this folder:

```sh
python -m pip wheel --wheel-dir wheels -r requirements.txt hatchling editables
```

On Linux this fetches several GB of CUDA packages with torch.
For the CPU alone add `--extra-index-url https://download.pytorch.org/whl/cpu`.

Then, without network:

```sh
python -m venv .venv
.venv/bin/python -m pip install --no-index --find-links wheels -r requirements.txt
.venv/bin/python -m lstm_lab
.venv/bin/jupyter lab study
```

The second line says in ten lines whether all is ready.

On Windows write `.venv\\Scripts\\` for `.venv/bin/`.
"""


def main() -> int:
    if not (SITE / "index.html").is_file():
        print(f"{SITE} has no index.html: make book builds it")
        return 1
    target = ROOT / f"_build/{NAME}.zip"
    pack(ROOT, SITE, target)
    print(f"wrote {target.relative_to(ROOT)}, {target.stat().st_size / 1e6:.1f} MB")
    if (ROOT / "wheels").is_dir():
        print("The folder wheels/ is not in it: copy it beside READ-ME-FIRST.md.")
    return 0


def pack(root: Path, site: Path, target: Path) -> None:
    """Write the zip: the site, the notebooks, the package, and what an install needs."""
    with TemporaryDirectory() as folder:
        top = Path(folder, NAME)
        hidden = ignore_patterns(".*", "__pycache__", "reports")
        copytree(site, top / "site", ignore=hidden)
        copytree(root / "lstm_lab", top / "lstm_lab", ignore=hidden)
        copytree(site / "study", top / "study", ignore=hidden)
        (top / "chapters").mkdir()
        for path in [*root.glob("chapters/*.ipynb"), *(root / name for name in BESIDE)]:
            copy(path, top / path.relative_to(root))
        top.joinpath("READ-ME-FIRST.md").write_text(READ_ME, encoding="utf-8")
        make_archive(str(target.with_suffix("")), "zip", folder)


if __name__ == "__main__":
    sys.exit(main())
