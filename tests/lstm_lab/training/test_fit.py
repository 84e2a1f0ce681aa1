"""Training and scoring: against a bare loop, to the bit, and refused by name."""

import math
import os
import sys
import time
from copy import deepcopy
from functools import partial

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from lstm_lab import evaluate, fit
from lstm_lab.training.fit import History

LIVE = ("JPY_SESSION_NAME", "COLAB_RELEASE_TAG", "VSCODE_PID")


class Counted(list):
    """Batches that count how often they are begun and how many were taken."""

    begun = taken = 0

    def __iter__(self):
        self.begun += 1
        for batch in super().__iter__():
            self.taken += 1
            yield batch


class Stop:
    """A loss that raises at one of its calls."""

    def __init__(self, call, error=KeyboardInterrupt):
        self.left, self.error = call, error

    def __call__(self, output, target):
        self.target = target
        self.left -= 1
        if not self.left:
            raise self.error("stop")
        return F.cross_entropy(output, target)


class WithLengths(nn.Linear):
    """A model of two inputs."""

    def forward(self, x, lengths):
        return super().forward(x)


def small(examples=24):
    """Return a small model and a task that it can learn: which of three numbers is largest."""
    torch.manual_seed(1)
    x = torch.randn(examples, 3)
    return nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 3)), x, x.argmax(dim=-1)


def loader(x, y, batch=10):
    shuffled = torch.Generator().manual_seed(5)
    return DataLoader(TensorDataset(x, y), batch, shuffle=True, generator=shuffled)


def bare(model, batches, steps):
    """Train as people write it, and return the losses."""
    optimizer, losses = torch.optim.Adam(model.parameters(), lr=3e-3), []
    model.train()
    while len(losses) < steps:
        for x, y in batches:
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            losses.append(loss.detach())
            if len(losses) == steps:
                break
    return torch.stack(losses)


def assert_same_weights(model, other):
    for one, two in zip(model.parameters(), other.parameters(), strict=True):
        assert torch.equal(one, two)


@pytest.fixture
def build(monkeypatch):
    """A process that no person watches, wherever the tests run."""
    for name in LIVE:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("steps", [1, 2, 3, 7])
def test_exactly_so_many_steps_are_taken_whatever_the_loader_holds(steps):
    model, x, y = small()
    optimizer, taken = torch.optim.SGD(model.parameters(), lr=0.1), []
    optimizer.register_step_post_hook(lambda *_: taken.append(1))
    batches = Counted(zip(x.split(8), y.split(8), strict=True))
    history = fit(model, batches, steps=steps, optimizer=optimizer)
    assert len(taken) == len(history.losses) == batches.taken == history.best == steps
    assert batches.begun == math.ceil(steps / 3)


def test_the_weights_are_those_of_a_bare_loop():
    model, x, y = small()
    model.append(nn.Dropout(0.3))
    other = deepcopy(model)
    torch.manual_seed(2)
    expected = bare(other, loader(x, y), 40)
    torch.manual_seed(2)
    history = fit(model, loader(x, y), steps=40)
    assert torch.equal(history.losses, expected)
    assert_same_weights(model, other)


def test_a_loader_is_shuffled_anew_whenever_it_is_begun():
    model, x, y = small(6)
    seen = []
    model.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    fit(model, loader(x, y, batch=2), steps=9)
    epochs = [torch.cat(seen[k : k + 3]) for k in (0, 3, 6)]
    for epoch in epochs:
        assert sorted(epoch.tolist()) == sorted(x.tolist())
    assert not torch.equal(epochs[0], epochs[1])
    assert not torch.equal(epochs[1], epochs[2])


def test_a_small_task_is_learnt_in_under_two_seconds():
    model, x, y = small(60)
    begun = time.process_time()
    history = fit(model, loader(x, y, batch=20), steps=300, lr=0.02)
    assert time.process_time() - begun < 2
    assert history.losses[:5].mean() > 0.8
    assert history.losses[-20:].mean() < 0.2
    assert evaluate(model, [(x, y)]) > 0.95


@pytest.mark.parametrize("scale", [0.5, 40.0])
def test_a_gradient_is_shortened_to_the_bound_and_no_further(scale):
    model, x, y = small()
    before = nn.utils.parameters_to_vector(model.parameters()).detach()
    loss = lambda output, target: scale * F.cross_entropy(output, target)  # noqa: E731
    gradient = torch.autograd.grad(loss(model(x), y), [*model.parameters()])
    gradient = nn.utils.parameters_to_vector(gradient)
    optimizer = torch.optim.SGD(model.parameters(), lr=1)
    fit(model, [(x, y)], steps=1, loss=loss, optimizer=optimizer)
    moved = before - nn.utils.parameters_to_vector(model.parameters()).detach()
    assert (gradient.norm() > 1) == (scale > 1)
    torch.testing.assert_close(moved, gradient * min(1, 1 / gradient.norm()))


def test_what_is_not_trained_has_no_gradient_and_does_not_count_for_the_bound():
    model, x, y = small()
    before = model[2].bias.detach().clone()
    optimizer = torch.optim.SGD([model[2].bias], lr=1)
    loss = lambda output, target: 100 * F.cross_entropy(output, target)  # noqa: E731
    fit(model, [(x, y)], steps=1, loss=loss, optimizer=optimizer)
    torch.testing.assert_close((model[2].bias - before).norm(), torch.tensor(1.0))
    assert [name for name, p in model.named_parameters() if p.grad is not None] == ["2.bias"]


def test_the_rate_is_that_of_adam():
    model, x, y = small()
    before = model[0].bias.detach().clone()
    fit(model, [(x, y)], steps=1, lr=0.25)
    # Adam's first step is lr, whatever the gradient.
    torch.testing.assert_close((model[0].bias - before).abs(), torch.full((8,), 0.25))


@pytest.mark.parametrize(
    ("scores", "best"), [([1, 5, 3], 6), ([1, 2, 3], 7), ([-1, -2, -3], 3), ([2, 4, 4], 6)]
)
def test_the_model_ends_with_the_weights_of_its_first_best_check(scores, best):
    model, x, y = small()
    said, kept = iter(scores), []

    def check():
        kept.append(deepcopy(model))
        return next(said)

    history = fit(model, [(x, y)], steps=7, every=3, check=check)
    assert history.checked.tolist() == [3, 6, 7]
    assert history.values.tolist() == scores
    assert history.best == best
    assert_same_weights(model, kept[scores.index(max(scores))])


def test_a_check_sees_eval_and_no_gradients_and_training_goes_on_in_train():
    model, x, y = small()
    checks, modes = [], []
    model.register_forward_pre_hook(lambda *_: modes.append(model.training))
    check = lambda: checks.append((model.training, torch.is_grad_enabled())) or 0.0  # noqa: E731
    model.eval()
    fit(model, [(x, y)], steps=4, every=2, check=check)
    assert checks == [(False, False)] * 2  # the last step is not checked twice
    assert modes == [True] * 4


def test_a_history_tells_what_happened():
    model, x, y = small()
    history = fit(model, [(x, y)], steps=1200, check=lambda: 0.5, every=500)
    assert isinstance(history, History)
    assert history.losses.shape == (1200,)
    assert not history.losses.requires_grad
    assert (history.checked.tolist(), history.checked.dtype) == ([500, 1000, 1200], torch.long)
    assert history.values.tolist() == [0.5, 0.5, 0.5]
    assert history.interrupted is False


def test_a_history_prints_in_one_line():
    losses = torch.cat([torch.ones(60), torch.full((1120,), 0.5), torch.full((20,), 0.25)])
    none = torch.zeros(0)
    assert repr(History(losses, none, none, 1000, False)) == (
        "History(1,200 steps, loss 1.00 to 0.25, weights of step 1,000)"
    )
    assert repr(History(losses[:2], none, none, 2, True)) == (
        "History(2 steps, loss 1.00 to 1.00, weights of step 2, interrupted)"
    )
    assert repr(History(none, none, none, 0, False)) == "History(no step taken)"
    assert repr(History(none, none, none, 0, True)) == "History(no step taken, interrupted)"


def test_no_steps_leave_the_model_as_it_was():
    model, x, y = small()
    other = deepcopy(model)
    history = fit(model, [(x, y)], steps=0, check=lambda: 1.0)
    assert (len(history.losses), len(history.checked), history.best) == (0, 0, 0)
    assert_same_weights(model, other)


@pytest.mark.usefixtures("build")
def test_training_says_nothing_where_no_person_watches(capfd):
    model, x, y = small()
    fit(model, [(x, y)], steps=5, check=lambda: 1.0)
    evaluate(model, [(x, y)])
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("build")
@pytest.mark.parametrize("sign", [*LIVE, "terminal"])
def test_a_person_sees_a_bar(capfd, monkeypatch, sign):
    model, x, y = small()
    if sign == "terminal":
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    else:
        monkeypatch.setitem(os.environ, sign, "1")
    fit(model, [(x, y)], steps=5)
    out, err = capfd.readouterr()
    assert out == ""
    assert "/5 " in err
    assert "step" in err


def test_an_interrupt_keeps_what_was_learnt():
    model, x, y = small()
    other = deepcopy(model)
    expected = bare(other, loader(x, y), 3)
    history = fit(model, loader(x, y), steps=9, loss=Stop(4))
    assert history.interrupted
    assert history.best == 3
    assert torch.equal(history.losses, expected)
    assert_same_weights(model, other)


def test_an_interrupt_before_the_first_step_leaves_a_history():
    model, x, y = small()
    history = fit(model, [(x, y)], steps=9, loss=Stop(1), check=lambda: 1.0)
    assert history.interrupted
    assert (len(history.losses), history.best) == (0, 0)


def test_a_step_whose_hook_is_interrupted_is_counted():
    model, x, y = small()
    optimizer, left = torch.optim.SGD(model.parameters(), lr=0.1), [1, 2]
    optimizer.register_step_post_hook(lambda *_: left.pop() == 1 and Stop(1)(x, y))
    other = deepcopy(model)
    fit(other, [(x, y)], steps=2, optimizer=torch.optim.SGD(other.parameters(), lr=0.1))
    history = fit(model, [(x, y)], steps=9, optimizer=optimizer)
    assert (len(history.losses), history.best, history.interrupted) == (2, 2, True)
    assert_same_weights(model, other)


def test_an_interrupt_after_checks_keeps_the_best_of_them():
    model, x, y = small()
    other = deepcopy(model)
    bare(other, [(x, y)], 2)
    said = iter([2.0, 1.0])
    history = fit(model, [(x, y)], steps=9, every=2, check=lambda: next(said), loss=Stop(6))
    assert (history.best, history.checked.tolist()) == (2, [2, 4])
    assert history.interrupted
    assert_same_weights(model, other)


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("error", [None, KeyboardInterrupt, RuntimeError])
def test_training_leaves_the_mode_as_it_was(before, error):
    model, x, y = small()
    model.train(before)
    run = lambda: fit(model, [(x, y)], steps=3, loss=Stop(2 if error else 0, error))  # noqa: E731
    if error is RuntimeError:
        with pytest.raises(RuntimeError, match="stop"):
            run()
    else:
        assert run().interrupted == bool(error)
    assert model.training == before


@pytest.mark.parametrize("error", [None, KeyboardInterrupt])
def test_every_part_of_a_model_gets_its_own_mode_back(error):
    model, x, y = small()
    model[1].eval()
    fit(model, [(x, y)], steps=3, every=2, check=lambda: 1.0, loss=Stop(3 if error else 0))
    assert [part.training for part in model] == [True, False, True]
    evaluate(model, [(x, y)])
    assert [part.training for part in model] == [True, False, True]


@pytest.mark.parametrize("value", [math.nan, torch.tensor(math.nan), None, "high", torch.ones(2)])
def test_a_check_that_gives_no_number_is_refused_with_its_step(value):
    model, x, y = small()
    with pytest.raises(ValueError, match=r"check gives .* at step 2; expected a number"):
        fit(model, [(x, y)], steps=3, every=2, check=lambda: value)


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        (lambda output, y: output.mean() * math.nan, "loss is nan at step 1; expected a finite"),
        (lambda output, y: output.mean() + math.inf, "loss is inf at step 1; expected a finite"),
        (
            lambda output, y: output.mean(dim=1),
            r"loss of a batch has shape \(24,\) .*; expect",
        ),
        (
            lambda output, y: output.mean().detach(),
            r"shape \(\) .*; expected one number with a gr",
        ),
        (lambda output, y: 0.5, "loss of a batch is 0.5; expected one number with a gradient"),
    ],
)
def test_a_loss_that_cannot_be_trained_on_is_refused(loss, words):
    model, x, y = small()
    other = deepcopy(model)
    with pytest.raises(ValueError, match=words):
        fit(model, [(x, y)], steps=3, loss=loss)
    assert_same_weights(model, other)


def test_a_gradient_that_is_no_number_is_refused_before_it_is_followed():
    model, x, y = small()
    other = deepcopy(model)
    rootless = lambda output, target: (output * 0).abs().sqrt().sum()  # noqa: E731
    with pytest.raises(ValueError, match="gradient's norm is nan at step 1; expected a finite"):
        fit(model, [(x, y)], steps=3, loss=rootless)
    assert_same_weights(model, other)


def test_an_error_after_checks_keeps_the_best_of_them():
    model, x, y = small()
    other = deepcopy(model)
    bare(other, [(x, y)], 2)
    said, calls = iter([2.0, 1.0]), []

    def loss(output, target):
        calls.append(1)
        return F.cross_entropy(output, target) * (math.nan if len(calls) == 6 else 1)

    with pytest.raises(ValueError, match="loss is nan at step 6"):
        fit(model, [(x, y)], steps=9, every=2, check=lambda: next(said), loss=loss)
    assert_same_weights(model, other)


def test_training_leaves_the_mode_as_it_was_when_a_check_raises():
    model, x, y = small()
    with pytest.raises(ZeroDivisionError):
        fit(model, [(x, y)], steps=1, check=lambda: 1 / 0)
    assert model.training


def test_a_batch_is_moved_to_the_model_and_what_is_no_tensor_stays():
    seen = []
    model = WithLengths(3, 2, device="meta")
    model.register_forward_pre_hook(lambda _, given: seen.extend(given))
    loss = Stop(1)
    fit(model, [(torch.ones(1, 3), [7], torch.ones(1))], steps=1, loss=loss)
    with pytest.raises((RuntimeError, NotImplementedError), match="meta"):  # it has no numbers
        evaluate(model, [(torch.ones(1, 3), [7], torch.ones(1).long())])
    for x, lengths in (seen[:2], seen[2:]):
        assert lengths == [7]
        assert (x.device.type, loss.target.device.type) == ("meta", "meta")


@pytest.mark.parametrize("batches", [list, Counted])
def test_no_batches_are_refused(batches):
    model, _, _ = small()
    with pytest.raises(ValueError, match="batches is empty; expected at least one"):
        fit(model, batches(), steps=3)
    assert model.training
    with pytest.raises(ValueError, match="batches is empty; expected at least one"):
        evaluate(model, batches())


@pytest.mark.parametrize("batches", [None, iter([]), (batch for batch in [])])
def test_batches_that_cannot_be_begun_anew_are_refused_before_a_step(batches):
    model, _, _ = small()
    with pytest.raises(ValueError, match=r"batches is .*; expected what can be begun anew"):
        fit(model, batches, steps=3)


@pytest.mark.parametrize("batch", [(), (torch.ones(2, 3),), torch.ones(2, 3), {"x": 1, "y": 2}])
def test_a_batch_that_is_no_tuple_of_inputs_and_target_is_refused(batch):
    model, _, _ = small()
    for call in (partial(fit, steps=1), evaluate):
        with pytest.raises(ValueError, match=r"(?s)batches gives .*; expected tuples \(\*inp"):
            call(model, [batch])


def test_a_batch_of_no_example_is_refused():
    model, x, y = small()
    for call in (partial(fit, steps=1), evaluate):
        with pytest.raises(ValueError, match="batches gives a batch of 0 examples; expected"):
            call(model, [(x[:0], y[:0])])


def test_a_model_without_anything_to_train_is_refused():
    model, x, y = small()
    other = torch.optim.SGD(small()[0].parameters(), lr=0.1)
    with pytest.raises(ValueError, match="optimizer has no parameter of the model to train"):
        fit(model, [(x, y)], steps=1, optimizer=other)
    for still in (model.requires_grad_(False), nn.Identity()):
        with pytest.raises(ValueError, match="model has no parameter to train; expected one"):
            fit(still, [(x, y)], steps=1)


def test_a_rate_beside_an_optimizer_is_refused():
    model, x, y = small()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with pytest.raises(ValueError, match=r"lr is 0\.1 beside an optimizer; expected one of the"):
        fit(model, [(x, y)], steps=1, optimizer=optimizer, lr=0.1)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"steps": -1}, "steps is -1; expected a whole number of at least 0"),
        ({"steps": 2.5}, "steps is 2.5"),
        ({"steps": True}, "steps is True"),
        ({"steps": None}, "steps is None"),
        ({"every": 0}, "every is 0; expected a whole number of at least 1"),
        ({"every": 1.0}, "every is 1.0"),
        ({"lr": -1.0}, "lr is -1.0; expected a finite number above 0"),
        ({"lr": 0}, "lr is 0"),
        ({"lr": math.inf}, "lr is inf"),
        ({"lr": math.nan}, "lr is nan"),
        ({"lr": True}, "lr is True"),
        ({"lr": "1"}, "lr is '1'"),
        ({"optimizer": torch.optim.LBFGS(small()[0].parameters())}, "optimizer is LBFGS, which"),
        ({"optimizer": "adam"}, "optimizer is 'adam'; expected a torch.optim.Optimizer"),
    ],
)
def test_numbers_that_make_no_training_are_refused_by_name(options, words):
    model, x, y = small()
    with pytest.raises(ValueError, match=words):
        fit(model, [(x, y)], **{"steps": 1, **options})


def test_a_score_is_a_mean_over_examples_not_over_batches():
    logits, y = torch.eye(2)[[0, 0, 0, 0, 1]], torch.tensor([0, 0, 0, 1, 1])
    uneven = [(logits[:4], y[:4]), (logits[4:], y[4:])]
    assert evaluate(nn.Identity(), uneven) == 0.8


def test_batches_are_scored_once():
    model, x, y = small()
    batches = Counted(zip(x.split(8), y.split(8), strict=True))
    assert evaluate(model, batches) == evaluate(model, iter([(x, y)]))
    assert (batches.begun, batches.taken) == (1, 3)


@pytest.mark.parametrize("before", [True, False])
def test_scoring_is_in_eval_without_gradients_and_restores_the_mode(before):
    model, x, y = small()
    seen = []
    model.register_forward_hook(
        lambda _, given, output: seen.append((model.training, output.requires_grad))
    )
    evaluate(model.train(before), [(x, y)])
    assert seen == [(False, False)]
    assert model.training == before
