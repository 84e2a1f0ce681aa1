"""Make the data files that the book ships, from their sources; run once, the results are kept.

    python experiments/extracts.py words
    python experiments/extracts.py cmudict PATH_OF_cmudict.dict

The words of docstrings differ from one Python to the next, and the dictionary from one release to
the next: a fixed extract keeps the chapters' numbers.
"""

import ast
import gzip
import re
import sys
from collections import Counter
from pathlib import Path

FILES = Path(__file__).resolve().parent.parent / "lstm_lab/data/files"
WORD = re.compile(r"(?<![\w.`'*=/-])[a-z]{4,14}(?![\w.`'*=(/-])")
NOT_OURS = {"site-packages", "test", "tests", "idlelib", "lib2to3", "__pycache__"}


def docstrings(folder: Path):
    for path in sorted(folder.rglob("*.py")):
        if NOT_OURS.isdisjoint(path.parts):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
                    yield ast.get_docstring(node) or ""


def words() -> str:
    """Return the words that occur at least twice in the standard library's docstrings."""
    found = Counter()
    for text in docstrings(Path(ast.__file__).parent):
        found.update(WORD.findall(text))
    return "\n".join(sorted(word for word, count in found.items() if count > 1)) + "\n"


def pronunciations(lines) -> str:
    """Return ``word phonemes`` a line, stress left out, for words of letters and apostrophes."""
    seen = {}
    for line in lines:
        word, *phonemes = line.split("#")[0].split()
        word = re.sub(r"\(\d+\)$", "", word)
        if re.fullmatch(r"[a-z']+", word) and re.search("[a-z]", word):
            seen.setdefault((word, " ".join(p.rstrip("012") for p in phonemes)))
    return "".join(f"{word} {said}\n" for word, said in seen)


def write(name: str, text: str) -> None:
    # mtime=0, so that the same text gives the same bytes
    (FILES / name).write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    if sys.argv[1] == "words":
        write("words.txt.gz", words())
    else:
        lines = Path(sys.argv[2]).read_text(encoding="utf-8").splitlines()
        write("cmudict.txt.gz", pronunciations(lines))
