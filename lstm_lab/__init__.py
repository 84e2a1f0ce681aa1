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
__all__ = sorted(
    name for name, home in _HOMES.items() if ".explorers." not in home or find_spec("anywidget")
)


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module 'lstm_lab' has no attribute {name!r}")
    try:
        found = getattr(import_module(_HOMES[name]), name)
    except ModuleNotFoundError as error:
        wanted = f"{name} needs {error.name}: pip install 'lstm-lab[chapters]'"
        raise AttributeError(wanted) from error
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
