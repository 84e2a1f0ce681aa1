"""Pack the book for a place without network: _build/what-your-lstm-returns.zip.

    python tools/offline.py        after make book

The built site, the notebooks, the package and what an install needs. The wheels of other packages
stay outside: they differ from system to system, and torch alone is larger than all the rest.
"""

import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

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
.venv/bin/jupyter lab chapters
```

On Windows write `.venv\\Scripts\\` for `.venv/bin/`.
"""


def main() -> int:
    if not (SITE / "index.html").is_file():
        print(f"{SITE} has no index.html: make book builds it")
        return 1
    target = ROOT / f"_build/{NAME}.zip"
    count = pack(ROOT, SITE, target)
    print(f"wrote {target.relative_to(ROOT)}, {count} files, {target.stat().st_size / 1e6:.1f} MB")
    if (ROOT / "wheels").is_dir():
        print("The folder wheels/ is not in it: copy it beside READ-ME-FIRST.md.")
    return 0


def pack(root: Path, site: Path, target: Path) -> int:
    """Write the zip, the same bytes for the same files; return how many files it has."""
    found = files(root, site)
    with ZipFile(target, "w") as zipped:
        for name in sorted(found):
            # A fixed day and fixed rights: neither a build nor a clone changes the bytes.
            entry = ZipInfo(f"{NAME}/{name}", (1980, 1, 1, 0, 0, 0))
            entry.compress_type = ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            zipped.writestr(entry, found[name], compresslevel=9)
    return len(found)


def files(root: Path, site: Path) -> dict[str, bytes]:
    """Return what goes into the zip, by its name there."""
    found = {f"site/{name}": path for name, path in below(site) if name.split("/")[0] != "reports"}
    found |= {f"lstm_lab/{name}": path for name, path in below(root / "lstm_lab")}
    found |= {f"chapters/{path.name}": path for path in (root / "chapters").glob("*.ipynb")}
    found |= {name: root / name for name in BESIDE}
    return {
        "READ-ME-FIRST.md": READ_ME.encode(),
        **{name: path.read_bytes() for name, path in found.items()},
    }


def below(folder: Path):
    """Yield the files of a folder that belong to it: nothing hidden, nothing compiled."""
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in name.parts):
            yield name.as_posix(), path


if __name__ == "__main__":
    sys.exit(main())
