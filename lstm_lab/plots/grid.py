"""The picture that the book is about: every state, layer × direction × time, with its numbers."""

from collections.abc import Sequence
from itertools import product

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, to_rgb
from matplotlib.patches import Rectangle
from torch import Tensor

from lstm_lab.checks import describe
from lstm_lab.plots.figure import LabFigure, label_of, limit_of, on_cpu
from lstm_lab.printing import count, rounded, span, units_of
from lstm_lab.style import COLORS, INK, RC, colormap

MARKS = {"output": ("h", "-"), "h_n": ("h", "--"), "c_n": ("c", "--")}
GAP = 0.8  # between two blocks of tiles, in tiles: room for the name of a frame
MOST_STEPS = 24
MOST_UNITS = 3


def plot_grid(
    h: Tensor, c: Tensor | None = None, *, mark: Sequence[str] = ("output", "h_n", "c_n")
) -> LabFigure:
    """Draw every state of the first sequence, layer × direction × time, with its numbers.

    Args:
        h: ``(num_layers, num_directions, batch, seq_len, features)`` hidden states in input order,
            of at most 24 steps; ``plot_states`` draws longer sequences. The first three features
            are drawn.
        c: the cell states, in the same layout; drawn below.
        mark: which of ``"output"``, ``"h_n"``, ``"c_n"`` to frame.
    Returns:
        One closed Figure. Colours: the quantity's for positive, grey for negative, pale for 0.
    Raises:
        ValueError: a shape does not fit, or there is no such frame.

    >>> plot_grid(torch.zeros(2, 1, 1, 4, 3), mark=["h_n"])
    <Figure grid: 2 layers x 1 direction x 4 steps, units 0, 1, 2; h 0.00 to 0.00; frames h_n>
    """
    _check_states(h, c)
    for name in mark:
        if name not in MARKS:
            raise ValueError(f"mark has {name!r}; expected {', '.join(MARKS)}")
    panels = {"h": h, **({} if c is None else {"c": c})}
    features = min(MOST_UNITS, *(states.shape[-1] for states in panels.values()))
    panels = {name: on_cpu(states[:, :, 0, :, :features]) for name, states in panels.items()}
    mark = [name for name in mark if MARKS[name][0] in panels]
    layers, directions, seq_len, units = panels["h"].shape
    rows = layers * directions * (units + GAP)
    size = (max(3.4, 1.2 + 0.62 * seq_len), len(panels) * (1.0 + 0.26 * rows))
    with rc_context(RC):
        figure = LabFigure(figsize=size)
        every_axes = figure.subplots(len(panels), squeeze=False)[:, 0]
        for axes, (name, states) in zip(every_axes, panels.items(), strict=True):
            _draw_tiles(axes, name, states)
            for word in mark:
                if MARKS[word][0] == name:
                    _draw_frames(axes, word, states)
            _name_axes(axes, name, states)
    sizes = (
        f"{count(layers, 'layer')} x {count(directions, 'direction')} x {count(seq_len, 'step')}"
    )
    ranges = [f"{name} {span(states)}" for name, states in panels.items()]
    frames = f"frames {', '.join(mark) or 'nothing'}"
    figure.text_form = "; ".join([f"grid: {sizes}, {units_of(range(units))}", *ranges, frames])
    return figure


def _draw_tiles(axes: Axes, name: str, states: Tensor) -> None:
    """Draw the numbers of one quantity as tiles, unit 0 on top in each square."""
    layers, directions, seq_len, units = states.shape
    limit = limit_of(name, states)
    cmap, norm = colormap(name), Normalize(-limit, limit)
    for layer, direction, step in product(range(layers), range(directions), range(seq_len)):
        base = _base(states, layer, direction)
        for unit, value in enumerate(states[layer, direction, step].tolist()):
            finite = value == value and abs(value) != float("inf")
            color = cmap(norm(value)) if finite else "none"
            _draw_tile(axes, step + 0.03, base + units - 1 - unit, value, color)


def _draw_tile(axes: Axes, x: float, y: float, value: float, color) -> None:
    axes.add_patch(Rectangle((x, y), 0.94, 0.96, facecolor=color, linewidth=0))
    letters = INK if color == "none" else "black" if _luminance(color) > 0.18 else "white"
    text = rounded(value).replace("-", "\N{MINUS SIGN}")
    style = {"ha": "center", "va": "center", "fontsize": 10, "color": letters}
    axes.text(x + 0.47, y + 0.46, text, **style)


def _draw_frames(axes: Axes, word: str, states: Tensor) -> None:
    """Frame the tiles that are returned, and write beside the frame what they are called."""
    layers, directions, seq_len, units = states.shape
    quantity, line = MARKS[word]
    color = COLORS["output" if word == "output" else quantity]
    style = {"facecolor": "none", "edgecolor": color, "linewidth": 2.2, "linestyle": line}
    name_style = {"color": color, "weight": "bold"}
    if word == "output":
        low = _base(states, layers - 1, directions - 1) - 0.1
        high = _base(states, layers - 1, 0) + units + 0.1
        axes.add_patch(Rectangle((-0.02, low), seq_len + 0.04, high - low, **style))
        axes.text(0.03, high + 0.04, word, va="bottom", **name_style)
        return
    name_style |= {"ha": "center", "va": "top", "fontsize": 9.5}
    for row, (layer, direction) in enumerate(product(range(layers), range(directions))):
        step, base = (seq_len - 1, 0)[direction], _base(states, layer, direction)
        axes.add_patch(Rectangle((step + 0.05, base + 0.01), 0.9, units - 0.06, **style))
        axes.text(step + 0.5, base - 0.18, f"{word}[{row}]", **name_style)


def _name_axes(axes: Axes, name: str, states: Tensor) -> None:
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
    axes.set_title(f"{label_of(name)}, {units_of(range(units))}", loc="left")
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
        raise ValueError(f"h {describe(h)}; expected {wanted}")
    if c is not None and (
        not isinstance(c, Tensor) or c.dim() != 5 or c.shape[:-1] != h.shape[:-1] or 0 in c.shape
    ):
        raise ValueError(f"c {describe(c)}; expected {(*h.shape[:-1], 'features')}")
    if h.shape[3] > MOST_STEPS:
        raise ValueError(
            f"h has {h.shape[3]} steps; expected at most {MOST_STEPS}, plot_states draws more"
        )
