"""What the explorers share in Python: a widget in a notebook, an element on a page.

The same script serves both; it lies under ``static/``. What is shown is computed by the page, from
weights that ``export`` packed.
"""

import json
import re
from html import escape

import anywidget
import traitlets
from torch import Tensor

from lstm_lab.checks import describe
from lstm_lab.data.alphabet import Alphabet
from lstm_lab.explorers.scripts import styles

MOST_STEPS = 24
MOST_UNITS = 4
MOST_LETTERS = 40  # of a text, as the scripts have it


class Explorer(anywidget.AnyWidget):
    """What the explorers share; each has its state as traits.

    Args:
        data: what its script needs, ready for JSON.
        id: of its element on a page; an address ``#id:trait=value,...`` restores a view.
        state: traits at the start.
    Raises:
        ValueError: there is no such trait, it is of another kind, or there is no such view.
    """

    _css = styles()
    data = traitlets.Dict().tag(sync=True)
    id = traitlets.Unicode().tag(sync=True)

    def __init__(self, data: dict, *, id: str, **state) -> None:
        unknown = sorted(set(state) - set(self.state_names()))
        if unknown:
            known = ", ".join(self.state_names())
            raise ValueError(f"{unknown[0]} is no trait of {type(self).__name__}; expected {known}")
        if not re.fullmatch(r"[A-Za-z][\w-]*", id):
            raise ValueError(
                f"id {describe(id)}; expected letters, digits and hyphens, a letter first"
            )
        try:
            super().__init__(data=data, id=id, **state)
            self._check()
        except Exception as error:
            self.layout.close()  # what was refused would stay registered
            self.close()
            if isinstance(error, traitlets.TraitError):
                raise ValueError(str(error)) from None
            raise

    @classmethod
    def state_names(cls) -> list[str]:
        """Return the names of the traits that a reader can change."""
        return [
            name
            for name, trait in cls.class_traits(sync=True).items()
            if trait.metadata.get("state")
        ]

    @property
    def state(self) -> dict:
        """The traits that a reader can change, as they are now."""
        return {name: getattr(self, name) for name in self.state_names()}

    def _repr_mimebundle_(self, **options):
        made = super()._repr_mimebundle_(**options)
        bundle, metadata = made if isinstance(made, tuple) else (made or {}, {})
        return {**bundle, "text/plain": repr(self), "text/html": self._repr_html_()}, metadata

    def _repr_html_(self) -> str:
        """The element that a page's script finds; until then it says what it is."""
        given = json.dumps({"data": self.data, "state": self.state}, ensure_ascii=False)
        given = given.replace("<", "\\u003c")  # nothing in it can end the script, or begin one
        kind = type(self).__name__
        return (
            f'<div class="lab-explorer" id="{escape(self.id)}" data-explorer="{kind}">'
            f'<script type="application/json">{given}</script>'
            f"<pre>{escape(repr(self))}</pre></div>"
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._says()}>"

    def _check(self) -> None:
        """Refuse a view that is not there."""

    def _says(self) -> str:
        raise NotImplementedError


def state_of(kind, default):
    """Return a trait that the reader can change, as the script knows it."""
    return kind(default).tag(sync=True, state=True)


def check_text(alphabet: Alphabet, *texts: str) -> None:
    """Refuse texts with letters that are not the alphabet's, or too many of them."""
    for text in texts:
        if not isinstance(text, str):
            raise ValueError(f"text {describe(text)}; expected letters")
        if text:
            alphabet.encode([text])
        if len(text) > MOST_LETTERS:
            raise ValueError(f"text {describe(text)}; expected at most {MOST_LETTERS} letters")


def check_small(network: dict) -> dict:
    """Return an exported layer, if its units can be shown."""
    if network["hidden_size"] > MOST_UNITS:
        wanted = f"at most {MOST_UNITS}, so that every number can be shown"
        raise ValueError(f"module has hidden_size={network['hidden_size']}; expected {wanted}")
    return network


def check_sequences(x: object, input_size: int, *, most: int) -> Tensor:
    """Return the sequences on the CPU, if they can be shown."""
    fits = isinstance(x, Tensor) and x.is_floating_point() and x.dim() == 3 and 0 not in x.shape
    if not fits or len(x) > most or x.shape[1] > MOST_STEPS or x.shape[2] != input_size:
        wanted = (
            f"(at most {most}, at most {MOST_STEPS}, input_size={input_size}) of floating point"
        )
        raise ValueError(f"x {describe(x)}; expected {wanted}")
    x = x.detach().cpu().float()
    if not x.isfinite().all():
        raise ValueError("x has nan or inf, or is beyond float32; expected finite numbers")
    return x


def as_float32(x: Tensor) -> list | float:
    """Return numbers as float32 holds them, in as few digits as tell them apart.

    >>> as_float32(torch.tensor([0.1, 2.0]))
    [0.100000001, 2.0]
    """
    return [as_float32(each) for each in x] if x.dim() else float(f"{x.item():.9g}")
