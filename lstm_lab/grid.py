"""The picture that the book is about: every state, layer × direction × time, with its numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import torch
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, to_rgb
from matplotlib.patches import Rectangle
from torch import Tensor

from lstm_lab.figure import (
    LabFigure,
    count,
    label_of,
    limit_of,
    on_cpu,
    padding_patch,
    shape_of,
    units_of,
)
from lstm_lab.lengths import place, valid_lengths
from lstm_lab.style import COLORS, INK, RC, colormap, number, span

MARKS = {"output": ("h", "-"), "h_n": ("h", "--"), "c_n": ("c", "--")}
GAP = 0.8  # between two blocks of tiles, in tiles: room for the name of a frame
MOST_STEPS = 24


@dataclass(frozen=True)
class _Choice:
    """What of the states is drawn, and how."""

    units: tuple[int, ...]
    length: int  # steps that are not padding
    end: int  # steps that the network was given
    mark: tuple[str, ...]
    clear: Tensor  # (num_layers, num_directions, seq_len), false where a square fades


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
) -> LabFigure:
    """Draw every state of one sequence, layer × direction × time, with its numbers.

    Args:
        h: ``(num_layers, num_directions, batch, seq_len, features)`` hidden states in input order,
            of at most 24 steps; ``plot_states`` draws longer sequences.
        c: the cell states, in the same layout; drawn below.
        batch: which sequence.
        units: which features, at most four; by default the first three.
        lengths: ``(batch,)`` valid steps; those beyond are hatched.
        packed: whether the padding was left out when the states were computed. If not, ``h_n``
            is the state after the padding.
        mark: which of ``"output"``, ``"h_n"``, ``"c_n"`` to frame.
        highlight: ``(num_layers, num_directions, seq_len)`` bool; the other squares fade.
    Returns:
        One closed Figure. Colours: the quantity's for positive, grey for negative, pale for 0.
    Raises:
        ValueError: a shape does not fit, or an index is not there.

    >>> plot_grid(torch.zeros(2, 1, 1, 4, 3), mark=["h_n"])
    <Figure grid: 2 layers x 1 direction x 4 steps, units 0, 1, 2; h 0.00 to 0.00; frames h_n>
    """
    _check_states(h, c)
    batch = place("batch", batch, h.shape[2])
    panels = {"h": h, **({} if c is None else {"c": c})}
    features = min(states.shape[-1] for states in panels.values())
    choice = _choose(h, features, batch, units, lengths, packed, mark, highlight)
    panels = {
        name: on_cpu(states[:, :, batch][..., list(choice.units)])
        for name, states in panels.items()
    }
    figure = _draw(panels, choice)
    figure.text_form = _text_form(panels, choice)
    return figure


def _choose(h, features, batch, units, lengths, packed, mark, highlight) -> _Choice:
    layers, directions, size, seq_len, _ = h.shape
    units = range(min(3, features)) if units is None else units
    if isinstance(units, int) or not 1 <= len(units) <= 4:
        raise ValueError(f"units is {units!r}; expected one to four features, as a sequence")
    for name in mark:
        if name not in MARKS:
            raise ValueError(f"mark has {name!r}; expected {', '.join(MARKS)}")
    wanted = (layers, directions, seq_len)
    if highlight is not None and tuple(highlight.shape) != wanted:
        raise ValueError(f"highlight has shape {shape_of(highlight)}; expected {wanted}")
    length = valid_lengths(lengths, size, seq_len)[batch]
    return _Choice(
        units=tuple(place("units", unit, features) for unit in units),
        length=length,
        end=length if packed else seq_len,
        mark=tuple(mark),
        clear=torch.ones(wanted, dtype=torch.bool) if highlight is None else highlight.bool(),
    )


def _draw(panels: dict[str, Tensor], choice: _Choice) -> LabFigure:
    layers, directions, seq_len, units = panels["h"].shape
    rows = layers * directions * (units + GAP)
    size = (max(3.4, 1.2 + 0.62 * seq_len), len(panels) * (1.0 + 0.26 * rows))
    with rc_context(RC):
        figure = LabFigure(figsize=size)
        every_axes = figure.subplots(len(panels), squeeze=False)[:, 0]
        for axes, (name, states) in zip(every_axes, panels.items(), strict=True):
            _draw_tiles(axes, name, states, choice)
            _draw_frames(axes, name, states, choice)
            _name_axes(axes, name, states, choice)
    return figure


def _text_form(panels: dict[str, Tensor], choice: _Choice) -> str:
    layers, directions, *_ = panels["h"].shape
    ranges = [f"{name} {span(states[:, :, : choice.length])}" for name, states in panels.items()]
    faded = int((~choice.clear).sum())
    return "; ".join(
        [
            f"grid: {count(layers, 'layer')} x {count(directions, 'direction')} x"
            f" {count(choice.length, 'step')}, {units_of(choice.units)}",
            *ranges,
            f"frames {', '.join(choice.mark) or 'nothing'}",
            *([f"{faded} faded"] if faded else []),
        ]
    )


def _draw_tiles(axes: Axes, name: str, states: Tensor, choice: _Choice) -> None:
    """Draw the numbers of one quantity as tiles, unit 0 on top in each square."""
    layers, directions, seq_len, units = states.shape
    limit = limit_of(name, states[:, :, : choice.length])
    cmap, norm = colormap(name), Normalize(-limit, limit)
    for layer, direction, step in product(range(layers), range(directions), range(seq_len)):
        base = _base(states, layer, direction)
        if step >= choice.length:
            axes.add_patch(padding_patch(step + 0.03, base, 0.94, units))
            continue
        clear = bool(choice.clear[layer, direction, step])
        for unit, value in enumerate(states[layer, direction, step].tolist()):
            corner = (step + 0.03, base + units - 1 - unit)
            finite = value == value and abs(value) != torch.inf
            _draw_tile(axes, corner, value, cmap(norm(value)) if finite else "none", clear)


def _draw_tile(axes: Axes, corner, value: float, color, clear: bool) -> None:
    alpha = 1.0 if clear else 0.25
    axes.add_patch(Rectangle(corner, 0.94, 0.96, facecolor=color, alpha=alpha, linewidth=0))
    letters = INK if color == "none" else "black" if _luminance(color) > 0.18 else "white"
    axes.text(
        corner[0] + 0.47,
        corner[1] + 0.46,
        number(value).replace("-", "\N{MINUS SIGN}"),
        ha="center",
        va="center",
        fontsize=10,
        color=letters,
        alpha=1.0 if clear else 0.55,
    )


def _draw_frames(axes: Axes, name: str, states: Tensor, choice: _Choice) -> None:
    """Frame the tiles that are returned, and write beside the frame what they are called."""
    layers, directions, _, units = states.shape
    for word in choice.mark:
        quantity, line = MARKS[word]
        if quantity != name:
            continue
        color = COLORS["output" if word == "output" else quantity]
        style = {"facecolor": "none", "edgecolor": color, "linewidth": 2.2, "linestyle": line}
        name_style = {"color": color, "weight": "bold"}
        if word == "output":
            low = _base(states, layers - 1, directions - 1) - 0.1
            high = _base(states, layers - 1, 0) + units + 0.1
            axes.add_patch(Rectangle((-0.02, low), choice.end + 0.04, high - low, **style))
            axes.text(0.03, high + 0.04, word, va="bottom", **name_style)
            continue
        for row, (layer, direction) in enumerate(product(range(layers), range(directions))):
            step, base = (choice.end - 1, 0)[direction], _base(states, layer, direction)
            axes.add_patch(Rectangle((step + 0.05, base + 0.01), 0.9, units - 0.06, **style))
            place = {"ha": "center", "va": "top", "fontsize": 9.5}
            axes.text(step + 0.5, base - 0.18, f"{word}[{row}]", **place, **name_style)


def _name_axes(axes: Axes, name: str, states: Tensor, choice: _Choice) -> None:
    layers, directions, seq_len, units = states.shape
    arrows = ("",) if directions == 1 else (" →", " ←")
    rows = list(product(range(layers), range(directions)))
    axes.set_yticks(
        [_base(states, *row) + units / 2 for row in rows],
        labels=[f"layer {layer}{arrows[direction]}" for layer, direction in rows],
    )
    axes.set_xticks([step + 0.5 for step in range(seq_len)], labels=range(seq_len))
    top = _base(states, layers - 1, 0) + units
    axes.set(xlim=(-0.04, seq_len + 0.04), ylim=(-GAP, top + GAP), xlabel="time step")
    axes.set_title(f"{label_of(name)}, {units_of(choice.units)}", loc="left")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _base(states: Tensor, layer: int, direction: int) -> float:
    """Return the lower edge of a block: forward above backward, the top layer on top."""
    directions, units = states.shape[1], states.shape[3]
    return (layer * directions + directions - 1 - direction) * (units + GAP)


def _luminance(color) -> float:
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in to_rgb(color)]
    return sum(w * v for w, v in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _check_states(h: object, c: object) -> None:
    wanted = "(num_layers, num_directions, batch, seq_len, features)"
    if not isinstance(h, Tensor) or h.dim() != 5 or 0 in h.shape or h.shape[1] > 2:
        raise ValueError(f"h has shape {shape_of(h)}; expected {wanted}")
    if c is not None and (
        not isinstance(c, Tensor) or c.dim() != 5 or c.shape[:-1] != h.shape[:-1]
    ):
        raise ValueError(f"c has shape {shape_of(c)}; expected {(*h.shape[:-1], 'features')}")
    if h.shape[3] > MOST_STEPS:
        raise ValueError(
            f"h has {h.shape[3]} steps; expected at most {MOST_STEPS}, plot_states draws more"
        )
