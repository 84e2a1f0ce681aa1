"""What the notebook tests need beside nbval.

The data of interactive figures are not compared: trained weights are
different on each machine, and the notebooks are stored without them.

And a second try for a kernel that does not come up in the notebook tests.
Seen once in some thirty runs. The likely reason: Jupyter's client frees
the ports that it chose before the kernel takes them, and two kernels
that start at once can meet. The second try gets other ports.
"""

from pathlib import Path

import nbval.kernel

start_once = nbval.kernel.start_new_kernel


def start_new_kernel(*arguments, **options):
    """Start a kernel as nbval does; once more if it does not answer."""
    try:
        return start_once(*arguments, **options)
    except RuntimeError:
        return start_once(*arguments, **options)


nbval.kernel.start_new_kernel = start_new_kernel


def pytest_configure(config):
    """Compare outputs without the data of interactive figures."""
    if config.option.nbval_sanitize_with is None:
        patterns = Path(__file__).with_name("sanitize.cfg")
        config.option.nbval_sanitize_with = str(patterns)
