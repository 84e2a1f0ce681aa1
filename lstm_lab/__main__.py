"""``python -m lstm_lab``: ten lines that say whether this machine is ready for the book.

    python -m lstm_lab                     every check
    python -m lstm_lab network device      some of them, by name

Each line is one check, with what mends it where it fails; the exit status is 0 where all is well.
What a script alone needs, Python, torch and a device, comes first; the notebooks need the rest.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from subprocess import DEVNULL

TORCH = ((2, 6), (2, 14))
MEMORY = 1.5  # GB; the largest chapter takes 0.8
INSTALL = "pip install -r requirements.txt, in the environment that runs this"


def main(names: Sequence[str] = ()) -> int:
    """Run the named checks, all by default; return the exit status."""
    unknown = sorted(set(names) - set(CHECKS))
    if unknown:
        print(f"{unknown[0]} is no check; expected {', '.join(CHECKS)}", file=sys.stderr)
        return 2
    passed = list(_told(names or CHECKS))
    failed = len(passed) - sum(passed)
    print(f"{failed} of {len(passed)} to mend." if failed else "All is well.")
    return 1 if failed else 0


def _told(names: Sequence[str]) -> Iterator[bool]:
    """Print a line for each check, and yield whether it passed."""
    for name in names:
        check, mend = CHECKS[name]
        try:
            print(f"ok    {name:10}{check()}")
            yield True
        except Exception as error:  # whatever is missing or broken, the other checks go on
            said = f"{type(error).__name__}: {error}".partition("\n")[0]
            print(f"MEND  {name:10}{said}\n{'':16}-> {mend}")
            yield False


def python() -> str:
    found = ".".join(map(str, sys.version_info[:3]))
    if not (3, 11) <= sys.version_info[:2] <= (3, 14):
        raise ValueError(found)
    return f"{found}, {sys.executable}"


def network() -> str:
    import torch

    numbers = tuple(map(int, torch.__version__.split(".")[:2]))
    output, (h_n, _) = torch.nn.LSTM(2, 3)(torch.zeros(4, 1, 2))
    if not TORCH[0] <= numbers < TORCH[1] or not torch.equal(output[-1], h_n[-1]):
        raise ValueError(f"torch {torch.__version__}")
    return f"torch {torch.__version__}: an LSTM runs"


def device() -> str:
    from lstm_lab import device

    return f"{device()}, by LSTM_LAB_DEVICE={os.environ.get('LSTM_LAB_DEVICE') or 'cpu'}"


def pictures() -> str:
    return _versions("matplotlib", "numpy")


def kernel() -> str:
    from jupyter_client.manager import start_new_kernel

    # A kernel warns on its own that it runs without encryption, on a machine that nobody reaches.
    manager, client = start_new_kernel(startup_timeout=60, stderr=DEVNULL)
    try:
        said = []
        client.execute_interactive(
            "import sys, lstm_lab; print(sys.prefix)",
            timeout=60,
            output_hook=lambda message: said.append(message["content"].get("text", "")),
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    if sys.prefix not in "".join(said):
        raise ValueError("the kernel runs another Python, or does not find lstm_lab")
    return f"a kernel starts, with {_versions('jupyterlab', 'ipykernel')}"


def widgets() -> str:
    return _versions("ipywidgets", "anywidget")


def memory() -> str:
    import psutil

    free, whole = psutil.virtual_memory().available / 1e9, psutil.virtual_memory().total / 1e9
    if free < MEMORY:
        raise ValueError(f"{free:.1f} GB free of {whole:.0f}")
    return f"{free:.1f} GB free of {whole:.0f}"


def threads() -> str:
    import torch

    shared = any(os.environ.get(name) for name in ("JUPYTERHUB_USER", "BINDER_SERVICE_HOST"))
    used, cores = torch.get_num_threads(), os.cpu_count()
    if shared and used > 1:
        raise ValueError(f"{used} threads of {cores} cores for each kernel")
    alone = "" if used == 1 else "; on a machine that many share, set OMP_NUM_THREADS=1"
    return f"{used} of {cores} cores{alone}"


def data() -> str:
    from lstm_lab import digits, names, sunspots

    years, _ = sunspots()
    counts = len(names().train), len(digits().train), len(years)
    return "{:,} names, {:,} digits and {} years of sunspots".format(*counts)


def exercises() -> str:
    from lstm_lab import exercise

    verdict = exercise("1.1")(...)
    exercise("1.1").solution()
    return f"a check answers: {verdict}"


def _versions(*names: str) -> str:
    for name in names:
        import_module(name)
    try:
        return ", ".join(f"{name} {version(name)}" for name in names)
    except PackageNotFoundError:
        return ", ".join(names)


CHECKS = {
    "python": (python, "use Python 3.11 to 3.14"),
    "network": (
        network,
        'pip install "torch>=2.6,<2.14"; the README says how to do without CUDA packages',
    ),
    "device": (device, "unset LSTM_LAB_DEVICE, or let it be one that is there"),
    "pictures": (pictures, INSTALL),
    "kernel": (
        kernel,
        "pip install -r requirements.txt; then start Jupyter by python -m jupyterlab",
    ),
    "widgets": (widgets, "pip install -r requirements.txt, then restart Jupyter"),
    "memory": (memory, "close other kernels and programs: the largest chapter takes 0.8 GB"),
    "threads": (threads, "set OMP_NUM_THREADS=1 before Jupyter starts: many share this machine"),
    "data": (
        data,
        "pip install -r requirements.txt: Babel and scikit-learn ship what chapters read",
    ),
    "exercises": (exercises, "run this from the folder of the book, or install the package anew"),
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
