"""How many models of the tests' two zoos the clinic judges rightly, by what is wrong with them.

    PYTHONPATH=. python experiments/clinic_zoo.py

Writes lstm_lab/data/results/clinic-zoo.json: for each kind of model, how many there are and how
many get what they should and nothing else. Three seeds each; a minute.
"""

import warnings
from collections import defaultdict

from stored import store

from lstm_lab import diagnose
from lstm_lab.clinic.findings import TITLES
from tests.lstm_lab.clinic.strangers import CASES
from tests.lstm_lab.clinic.test_strangers import FOUND
from tests.lstm_lab.clinic.zoo import RIGHT, WRONG


def judged(made, wanted):
    model, inputs, options = made
    names = {finding.name for finding in diagnose(model, *inputs, **options).findings}
    return names <= set(wanted) and (not wanted or wanted[0] in names)


def counts(seed):
    """Return how many models of each kind there are, and how many are judged rightly."""
    found = defaultdict(lambda: [0, 0])
    every = [(entry.make(seed), entry.wrong, "") for entry in (*RIGHT, *WRONG)]
    for case in CASES:
        # The bug that no look from outside can tell counts as missed.
        wanted = () if case.right else (FOUND[case.name] or "one that is missed",)
        every.append((case.make(seed), wanted, " by another author"))
    for made, wanted, by in every:
        group = (
            f"right models{by}" if not wanted else f"wrong ones{by}" if by else TITLES[wanted[0]]
        )
        found[group][0] += 1
        found[group][1] += judged(made, wanted)
    return found


def main() -> None:
    warnings.simplefilter("ignore")
    by_seed = [counts(seed) for seed in range(3)]
    runs = {group: [found[group] for found in by_seed] for group in by_seed[0]}
    store(
        "clinic-zoo",
        __file__,
        packages=["torch"],
        quantity="models, and those judged rightly",
        axis="0 for all, 1 for those judged rightly",
        steps=[0, 1],
        runs=dict(sorted(runs.items())),
    )


if __name__ == "__main__":
    main()
