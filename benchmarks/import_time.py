"""How long ``import lstm_lab`` takes on top of importing torch, in fresh processes.

    python benchmarks/import_time.py [RUNS]

Both parts are timed in the same process, one after the other, so that a busy machine slows both.
Prints the median and the spread; exits 1 if the median is over the budget.
"""

import platform
import statistics
import subprocess
import sys

import torch

BUDGET_MS = 50
CODE = """
from time import perf_counter
start = perf_counter()
import torch
middle = perf_counter()
import lstm_lab
print(1e3 * (middle - start), 1e3 * (perf_counter() - middle))
"""


def measure() -> tuple[float, float]:
    run = [sys.executable, "-c", CODE]
    both = subprocess.run(run, check=True, capture_output=True, text=True).stdout.split()
    return float(both[0]), float(both[1])


def main() -> int:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 11
    measure()  # fills the caches of bytecode and disk
    torch_ms, ours_ms = zip(*(measure() for _ in range(runs)), strict=True)
    median = statistics.median(ours_ms)
    print(f"Python {platform.python_version()}, torch {torch.__version__}, {runs} runs")
    print(f"import torch     median {statistics.median(torch_ms):7.1f} ms")
    print(f"import lstm_lab  median {median:7.1f} ms, {min(ours_ms):.1f} to {max(ours_ms):.1f}")
    return 0 if median <= BUDGET_MS else 1


if __name__ == "__main__":
    sys.exit(main())
