"""Pictures of states: tensors in, one closed Figure out, with a one-line text form.

Each Figure shows itself in a notebook, stands alone in a script (``figure.savefig``), and is
transparent, so that it suits a light and a dark page. Nothing here touches ``pyplot``.
"""

from collections.abc import Sequence
from io import BytesIO

import torch
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from lstm_lab.style import COLORS, INK, RC, colormap

MARKS = {"output": ("h", "-"), "h_n": ("h", "--"), "c_n": ("c", "--")}
DPI = 96  # CSS pixels per inch; the picture itself has twice as many
GAP = 0.8  # between two blocks of tiles, in tiles: room for the name of a frame


class LabFigure(Figure):
    """A Figure whose text form says what it shows, so that a notebook test compares numbers."""

    text_form = "without a text form"

    def __repr__(self) -> str:
        return f"<Figure {self.text_form}>"

    __str__ = __repr__

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        picture = BytesIO()
        self.savefig(picture, format="png", dpi=2 * DPI)
        width, height = self.get_size_inches()
        return picture.getvalue(), {"width": round(width * DPI), "height": round(height * DPI)}


def new_figure(width: float, height: float, text_form: str) -> LabFigure:
    """Return an empty Figure in the book's look, for a picture of your own.

    Call ``use_style`` once before, so that its axes have the look too.

    Args:
        width, height: inches; a phone shows about 3.7 across.
        text_form: what the picture shows, in one line.

    >>> new_figure(4, 3, "loss over 200 steps")
    <Figure loss over 200 steps>
    """
    with rc_context(RC):
        figure = LabFigure(figsize=(width, height))
    figure.text_form = text_form
    return figure


def plot_grid(
    h: Tensor,
    c: Tensor | None = None,
    *,
    batch: int = 0,
    units: Sequence[int] | None = None,
    lengths: Tensor | Sequence[int] | None = None,
    packed: bool = True,
    mark: Sequence[str] = ("output", "h_n", "c_n"),
    highlight: Tensor | None = None,
) -> Figure:
    """Draw every state of one sequence, layer × direction × time, with its numbers.

    Args:
        h: ``(num_layers, num_directions, batch, seq_len, features)`` hidden states in input order.
        c: the cell states, in the same layout; drawn below.
        batch: which sequence.
        units: which features, at most four; by default the first three.
        lengths: ``(batch,)`` valid steps; those beyond are hatched.
        packed: whether the padding was left out when the states were computed. If not, ``h_n``
            is the state after the padding.
        mark: which of ``"output"``, ``"h_n"``, ``"c_n"`` to frame.
        highlight: ``(num_layers, num_directions, seq_len)`` bool; the other cells fade.
    Returns:
        One closed Figure. Colours: the quantity's for positive, grey for negative, pale for 0.
    Raises:
        ValueError: a shape does not fit, or an index is not there.

    >>> plot_grid(torch.zeros(2, 1, 1, 4, 3))
    <Figure grid of h: 2 layers x 1 direction x 4 steps, units 0, 1, 2, h 0.00 to 0.00>
    """
    _states("h", h)
    if c is not None and (c.dim() != 5 or c.shape[:-1] != h.shape[:-1]):
        raise ValueError(f"c has shape {tuple(c.shape)}; expected {(*h.shape[:-1], 'features')}")
    layers, directions, size, seq_len, features = h.shape
    _index("batch", batch, size)
    units = tuple(range(min(3, features))) if units is None else tuple(units)
    if not 1 <= len(units) <= 4:
        raise ValueError(f"units is {units}; expected one to four features")
    for unit in units:
        _index("units", unit, min(features, features if c is None else c.shape[-1]))
    for name in mark:
        if name not in MARKS:
            raise ValueError(f"mark has {name!r}; expected {', '.join(MARKS)}")
    if highlight is not None and tuple(highlight.shape) != (layers, directions, seq_len):
        wanted = (layers, directions, seq_len)
        raise ValueError(f"highlight has shape {tuple(highlight.shape)}; expected {wanted}")
    length = _length(lengths, batch, size, seq_len)

    panels = {"h": h[:, :, batch], **({} if c is None else {"c": c[:, :, batch]})}
    rows = layers * directions * (len(units) + GAP)
    with rc_context(RC):
        fig = LabFigure(figsize=(1.2 + 0.62 * seq_len, len(panels) * (1.0 + 0.26 * rows)))
        for axes, (name, states) in zip(
            fig.subplots(len(panels), squeeze=False)[:, 0], panels.items(), strict=True
        ):
            states = states[..., list(units)].detach().float().cpu()
            end = length if packed else seq_len
            _draw_grid(axes, name, states, units, length, highlight)
            _draw_marks(axes, name, states, end, mark)
    shown = h[:, :, batch, :length][..., list(units)].detach()
    fig.text_form = (
        f"grid of {' and '.join(panels)}: {_count(layers, 'layer')} x"
        f" {_count(directions, 'direction')} x {_count(length, 'step')}, {_units(units)},"
        f" h {_range(shown)}"
    )
    return fig


def plot_states(
    states: Tensor,
    *,
    batch: int = 0,
    quantity: str = "h",
    limit: float | None = None,
    lengths: Tensor | Sequence[int] | None = None,
    steps: str = "time step",
) -> Figure:
    """Draw the states of one sequence as a heat map, units by time.

    Args:
        states: ``(batch, seq_len, features)`` or ``(seq_len, features)``.
        batch: which sequence.
        quantity: a key of ``COLORS``; ``"h"`` and ``"output"`` are drawn on -1..1 where they fit
            (they may not with a projection or a relu), all others symmetric about 0.
        limit: the value of full colour, in place of that rule; the colour bar shows it.
        lengths: ``(batch,)`` valid steps; those beyond are hatched.
        steps: what a step is, for the axis.
    Returns:
        One closed Figure.
    Raises:
        ValueError: a shape does not fit, an index is not there, or the quantity is unknown.

    >>> plot_states(torch.zeros(4, 3))
    <Figure states h: 3 units x 4 steps, 0.00 to 0.00>
    """
    if not isinstance(states, Tensor) or states.dim() not in (2, 3) or 0 in states.shape:
        raise ValueError(f"states has shape {_shape(states)}; expected (batch, seq_len, features)")
    cmap = colormap(quantity)
    states = states.unsqueeze(0) if states.dim() == 2 else states
    size, seq_len, features = states.shape
    _index("batch", batch, size)
    length = _length(lengths, batch, size, seq_len)
    values = states[batch].detach().float().cpu().T
    limit = _limit(quantity, values[:, :length]) if limit is None else limit
    if not limit > 0:
        raise ValueError(f"limit is {limit}; expected a number above 0")
    with rc_context(RC):
        fig = LabFigure(figsize=(min(7.0, 2.4 + 0.34 * seq_len), min(4.5, 1.3 + 0.14 * features)))
        axes = fig.subplots()
        shown = values.clone()
        shown[:, length:] = torch.nan
        picture = axes.imshow(
            shown.numpy(), cmap=cmap, vmin=-limit, vmax=limit, aspect="auto", interpolation="none"
        )
        if length < seq_len:
            axes.add_patch(_padding_patch(length - 0.5, -0.5, seq_len - length, features))
        axes.set(xlabel=steps, ylabel="unit")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.yaxis.get_major_locator().set_params(integer=True)
        beyond = float(values[:, :length].abs().max()) > limit
        extend = "both" if beyond else "neither"
        fig.colorbar(picture, ax=axes, label=_value_label(quantity), extend=extend)
    fig.text_form = (
        f"states {quantity}: {_count(features, 'unit')} x {_count(seq_len, 'step')},"
        f" {_range(values[:, :length])}"
    )
    return fig


def _draw_grid(axes: Axes, name, states, units, length, highlight) -> None:
    """Draw the numbers of one quantity as tiles, the top layer on top."""
    layers, directions, seq_len, count = states.shape
    limit = _limit(name, states[:, :, :length])
    cmap, norm = colormap(name), Normalize(-limit, limit)
    for layer in range(layers):
        for direction in range(directions):
            base = _base(states, layer, direction)
            for step in range(seq_len):
                faded = highlight is not None and not bool(highlight[layer, direction, step])
                if step >= length:
                    axes.add_patch(_padding_patch(step + 0.03, base, 0.94, count))
                    continue
                for row in range(count):
                    value = float(states[layer, direction, step, row])
                    corner = (step + 0.03, base + count - 1 - row)
                    _draw_tile(axes, corner, value, cmap(norm(value)), 0.25 if faded else 1.0)
    middles = [
        (_base(states, layer, direction) + count / 2, f"layer {layer}{arrow}")
        for layer in range(layers)
        for direction, arrow in enumerate(("",) if directions == 1 else (" →", " ←"))
    ]
    top = _base(states, layers - 1, 0) + count
    axes.set(xlim=(-0.04, seq_len + 0.04), ylim=(-GAP, top + GAP), xlabel="time step")
    axes.set_yticks(*zip(*middles, strict=True))
    axes.set_xticks([step + 0.5 for step in range(seq_len)], labels=range(seq_len))
    axes.set_title(f"{_value_label(name)}, {_units(units)}", loc="left")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _draw_tile(axes: Axes, corner, value, color, alpha) -> None:
    axes.add_patch(Rectangle(corner, 0.94, 0.96, facecolor=color, alpha=alpha, linewidth=0))
    axes.text(
        corner[0] + 0.47,
        corner[1] + 0.46,
        _number(value).replace("-", "\N{MINUS SIGN}"),
        ha="center",
        va="center",
        fontsize=10,
        color="black" if _luminance(color) > 0.18 else "white",
        alpha=0.55 if alpha < 1 else 1.0,
    )


def _draw_marks(axes: Axes, name, states, end, mark) -> None:
    """Frame the tiles that are returned, and write beside the frame what they are called."""
    layers, directions, _, count = states.shape
    for word in mark:
        quantity, line = MARKS[word]
        if quantity != name:
            continue
        color = COLORS["output" if word == "output" else quantity]
        style = {"facecolor": "none", "edgecolor": color, "linewidth": 2.2, "linestyle": line}
        if word == "output":
            low = _base(states, layers - 1, directions - 1)
            high = _base(states, layers - 1, 0) + count
            axes.add_patch(Rectangle((-0.02, low - 0.1), end + 0.04, high - low + 0.2, **style))
            axes.text(0.03, high + 0.14, word, color=color, weight="bold", va="bottom")
            continue
        for layer in range(layers):
            for direction in range(directions):
                step, base = (end - 1, 0)[direction], _base(states, layer, direction)
                axes.add_patch(Rectangle((step + 0.05, base + 0.01), 0.9, count - 0.06, **style))
                label = f"{word}[{layer * directions + direction}]"
                place = {"ha": "center", "va": "top", "weight": "bold", "fontsize": 9.5}
                axes.text(step + 0.5, base - 0.18, label, color=color, **place)


def _base(states: Tensor, layer: int, direction: int) -> float:
    """Return the lower edge of a block: forward above backward, the top layer on top."""
    directions, count = states.shape[1], states.shape[3]
    return (layer * directions + directions - 1 - direction) * (count + GAP)


def _padding_patch(x: float, y: float, width: float, height: float) -> Rectangle:
    style = {"facecolor": "none", "edgecolor": INK, "hatch": "////", "linewidth": 0, "alpha": 0.6}
    return Rectangle((x, y), width, height, label="padding", **style)


def _limit(quantity: str, values: Tensor) -> float:
    largest = float(values.abs().max())
    bounded = quantity in ("h", "output", "g") and largest <= 1
    return 1.0 if bounded or largest == 0 else largest


def _value_label(quantity: str) -> str:
    words = {"h": "hidden state h", "c": "cell state c", "output": "output", "input": "input"}
    return words.get(quantity, f"gate {quantity}")


def _luminance(color) -> float:
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in to_rgb(color)]
    return sum(w * v for w, v in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _length(lengths, batch: int, size: int, seq_len: int) -> int:
    if lengths is None:
        return seq_len
    if len(lengths) != size:
        raise ValueError(f"lengths has {len(lengths)} entries; expected {size}, one a sequence")
    length = int(lengths[batch])
    if not 1 <= length <= seq_len:
        raise ValueError(f"lengths has {length}; expected 1 to seq_len={seq_len}")
    return length


def _states(name: str, states: object) -> None:
    if not isinstance(states, Tensor) or states.dim() != 5 or 0 in states.shape:
        wanted = "(num_layers, num_directions, batch, seq_len, features)"
        raise ValueError(f"{name} has shape {_shape(states)}; expected {wanted}")


def _index(name: str, value: int, size: int) -> None:
    if not 0 <= value < size:
        raise ValueError(f"{name} is {value}; expected 0 to {size - 1}")


def _shape(value: object) -> str:
    return (
        str(tuple(value.shape)) if isinstance(value, Tensor) else f"none ({type(value).__name__})"
    )


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _range(values: Tensor) -> str:
    return f"{_number(float(values.min()))} to {_number(float(values.max()))}"


def _number(value: float) -> str:
    return f"{round(value, 2) + 0.0:.2f}"  # + 0.0 turns -0.0 into 0.0


def _units(units: Sequence[int]) -> str:
    return f"{'unit' if len(units) == 1 else 'units'} {', '.join(map(str, units))}"
