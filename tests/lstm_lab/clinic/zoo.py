"""The whole zoo: right models and wrong ones, each with what it is given."""

from tests.lstm_lab.clinic import later, right, wrong  # their classes enter themselves
from tests.lstm_lab.clinic.samples import ENTRIES

MODELS = (right.__name__, wrong.__name__, later.__name__)
RIGHT = [entry for entry in ENTRIES if not entry.wrong]
WRONG = [entry for entry in ENTRIES if entry.wrong]
