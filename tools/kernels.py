"""Kernels that are reached through sockets in a folder of their own, not through ports.

Jupyter's client chooses ports and frees them before the kernel takes them: two kernels that start
at once can meet on one, and then one of them never answers. Chapters are run side by side. Windows
has no such sockets, and keeps the ports.
"""

import os
from tempfile import TemporaryDirectory

from jupyter_client.manager import AsyncKernelManager, KernelManager


class _InFolder:
    def __init__(self, **options) -> None:
        folder = TemporaryDirectory(prefix="kernel-")
        if os.name != "nt":
            options |= {"transport": "ipc", "ip": f"{folder.name}/socket"}
        super().__init__(**options)
        self.folder = folder  # goes with the manager


class FolderKernelManager(_InFolder, KernelManager):
    """For nbval."""


class AsyncFolderKernelManager(_InFolder, AsyncKernelManager):
    """For nbclient, with which the book runs its chapters."""
