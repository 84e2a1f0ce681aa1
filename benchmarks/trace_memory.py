"""How much memory ``trace`` takes at its peak, beside what it returns and one matrix product.

    python benchmarks/trace_memory.py

Counts the bytes of every storage that an operator of torch makes, and takes off those that are
freed; what a kernel allocates inside itself is not seen. Gradients off, one layer, CPU.
"""

import platform
import weakref

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from trace_speed import GATES, SIZES

from lstm_lab import trace


class Peak(TorchDispatchMode):
    """Counts the bytes that live, and the most that ever did."""

    def __init__(self):
        super().__init__()
        self.live = self.most = 0
        self.known = set()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        self.known |= {storage.data_ptr() for storage in storages((args, kwargs))}
        result = func(*args, **kwargs)
        for storage in storages(result):
            self.add(storage)
        return result

    def add(self, storage):
        key, size = storage.data_ptr(), storage.nbytes()
        if size and key not in self.known:
            self.known.add(key)
            self.live += size
            self.most = max(self.most, self.live)
            weakref.finalize(storage, self.drop, key, size)

    def drop(self, key, size):
        self.known.discard(key)
        self.live -= size


def storages(tree):
    leaves = tree_leaves(tree)
    return [leaf.untyped_storage() for leaf in leaves if isinstance(leaf, torch.Tensor)]


def peak(call, *arguments) -> tuple[int, int]:
    """Return the most bytes alive during a call, and those alive after it."""
    with torch.no_grad(), Peak() as counted:
        result = call(*arguments)
        kept = counted.live
    del result
    return counted.most, kept


def main() -> None:
    print(f"Python {platform.python_version()}, torch {torch.__version__}, cpu, MiB")
    print("| module | seq_len, batch, input, hidden | peak | returned | one product | extra |")
    print("| --- | --- | --- | --- | --- | --- |")
    for kind, gates in GATES.items():
        for seq_len, batch, input_size, hidden_size in SIZES:
            module, x = kind(input_size, hidden_size), torch.randn(seq_len, batch, input_size)
            most, kept = peak(trace, module, x)
            product = 4 * seq_len * batch * gates * hidden_size
            numbers = [f"{value / 2**20:.3f}" for value in (most, kept, product)]
            size = f"{seq_len}, {batch}, {input_size}, {hidden_size}"
            extra = f"{(most - kept) / product:.2f} products"
            print(f"| nn.{kind.__name__} | {size} | {' | '.join(numbers)} | {extra} |")


if __name__ == "__main__":
    main()
