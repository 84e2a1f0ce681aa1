"""Write the README's figure: the picture of the front page, as the explorers' own script draws it.

python -m tools.front_figure        writes assets/three-tensors.svg
"""

import re
from pathlib import Path

from _ext import explorers

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "assets/three-tensors.svg"


def main() -> None:
    FILE.write_text(svg(), encoding="utf-8")
    print(f"wrote {FILE.name}")


def svg() -> str:
    """Return the first explorer of the front page as a file of its own."""
    page = (ROOT / "intro.md").read_text(encoding="utf-8")
    made = explorers.made(re.search(r"```\{explorer\}\n(.*?)```", page, re.DOTALL)[1])
    ident, name, given = explorers.ELEMENT.search(made._repr_html_()).groups()
    view = explorers.first_view(name, given, ident)
    return explorers.alone(re.search(r"<svg .*?</svg>", view, re.DOTALL)[0])


if __name__ == "__main__":
    main()
