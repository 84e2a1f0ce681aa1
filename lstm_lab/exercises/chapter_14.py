"""Exercises of chapter 14: leaks, a table as windows, a baseline, and many streams."""

import torch
from torch import Tensor, nn

from lstm_lab.checks import describe, with_article
from lstm_lab.judge import Check, Trial, TrialError, called, compare, seeded

ROWS = 300  # of a reader's table that are looked at
PAST, AHEAD = 12, 4


def leaks() -> Check:
    """The preparations that let the future in."""
    neighbours = "the mean with a neighbour behind it holds the value that is to be forecast."
    twins = "a window that overlaps a held out one has seen its answer."
    backwards = "a gap that is filled from behind tells what comes."
    clock = "the hour of a day to come is known today: a calendar lets nothing in."
    before = "what came before is known: filling and means that look back let nothing in."
    return Check(
        "BDE",
        "A and C look back, and F is a calendar.",
        mistakes=[
            *((wrong, neighbours) for wrong in ("BE", "BEF")),
            *((wrong, twins) for wrong in ("BD", "BDF", "BCD")),
            *((wrong, backwards) for wrong in ("DE", "DEF", "CDE")),
            *((wrong, clock) for wrong in ("BDEF", "BCDEF")),
            *((wrong, before) for wrong in ("ABDE", "BCDE", "ABCDE", "ABCDEF")),
        ],
    )


WINDOWS = {
    "pair": "two tensors are wanted, x and y.",
    "gaps": "x has NaN: a gap keeps the value before it, a column that stands still its scale.",
    "constant": "x has numbers beyond all measure: a column that stands still has no deviation.",
    "other": "a gap is filled with another value than the last one that was seen.",
    "behind": "a gap is filled from what comes after it.",
    "scale": "windows of the first rows change when later rows do: scale by the first rows alone.",
    "unscaled": "x is not scaled: its first rows should have a mean near 0 and a deviation near 1.",
    "unit": "y is scaled: it is wanted in the target's own unit.",
    "early": "y begins with the last value of its window: that one is known.",
    "late": "y begins too late: its first value is the one behind the window.",
    "rows": "a window does not hold the rows and columns of the table, in their order.",
    "filled": "the gaps of y are filled, perhaps in the table itself: leave NaN there.",
    "order": "a changed row moves more than the last step of its window: is each scaled by itself?",
}


def windows(table) -> Trial:
    """Windows of a table, without a leak."""
    if not hasattr(table, "iloc") or not len(getattr(table, "columns", ())):
        raise ValueError(f"table {describe(table)}; expected a DataFrame with columns")
    if len(table) < 5 * (PAST + AHEAD):
        raise ValueError(f"table has {len(table)} rows; expected at least {5 * (PAST + AHEAD)}")
    table = table.iloc[:ROWS].astype("float64").ffill().bfill()
    return Trial(
        lambda prepare: _windows_fault(prepare, table),
        "no window knows a later row, and each is asked for what follows it.",
        tuple(WINDOWS.values()),
    )


def _windows_fault(prepare, whole) -> str | None:
    train = len(whole) * 2 // 3
    gap = train + 2 * PAST  # a row that nobody measured
    table = whole.copy()
    table.iloc[gap] = float("nan")
    x, y = _pair(prepare, table, train)
    count = len(table) - PAST - AHEAD + 1
    for name, found, wanted in (
        ("x", x, (count, PAST, table.shape[1])),
        ("y", y, (count, AHEAD)),
    ):
        if tuple(found.shape) != wanted:
            return f"{name} has the shape {tuple(found.shape)}; {wanted} is wanted."
    if x.isnan().any():
        return WINDOWS["gaps"]
    if not (x.abs() < 1e6).all():
        return WINDOWS["constant"]
    why = _leak(prepare, table, train, gap, x) or _scaling(x, train)
    if why is None and (x[gap - 1, 0] - x[gap - 1, 1]).abs().max() > 1e-5:
        why = WINDOWS["other"]
    return why or _rows_fault(x, table) or _answers(y, table, gap, train)


def _rows_fault(x: Tensor, table) -> str | None:
    """Compare each column of the windows with the table's, whatever its scale."""
    rows = torch.tensor(table.ffill().to_numpy()).double().unfold(0, PAST, 1).mT[: len(x)]
    for mine, wanted in zip(x.flatten(0, 1).T, rows.flatten(0, 1).T, strict=True):
        if wanted.std() > 1e-9 and torch.stack([mine, wanted]).corrcoef()[0, 1] < 0.9999:
            return WINDOWS["rows"]
    return None


def _pair(prepare, table, train: int) -> tuple[Tensor, Tensor]:
    found = called(prepare, table.copy(), PAST, AHEAD, train)
    if not isinstance(found, (tuple, list)) or len(found) != 2:
        raise TrialError(f"{WINDOWS['pair'][:-1]}, and this is {with_article(found)}.")
    if not all(isinstance(each, Tensor) for each in found):
        raise TrialError(WINDOWS["pair"])
    return tuple(each.detach().double() for each in found)


def _leak(prepare, table, train: int, gap: int, x: Tensor) -> str | None:
    """Change later rows, and look for windows that move though they end before."""
    for first, why in ((train, WINDOWS["scale"]), (gap + 1, WINDOWS["behind"])):
        changed = table.copy()
        changed.iloc[first:] = 3 * changed.iloc[first:] + 7
        moved = (_pair(prepare, changed, train)[0] - x).abs().amax((1, 2)) > 1e-6
        ended = torch.arange(len(x)) + PAST <= first
        if (moved & ended).any():
            return why
    return None if _newest_last(prepare, table, train, gap, x) else WINDOWS["order"]


def _newest_last(prepare, table, train: int, gap: int, x: Tensor) -> bool:
    """Whether a changed row stands last in the window that ends with it."""
    changed = table.copy()
    changed.iloc[gap + 1] += 5 * table.std() + 5
    moved = (_pair(prepare, changed, train)[0] - x).abs().amax(2) > 1e-6
    return bool(moved[gap + 2 - PAST, -1]) and not moved[gap + 2 - PAST, :-1].any()


def _scaling(x: Tensor, train: int) -> str | None:
    rows = torch.cat([x[0], x[1 : train - PAST + 1, -1]])
    live = rows.std(0) > 1e-6
    near = (rows.mean(0).abs() < 0.1) & ((rows.std(0) - 1).abs() < 0.1)
    return None if live.any() and near[live].all() else WINDOWS["unscaled"]


def _answers(y: Tensor, table, gap: int, train: int) -> str | None:
    target = torch.tensor(table.iloc[:, 0].to_numpy()).double()
    right = target[PAST:].unfold(0, AHEAD, 1)
    if torch.allclose(y, right, atol=1e-3, rtol=1e-4, equal_nan=True):
        return None
    filled = target.clone()
    filled[gap] = target[gap - 1]
    known = ~right.isnan() & ~y.isnan()
    scaled = (right - target[:train].mean()) / target[:train].std()
    for wrong, why in (
        (filled[PAST:].unfold(0, AHEAD, 1), "filled"),
        (target[PAST - 1 : -1].unfold(0, AHEAD, 1), "early"),
        (target[PAST + 1 :].unfold(0, AHEAD, 1), "late"),
        (scaled, "unit"),
    ):
        both = known[: len(wrong)] & ~wrong.isnan()
        if torch.allclose(y[: len(wrong)][both], wrong[both], atol=2e-2, rtol=1e-3):
            return WINDOWS[why]
    return "the shape of y is right, its numbers are others."


def seasonal() -> Trial:
    """The newest known values, whole periods older than those that are asked for."""
    return compare(
        _seasonal,
        _series,
        "a network has to beat this one.",
        mistakes=[
            (
                lambda s, now, period, ahead: s[now + 1 - period : now + 1 - period + ahead],
                "where more than one period is asked for, these values are not known yet.",
            ),
            (
                lambda s, now, period, ahead: s[now - period + torch.arange(ahead) % period],
                "one step too old: the first value asked for is that of index now + 1.",
            ),
            (
                lambda s, now, period, ahead: s[now + 1 : now + 1 + ahead],
                "those are the values that are to be forecast.",
            ),
            (
                lambda s, now, period, ahead: s[now].repeat(ahead),
                "that is the last value again and again: go back whole periods.",
            ),
            (
                lambda s, now, period, ahead: _seasonal(s, now - period, period, ahead),
                "there are newer values that are known.",
            ),
        ],
    )


def _seasonal(series: Tensor, now: int, period: int, ahead: int) -> Tensor:
    return series[now + 1 - period + torch.arange(ahead) % period]


def _series() -> list[tuple[Tensor, int, int, int]]:
    with seeded(5):
        series = torch.randn(3, 160)
    return [(series[0], 100, 24, 24), (series[1], 60, 7, 20), (series[2], 40, 12, 5)]


SPOILT = "the tensors of the state that you were given are changed: work on copies."


def advance() -> Trial:
    """The state of all streams after some of them have read a value."""
    trial = compare(
        _advance,
        _streams,
        "only those with news move, and each keeps its own state.",
        mistakes=[
            (
                lambda layer, state, rows, values: layer(
                    values[:, None], tuple(each[:, rows] for each in state)
                )[1],
                "those are the streams with news alone: all are wanted.",
            ),
            (lambda *given: _advance(*given)[::-1], "h and c have changed places."),
            (_fresh, "their own states are not fed in: each stream goes on from its own."),
            (_without_c, "c stays behind: both halves go on."),
            (_all, "streams without news have moved too."),
            (_chained, "the streams are read as the steps of one: a batch of one step is wanted."),
            (_first_rows, "the wrong streams move: those of rows, in that order."),
        ],
    )

    def fault(answer):
        why = trial.fault(answer)
        if why is None:
            layer, state, rows, values = _streams()[0]
            before = [each.clone() for each in state]
            called(answer, layer, state, rows, values)
            if not all(map(torch.equal, before, state)):
                return SPOILT
        return why

    return Trial(fault, trial.praise, (*trial.reasons, SPOILT))


def _moved(layer, state, rows, values, given):
    """Return the state of all, with rows as the layer returns them for a given state."""
    h, c = (each.clone() for each in state)
    with torch.no_grad():
        _, (h[:, rows], c[:, rows]) = layer(values[:, None], given)
    return h, c


def _advance(layer, state, rows, values):
    return _moved(layer, state, rows, values, tuple(each[:, rows] for each in state))


def _fresh(layer, state, rows, values):
    return _moved(layer, state, rows, values, None)


def _without_c(layer, state, rows, values):
    return _advance(layer, state, rows, values)[0], state[1]


def _all(layer, state, rows, values):
    spread = torch.zeros(state[0].shape[1], values.shape[1])
    spread[rows] = values
    with torch.no_grad():
        return layer(spread[:, None], state)[1]


def _chained(layer, state, rows, values):
    h, c = (each.clone() for each in state)
    given = tuple(each[:, rows[:1]] for each in state)
    with torch.no_grad():
        _, (h[:, rows], c[:, rows]) = layer(values[None], given)
    return h, c


def _first_rows(layer, state, rows, values):
    return _advance(layer, state, torch.arange(len(rows)), values)


def _streams() -> list[tuple]:
    given = []
    with seeded(6):
        for rows in ([4, 0, 2], [1], [5, 3]):
            layer = nn.LSTM(3, 4, num_layers=2, batch_first=True)
            state = torch.randn(2, 6, 4), torch.randn(2, 6, 4)
            given.append((layer, state, torch.tensor(rows), torch.randn(len(rows), 3)))
    return given


EXERCISES = {"14.1": leaks, "14.2": windows, "14.3": seasonal, "14.4": advance}
