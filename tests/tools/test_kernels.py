"""Kernels that start at once: each has a folder of its own, and answers."""

import os

import jupyter_client
import nbformat
import pytest
from nbclient import NotebookClient

from tools.kernels import AsyncFolderKernelManager, FolderKernelManager

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no such sockets on Windows")


def test_two_kernels_have_nothing_in_common_and_leave_nothing():
    one, other = FolderKernelManager(), FolderKernelManager()
    folders = [manager.folder.name for manager in (one, other)]
    assert one.transport == other.transport == "ipc"
    assert one.ip.startswith(folders[0])
    assert other.ip.startswith(folders[1])
    assert folders[0] != folders[1]
    del one, other
    assert not any(map(os.path.exists, folders))


def test_what_the_book_runs_its_chapters_with_takes_them(monkeypatch):
    monkeypatch.setattr(jupyter_client, "AsyncKernelManager", AsyncFolderKernelManager)
    cell = nbformat.v4.new_code_cell("print(6 * 7)")
    client = NotebookClient(nbformat.v4.new_notebook(cells=[cell]))
    client.create_kernel_manager()
    assert client.km.transport == "ipc"
    client.execute()
    assert cell.outputs[0].text == "42\n"
