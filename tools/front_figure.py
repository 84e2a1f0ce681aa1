"""Draw the figure of the front page and of README from a real network.

    python -m tools.front_figure        writes assets/three-tensors.svg

The network is the first one of chapter 1. Drawn by hand rather than by matplotlib, so that the
letters are text, the ink follows the page's theme, and the file is the same on every machine.
"""

from pathlib import Path

import torch
from matplotlib.colors import Normalize, to_hex
from torch import Tensor, nn

from lstm_lab import COLORS, colormap

FILE = Path(__file__).resolve().parent.parent / "assets/three-tensors.svg"
LEFT, TOP, STEP, LINE, LAYER_GAP, GRID_GAP = 62, 34, 86, 21, 16, 62
STEPS, UNITS, LAYERS = 4, 3, 2
BLOCK = UNITS * LINE
GRID = LAYERS * BLOCK + LAYER_GAP
WIDTH, HEIGHT = LEFT + STEPS * STEP + 10, TOP + 2 * GRID + GRID_GAP + 46
ALT = (
    "A grid of hidden states, two layers by four time steps, three numbers in each square, above a "
    "grid of cell states. A frame named output holds the upper layer at every step; a frame named "
    "h_n holds both layers at the last step; a frame named c_n holds the last step of the cell "
    "states. Squares outside the frames are returned by nothing."
)
STYLE = """
.three-tensors { --ink: #4a4d50; font-family: system-ui, sans-serif; font-size: 14px }
@media (prefers-color-scheme: dark) { .three-tensors { --ink: #c8cbce } }
html[data-theme="light"] .three-tensors { --ink: #4a4d50 }
html[data-theme="dark"] .three-tensors { --ink: #c8cbce }
.three-tensors text { fill: var(--ink) }
.three-tensors .kept { fill: #000 }
.three-tensors .lost { fill: none; stroke: var(--ink); stroke-opacity: .35 }
.three-tensors .number { text-anchor: middle; font-variant-numeric: tabular-nums }
.three-tensors .frame { fill: none; stroke-width: 3 }
.three-tensors .name { font-weight: 700; font-size: 16px; font-family: ui-monospace, monospace }
"""


def main() -> None:
    FILE.write_text(svg(), encoding="utf-8")
    print(f"wrote {FILE.name}, {WIDTH} x {HEIGHT}")


def states() -> tuple[Tensor, Tensor]:
    """Return h and c of one sequence, each ``(layers, steps, units)``."""
    torch.manual_seed(4)
    lstm = nn.LSTM(2, UNITS, num_layers=LAYERS, batch_first=True)
    x = 2 * torch.randn(5, STEPS, 2)
    with torch.no_grad():
        prefixes = [lstm(x[:, : step + 1])[1] for step in range(STEPS)]
    h, c = (torch.stack([state[k][:, 0] for state in prefixes], dim=1) for k in (0, 1))
    return h, c


def svg() -> str:
    h, c = states()
    lower = TOP + GRID + GRID_GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="three-tensors" role="img"'
        f' aria-labelledby="three-tensors-title" viewBox="0 0 {WIDTH} {HEIGHT}">',
        f'<title id="three-tensors-title">{ALT}</title>',
        f"<style>{STYLE}</style>",
        *grid("h", h, TOP),
        *grid("c", c, lower),
        frame(LEFT - 4, TOP - 4, STEPS * STEP + 4, BLOCK + 8, COLORS["output"]),
        label(LEFT - 2, TOP - 12, "output", "output"),
        *[
            frame(LEFT + 3 * STEP - 1, top + 1, STEP - 4, GRID - 2, COLORS[name], "8 4")
            + label(LEFT + 3.5 * STEP - 2, y, f"{name}_n", name, "middle")
            for name, top, y in (("h", TOP, TOP + GRID + 19), ("c", lower, lower - 11))
        ],
        *[
            f'<text class="number" x="{LEFT + (k + 0.5) * STEP - 2}" y="{HEIGHT - 27}">{k}</text>'
            for k in range(STEPS)
        ],
        f'<text class="number" x="{LEFT + STEPS * STEP / 2}" y="{HEIGHT - 8}">time step</text>',
        "</svg>\n",
    ]
    return "\n".join(parts)


def grid(name: str, values: Tensor, top: float):
    """Yield the cells of one quantity: tiles where a result holds them, else bare numbers."""
    cmap, norm = colormap(name), Normalize(-1, 1)
    words = {"h": "hidden state h", "c": "cell state c"}
    x = LEFT + STEPS * STEP - 4 if name == "h" else LEFT - 2
    anchor = "end" if name == "h" else "start"
    yield f'<text x="{x}" y="{top - 13}" text-anchor="{anchor}">{words[name]}</text>'
    for layer in range(LAYERS):
        y = top + (LAYERS - 1 - layer) * (BLOCK + LAYER_GAP)
        yield f'<text x="2" y="{y + BLOCK / 2 + 5}">layer {layer}</text>'
        for step in range(STEPS):
            corner = LEFT + step * STEP
            kept = step == STEPS - 1 or (name == "h" and layer == LAYERS - 1)
            if not kept:
                size = f'width="{STEP - 4}" height="{BLOCK - 1}"'
                yield f'<rect class="lost" x="{corner}" y="{y}" {size}/>'
            for unit in range(UNITS):
                value = float(values[layer, step, unit])
                row = y + unit * LINE
                if kept:
                    fill, size = (
                        to_hex(cmap(norm(value))),
                        f'width="{STEP - 4}" height="{LINE - 1}"',
                    )
                    yield f'<rect x="{corner}" y="{row}" {size} fill="{fill}"/>'
                kind = "number kept" if kept else "number"
                text = f"{value:.2f}".replace("-", "\N{MINUS SIGN}")
                place = f'x="{corner + STEP / 2 - 2}" y="{row + 15}"'
                yield f'<text class="{kind}" {place}>{text}</text>'


def frame(x, y, width, height, color: str, dashes: str = "none") -> str:
    return (
        f'<rect class="frame" x="{x}" y="{y}" width="{width}" height="{height}" rx="3"'
        f' stroke="{color}" stroke-dasharray="{dashes}"/>'
    )


def label(x, y, word: str, quantity: str, anchor: str = "start") -> str:
    # An attribute would lose to the rule for all text; a style does not.
    place = f'x="{x}" y="{y}" text-anchor="{anchor}" style="fill: {COLORS[quantity]}"'
    return f'<text class="name" {place}>{word}</text>'


if __name__ == "__main__":
    main()
