"""Which tensor do I want: three lines of code for every task, and where they read."""

from dataclasses import dataclass
from itertools import product

import traitlets

from lstm_lab.explorers.base import Explorer, state_of
from lstm_lab.explorers.scripts import for_notebook

TASKS = {
    "sequence": "one answer per sequence",
    "step": "an answer at every step",
    "pooled": "a mean over the steps",
    "attention": "attention",
    "decoder": "to start a decoder",
    "next": "to go on later",
}
KINDS = ("LSTM", "GRU", "RNN")


@dataclass(frozen=True)
class Reading:
    """What is given, the three lines to write, and why; ``why`` has code in backticks."""

    given: tuple[str, ...]
    lines: tuple[str, str, str]
    why: str


def reading(task: str, directions: int, padded: bool, kind: str) -> Reading:
    """Return the three lines of code for a task.

    They take for granted ``x``, ``(batch, steps, input_size)``, and, with padding, ``lengths``,
    ``(batch,)``, on the CPU.

    >>> reading("sequence", 2, False, "GRU").lines[1]
    'vector = torch.cat([h_n[-2], h_n[-1]], dim=-1)  # (batch, 2 * hidden_size)'
    """
    both, lstm = directions == 2, kind == "LSTM"
    options = f"num_layers=2, batch_first=True{', bidirectional=True' if both else ''}"
    name = kind.lower()
    given = [f"{name} = nn.{kind}(input_size, hidden_size, {options})"]
    if padded and not (task == "next" and both):
        packed = "packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)"
        given.append(packed)
    states = "(h_n, c_n)" if lstm else "h_n"
    call = f"output, {states} = {name}({'packed' if padded else 'x'})"
    parts = _Parts(call, name, both, padded, lstm)
    more, lines, why = getattr(parts, task)()
    return Reading((*given, *more), lines, why)


@dataclass(frozen=True)
class _Parts:
    """The lines of one kind of layer, for each task."""

    call: str
    name: str
    both: bool
    padded: bool
    lstm: bool

    @property
    def size(self) -> str:
        return "2 * hidden_size" if self.both else "hidden_size"

    @property
    def head(self) -> str:
        return f"head = nn.Linear({self.size}, classes)"

    @property
    def unpacked(self) -> str:
        return "output, lengths = pad_packed_sequence(output, batch_first=True)"

    def sequence(self):
        where = "torch.cat([h_n[-2], h_n[-1]], dim=-1)" if self.both else "h_n[-1]"
        vector = f"vector = {where}  # (batch, {self.size})"
        why = (
            "`h_n[-2]` has read to the right and `h_n[-1]` to the left, each to its own end. "
            "`output[:, -1]` holds the backward state after a single step."
            if self.both
            else "`h_n[-1]` is the top layer after the last step"
            + (", and packed, that is the last real one." if self.padded else ".")
        )
        return (self.head,), (self.call, vector, "answer = head(vector)  # (batch, classes)"), why

    def step(self):
        answer = "answer = head(output)  # (batch, steps, classes)"
        if self.padded:
            why = "`output` is the top layer at every step; where padding was, it comes back as 0."
            why += " Let the loss skip it: `ignore_index`."
            return (self.head,), (self.call, self.unpacked, answer), why
        loss = "loss = F.cross_entropy(answer.transpose(1, 2), target)  # classes come second"
        why = "`output` is the top layer at every step: it alone has an axis of time."
        return (self.head,), (self.call, answer, loss), why

    def pooled(self):
        why = "Every step counts the same. "
        if self.padded:
            mean = "vector = output.sum(dim=1) / lengths[:, None].to(x.device)"
            lines = self.call, self.unpacked, f"{mean}  # (batch, {self.size})"
            return (), lines, why + "Padding comes back as 0: sum, and divide by the real lengths."
        mean = f"vector = output.mean(dim=1)  # (batch, {self.size})"
        lines = self.call, mean, "answer = head(vector)  # (batch, classes)"
        return (self.head,), lines, why + "`h_n` has the last state alone."

    def attention(self):
        shape = f"(batch, queries, {self.size})"
        given = (f"query = torch.randn(batch, queries, {self.size})  # what looks: yours",)
        look = "context = F.scaled_dot_product_attention(query, output, output"
        why = "`output` holds a state for each step, for a query to look at; `h_n` would be one. "
        if self.padded:
            real = "real = torch.arange(x.size(1)) < lengths[:, None]  # (batch, steps)"
            masked = f"{look}, attn_mask=real[:, None].to(x.device))"
            why += "The mask hides the padding."
            return (*given, real), (self.call, self.unpacked, masked), why
        answer = "answer = head(context)  # (batch, queries, classes)"
        return (*given, self.head), (self.call, f"{look})  # {shape}", answer), why.strip()

    def decoder(self):
        options = "num_layers=2, batch_first=True"
        made = f"decoder = nn.{self.name.upper()}(embedding_dim, {self.size}, {options})"
        if self.both:
            hx = "torch.cat([h_n[0::2], h_n[1::2]], dim=-1)"
            if self.lstm:
                hx = "tuple(torch.cat([each[0::2], each[1::2]], dim=-1) for each in (h_n, c_n))"
            why = "A layer's two directions lie in neighbouring rows: side by side they start a "
            why += "decoder of twice the width."
        else:
            hx = "(h_n, c_n)" if self.lstm else "h_n"
            what = "both states" if self.lstm else "the state"
            why = f"A decoder begins with {what} of every layer."
        why += " `target` is shifted: what it reads ends one step before what it says."
        lines = self.call, f"hx = {hx}", "output, hx = decoder(target, hx)"
        return (made,), lines, why

    def next(self):
        states = ("h_n", "c_n") if self.lstm else ("h_n",)
        if not self.both:
            detached = ", ".join(f"{each}.detach()" for each in states)
            hx = f"({detached})" if self.lstm else detached
            back = "(h_n, c_n)" if self.lstm else "h_n"
            lines = self.call, f"hx = {hx}", f"output, {back} = {self.name}(following, hx)"
            what = "both states" if self.lstm else "the state"
            why = f"Hand {what} of every layer to the next call; `detach` ends the gradient there."
            return (), lines, why
        why = "A layer of two directions cannot go on: its backward state began at the end. "
        why += "Read the whole again."
        call = self.call.replace("(packed)", "(whole)").replace("(x)", "(whole)")
        if not self.padded:
            whole = "whole = torch.cat([x, following], dim=1)"
            later = "later = output[:, x.size(1) :]  # the steps of the next piece"
            return (), (whole, call, later), why
        pieces = "pieces = [torch.cat([a[:n], b]) for a, n, b in zip(x, lengths, following)]"
        whole = "whole = pack_sequence(pieces, enforce_sorted=False)"
        unpacked = "output, ends = pad_packed_sequence(output, batch_first=True)"
        return (pieces,), (whole, call, unpacked), why


class WhichTensor(Explorer):
    """A choice of task, directions, padding and layer that ends in three lines of code.

    Args:
        id: of the element on a page.
        state: ``task``, one of ``"sequence"``, ``"step"``, ``"pooled"``, ``"attention"``,
            ``"decoder"``, ``"next"``; ``directions``, 1 or 2; ``padded``; ``kind``.
    Raises:
        ValueError: there is no such choice.

    >>> WhichTensor(task="decoder", kind="GRU")
    <WhichTensor nn.GRU, 1 direction: to start a decoder>
    """

    _esm = for_notebook("WhichTensor")
    task = state_of(traitlets.Unicode, "sequence")
    directions = state_of(traitlets.Int, 1)
    padded = state_of(traitlets.Bool, False)
    kind = state_of(traitlets.Unicode, "LSTM")

    def __init__(self, *, id: str = "which-tensor", **state) -> None:
        readings = {}
        for choice in product(TASKS, (1, 2), (False, True), KINDS):
            key = " ".join(map(str, choice)).lower()
            given, lines, why = vars(reading(*choice)).values()
            readings[key] = {"given": [*given], "lines": [*lines], "why": why}
        tasks = [[*each] for each in TASKS.items()]
        super().__init__({"tasks": tasks, "readings": readings}, id=id, **state)

    def _check(self) -> None:
        for name, known in (("task", TASKS), ("directions", (1, 2)), ("kind", KINDS)):
            if getattr(self, name) not in known:
                wanted = f"one of {', '.join(map(str, known))}"
                raise ValueError(f"{name} is {getattr(self, name)!r}; expected {wanted}")

    def _says(self) -> str:
        ways = f"{self.directions} direction{'s' if self.directions > 1 else ''}"
        padding = ", padding" if self.padded else ""
        return f"nn.{self.kind}, {ways}{padding}: {TASKS[self.task]}"
