"""The drawings of the chapters: pictures without controls, drawn by the explorers' vocabulary."""

import json
from html import escape

import anywidget
import traitlets
from torch import Tensor, nn

from lstm_lab.checks import describe
from lstm_lab.explorers.base import as_float32
from lstm_lab.explorers.export import export
from lstm_lab.explorers.scripts import joined, styles

# What each drawing is made of.
KINDS = {
    "attention": ("query", "output", "scores", "weights", "context"),
    "bands": ("network",),
    "boxes": ("options",),
    "cell": ("network", "x", "step", "unit"),
    "chunks": ("states", "chunk"),
    "directions": ("seen",),
    "dropout": ("masks",),
    "gap": ("word", "place"),
    "handover": ("source", "fed", "asked", "numbers"),
    "moves": ("panels",),
    "next": ("fed", "asked", "guesses"),
    "packing": ("texts", "order", "batch_sizes"),
    "readouts": ("network", "x"),
    "stack": ("network", "x"),
    "stream": ("degrees", "now", "saved"),
    "swap": ("counts", "states", "waits"),
    "tree": ("first", "then", "kept"),
}


class Drawing(anywidget.AnyWidget):
    """One of the book's drawings, from real numbers: drawn by a notebook's browser or by the book.

    Args:
        kind: which one, a key of ``KINDS``.
        data: what it is made of: tensors, layers, numbers and words, and lists and dicts of them.
    Raises:
        ValueError: there is no such drawing, or it is made of something else.

    >>> Drawing("stack", network=nn.LSTM(2, 3, batch_first=True), x=torch.randn(1, 4, 2))
    <Drawing stack>
    """

    _css = styles()
    _esm = (
        f"{joined('drawings')}\n"
        "export default { render({ model, el }) {\n"
        '  el.classList.add("lab-drawing");\n'
        '  el.innerHTML = drawings.drawn(model.get("data"));\n'
        "} };"
    )
    data = traitlets.Dict().tag(sync=True)

    def __init__(self, kind: str, **data) -> None:
        if kind not in KINDS:
            raise ValueError(f"kind is {kind!r}; expected one of {', '.join(KINDS)}")
        if set(data) != set(KINDS[kind]):
            wanted = ", ".join(KINDS[kind])
            raise ValueError(f"{kind} is given {', '.join(data) or 'nothing'}; expected {wanted}")
        super().__init__(data={"kind": kind, **{name: _plain(each) for name, each in data.items()}})

    def _repr_mimebundle_(self, **options):
        made = super()._repr_mimebundle_(**options)
        bundle, metadata = made if isinstance(made, tuple) else (made or {}, {})
        return {**bundle, "text/plain": repr(self), "text/html": self._repr_html_()}, metadata

    def _repr_html_(self) -> str:
        """The element in whose place the book puts the picture."""
        given = json.dumps(self.data, ensure_ascii=False).replace("<", "\\u003c")
        return (
            f'<div class="lab-drawing"><script type="application/json">{given}</script>'
            f"<pre>{escape(repr(self))}</pre></div>"
        )

    def __repr__(self) -> str:
        return f"<Drawing {self.data['kind']}>"


def _plain(value):
    """Return a value as JSON has it."""
    if isinstance(value, Tensor):
        return as_float32(value.detach().cpu())
    if isinstance(value, nn.Module):
        return export(value)
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, (bool, str, int, float)):
        return value
    raise ValueError(f"data {describe(value)}; expected tensors, layers, numbers or words")
