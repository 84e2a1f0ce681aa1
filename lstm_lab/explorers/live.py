"""A figure with ordinary controls: it moves in a live notebook, and is a picture on a page."""

from base64 import b64encode
from collections.abc import Callable

from ipywidgets import interactive

from lstm_lab.checks import describe


def live(function: Callable[..., object], **choices: object) -> interactive:
    """Return a control for each argument of a function, and below them what it returns.

    On a page without a kernel stands what the function returns at first.

    Args:
        function: of keyword arguments, with a default each, which is where its control begins.
        **choices: for each argument ``(least, most)`` or ``(least, most, step)``, a slider, or a
            list to choose from.
    Raises:
        ValueError: an argument has no choices, or choices that have no argument or are none.

    >>> live(lambda size=2: size * size, size=(1, 5)).result
    4
    """
    return _Live(function, choices)


class _Live(interactive):
    def __init__(self, function: Callable, choices: dict) -> None:
        for name, choice in choices.items():
            if not isinstance(choice, (tuple, list)) or len(choice) < 2:
                wanted = "(least, most), (least, most, step) or a list"
                raise ValueError(f"{name} {describe(choice)}; expected {wanted}")
        names = list(function.__code__.co_varnames[: function.__code__.co_argcount])
        if sorted(names) != sorted(choices) or len(function.__defaults__ or ()) != len(names):
            raise ValueError(
                f"function has the arguments {', '.join(names)}; expected those with choices,"
                f" {', '.join(choices)}, each with a default"
            )
        super().__init__(function, **choices)
        told = ", ".join(f"{it.description}={it.value}" for it in self.kwargs_widgets)
        self._first = self.result
        self._said = f"live {function.__name__}({told})"

    def update(self, *args: object) -> None:
        """Call the function anew, and show what it returns; an error is the caller's."""
        self.result = self.f(**{it.description: it.value for it in self.kwargs_widgets})
        still, sizes = _still(self.result)
        data = {"text/plain": repr(self.result), **still}
        self.out.outputs = ({"output_type": "display_data", "data": data, "metadata": sizes},)

    def _repr_mimebundle_(self, **options):
        made = super()._repr_mimebundle_(**options)
        bundle, metadata = made if isinstance(made, tuple) else (made or {}, {})
        still, sizes = _still(self._first)
        return {**bundle, **still, "text/plain": repr(self)}, {**metadata, **sizes}

    def __repr__(self) -> str:
        return self._said


def _still(result: object) -> tuple[dict[str, str], dict[str, dict[str, int]]]:
    """Return what a page shows of a result, beside its words, and a picture's size."""
    if hasattr(result, "_repr_png_"):
        picture, size = result._repr_png_()
        return {"image/png": b64encode(picture).decode()}, {"image/png": size}
    if hasattr(result, "_repr_html_"):
        return {"text/html": result._repr_html_()}, {}
    return {}, {}
