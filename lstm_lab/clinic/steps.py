"""Layers and cells that are called a step at a time, or that get everything as one step."""

from collections.abc import Iterator

import torch
from torch import Tensor

from lstm_lab.clinic.batch import Batch
from lstm_lab.clinic.findings import Finding
from lstm_lab.clinic.record import Call, Record, tensors
from lstm_lab.printing import count


def steps_alone(record: Record, batch: Batch) -> Iterator[Finding]:
    """Yield the layers and cells whose every step started from the same state."""
    for name, calls in _one_step_calls(record).items():
        inputs = [tensors(call.given[0])[0] for call in calls]
        starts = [tensors(call.given[1:]) for call in calls]
        counts = {len(start) for start in starts}
        if len(counts) > 1 or all(torch.equal(x, inputs[0]) for x in inputs):
            continue
        stuck = [
            k
            for k in range(counts.pop())
            if all(torch.equal(start[k], starts[0][k]) for start in starts)
        ]
        if starts[0] and (not stuck or any(_handed_in(starts[0][k], batch) for k in stuck)):
            continue
        begin = f"the same {'hc'[stuck[0]]}" if starts[0] else "zeros"
        yield Finding(
            "state not carried",
            "proved",
            name,
            f"it was called {count(len(calls), 'time')}, each time for one step and from {begin}:"
            " what it returned was not handed to the next call.",
            "`output, state = layer(x_t, state)`, with `state` of the call before",
            10,
        )


def _one_step_calls(record: Record) -> dict[str, list[Call]]:
    single = {id(it.module) for it in record.readings if it.steps == 1}
    long = {id(it.module) for it in record.readings if it.steps > 1}
    cells = {id(call.module) for call in record.cells}
    calls = {}
    for call in record.calls:
        if id(call.module) in (single | cells) - long:
            calls.setdefault(call.name, []).append(call)
    return {name: each for name, each in calls.items() if len(each) > 2}


def _handed_in(state: Tensor, batch: Batch) -> bool:
    """Return whether a state may come from the caller, by its number of features."""
    given = tensors(batch.inputs[1:])
    return any(it.is_floating_point() and it.shape[-1:] == state.shape[-1:] for it in given)


def single_steps(record: Record, batch: Batch) -> Iterator[Finding]:
    """Yield a finding where all layers got everything as one step, from no state."""
    returned = {id(it) for it in tensors(record.answer)}
    for reading in record.readings[:1]:
        one = all(it.steps == 1 for it in record.readings) and not record.cells
        once = len({id(it.module) for it in record.readings}) == len(record.readings)
        streams = any(_handed_in(it, batch) for it in reading.hx) or any(
            it.any() for it in reading.hx
        )
        streams = streams or id(reading.h_n) in returned
        if one and once and not streams:
            yield Finding(
                "single step",
                "suspected" if batch.steps == 1 else "proved",
                reading.name,
                f"it read 1 step of {reading.input.shape[-1]} features for each example, from"
                " zeros: nothing recurs, and `weight_hh` is multiplied by 0.",
                "an input (batch, seq_len, features), with seq_len steps in time",
                2,
            )
