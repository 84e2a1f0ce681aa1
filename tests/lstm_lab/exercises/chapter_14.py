"""Chapter 14: right answers, and mistakes with their reasons."""

import numpy as np
import pandas as pd
import torch

HOURS = pd.date_range("2024-01-01", periods=260, freq="h")
WALK = np.random.default_rng(1).normal(size=(260, 3)).cumsum(0) * [2, 30, 0.1] + [15, 1000, 0]
TABLE = pd.DataFrame(WALK, HOURS, ["target", "pressure", "rain"])
TABLE.iloc[[3, 70, 71, 200], 1] = np.nan


def prepare(table, past, ahead, train, fill=pd.DataFrame.ffill, scale=None, shift=0):
    filled = fill(table)
    known = filled[:train] if scale is None else filled[scale]
    x = torch.tensor(((filled - known.mean()) / known.std()).to_numpy()).float()
    y = torch.tensor(table.iloc[:, 0].to_numpy()).float()
    y = torch.cat([y, y[:1].repeat(shift)])[past + shift :] if shift >= 0 else y[past + shift :]
    count = len(table) - past - ahead + 1
    return x.unfold(0, past, 1).transpose(1, 2)[:count], y.unfold(0, ahead, 1)[:count]


def changed(**options):
    return lambda *given: prepare(*given, **options)


def with_y(act):
    def wrong(table, past, ahead, train):
        x, y = prepare(table, past, ahead, train)
        return x, act(table, y, past, ahead, train)

    return wrong


def scaled_answers(table, y, past, ahead, train):
    known = table.iloc[:train, 0]
    return (y - known.mean()) / known.std()


def filled_answers(table, y, past, ahead, train):
    return torch.tensor(table.iloc[:, 0].ffill().to_numpy())[past:].unfold(0, ahead, 1)


def loop(table, past, ahead, train):
    rows = table.ffill().bfill()
    rows = ((rows - rows[:train].mean()) / rows[:train].std()).to_numpy()
    xs, ys = [], []
    for k in range(len(table) - past - ahead + 1):
        xs.append(rows[k : k + past])
        ys.append(table.iloc[k + past : k + past + ahead, 0].to_numpy())
    return torch.tensor(np.stack(xs)), torch.tensor(np.stack(ys))


def unscaled(table, past, ahead, train):
    x = torch.tensor(table.ffill().to_numpy()).float().unfold(0, past, 1).transpose(1, 2)
    return x[: len(table) - past - ahead + 1], prepare(table, past, ahead, train)[1]


def reversed_columns(*given):
    x, y = prepare(*given)
    return x.flip(2), y


def swapped_steps(*given):
    x, y = prepare(*given)
    return torch.cat([x[:, [1, 0]], x[:, 2:]], dim=1), y


def endless(*given):
    x, y = prepare(*given)
    return x * 1e30, y


def backwards(*given):
    x, y = prepare(*given)
    return x.flip(1), y


def seasonal(series, now, period, ahead):
    known = series[: now + 1]
    return torch.stack([known[len(known) - period + k % period] for k in range(ahead)])


def advance(layer, state, rows, values):
    h, c = (each.clone() for each in state)
    with torch.no_grad():
        _, (h[:, rows], c[:, rows]) = layer(values[:, None], (h[:, rows], c[:, rows]))
    return h, c


def one_by_one(layer, state, rows, values):
    h, c = (each.clone() for each in state)
    for row, value in zip(rows.tolist(), values, strict=True):
        one = h[:, row : row + 1], c[:, row : row + 1]
        _, (h[:, row : row + 1], c[:, row : row + 1]) = layer(value[None, None], one)
    return h.detach(), c.detach()


def in_place(layer, state, rows, values):
    h, c = state
    with torch.no_grad():
        _, (h[:, rows], c[:, rows]) = layer(values[:, None], (h[:, rows], c[:, rows]))
    return h, c


def some(layer, state, rows, values):
    return layer(values[:, None], tuple(each[:, rows] for each in state))[1]


def fresh(layer, state, rows, values):
    return advance(layer, tuple(each * 0 for each in state), rows, values)


def from_zeros(layer, state, rows, values):
    h, c = (each.clone() for each in state)
    h_n, c_n = layer(values[:, None])[1]
    h[:, rows], c[:, rows] = h_n.detach(), c_n.detach()
    return h, c


def everyone(layer, state, rows, values):
    every = torch.zeros(state[0].shape[1], 3)
    every[rows] = values
    return tuple(each.detach() for each in layer(every[:, None], state)[1])


def chained(layer, state, rows, values):
    h, c = (each.clone() for each in state)
    one = h[:, rows[:1]], c[:, rows[:1]]
    h_n, c_n = layer(values[None], one)[1]
    h[:, rows], c[:, rows] = h_n.detach(), c_n.detach()
    return h, c


GIVEN = {"14.2": {"table": TABLE}}
RIGHT = {
    "14.1": ["BDE"],
    "14.2": [prepare, loop],
    "14.3": [seasonal, lambda s, n, p, a: s[n + 1 - p : n + 1].repeat(a // p + 1)[:a]],
    "14.4": [advance, one_by_one],
}
WRONG = {
    "14.1": [
        ("BE", "holds the value that is to be forecast"),
        ("BD", "has seen its answer"),
        ("DE", "tells what comes"),
        ("BDEF", "known today"),
        ("ABDE", "look back"),
        ("A", "is not it"),
    ],
    "14.2": [
        (lambda *given: prepare(*given)[0], "two tensors"),
        (lambda *given: [each.numpy() for each in prepare(*given)], "two tensors"),
        (lambda *given: tuple(each[1:] for each in prepare(*given)), "shape"),
        (changed(fill=lambda table: table), "x has NaN"),
        (changed(fill=lambda table: table.bfill().ffill()), "comes after it"),
        (changed(fill=lambda table: table.interpolate().bfill()), "comes after it"),
        (changed(scale=slice(None)), "by the first rows alone"),
        (unscaled, "not scaled"),
        (with_y(scaled_answers), "own unit"),
        (changed(shift=-1), "begins with the last value"),
        (changed(shift=1), "begins too late"),
        (with_y(filled_answers), "leave NaN"),
        (with_y(lambda table, y, *sizes: y * 2), "its numbers are others"),
        (backwards, "moves more than the last step"),
        (changed(fill=lambda table: table.fillna(0)), "than the last one"),
        (endless, "has no deviation"),
        (reversed_columns, "in their order"),
        (swapped_steps, "in their order"),
    ],
    "14.3": [
        (lambda s, n, p, a: s[n + 1 - p : n + 1 - p + a], "not known yet"),
        (lambda s, n, p, a: seasonal(s, n - 1, p, a), "one step too old"),
        (lambda s, n, p, a: s[n + 1 :][:a], "to be forecast"),
        (lambda s, n, p, a: s[n : n + 1].repeat(a), "again and again"),
        (lambda s, n, p, a: seasonal(s, n - p, p, a), "newer values"),
    ],
    "14.4": [
        (some, "all are wanted"),
        (from_zeros, "goes on from its own"),
        (lambda layer, state, rows, x: (advance(layer, state, rows, x)[0], state[1]), "c stays"),
        (lambda *given: advance(*given)[::-1], "changed places"),
        (everyone, "have moved too"),
        (chained, "steps of one"),
        (lambda layer, state, rows, x: advance(layer, state, torch.arange(len(x)), x), "wrong"),
        (in_place, "work on copies"),
        (fresh, "call 1 of 3"),
    ],
}
