"""What PyTorch's recurrent layers return, with names: shapes, readouts and pictures.

Importing this package sets no seed, no style and no device, and needs no Jupyter. A name is loaded
from its room when it is first asked for; ``__init__.pyi`` is the list, for editors and for this.
"""

import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

__version__ = "0.1.0"

_STUB = Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8")
_HOMES = {name: home for home, name in re.findall(r"^from (\S+) import \w+ as (\w+)$", _STUB, re.M)}

# An explorer needs anywidget, which a script has no use for.
_ALIVE = find_spec("anywidget") is not None
__all__ = sorted(name for name, home in _HOMES.items() if _ALIVE or ".explorers." not in home)


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module 'lstm_lab' has no attribute {name!r}")
    if name not in __all__:
        raise AttributeError(f"{name} needs anywidget: pip install 'lstm-lab[chapters]'")
    globals()[name] = getattr(import_module(_HOMES[name]), name)
    return globals()[name]


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
