"""``python -m lstm_lab``: one line that says whether the set-up works, and on which device."""

import platform
import sys

import torch

from lstm_lab import __version__, device


def main() -> int:
    try:
        chosen = device()
    except ValueError as error:
        print(f"lstm_lab: {error}", file=sys.stderr)
        return 2
    versions = f"Python {platform.python_version()}, torch {torch.__version__}"
    print(f"lstm_lab {__version__}, {versions}, device {chosen}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
