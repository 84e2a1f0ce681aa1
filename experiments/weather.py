"""Forecast the weather of a day in several ways, and start a forecaster anew (chapter 14).

    python experiments/weather.py

Preparation, models and training are the chapter's own: its cells with the tag "shared" are run
first. Three seeds each; four minutes on two cores.
"""

from functools import partial

import torch
from sklearn.ensemble import HistGradientBoostingRegressor
from stored import shared_cells, store

PACKAGES = ["torch", "numpy", "pandas", "scikit-learn"]
HOURS = 72  # read after a restart
SEEDS = range(3)


lab = shared_cells("14-own-data")
x, y, clock, std = (lab[name] for name in ("x", "y", "clock", "std"))
valid, test, degrees_off = lab["valid"], lab["test"], lab["degrees_off"]


def by_the_hour(guess):
    """Return the error by the hours ahead, on the test months."""
    return degrees_off(guess, test, None).tolist()


def boosting(seed):
    """Return the forecast of gradient boosting, a model for each hour ahead.

    It reads the last two days of temperature, and all inputs now and 3, 6 and 24 hours ago.
    """
    parts = [lab["windows"](x[:, :-24, :1], 48, 1).flatten(1)]
    for ago in (0, 3, 6, 24):
        parts.append(x[:, 47 - ago : y.shape[1] - ago].flatten(0, 1))
    rows, answers = torch.cat(parts, dim=1), lab["windows"](y, 48, 1)[:, -1]
    hour = torch.arange(47, y.shape[1]).repeat(len(y))
    guess = torch.full_like(y, torch.nan)
    for ahead in range(24):
        train = (hour < valid - 24) & ~answers[:, ahead].isnan()
        model = HistGradientBoostingRegressor(
            max_iter=200, learning_rate=0.05, max_features=0.5, random_state=seed
        )
        model.fit(rows[train].numpy(), answers[train, ahead].numpy())
        found = torch.as_tensor(model.predict(rows.numpy()), dtype=torch.float32)
        guess[:, 47:, ahead] = found.view(len(y), -1)
    return guess


def steps(seed):
    torch.manual_seed(seed)
    target = (lab["values"][:, 1:] - lab["filled"][:, :-1]) / std
    model = lab["Forecaster"](x.shape[-1], 64, 7)
    return lab["trained"](model, lab["pairs"](target), lab["recursive_guess"])


def day(seed):
    torch.manual_seed(seed)
    model = lab["Forecaster"](x.shape[-1], 64, 24)
    return lab["trained"](model, lab["pairs"](y), lab["direct_guess"])


def decoded(seed):
    torch.manual_seed(seed)
    now = torch.arange(95, valid - 24, 3)
    hands = clock[:, now[:, None] + torch.arange(1, 25)].flatten(0, 1)
    past = lab["windows"](x[:, : valid - 24], 96, 3)
    data = torch.utils.data.TensorDataset(past, hands, y[:, now].flatten(0, 1))
    batches = torch.utils.data.DataLoader(data, 64, shuffle=True)
    model = lab["EncoderDecoder"](x.shape[-1], 64)
    return lab["trained"](model, batches, decoded_guess)


@torch.no_grad()
def decoded_guess(model):
    guess = torch.full_like(y, torch.nan)
    now = torch.arange(valid, y.shape[1])
    hands = clock[0, now[:, None] + torch.arange(1, 25)]
    for row in range(len(y)):
        past = lab["windows"](x[row : row + 1, valid - 95 : y.shape[1]], 96, 1)
        guess[row, valid:], _ = model(past, hands)
    return guess


@torch.no_grad()
def restarted(model):
    """Return the extra error of the next six hours, after starts from several states.

    By the age of the state, at the first hour; and for zeros and two ages, by the hours since.
    """
    starts = torch.arange(test, y.shape[1] - HOURS, 5)
    state = lab["states_at"](model, test - 49, y.shape[1])
    later = starts[:, None] + torch.arange(HOURS)
    read, asked = x[:, later].flatten(0, 1), y[:, later].flatten(0, 1)

    def error(hx):
        gap = (model(read, hx)[0] - asked)[:, :, :6]
        return std[0] * gap.square().nanmean((0, 2)).sqrt()

    def aged(age):
        h, c = state[:, :, :, starts - (test - 49) - 1 - age].flatten(2, 3)
        return h, c

    right = error(aged(0))
    ages = torch.stack([error(aged(age)) - right for age in range(49)])
    return ages, error(None) - right


def coverage(seed):
    """Return the share inside the interval: training, validation, test, and test once widened."""
    torch.manual_seed(seed)
    model = lab["Forecaster"](x.shape[-1], 64, 72)
    lab["trained"](model, lab["pairs"](y), lab["middle"], loss=lab["pinball"])
    inside, tune = lab["between"], (valid, test - 24)
    more = next(k / 50 for k in range(99) if inside(model, *tune, k / 50) >= 0.8)
    parts = (96, valid - 24), tune, (test, None), (test, None, more)
    return [inside(model, *part) for part in parts]


def run():
    keep = partial(store, script=__file__, packages=PACKAGES)
    flat = {"same hour yesterday": [by_the_hour(lab["yesterday"]())] * 3}
    flat["as now"] = [by_the_hour(torch.zeros_like(y))] * 3
    flat["linear"] = [by_the_hour(lab["linear"]())] * 3
    flat["boosting"] = [by_the_hour(boosting(seed)) for seed in SEEDS]
    print({name: sum(runs[0]) / 24 for name, runs in flat.items()}, flush=True)
    models = [day(seed) for seed in SEEDS]
    flat["direct"] = [by_the_hour(lab["direct_guess"](model)) for model in models]
    flat["recursive"] = [by_the_hour(lab["recursive_guess"](steps(seed))) for seed in SEEDS]
    flat["encoder\N{EN DASH}decoder"] = [by_the_hour(decoded_guess(decoded(s))) for s in SEEDS]
    print({name: [sum(run) / 24 for run in runs] for name, runs in flat.items()}, flush=True)
    keep(
        "weather-horizon",
        quantity="error in degrees",
        axis="hours ahead",
        steps=list(range(1, 25)),
        runs=flat,
    )
    found = [restarted(model) for model in models]
    keep(
        "weather-age",
        quantity="extra error in degrees",
        axis="age of the state in hours",
        steps=list(range(49)),
        runs={
            "saved state": [ages[:, 0].tolist() for ages, _ in found],
            "zeros": [[float(zeros[0])] * 49 for _, zeros in found],
        },
    )
    keep(
        "weather-restart",
        quantity="extra error in degrees",
        axis="hours since the restart",
        steps=list(range(HOURS)),
        runs={
            "zeros": [zeros.tolist() for _, zeros in found],
            "12 hours old": [ages[12].tolist() for ages, _ in found],
            "24 hours old": [ages[24].tolist() for ages, _ in found],
        },
    )
    shares = [coverage(seed) for seed in SEEDS]
    keep(
        "weather-coverage",
        quantity="share inside the interval",
        axis="training, validation, test, test with a wider interval",
        steps=[0, 1, 2, 3],
        runs={"inside": shares},
    )


if __name__ == "__main__":
    run()
