"""What the notebook tests need beside nbval.

The data of interactive figures are not compared: trained weights are
different on each machine, and the notebooks are stored without them.
Kernels that start at once do not meet: see ``tools/kernels.py``.
"""

from pathlib import Path

import nbval.kernel

from tools.kernels import FolderKernelManager

nbval.kernel.KernelManager = FolderKernelManager


def pytest_configure(config):
    """Compare outputs without the data of interactive figures."""
    if config.option.nbval_sanitize_with is None:
        patterns = Path(__file__).with_name("sanitize.cfg")
        config.option.nbval_sanitize_with = str(patterns)
