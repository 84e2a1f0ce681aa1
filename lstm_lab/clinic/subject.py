"""A model under examination: each call finds it as it stood, and so does its owner afterwards."""

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor, nn

from lstm_lab.clinic.record import Record, record

DEEPEST = 5  # containers in containers, among a module's attributes


class Subject:
    """A model that is called many times, and that no call changes for the next.

    Entered as a context it goes into ``eval()``; left, also by an error, it has its modes,
    attributes, hooks and numbers again, and the random states are as before.

    Args:
        model: it may keep states in attributes or buffers; those are put back before each call.
    """

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self.strangers = dict(_strangers(model))
        self.loose = [*_loose(model)]
        self.modules = dict(model.named_modules())
        for name, stranger in self.strangers.items():
            self.modules |= {f"{name}.{k}".rstrip("."): it for k, it in stranger.named_modules()}
        self.forwards = 0

    def __enter__(self) -> "Subject":
        with ExitStack() as exits:
            exits.enter_context(_random_states())
            exits.enter_context(torch.inference_mode(False))
            exits.enter_context(torch.enable_grad())
            exits.callback(_set_modes, [(it, it.training) for it in self.modules.values()])
            self.model.eval()
            self._start = _Kept(self.modules.values())
            exits.callback(self._start.restore)
            self._exits = exits.pop_all()
        return self

    def __exit__(self, *reason: object) -> None:
        self._exits.close()

    def __call__(
        self, inputs: tuple, *, seed: int = 0, fresh: bool = True, grad: bool = False
    ) -> object:
        """Return what the model answers.

        Args:
            inputs: the arguments of the call; copies are handed over.
            seed: of every random number that the call may draw.
            fresh: begin as the model stood, not as the last call left it.
            grad: record the graph.
        """
        if fresh:
            self._start.restore()
        _seed(seed)
        torch.clear_autocast_cache()  # its casts would be shared by the graphs of two calls
        self.forwards += 1
        # cuDNN's layers have no backward pass in eval(); the plain kernels have.
        with torch.set_grad_enabled(grad), torch.backends.cudnn.flags(enabled=not grad):
            return self.model(*_copied(inputs))

    def recorded(self, inputs: tuple, *, grad: bool = False) -> Record:
        """Return what a call does inside."""
        self._start.restore()
        return record(lambda: self(inputs, fresh=False, grad=grad), self.modules)


class _Kept:
    """All that some modules hold: attributes, what stands in them, numbers and what asks for."""

    def __init__(self, modules) -> None:
        self._undo: list[Callable[[], None]] = []
        self._seen = set()
        for module in modules:
            self._keep(vars(module), 0)

    def restore(self) -> None:
        """Put everything back."""
        with torch.no_grad():
            for undo in self._undo:
                undo()

    def _keep(self, value: object, depth: int) -> None:
        if id(value) in self._seen or depth > DEEPEST:
            return
        self._seen.add(id(value))
        if isinstance(value, Tensor):
            self._undo.append(_tensor_back(value))
        elif isinstance(value, torch.Generator):
            state = value.get_state()
            self._undo.append(lambda: value.set_state(state))
        elif type(value).__module__ == "numpy" and hasattr(value, "fill"):
            numbers = value.copy()
            self._undo.append(lambda: value.__setitem__(..., numbers))
        elif isinstance(value, (list, dict, set)):
            self._undo.append(_container_back(value))
            for each in list(value.values() if isinstance(value, dict) else value):
                self._keep(each, depth + 1)
        elif isinstance(value, tuple):
            for each in value:
                self._keep(each, depth + 1)
        elif hasattr(value, "__dict__") and not callable(value):
            self._keep(vars(value), depth + 1)  # modules and classes are callable


def _tensor_back(tensor: Tensor) -> Callable[[], None]:
    numbers, asks = tensor.detach().clone(), tensor.requires_grad

    def undo():
        # Compared, since batch normalisation changes its buffers without a new version.
        if not torch.equal(tensor, numbers):
            tensor.copy_(numbers)
        if tensor.is_leaf and tensor.requires_grad != asks:
            tensor.requires_grad_(asks)

    return undo


def _container_back(container: list | dict | set) -> Callable[[], None]:
    content = container.copy()

    def undo():
        container.clear()
        (container.extend if isinstance(container, list) else container.update)(content)

    return undo


def _strangers(model: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Yield modules with weights in plain lists and dicts, where PyTorch does not look."""
    known = set(map(id, model.modules()))
    for path, each in _attributes(model):
        module = isinstance(each, nn.Module) and id(each) not in known
        if module and any(True for _ in each.parameters()):
            known |= set(map(id, each.modules()))
            yield path, each


def _loose(model: nn.Module) -> Iterator[str]:
    """Yield the names of tensors that ask for a gradient, and are no parameters."""
    for path, each in _attributes(model):
        if isinstance(each, Tensor) and each.is_leaf and each.requires_grad:
            yield path


def _attributes(model: nn.Module) -> Iterator[tuple[str, nn.Module | Tensor]]:
    """Yield what stands in plain attributes, with its path."""
    internal = set(vars(nn.Module()))
    for name, module in model.named_modules():
        for attribute, value in vars(module).items():
            if attribute not in internal and not isinstance(module, nn.RNNBase):
                for path, each in _entries(value, attribute):
                    yield f"{name}.{path}".lstrip("."), each


def _entries(value: object, path: str, depth: int = 0) -> Iterator[tuple[str, nn.Module | Tensor]]:
    if isinstance(value, (nn.Module, Tensor)):
        if depth or isinstance(value, Tensor):
            yield path, value
    elif depth < DEEPEST and isinstance(value, (dict, list, tuple)):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, each in pairs:
            yield from _entries(each, f"{path}[{key!r}]", depth + 1)


def _copied(value: object) -> object:
    if isinstance(value, Tensor):
        return value.clone()
    if type(value) in (tuple, list):
        return type(value)(_copied(each) for each in value)
    if type(value) is dict:
        return {key: _copied(each) for key, each in value.items()}
    return value


def _set_modes(modes: list[tuple[nn.Module, bool]]) -> None:
    for module, training in modes:
        module.training = training


def _seed(seed: int) -> None:
    # torch.manual_seed would also seed a device that nobody has used so far.
    torch.default_generator.manual_seed(seed)
    for device in _used_devices():
        device.manual_seed(seed)
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed)


def _used_devices() -> list:
    """Return ``torch.cuda`` or ``torch.mps`` where it is in use."""
    cuda = [torch.cuda] if torch.cuda.is_initialized() else []
    return cuda + [torch.mps] * torch.backends.mps.is_available()


@contextmanager
def _random_states() -> Iterator[None]:
    """Put back the random numbers of Python, NumPy and torch."""
    numpy = sys.modules.get("numpy")
    python, array = random.getstate(), numpy and numpy.random.get_state()
    processor, devices = torch.get_rng_state(), [(it, it.get_rng_state()) for it in _used_devices()]
    try:
        yield
    finally:
        random.setstate(python)
        torch.set_rng_state(processor)
        for device, state in devices:
            device.set_rng_state(state)
        if numpy:
            numpy.random.set_state(array)
