"""The book's Markdown without MyST: what any notebook front end shows as it is meant.

The vocabulary is closed. A role, a directive or a label that is not known here raises a ValueError,
so that nothing raw reaches a reader.
"""

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from urllib.parse import quote

import nbformat
from nbformat import NotebookNode
from pybtex.database import Entry, Person, parse_file
from pybtex.richtext import Text

from _ext.address import address

ROLE = re.compile(r"\{([a-z:]+)\}`([^`<]+?)(?: <([^>`]+)>)?`", re.S)
FENCE = re.compile(r"^(`{3,})\{([\w-]+)\} ?(.*?)\n(.*?)^\1$\n?", re.M | re.S)
LABEL = re.compile(r"^\(([\w-]+)\)=\n", re.M)
EQUATION = re.compile(r"^\$\$\n(.*?)^\$\$ \(([\w-]+)\)$", re.M | re.S)
OUTSIDE = re.compile(r"\[([^\]]+)\]\(\.\./([\w/-]+)\.md\)")
DIRECTIVE = re.compile(r"^\s*(?:`{3,}|:{3,})\{.*$", re.M)
RAW = re.compile(r"\{[a-z:-]+\}`|^\s*(?:`{3,}|:{3,})\{|^\([\w-]+\)=$|^:[a-z-]+:", re.M)


@dataclass
class Book:
    """What references point to, by label: the words to show and where they lead.

    Args:
        places: chapters, sections and exercises, with a link each.
        numbers: figures and equations, as the book numbers them, with a link each.
        works: what is cited, as author and year.
    """

    places: dict[str, tuple[str, str]] = field(default_factory=dict)
    numbers: dict[str, tuple[str, str]] = field(default_factory=dict)
    works: dict[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Path) -> "Book":
        """Return what the chapters and appendices of a book define."""
        book = cls()
        for path in sorted((root / "chapters").glob("*.ipynb")):
            book._read(path)
        for key, entry in parse_file(root / "references.bib").entries.items():
            people = [_last_name(person) for person in entry.persons["author"]]
            few = " and ".join(people) if len(people) < 3 else f"{people[0]} et al."
            book.works[key] = (few, entry.fields.get("year", "n.d."))
        return book

    def _read(self, path: Path) -> None:
        part, figures, equations, heading = number_of(path), 0, 0, ""
        for cell in nbformat.read(path, as_version=4).cells:
            figure = cell.metadata.get("mystnb", {}).get("figure", {}).get("name")
            if figure:
                figures += 1
                self.numbers[figure] = (f"Fig. {part}.{figures}", f"{path.name}{heading}")
            if cell.cell_type == "code":
                continue
            for line in cell.source.splitlines():
                if label := re.fullmatch(r"\(([\w-]+)\)=", line):
                    self.places[label[1]] = ("", path.name)
                elif title := re.match(r"(#+) (.+)", line):
                    heading = "" if title[1] == "#" else f"#{_anchor(title[2])}"
                    for name, (words, _) in self.places.items():
                        if not words:
                            self.places[name] = (title[2], f"{path.name}{heading}")
                elif label := re.fullmatch(r"\$\$ \(([\w-]+)\)", line):
                    equations += 1
                    self.numbers[label[1]] = (f"({part}.{equations})", f"{path.name}{heading}")


def _anchor(heading: str) -> str:
    """Return the anchor that JupyterLab and GitHub give to a notebook's heading."""
    return quote(heading.replace("`", "").replace(" ", "-"), safe=",:?'")


def number_of(path: Path) -> str:
    """Return a chapter's number, or an appendix's letter, from its file's name."""
    return path.stem.partition("-")[0].lstrip("0")


def plain(text: str, book: Book, chapter: str) -> str:
    """Return a cell's text in plain Markdown.

    Args:
        chapter: its number, for the numbers of exercises.
    Raises:
        ValueError: it has a form that is not known.
    """
    text = LABEL.sub("", text)
    text = EQUATION.sub(lambda it: _tagged(it, book), text)
    text = FENCE.sub(lambda it: _directive(it, chapter), text)
    parts = re.split(r"(^```.*?^```$)", text, flags=re.M | re.S)
    parts[::2] = [ROLE.sub(lambda it: _role(it, book), part) for part in parts[::2]]
    text = OUTSIDE.sub(_outside, "".join(parts)).strip("\n")
    if raw := RAW.search("".join(parts[::2])) or DIRECTIVE.search(text):
        raise ValueError(f"{raw[0]!r} is no form that study notebooks know, in {text[:60]!r}")
    return text


def _outside(found: re.Match) -> str:
    """Return a link to a page that no notebook is, or its words where the book has no address."""
    url = address("BOOK_URL")
    return f"[{found[1]}]({url}/{found[2]}.html)" if url else found[1]


def _tagged(equation: re.Match, book: Book) -> str:
    number = book.numbers[equation[2]][0].strip("()")
    return f"$$\n{equation[1].rstrip()} \\tag{{{number}}}\n$$"


def _directive(found: re.Match, chapter: str) -> str:
    _, name, title, body = found.groups()
    if name == "exercise":
        label, _, rest = body.partition("\n")
        which = label.rpartition("-")[2]
        return f"### Exercise {chapter}.{which}: {title}\n\n{rest.strip()}\n"
    if name in ("solution-start", "solution-end"):
        return ""
    if name == "question":
        asked, *answers = body.strip().split("\n\n")
        offered = [answer.partition("\n: ")[0] for answer in answers]
        return "\n".join([f"**{asked}**\n", *(f"- {words}" for words in offered), ""])
    if name == "literalinclude":
        return _included(title, body)
    raise ValueError(f"the directive {name!r} is none that study notebooks know")


def _included(path: str, options: str) -> str:
    """Return a part of a function of the package as a block of code."""
    asked = dict(re.findall(r"^:([\w-]+): (.+)$", options, re.M))
    module = path.removeprefix("../").removesuffix(".py").replace("/", ".")
    lines = inspect.getsource(getattr(import_module(module), asked["pyobject"])).splitlines()
    start = asked["start-at"].strip('"')
    first = next(k for k, line in enumerate(lines) if start in line)
    code = "\n".join(line[int(asked["dedent"]) :] for line in lines[first:])
    return f"```python\n{code}\n```\n"


def _role(found: re.Match, book: Book) -> str:
    role, words, target = found.groups()
    words = " ".join(words.split())
    if role in ("py:class", "py:func"):
        return f"`{words.lstrip('~')}`"
    if role == "term":
        return f"[{words}](glossary.md#{slug(target or words)})"
    if role == "ref":
        title, link = book.places[target or words]
        return f"[{words if target else title}]({link})"
    if role in ("numref", "eq"):
        number, link = book.numbers[words]
        return f"[{number}]({link})"
    if role in ("cite:t", "cite:p"):
        cited = [(*book.works[key.strip()], key.strip()) for key in words.split(",")]
        form = "{} ({})" if role == "cite:t" else "({}, {})"
        links = [f"[{form.format(few, year)}](bibliography.md#{key})" for few, year, key in cited]
        return " and ".join(links)
    raise ValueError(f"the role {role!r} is none that study notebooks know")


def slug(term: str) -> str:
    """Return the anchor of a heading, as GitHub and JupyterLab make it of a lower-case one."""
    return re.sub(r"[^\w -]", "", " ".join(term.split())).lower().replace(" ", "-")


def captioned(cell: NotebookNode, book: Book) -> str:
    """Return a figure's number, caption and alternative text, or nothing."""
    found = cell.metadata.get("mystnb", {})
    if "figure" not in found:
        return ""
    number, _ = book.numbers[found["figure"]["name"]]
    caption = plain(found["figure"]["caption"], book, "")
    alt = " ".join(found["image"]["alt"].split())
    words = f"<details><summary>The picture in words</summary>{alt}</details>"
    return f"**{number}.** {caption}\n\n{words}"


def glossary(text: str, book: Book) -> str:
    """Return the glossary's page, a heading for each term."""
    before, entries = text.split("```{glossary}\n")
    entries = re.sub(r"^(?=\S)(.+)$", r"## \1\n", entries.partition("\n```")[0], flags=re.M)
    return plain(before + re.sub(r"^  ", "", entries, flags=re.M), book, "") + "\n"


def bibliography(root: Path) -> str:
    """Return what is cited, an entry a line."""
    entries = parse_file(root / "references.bib").entries
    lines = sorted(_entry(key, entry) for key, entry in entries.items())
    return "# Bibliography\n\n" + "\n\n".join(line for _, line in lines) + "\n"


def _entry(key: str, entry: Entry) -> tuple[str, str]:
    people = ", ".join(_name(person) for person in entry.persons["author"])
    fields = {name: _read(entry.fields[name]) for name in entry.fields}
    where = fields.get("journal") or fields.get("booktitle") or fields.get("publisher") or ""
    link = fields.get("url") or (f"https://doi.org/{fields['doi']}" if "doi" in fields else "")
    words = f'<a id="{key}"></a>{people} ({fields.get("year", "n.d.")}). {fields["title"]}.'
    parts = [words, f"*{where}*." if where else "", f"<{link}>" if link else ""]
    return people, " ".join(filter(None, parts))


def _name(person: Person) -> str:
    return _read(" ".join([*person.first_names, *person.prelast_names, *person.last_names]))


def _last_name(person: Person) -> str:
    return _read(" ".join([*person.prelast_names, *person.last_names]))


def _read(latex: str) -> str:
    return str(Text.from_latex(latex))


def questions(text: str) -> Iterator[tuple[str, str]]:
    """Yield each question of a cell with its right answer and why."""
    for found in FENCE.finditer(text):
        if found[2] != "question":
            continue
        asked, *answers = found[4].strip().split("\n\n")
        right = next(each for each in answers if "\n: Right" in each)
        answer, _, why = right.partition("\n: ")
        yield asked, f"{answer}. {why}"
