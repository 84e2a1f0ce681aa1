"""How a benchmark is called: device, rounds and threads, and the versions that it prints."""

import argparse
import platform

import torch

from lstm_lab import device


def begun(doc: str, *, rounds: int) -> tuple[torch.device, int]:
    """Read the command line, set the threads, print the versions; return device and rounds."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    where = device(given.device)
    torch.set_num_threads(given.threads)
    versions = f"Python {platform.python_version()}, torch {torch.__version__}"
    print(f"{versions}, {where}, threads: {given.threads}, rounds: {given.rounds}")
    return where, given.rounds
