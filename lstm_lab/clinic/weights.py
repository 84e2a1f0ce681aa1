"""Which weights cannot learn, and why: no path, no optimizer, a softmax over one number."""

from collections.abc import Iterator

from torch import Tensor, nn

from lstm_lab.clinic.findings import Finding
from lstm_lab.clinic.learns import Gradients
from lstm_lab.clinic.readings import final_state, rows_read
from lstm_lab.clinic.record import Reading, Record
from lstm_lab.clinic.repeats import graph


def unlearned(record: Record, found: Gradients, modules: dict[str, nn.Module]) -> Iterator[Finding]:
    """Yield the parts of recurrent layers that no gradient reaches, and whole modules of them."""
    total = sum(it.numel() for it in _parameters(modules).values()) or 1
    silent = {name for name, module in modules.items() if _unreached(name, module, found)}
    for reading in {id(it.module): it for it in record.readings}.values():
        parts = _parts(reading, found)
        dead = [part for part, (size, alive) in parts.items() if not alive]
        partly = dead and len(dead) < len(parts)
        if not partly or found.gated or reading.name in silent or reading.steps == 1:
            continue
        share = sum(parts[part][0] for part in dead) / total
        readers, state = rows_read(record, reading)
        yield Finding(
            "unread states",
            "proved" if readers else "measured",
            reading.name,
            f"{readers + '; ' if readers else ''}no gradient reaches {' and '.join(dead)} in a"
            f" whole batch: {share:.0%} of the model's weights cannot learn.",
            final_state(reading, state),
            6 if reading.options.bidirectional else 5,
        )
    layers = {it.name for it in record.readings} | {call.name for call in record.cells}
    for name in sorted(silent):
        inside = any(layer == name or layer.startswith(f"{name}.") for layer in layers)
        if not inside or any(name.startswith(f"{other}.") for other in silent):
            continue
        size = sum(it.numel() for it in modules[name].parameters())
        yield Finding(
            "weights unlearned",
            "proved",
            name,
            f"no path leads from the answers back to its {size:,} weights, {size / total:.0%} of"
            " the model.",
            "a result that goes on to the answers: not left unused, no `argmax`, no `detach()`, no"
            " `.data`, no `torch.tensor(...)` of it, no `no_grad()`",
            10,
        )


def single_softmaxes(judged: list[Tensor]) -> list[tuple[int, ...]]:
    """Return the shapes of softmaxes over an axis of size 1 on the way to the answers."""
    found = []
    for node in graph(judged):
        if type(node).__name__ in ("SoftmaxBackward0", "LogSoftmaxBackward0"):
            result, axis = node._saved_result, node._saved_dim
            axis = axis - 2**64 if axis >= 2**63 else axis
            if result.dim() > 1 and result.shape[axis] == 1 and result.numel() > len(result):
                found.append(tuple(result.shape))
    return found


def stilled(softmaxes: list[tuple[int, ...]], found: Gradients) -> Iterator[Finding]:
    """Yield a finding where weights that only a softmax over one number follows cannot learn."""
    still = [
        name
        for name, it in found.parameters.items()
        if it is not None and not it.any() and not name.rpartition(".")[2].startswith("bias")
    ]
    if softmaxes and still:
        yield Finding(
            "weights unlearned",
            "proved",
            still[0].rpartition(".")[0],
            f"a softmax over an axis of size 1, of {softmaxes[0]}, makes each of its numbers 1,"
            f" whatever came in: the gradient of `{'`, `'.join(still)}` is 0.",
            "`softmax(dim=1)`: over the axis of the steps",
            12,
        )


def cut_off(judged: list[Tensor], model: nn.Module) -> Iterator[Finding]:
    """Yield a finding where weights ask for a gradient and the answers have no graph."""
    floats = [it for it in judged if it.is_floating_point()]
    chosen = all((it == it.round()).all() for it in floats)  # numbers of classes, say
    if floats and not chosen and any(it.requires_grad for it in model.parameters()):
        yield Finding(
            "weights unlearned",
            "proved",
            "",
            "the answer has no graph: no gradient comes back to any weight.",
            "the result itself: no `detach()`, no `.data`, no `no_grad()` around it",
            10,
        )


def strangers_finding(names: list[str], loose: list[str]) -> Iterator[Finding]:
    """Yield a finding where modules stand in plain lists or dicts, or tensors ask for a gradient.

    Args:
        names: of modules.
        loose: of tensors.
    """
    if loose:
        yield Finding(
            "weights hidden",
            "proved",
            "",
            f"not among model.parameters(), though they ask for a gradient: `{'`, `'.join(loose)}`;"
            " the optimizer, .to(device) and state_dict() leave them out.",
            "`self.h_0 = nn.Parameter(torch.zeros(...))`",
            10,
        )
    if names:
        yield Finding(
            "weights hidden",
            "proved",
            "",
            f"not among model.parameters(), since a plain list or dict holds them:"
            f" `{'`, `'.join(names)}`; the optimizer, .to(device) and state_dict() leave them out.",
            "`nn.ModuleList([...])` or `nn.ModuleDict({...})`",
            5,
        )


def _unreached(name: str, module: nn.Module, found: Gradients) -> bool:
    """Return whether a module has weights that ask for a gradient, and none gets one."""
    own = [it for key, it in found.parameters.items() if key.startswith(f"{name}.")]
    return bool(own) and bool(name) and all(it is None for it in own)


def _parameters(modules: dict[str, nn.Module]) -> dict[int, Tensor]:
    return {id(it): it for module in modules.values() for it in module.parameters(recurse=False)}


def _parts(reading: Reading, found: Gradients) -> dict[str, tuple[int, bool]]:
    """Return size and life of each layer and direction of a recurrent module."""
    parts = {}
    for key in found.parameters:
        if key.rpartition(".")[0] != reading.name:
            continue
        *_, end = key.rpartition("_l")
        layer, _, backward = end.partition("_")
        words = [f"layer {layer}'s"] if reading.options.num_layers > 1 else ["the"]
        if reading.options.bidirectional:
            words.append("backward" if backward else "forward")
        part = f"{' '.join(words)} weights"
        gradient = found.parameters[key]
        size, alive = parts.get(part, (0, False))
        alive = alive or (gradient is not None and bool(gradient.any()))
        parts[part] = (size + getattr(reading.module, key.rpartition(".")[2]).numel(), alive)
    return parts
