"""What was found in a model, in words and numbers; nothing here runs a model."""

from dataclasses import dataclass
from html import escape

from lstm_lab.printing import count

GRADES = ("proved", "measured", "suspected")
TITLES = {
    "one step seen": "A direction is read where it has seen one step",
    "rows mixed": "A reshape joins the rows of different examples",
    "unread states": "Some of the layer's states reach no answer",
    "states crossed": "A state is handed to the wrong place",
    "state not carried": "Every step starts from the same state",
    "single step": "The whole sequence arrives as one step",
    "examples mixed": "An answer moves with another example",
    "no axis of examples": "The result has no place for each example",
    "order lost": "The answers come back in another order",
    "steps unread": "The answer does not depend on every step",
    "padding read": "The answer depends on the padding",
    "target leaks": "An answer has seen its own target",
    "gradient cut": "The gradient stops before it has gone back in time",
    "weights unlearned": "No gradient reaches these weights",
    "weights hidden": "No optimizer will see these weights",
    "random answer": "The same input gets another answer in eval()",
    "state kept": "A call begins where the last one ended",
    "graph kept": "A call holds on to the graph of the last one",
    "loss misfit": "The loss does not fit the answer",
}

CHAPTERS = {
    1: "Three tensors, one grid",
    2: "Shapes without guessing",
    5: "Take the right layer, and know what dropout drops",
    6: "Find the right end of each direction",
    7: "Read past the padding",
    8: "Classify a sequence: choose the readout on evidence",
    9: "Predict without peeking: what a bidirectional LSTM may see",
    10: "Carry the state, cut the gradient",
    11: "Hand over the state, shift the target: an encoder and a decoder",
    12: "Let the decoder look back: attention over `output`",
    13: "Open a language model: what h steers and c remembers",
}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or looks wrong, in a model.

    Args:
        name: one of ``TITLES``.
        grade: ``"proved"`` where it follows from equal or unmoved numbers, ``"measured"`` where an
            effect was seen and its size may differ on other inputs, ``"suspected"`` else.
        where: the module's name, as ``model.named_modules()`` gives it; empty for the whole model.
        evidence: what was seen, in numbers.
        instead: the line to write, or the thing to do.
        chapter: the chapter of the book that explains it.
    """

    name: str
    grade: str
    where: str
    evidence: str
    instead: str
    chapter: int

    def __str__(self) -> str:
        place = f" in {self.where}" if self.where else ""
        return (
            f"{self.grade}: {TITLES[self.name].lower()}{place}\n"
            f"    {self.evidence}\n"
            f"    Instead: {self.instead}\n"
            f"    Why: chapter {self.chapter}, {CHAPTERS[self.chapter]}"
        )


@dataclass(frozen=True, repr=False)
class Diagnosis:
    """What ``diagnose`` found; true where nothing was proved or measured to be wrong.

    Args:
        model: the name of its class.
        findings: what is wrong, the surest first.
        untested: what was not tried, each with the reason.
        forwards: how often the model was called.

    >>> model = LSTMClassifier(2, 3, 4)
    >>> bool(diagnose(model, torch.randn(4, 6, 2)))
    True
    """

    model: str
    findings: tuple[Finding, ...]
    untested: tuple[str, ...]
    forwards: int

    def __bool__(self) -> bool:
        return all(finding.grade == "suspected" for finding in self.findings)

    def __repr__(self) -> str:
        lines = [self._head(), *(f"  {finding}" for finding in self.findings)]
        rest = [f"  not tested: {'; '.join(self.untested)}"] if self.untested else []
        return "\n".join(lines + rest)

    def _repr_html_(self) -> str:
        entries = "".join(map(_entry, self.findings))
        rest = f"<p>Not tested: {_code('; '.join(self.untested))}.</p>" if self.untested else ""
        return f"<p><strong>{escape(self._head())}</strong></p>{entries}{rest}"

    def _head(self) -> str:
        found = count(len(self.findings), "finding") if self.findings else "nothing found"
        return f"{self.model}: {found} in {count(self.forwards, 'call')}"


def _entry(finding: Finding) -> str:
    place = f" in <code>{escape(finding.where)}</code>" if finding.where else ""
    return (
        f'<div class="lab-entry"><p><strong>{escape(TITLES[finding.name])}</strong>{place}'
        f" ({finding.grade}).</p><p>{_code(finding.evidence)}</p>"
        f"<p>Instead: {_code(finding.instead)}. Why: chapter"
        f" {finding.chapter}, {escape(CHAPTERS[finding.chapter])}.</p></div>"
    )


def _code(text: str) -> str:
    """Return a text as HTML, what stands between backticks as code."""
    pieces = escape(text).split("`")
    return "".join(f"<code>{each}</code>" if k % 2 else each for k, each in enumerate(pieces))
