"""Make the data files that the book ships, from their sources; run once, the results are kept.

    python experiments/extracts.py words
    python experiments/extracts.py cmudict PATH_OF_cmudict.dict
    python experiments/extracts.py source
    python experiments/extracts.py weather PATH_OF_weather.csv

The words of docstrings differ from one Python to the next, and the dictionary from one release to
the next: a fixed extract keeps the chapters' numbers.
"""

import ast
import csv
import gzip
import json
import re
import sys
from collections import Counter
from hashlib import sha256
from io import StringIO
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


def source(skip: int = 0, size: int = 1_050_000) -> str:
    """Return files of the standard library by their paths, as many as have ``size`` bytes.

    Files of 2 to 30 KB in plain ASCII without tabs, in the order of a hash of their paths, after
    those that fill the first ``skip`` bytes.
    """
    folder, rows = Path(ast.__file__).parent, []
    for path in folder.rglob("*.py"):
        name, data = path.relative_to(folder).as_posix(), path.read_bytes()
        plain = all(byte == 10 or 32 <= byte < 127 for byte in data)
        tables = path.parent.name in ("encodings", "pydoc_data")
        if NOT_OURS.isdisjoint(path.parts) and not tables and plain and 2e3 <= len(data) <= 3e4:
            rows.append((sha256(name.encode()).hexdigest(), name, data.decode()))
    files, seen = {}, 0
    for _, name, text in sorted(rows):
        if skip <= seen < skip + size:
            files[name] = text
        seen += len(text)
    return json.dumps(files)


def weather(lines) -> str:
    """Return the columns that a chapter uses, with every value as it stands in the source."""
    kept = ("origin", "time_hour", "temp", "dewp", "wind_dir", "wind_speed")
    kept = (*kept, "precip", "pressure", "visib")
    out = StringIO()
    rows = csv.DictWriter(out, kept, extrasaction="ignore", lineterminator="\n")
    rows.writeheader()
    rows.writerows(csv.DictReader(lines))
    return out.getvalue()


def write(name: str, text: str) -> None:
    # mtime=0, so that the same text gives the same bytes
    (FILES / name).write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    if sys.argv[1] == "words":
        write("words.txt.gz", words())
    elif sys.argv[1] == "source":
        write("source.json.gz", source())
    else:
        lines = Path(sys.argv[2]).read_text(encoding="utf-8").splitlines()
        if sys.argv[1] == "weather":
            write("weather.csv.gz", weather(lines))
        else:
            write("cmudict.txt.gz", pronunciations(lines))
