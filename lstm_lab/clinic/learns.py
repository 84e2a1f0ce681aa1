"""Which weights, which states and which steps a gradient reaches, in one backward pass."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lstm_lab.clinic.batch import Batch
from lstm_lab.clinic.findings import Finding
from lstm_lab.clinic.readings import final_state, readers_of, same
from lstm_lab.clinic.record import Reading, Record, tensors


@dataclass(frozen=True, eq=False)
class Gradients:
    """The gradients of a mix of all answers.

    Args:
        parameters: by name, as far as they ask for one; None where no path leads to them.
        inputs: of the float inputs, and of the embeddings' results with what they were given.
        outputs, states: of each recurrent layer's ``output`` and ``h_n``, in the order of
            ``record.readings``.
        gated: a parameter of zeros stands in the way: then a gradient of 0 proves nothing.
    """

    parameters: dict[str, Tensor | None]
    inputs: tuple[tuple[Tensor, Tensor | None], ...]
    outputs: tuple[Tensor | None, ...]
    states: tuple[Tensor | None, ...]
    gated: bool


def judged_results(record: Record) -> list[Tensor]:
    """Return the tensors of a result that answer: what no layer returned itself, floats first.

    What a layer returned is among them only where the result holds nothing else.
    """
    raw = {id(each) for it in record.readings for each in (it.raw, it.h_n, it.c_n)}
    found = sorted(tensors(record.answer), key=lambda it: not it.is_floating_point())
    return [it for it in found if id(it) not in raw] or found


def gradients(
    record: Record, judged: list[Tensor], leaves: list[Tensor], wanted: dict[str, Tensor]
) -> Gradients:
    """Return what flows back from the answers, each in a random share.

    Args:
        judged: the answers; what a layer returns at every step counts, too, where it is returned.
        leaves: float inputs that ask for a gradient.
        wanted: parameters that do, by name.
    """
    outputs = {id(it.raw) for it in record.readings}
    seen = [*judged, *(it for it in tensors(record.answer) if id(it) in outputs)]
    results = {id(it): it for it in seen if it.requires_grad}.values()
    generator = torch.Generator("cpu").manual_seed(0)
    total = sum(
        (it.double() * torch.randn(it.shape, generator=generator, device="cpu").to(it.device))
        .nan_to_num(0, 0, 0)
        .sum()
        for it in results
    )
    embedded = [
        call
        for call in record.calls
        if isinstance(call.module, nn.Embedding) and call.returned.requires_grad
    ]
    groups = (
        list(wanted.values()),
        [*leaves, *(call.returned for call in embedded)],
        [it.raw for it in record.readings],
        [it.h_n for it in record.readings],
    )
    asked = [it for group in groups for it in group if it.requires_grad]
    found = iter(torch.autograd.grad(total, asked, allow_unused=True))
    parts = [[next(found) if it.requires_grad else None for it in group] for group in groups]
    given = [*leaves, *(call.given[0] for call in embedded)]
    gates = [it for name, it in wanted.items() if "bias" not in name and not it.any()]
    return Gradients(
        dict(zip(wanted, parts[0], strict=True)),
        tuple(zip(given, parts[1], strict=True)),
        tuple(parts[2]),
        tuple(parts[3]),
        bool(gates),
    )


def misread(record: Record, found: Gradients, batch: Batch) -> Iterator[Finding]:
    """Yield the directions of which all answers together read one step alone, and the wrong one."""
    for reading, output, state in zip(record.readings, found.outputs, found.states, strict=True):
        if output is None or reading.batch < 2 or found.gated:
            continue
        size, ways = reading.options.output_size, reading.options.num_directions
        read = reading.padded(output).unflatten(2, (ways, size)).any(dim=3)  # (batch, steps, ways)
        last = torch.tensor(_ends(reading, batch), device=read.device) - 1
        if last.min() < 2:
            continue
        for way in range(ways):
            idle = state is None or not state[way - ways].any()
            if not idle or not read[..., way].any():
                continue
            start = last if way else torch.zeros_like(last)
            if _alone(read[..., way], start):
                yield _one_step_seen(record, reading, way, last)
            elif not way and _alone(read[..., way], last - 1):
                yield _too_soon(reading)


def _ends(reading: Reading, batch: Batch) -> tuple[int, ...]:
    """Return the valid steps of what a layer read, as the packing or the caller has them."""
    told = batch.lengths if reading.batch == batch.size and reading.steps == batch.steps else None
    return reading.lengths if reading.packed is not None or told is None else told


def _alone(steps: Tensor, where: Tensor) -> bool:
    """Return whether of each row one step is read, and that one."""
    return torch.equal(steps, F.one_hot(where, steps.shape[1]).bool())


def _one_step_seen(record: Record, reading: Reading, way: int, last: Tensor) -> Finding:
    half, rows = reading.halves[way], torch.arange(len(last), device=last.device)
    names = readers_of(record, reading, half[rows, last] if way else half[:, 0])
    who = f"`{names[0]}` reads" if names else "the answers read"
    steps = sorted({int(each) + 1 for each in last})
    if way and len(steps) > 1:
        place = "`output` at the last valid step"
    else:
        at = -1 if way else 0
        place = f"`output[:, {at}]`" if reading.options.batch_first else f"`output[{at}]`"
    total = f"{steps[0]} to {steps[-1]}" if len(steps) > 1 else str(steps[0])
    return Finding(
        "one step seen",
        "proved",
        reading.name,
        f"{who} {place}, whose {('forward', 'backward')[way]} half has seen 1 of {total} steps.",
        final_state(reading),
        6 if reading.options.bidirectional else 1,
    )


def _too_soon(reading: Reading) -> Finding:
    return Finding(
        "steps unread",
        "proved",
        reading.name,
        "the answers read `output` at the last valid step but one: the last step moves none.",
        "`h_n` of a packed input, or `output` at `lengths - 1`",
        7,
    )


def read_alone(found: Gradients, batch: Batch) -> tuple[int, Tensor] | None:
    """Return the input of which a gradient comes back to one step alone, and ``(batch, steps)``.

    None where several steps get one, or no input is known to be the only one.
    """
    alive, alone = any(it is not None and it.any() for it in found.outputs), []
    for given, gradient in found.inputs:
        if gradient is None or not gradient.any() or not batch.timed(given):
            continue
        rows = gradient if batch.batch_first else gradient.transpose(0, 1)
        read = (rows != 0).reshape(*rows.shape[:2], -1).any(dim=2)
        if not rows.isfinite().all() or (read.sum(dim=1) > 1).any():
            return None
        known = (k for k, it in enumerate(batch.inputs) if isinstance(it, Tensor))
        number = next((k for k in known if same(batch.inputs[k], given)), None)
        alone.append((number, read))
    cells = not found.outputs
    fits = len(alone) == 1 and alone[0][0] is not None and (alive or cells)
    return alone[0] if fits and not found.gated else None
