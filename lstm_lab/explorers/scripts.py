"""The explorers' hand-written ES modules, joined into one script for a page or a notebook.

Modules are put one after the other, each in a scope of its own; nothing is rewritten beyond the
words ``import`` and ``export``. A page opened from disk may not load modules from other files.
"""

import re
from functools import cache
from pathlib import Path

from lstm_lab.style import CLASSES, COLORS, PAGES, ink, ink_on

STATIC = Path(__file__).parent / "static"
IMPORT = re.compile(r'^import \{([^}]+)\} from "\./(\w+)\.js";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:const|function|class) (\w+))", re.MULTILINE)

# What wears the book's colours: the explorers, and drawings that stand in the text by themselves.
DRAWN = ":is(.lab-explorer, .lab-drawing)"
DARK = f'html[data-theme="dark"] {DRAWN}, body[data-jp-theme-light="false"] {DRAWN}'

# Where each explorer is: its module, and its name there.
EXPLORERS = {
    "StateGrid": "stategrid.stateGrid",
    "ShapeCalculator": "calculator.shapeCalculator",
    "ShapeDrill": "drill.shapeDrill",
    "CellExplorer": "cell.cellExplorer",
    "NameExplorer": "names.nameExplorer",
    "AlignExplorer": "align.alignExplorer",
    "TextExplorer": "text.textExplorer",
    "WhichTensor": "which.whichTensor",
}


def for_notebook(name: str) -> str:
    """Return an explorer as the ES module that anywidget loads."""
    found = EXPLORERS[name]
    script = joined(found.split(".")[0], "boot")
    return f'{script}\nexport default boot.widget({found}, "{name}");'


def for_page(*names: str) -> str:
    """Return the explorers of a page as one classic script, which a page from disk may load too.

    Run without a page, it leaves ``labWritten(name, given, id)`` for whoever builds one.
    """
    modules = dict.fromkeys(EXPLORERS[name].split(".")[0] for name in names)
    kinds = ", ".join(f"{name}: {EXPLORERS[name]}" for name in names)
    return (
        f'(() => {{\n"use strict";\n{joined(*modules, "boot")}\nconst kinds = {{ {kinds} }};\n'
        "if (globalThis.document) {\n"
        "  for (const name in kinds) boot.boot(kinds[name], name);\n"
        "} else {\n"
        "  globalThis.labWritten = (name, given, id) => boot.written(kinds[name], given, id);\n"
        "}\n})();\n"
    )


def joined(*names: str) -> str:
    """Return modules and all that they import as one script, each once, as constants.

    >>> "const recurrent = (() => {" in joined("stategrid")
    True
    """
    order: list[str] = []
    for name in names:
        _collect(name, order)
    return "\n".join(_scoped(name) for name in order)


def styles(*names: str) -> str:
    """Return style sheets with the book's colours: those of some modules, by default all."""
    fills = COLORS | {f"class-{k}": color for k, color in enumerate(CLASSES)}
    light, dark = ({f"ink-{name}": ink(name, page) for name in COLORS} for page in PAGES)
    own = [each.split(".")[0] for each in EXPLORERS.values()]
    files = [
        STATIC.joinpath(f"{each}.css")
        for each in names or dict.fromkeys(["draw", "explorers", *own])
    ]
    rules = "\n".join(file.read_text(encoding="utf-8") for file in files if file.exists())
    everywhere = f"{DRAWN}{{{_variables(fills | light)}}}"
    at_night = f"@media screen and (forced-colors: none){{{DARK}{{{_variables(dark)}}}}}"
    parts = [f".q-{name}{{--q:var(--lab-{name});--qi:var(--lab-ink-{name})}}" for name in COLORS]
    parts += [
        f".q-class-{k}{{--q:var(--lab-class-{k});--qi:{ink_on(color)}}}"
        for k, color in enumerate(CLASSES)
    ]
    return "\n".join([everywhere, at_night, *parts, rules])


def _variables(colors: dict[str, str]) -> str:
    return "".join(f"--lab-{name}:{color};" for name, color in colors.items())


def _collect(name: str, order: list[str]) -> None:
    if name in order:
        return
    for _, other in IMPORT.findall(_source(name)):
        _collect(other, order)
    order.append(name)


def _scoped(name: str) -> str:
    source = _source(name)
    exports = ", ".join(EXPORT.findall(source))
    body = EXPORT.sub("", IMPORT.sub(r"const {\1} = \2;\n", source))
    return f"const {name} = (() => {{\n{body}\nreturn {{ {exports} }};\n}})();"


@cache
def _source(name: str) -> str:
    return STATIC.joinpath(f"{name}.js").read_text(encoding="utf-8")
