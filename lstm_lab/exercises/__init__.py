"""The exercises of the chapters: each is fetched by its number, and keeps its answer to itself.

A file for each chapter holds a function for each exercise: it takes what the exercise gives, and
returns the check. The solutions stand in the chapters' notebooks, and are read from there.
"""

import json
import re
from dataclasses import dataclass
from inspect import signature
from pathlib import Path

from lstm_lab.checks import describe
from lstm_lab.exercises import (
    chapter_01,
    chapter_02,
    chapter_03,
    chapter_04,
    chapter_05,
    chapter_06,
    chapter_07,
    chapter_08,
    chapter_09,
    chapter_10,
    chapter_11,
    chapter_12,
    chapter_13,
    chapter_14,
    chapter_15,
)
from lstm_lab.judge import UNANSWERED, Check, Trial, Verdict, unanswered

CHAPTERS = (
    *(chapter_01, chapter_02, chapter_03, chapter_04, chapter_05, chapter_06),
    *(chapter_07, chapter_08, chapter_09, chapter_10, chapter_11, chapter_12),
    *(chapter_13, chapter_14, chapter_15),
)
EXERCISES = {number: make for chapter in CHAPTERS for number, make in chapter.EXERCISES.items()}

# The book's own folder, and in an installed package the copy that the wheel brings.
FOLDERS = (Path(__file__).parents[2] / "chapters", Path(__file__).parent / "chapters")


@dataclass(frozen=True)
class Solution:
    """What a solution's cell holds, and what each known mistake shows.

    >>> Solution("3 * 5", ("that is one sequence.",))
    3 * 5
    <BLANKLINE>
    What the known mistakes are told:
    - that is one sequence.
    """

    code: str
    mistakes: tuple[str, ...]

    def __repr__(self) -> str:
        if not self.mistakes:
            return self.code
        told = [f"- {why}" for why in self.mistakes]
        return "\n".join([self.code, "", "What the known mistakes are told:", *told])


@dataclass(frozen=True, eq=False, repr=False)
class Exercise:
    """The check of one exercise; its text form hides the answer.

    >>> check = Exercise("1.0", Check(2, "two states."))
    >>> check
    Exercise 1.0: call it with your answer
    >>> check(...)
    Not yet: replace the three dots by your answer.
    """

    number: str
    check: Check | Trial

    def __call__(self, answer: object) -> Verdict:
        """Return the verdict on an answer; three dots, also in a tuple or list, are none yet."""
        if unanswered(answer):
            return Verdict(False, UNANSWERED)
        return self.check(answer)

    def __repr__(self) -> str:
        return f"Exercise {self.number}: call it with your answer"

    def solution(self) -> Solution:
        """Return the solution as the chapter has it, with what each known mistake shows.

        Raises:
            FileNotFoundError: the chapter's notebook is neither in the book nor in the package.
            LookupError: the notebook has no solution of that number.
        """
        return Solution(_solution_cell(self.number), tuple(self.check.reasons))


def exercise(number: str, **given: object) -> Exercise:
    """Return the check of an exercise, to be called with the answer.

    Args:
        number: the chapter and the exercise, as ``"1.2"``.
        given: what the exercise gives, under the names that it has in the notebook.
    Raises:
        ValueError: there is no such exercise, or it is given other things.

    >>> check = exercise("1.1")
    >>> check
    Exercise 1.1: call it with your answer
    >>> check(7 * 9 * 5)
    Not yet: that is all of output.
    """
    if not isinstance(number, str) or number not in EXERCISES:
        raise ValueError(f"number {describe(number)}; expected one of {', '.join(EXERCISES)}")
    wanted = list(signature(EXERCISES[number]).parameters)
    listed = ", ".join(wanted) or "nothing"
    for name in wanted:
        if name not in given:
            found = ", ".join(given) or "nothing"
            raise ValueError(f"{name} is missing in {found}; exercise {number} expects {listed}")
    for name in given:
        if name not in wanted:
            raise ValueError(f"{name} is unknown; exercise {number} expects {listed}")
    return Exercise(number, EXERCISES[number](**given))


def _solution_cell(number: str) -> str:
    chapter, which = number.split(".")
    cells = json.loads(_notebook(int(chapter)).read_text(encoding="utf-8"))["cells"]
    start = re.compile(rf"\{{solution-start\}} ex-[a-z-]+-{which}$", re.M)
    behind = False
    for cell in cells:
        text = "".join(cell["source"])
        behind = behind or bool(start.search(text))
        if behind and "solution" in cell["metadata"].get("tags", []):
            return text
    raise LookupError(f"number is {number!r}; its chapter has no solution of that number")


def _notebook(chapter: int) -> Path:
    for folder in FOLDERS:
        for path in folder.glob(f"{chapter:02}-*.ipynb"):
            return path
    raise FileNotFoundError(f"chapter {chapter} has no notebook in {FOLDERS[0]} or {FOLDERS[1]}")
