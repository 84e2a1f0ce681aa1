"""The errors and warnings that recurrent layers and their surroundings raise, raised anew."""

import json
import re
import warnings
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

import torch
from torch import nn
from torch.nn.utils import rnn

from lstm_lab.checks import describe
from lstm_lab.printing import count

FILE = Path(__file__).parent / "files/errors.json"
GIVEN = {"torch": torch, "nn": nn, "warnings": warnings, "__name__": "reader"}
GIVEN |= {name: getattr(rnn, name) for name in dir(rnn) if not name.startswith("_")}


@dataclass(frozen=True)
class ErrorMessage:
    """A message, what makes it and what mends it.

    Args:
        group: the part of the work in which it is met.
        kind: the class of the error or warning.
        code: what raises it here; None where no CPU can.
        stable: a regular expression for what all releases of torch say.
        meaning, instead: a sentence each.
        text: what it says, where it is not raised.
        since: the first release of torch that says it, where it is not said by all.
    """

    group: str
    kind: str
    code: str | None
    stable: str
    meaning: str
    instead: str
    text: str = ""
    since: str = ""

    @property
    def raised(self) -> bool:
        """True where a CPU, and this release of torch, raises it."""
        here, since = (re.findall(r"\d+", it)[:2] for it in (torch.__version__, self.since))
        return self.code is not None and [*map(int, here)] >= [*map(int, since)]

    def said(self) -> str:
        """Return what torch says now, or what it was seen to say.

        Raises:
            AssertionError: the code raises nothing, or something else.
        """
        if not self.raised:
            return self.text
        seen = _raised(self.code)
        for kind, text in seen:
            if kind == self.kind and re.search(self.stable, text):
                return text
        raise AssertionError(f"{self.code!r} raises {seen or 'nothing'}; expected {self.stable}")


@dataclass(frozen=True, repr=False)
class ErrorMessages:
    """The messages of a group; shows as a list of texts, causes and cures.

    >>> errors("The input")
    20 messages
    """

    messages: tuple[ErrorMessage, ...]

    def __repr__(self) -> str:
        return count(len(self.messages), "message")

    def _repr_html_(self) -> str:
        return "".join(map(_entry, self.messages))


def errors(group: str) -> ErrorMessages:
    """Return the messages of a group; shown, each is raised on purpose.

    Args:
        group: "Making a layer", "The input", "The initial state", "Packing and padding", "After
            the layer", "Types and devices", "Gradients and memory" or "Only on a GPU".
    Raises:
        ValueError: there is no such group.

    >>> len(errors("Only on a GPU").messages)
    12
    """
    found = tuple(each for each in _all() if each.group == group)
    if not found:
        groups = dict.fromkeys(each.group for each in _all())
        raise ValueError(f"group {describe(group)}; expected one of {', '.join(groups)}")
    return ErrorMessages(found)


@cache
def _all() -> tuple[ErrorMessage, ...]:
    return tuple(ErrorMessage(**each) for each in json.loads(FILE.read_text(encoding="utf-8")))


def _raised(code: str) -> list[tuple[str, str]]:
    """Return class and text of the error that some code raises, or of its warnings."""
    # On the CPU, whatever the reader's default is: the messages name it.
    with torch.device("cpu"), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            exec(code, dict(GIVEN))
        except Exception as error:
            return [(type(error).__name__, str(error))]
    return [(each.category.__name__, str(each.message)) for each in warned]


def _entry(message: ErrorMessage) -> str:
    code = f"<pre>{escape(message.code)}</pre>" if message.code else ""
    return (
        f'<div class="lab-entry"><p><code>{message.kind}: {escape(message.said().strip())}</code>'
        f"</p>{code}<p>{escape(message.meaning)}</p>"
        f"<p>Instead: {escape(message.instead)}</p></div>"
    )
