"""How long a reader waits for each cell of the chapters that waits at all.

    PYTHONPATH=. OMP_NUM_THREADS=1 python experiments/waits.py

Writes workshop/waits.json: for each chapter, the cells that take more than four seconds, with the
heading that they stand under. Quarter of an hour at most.
"""

import json
from pathlib import Path
from time import perf_counter

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
LEAST = 4  # seconds


class Timed(NotebookClient):
    """A client that notes how long each cell takes."""

    async def async_execute_cell(self, cell, cell_index, **options):
        begun = perf_counter()
        done = await super().async_execute_cell(cell, cell_index, **options)
        self.took[cell_index] = perf_counter() - begun
        return done


def main() -> None:
    found = {}
    for path in sorted((ROOT / "chapters").glob("[0-9]*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        client = Timed(notebook, timeout=600, resources={"metadata": {"path": path.parent}})
        client.took = {}
        client.execute()
        heading, waits = "", []
        for number, cell in enumerate(notebook.cells):
            if cell.cell_type == "markdown":
                titles = [line[3:] for line in cell.source.splitlines() if line[:3] == "## "]
                heading = titles[-1] if titles else heading
            elif client.took.get(number, 0) > LEAST:
                waits.append(
                    {"cell": cell.id, "heading": heading, "seconds": round(client.took[number])}
                )
        found[path.stem] = waits
        print(path.stem, *(f"{each['seconds']} s" for each in waits), flush=True)
    text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    (ROOT / "workshop/waits.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
