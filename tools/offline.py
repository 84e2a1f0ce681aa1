"""Make a folder that works without network and without make: _build/what-your-lstm-returns/.

    python -m tools.offline        after make book and make slides

The site, the notebooks to study, the slides, the workshop's pages and the package's wheel, and
READ-ME-FIRST.html. A zip of it lies beside, small enough to send; ``tools.wheels`` then adds to the
folder the wheels of all other packages, which a stick has room for.
"""

import re
import subprocess
import sys
from html import escape
from pathlib import Path
from shutil import copy, copytree, ignore_patterns, make_archive, rmtree

from markdown_it import MarkdownIt
from mdit_py_plugins.anchors import anchors_plugin

from tools.notebooks import ROOT

SITE = ROOT / "_build/html"
SLIDES = ROOT / "_build/slides"
STICK = ROOT / "_build/what-your-lstm-returns"
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1.05rem/1.55 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; }}
body {{ padding: 0 1rem; }}
pre {{ padding: .7rem 1rem; overflow-x: auto; border: 1px solid #8886; border-radius: 6px; }}
table {{ border-collapse: collapse; }}
th, td {{ padding: .3rem .6rem; text-align: left; border-bottom: 1px solid #8886; }}
img {{ max-width: 100%; background: white; border-radius: 6px; }}
</style></head>
<body>
{body}</body></html>
"""
READ_ME = """\
# What your LSTM returns, without network

![Three tensors: output is the top layer at every step, h_n and c_n are all layers at the last
step](pictures/three-tensors.svg)

| you want to | |
| --- | --- |
| read | open [site/index.html](site/index.html): nothing to install, nothing loaded |
| study | install as below, then run the notebooks in `study` |
| teach | the [workshop's pages](workshop/README.html), and the [slides](slides/index.html) |

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
MARKDOWN = MarkdownIt("commonmark").enable("table").use(anchors_plugin, max_level=3)


def main() -> int:
    for made, command in ((SITE, "make book"), (SLIDES, "make slides")):
        if not (made / "index.html").is_file():
            print(f"{made} has no index.html: {command} makes it")
            return 1
    rmtree(STICK, ignore_errors=True)
    pack(ROOT, SITE, SLIDES, STICK)
    zipped = Path(make_archive(str(STICK), "zip", STICK.parent, STICK.name))
    print(f"wrote {STICK.relative_to(ROOT)}, and a zip of {zipped.stat().st_size / 1e6:.1f} MB")
    return 0


def pack(root: Path, site: Path, slides: Path, folder: Path) -> None:
    """Write the folder: the site, what is studied, taught and installed, and how."""
    unwanted = ignore_patterns(".*", "__pycache__", "reports")
    copytree(site, folder / "site", ignore=unwanted)
    copytree(site / "study", folder / "study", ignore=unwanted)
    copytree(slides, folder / "slides")
    (folder / "pictures").mkdir()
    copy(root / "assets/three-tensors.svg", folder / "pictures")
    for name in ("CITATION.cff", "LICENSE"):
        copy(root / name, folder)
    folder.joinpath("requirements.txt").write_text(requirements(root), encoding="utf-8")
    folder.joinpath("READ-ME-FIRST.html").write_text(page(READ_ME, 0), encoding="utf-8")
    for source in [*root.glob("workshop/*.md"), *root.glob("workshop/notes/*.md")]:
        target = folder / source.relative_to(root).with_suffix(".html")
        target.parent.mkdir(parents=True, exist_ok=True)
        depth = len(source.relative_to(root).parts) - 1
        target.write_text(page(source.read_text(encoding="utf-8"), depth), encoding="utf-8")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--wheel-dir", folder / "wheels", root], check=True)


def requirements(root: Path) -> str:
    """Return what a learner installs: the package as a wheel, not as the folder it comes from."""
    text = (root / "workshop/requirements.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith(("#", "-"))]
    return "\n".join(["lstm-lab", *lines]) + "\n"


def page(text: str, depth: int) -> str:
    """Return a page of Markdown as HTML, its links as they are in the folder.

    Args:
        text: its links lead from its place in the repository.
        depth: how many folders down that is.
    """
    body, up = MARKDOWN.render(text), "../" * depth
    if depth:
        body = re.sub(rf'href="{up}([\w/-]+)\.(?:ipynb|md)', rf'href="{up}site/\1.html', body)
        body = body.replace('href="requirements.txt"', 'href="../requirements.txt"')
    body = re.sub(r'href="([\w/-]+)\.md', r'href="\1.html', body)
    title = text.splitlines()[0].removeprefix("# ").replace("`", "")
    return PAGE.format(title=escape(title), body=body)


if __name__ == "__main__":
    sys.exit(main())
