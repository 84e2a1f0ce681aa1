"""Which numbers of a recurrent layer's results the modules after it were given, told by value.

A tensor that was sliced, joined or copied keeps its numbers, so equal numbers name the slice. What
was changed on its way, by a norm or a nonlinearity, is not recognised here.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from lstm_lab.clinic.batch import Batch
from lstm_lab.clinic.findings import Finding
from lstm_lab.clinic.record import CELLS, LAYERS, Call, Reading, Record, tensors


def final_state(reading: Reading, state: str = "h_n") -> str:
    """Return the line that reads the top layer's final state of every direction."""
    if reading.options.bidirectional:
        wide = "2 * hidden_size numbers for each example"
        return f"`torch.cat([{state}[-2], {state}[-1]], dim=-1)`, {wide}"
    return f"`{state}[-1]`"


def packing(record: Record, *, steps: bool) -> str:
    """Return the lines that keep padding out of a model's layers.

    Args:
        steps: whether an answer for each step is wanted.
    """
    mask = "a mask, where the model attends to the steps or takes their mean or maximum"
    if not record.readings:
        return f"a state that stays as it is where a sequence has ended; {mask}"
    if all(it.packed is not None for it in record.readings):
        return f"{mask}: the layers are packed already, and `output` has zeros there"
    reading = next(it for it in record.readings if it.packed is None)
    first = f"batch_first={reading.options.batch_first}"
    state = "(h_n, c_n)" if reading.options.kind == "LSTM" else "h_n"
    read = (
        f"`output, lengths = nn.utils.rnn.pad_packed_sequence(output, {first})`"
        if steps
        else f"{final_state(reading)}, in the place of what was read from `output`"
    )
    return (
        f"`packed = nn.utils.rnn.pack_padded_sequence(x, lengths.cpu(), {first},"
        f" enforce_sorted=False)`, where `x` is what `{reading.name}` reads now;"
        f" `output, {state} = self.{reading.name}(packed)`; then {read}; {mask}"
    )


def misread(record: Record) -> Iterator[Finding]:
    """Yield what is wrong with the slices that modules were given, whatever else they were."""
    for reading in record.readings:
        if reading.batch < 2 or reading.steps < 2:
            continue
        for name, vectors in _given(record, reading):
            yield from _mixed(name, vectors, reading)
            yield from _beyond_the_end(name, vectors, reading)
        for later in record.readings:
            yield from _crossed(later, reading)


def readers_of(record: Record, reading: Reading, part: Tensor) -> list[str]:
    """Return the modules that were given ``(batch, features)`` of a layer as a block, by name."""
    return [
        name
        for name, vectors in _given(record, reading)
        if any(_within(part, vector) for vector in vectors)
    ]


def rows_read(record: Record, reading: Reading) -> tuple[str, str]:
    """Return who reads rows of the final states, in words, and the state; empty where nobody."""
    for state in ("h_n", "c_n"):
        rows = getattr(reading, state)
        found = {}
        for k, row in enumerate(() if rows is None else rows):
            for name in readers_of(record, reading, row):
                found.setdefault(name, []).append(f"`{state}[{k}]`")
        if found:
            words = [f"`{name}` reads {' and '.join(each)}" for name, each in found.items()]
            return "; ".join(sorted(words)), state
    return "", "h_n"


def _given(record: Record, reading: Reading) -> list[tuple[str, list[Tensor]]]:
    """Return what each module was given as ``(batch, features)``, one vector a sequence."""
    vectors = {}
    for call in record.calls:
        if not isinstance(call.module, LAYERS):
            name = call.name or "the model"
            vectors.setdefault(name, []).extend(_vectors(call, reading))
    return [(name, each) for name, each in vectors.items() if each]


def _vectors(call: Call, reading: Reading) -> Iterator[Tensor]:
    batch, rows = reading.batch, len(reading.h_n)
    for tensor in tensors(call.given):
        if not tensor.is_floating_point() or tensor.dim() not in (2, 3):
            continue
        if tensor.dim() == 3 and 1 in tensor.shape[:2]:
            tensor = tensor.flatten(0, 1)
        if tensor.dim() == 2 and len(tensor) == batch:
            yield tensor.detach()
        elif tensor.dim() == 3 and tensor.shape[1] == batch and len(tensor) <= rows:
            yield from tensor.detach()  # states, a row for each layer


def _within(part: Tensor, vector: Tensor) -> bool:
    """Return whether ``(batch, size)`` stands in a vector of more features, as one block."""
    part, size = part.detach(), part.shape[1]
    if part.dtype != vector.dtype or size > vector.shape[1]:
        return False
    starts = (vector[:, : vector.shape[1] - size + 1] == part[:, :1]).all(dim=0).nonzero()
    return any(torch.equal(vector[:, k : k + size], part) for k in starts.flatten().tolist())


def _mixed(name: str, vectors: list[Tensor], reading: Reading) -> Iterator[Finding]:
    for state in ("h_n", "c_n"):
        rows = getattr(reading, state)
        if rows is None:
            continue
        for k in range(2, len(rows) + 1):
            if len(rows) % k:
                continue
            # As many rows as k are joined: what a view makes of them, and what belongs together.
            viewed = rows.detach().reshape(-1, reading.batch, k * rows.shape[-1])
            joined = rows.detach().unflatten(0, (-1, k)).transpose(1, 2).flatten(2)
            for wrong, right in zip(viewed, joined, strict=True):
                if not torch.equal(wrong, right) and any(_within(wrong, v) for v in vectors):
                    own = k == reading.options.num_directions
                    yield Finding(
                        "rows mixed",
                        "proved",
                        reading.name,
                        f"`{name}` reads `{state}.view(-1, {k} * hidden_size)`: {state} has its"
                        f" {len(rows)} rows first and the {reading.batch} examples second, and a"
                        " view moves no axis, so each row of the result joins different examples.",
                        final_state(reading, state)
                        if own
                        else f"`{state}.transpose(0, 1).flatten(1)`",
                        6,
                    )
                    return


def _beyond_the_end(name: str, vectors: list[Tensor], reading: Reading) -> Iterator[Finding]:
    """Yield a finding where a packed output is read where short sequences have ended."""
    ended = [length < reading.steps for length in reading.lengths]
    if reading.packed is None or not any(ended):
        return
    loop = any(_within(reading.output[:, 0], vector) for vector in vectors)
    if not loop and any(_within(reading.output[:, -1], vector) for vector in vectors):
        code = "output[:, -1]" if reading.options.batch_first else "output[-1]"
        yield Finding(
            "padding read",
            "proved",
            "",
            f"`{name}` reads `{code}`, which is 0 for {sum(ended)} of {reading.batch} examples:"
            " they had ended before.",
            final_state(reading),
            7,
        )


def _crossed(later: Reading, reading: Reading) -> Iterator[Finding]:
    """Yield what is wrong with the initial states that one layer got from another."""
    states = [each.detach() for each in later.hx]
    if not states or later.h_n.shape[1] != reading.batch or reading is later:
        return
    if len(states) == 2 and reading.c_n is not None:
        swapped = same(states[0], reading.c_n) and same(states[1], reading.h_n)
        if swapped and not same(reading.c_n, reading.h_n):
            yield Finding(
                "states crossed",
                "proved",
                later.name,
                f"its h_0 is the c_n of `{reading.name}`, and its c_0 the h_n.",
                "`decoder(x, (h_n, c_n))`",
                11,
            )
            return
    yield from _strange_rows(later, reading, states[0])


def _strange_rows(later: Reading, reading: Reading, h_0: Tensor) -> Iterator[Finding]:
    """Yield a finding where a layer begins with a row of another layer, each row used once."""
    layers, ways = later.options.num_layers, reading.options.num_directions
    alike = reading.options.num_layers == layers or (ways == 2 and len(reading.h_n) == layers)
    if layers < 2 or later.options.bidirectional or not alike or len(h_0) != layers:
        return
    found = [[k for k, row in enumerate(reading.h_n) if same(row, own)] for own in h_0]
    rows = [each[0] for each in found if each]
    strange = [k for k, row in enumerate(rows) if row // ways != k]
    if len(set(rows)) != layers or not strange:
        return
    first = strange[0]
    way = f" {('forward', 'backward')[rows[first] % 2]}" if ways == 2 else ""
    yield Finding(
        "states crossed",
        "proved",
        later.name,
        f"it begins with the rows {', '.join(map(str, rows))} of the h_n of `{reading.name}`: its"
        f" layer {first} gets row {rows[first]}, which is layer {rows[first] // ways}{way}.",
        "`self.bridge(torch.cat([h_n[0::2], h_n[1::2]], dim=-1))`, both directions of a layer side"
        " by side, with `self.bridge = nn.Linear(2 * hidden_size, hidden_size)`; c_n likewise"
        if ways == 2
        else "`h_n` as it is: row k starts layer k",
        11,
    )


def same(state: Tensor, other: Tensor) -> bool:
    """Return whether two tensors hold the same numbers in the same shape."""
    return state.shape == other.shape and torch.equal(state, other.detach())


def whole_states(record: Record) -> str:
    """Return which module was given all rows of a state at once, in words; else nothing."""
    for reading in record.readings:
        for call in record.calls:
            # A module with a layer of its own may hand them on, as a state.
            if not any(isinstance(it, LAYERS + CELLS) for it in call.module.modules()):
                for state in ("h_n", "c_n"):
                    rows = getattr(reading, state)
                    if rows is not None and any(same(it, rows) for it in tensors(call.given)):
                        return (
                            f"`{call.name}` reads all of `{state}`, which has a row for each layer"
                            " and direction."
                        )
    return ""


def lost_examples(record: Record, batch: Batch) -> str:
    """Return what a module was given that has no axis of examples, in words; else nothing."""
    whole = whole_states(record)
    if whole:
        return whole
    for reading in record.readings:
        output, first = reading.raw.detach(), reading.options.batch_first
        if reading.packed is not None or output.dim() != 3:
            continue
        turned = reading.output.shape[:2] == (batch.steps, batch.size)
        if batch.steps != batch.size and turned:
            return (
                f"`{reading.name}` has batch_first={first}, and reads the examples as steps and the"
                " steps as examples."
            )
        axis = 0 if first else 1
        at = "{}" if first else ":, {}"
        slices = {
            f"output[{at.format(-1)}]": output.select(axis, -1),
            f"output[{at.format(0)}]": output.select(axis, 0),
            f"output.mean({axis})": output.mean(axis),
            f"output.sum({axis})": output.sum(axis),
        }
        for call in record.calls:
            for given in tensors(call.given):
                for code, values in slices.items():
                    if given.shape == values.shape and torch.allclose(given.detach(), values):
                        return f"`{call.name}` reads `{code}`: axis {axis} holds the examples."
    return ""
