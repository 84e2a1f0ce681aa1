"""What the explorers share in Python: a widget in a notebook, an element on a page.

The same script serves both; it lies under ``static/``.
"""

import json
import re
from html import escape

import anywidget
import traitlets

from lstm_lab.scripts import styles


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
            raise ValueError(f"id is {id!r}; expected letters, digits and hyphens, a letter first")
        try:
            super().__init__(data=data, id=id, **state)
            self._check()
        except traitlets.TraitError as error:
            raise ValueError(str(error)) from None
        except ValueError:
            self.close()  # a widget that was refused would stay registered
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


def within(name: str, value: int, size: int) -> None:
    """Refuse an index that is not into ``size`` things.

    >>> within("layer", 1, 2)
    """
    if not 0 <= value < size:
        raise ValueError(f"{name} is {value}; expected 0 to {size - 1}")
