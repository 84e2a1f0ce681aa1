"""What PyTorch's recurrent layers return, with names: shapes, readouts and pictures.

Importing this package sets no seed, no style and no device, and needs no Jupyter.
matplotlib is imported when a plot is first asked for, and anywidget with an explorer.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from lstm_lab.alphabet import Alphabet
from lstm_lab.data import Counting, Digits, Images, counting, digits, recall, sunspots
from lstm_lab.decoding import beam, greedy
from lstm_lab.encoder import Encoded, Encoder
from lstm_lab.exercises import Check, Verdict
from lstm_lab.machine import device, seed
from lstm_lab.models import BidirectionalPredictor, GapPredictor, LSTMClassifier
from lstm_lab.pronouncer import Made, Pronouncer, pronouncer
from lstm_lab.readout import (
    Directions,
    final_states,
    last_valid,
    max_pool,
    mean_pool,
    split_directions,
    split_states,
)
from lstm_lab.scores import ErrorRates, edit_distance, error_rates
from lstm_lab.seq2seq import Decoded, Decoder, Seq2Seq, cross_entropy
from lstm_lab.shapes import Options, ShapeTable, TensorShape, shapes
from lstm_lab.shipped import NameReader, date_writers, name_reader
from lstm_lab.style import COLORS, colormap, show, use_style
from lstm_lab.texts import Names, Pairs, Texts, Words, dates, names, pronunciations, words
from lstm_lab.trace import States, Trace, trace
from lstm_lab.training import History, accuracy, evaluate, fit

if TYPE_CHECKING:
    from lstm_lab.curves import Curves, measured, plot_curves
    from lstm_lab.figure import new_figure
    from lstm_lab.gradients import plot_reach, reach
    from lstm_lab.grid import plot_grid
    from lstm_lab.plots import plot_cell, plot_gates, plot_states, plot_trace
    from lstm_lab.widgets import (
        AlignExplorer,
        CellExplorer,
        NameExplorer,
        ShapeCalculator,
        ShapeDrill,
        StateGrid,
    )

__version__ = "0.1.0"

__all__ = [
    "COLORS",
    "AlignExplorer",
    "Alphabet",
    "BidirectionalPredictor",
    "CellExplorer",
    "Check",
    "Counting",
    "Curves",
    "Decoded",
    "Decoder",
    "Digits",
    "Directions",
    "Encoded",
    "Encoder",
    "ErrorRates",
    "GapPredictor",
    "History",
    "Images",
    "LSTMClassifier",
    "Made",
    "NameExplorer",
    "NameReader",
    "Names",
    "Options",
    "Pairs",
    "Pronouncer",
    "Seq2Seq",
    "ShapeCalculator",
    "ShapeDrill",
    "ShapeTable",
    "StateGrid",
    "States",
    "TensorShape",
    "Texts",
    "Trace",
    "Verdict",
    "Words",
    "accuracy",
    "beam",
    "colormap",
    "counting",
    "cross_entropy",
    "date_writers",
    "dates",
    "device",
    "digits",
    "edit_distance",
    "error_rates",
    "evaluate",
    "final_states",
    "fit",
    "greedy",
    "last_valid",
    "max_pool",
    "mean_pool",
    "measured",
    "name_reader",
    "names",
    "new_figure",
    "plot_cell",
    "plot_curves",
    "plot_gates",
    "plot_grid",
    "plot_reach",
    "plot_states",
    "plot_trace",
    "pronouncer",
    "pronunciations",
    "reach",
    "recall",
    "seed",
    "shapes",
    "show",
    "split_directions",
    "split_states",
    "sunspots",
    "trace",
    "use_style",
    "words",
]


_LATE = {
    "AlignExplorer": "widgets",
    "CellExplorer": "widgets",
    "Curves": "curves",
    "NameExplorer": "widgets",
    "ShapeCalculator": "widgets",
    "ShapeDrill": "widgets",
    "StateGrid": "widgets",
    "measured": "curves",
    "new_figure": "figure",
    "plot_cell": "plots",
    "plot_curves": "curves",
    "plot_gates": "plots",
    "plot_grid": "grid",
    "plot_reach": "gradients",
    "plot_states": "plots",
    "plot_trace": "plots",
    "reach": "gradients",
}


def __getattr__(name: str):
    # matplotlib takes as long to import as half of torch: only a plot pays for it. An explorer
    # needs anywidget, which a script has no use for.
    if name in _LATE:
        return getattr(import_module(f"lstm_lab.{_LATE[name]}"), name)
    raise AttributeError(f"module 'lstm_lab' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
