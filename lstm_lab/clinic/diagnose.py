"""Ask a model of the reader's own what it does with a recurrent layer's results.

No source is read. The model is called some ten times, with the inputs as they are and with parts
of them changed, and once a gradient is sent back; what is found follows from the numbers.
"""

from collections.abc import Callable, Iterator, Sequence

from torch import Tensor, nn

from lstm_lab.checks import check_bool, describe
from lstm_lab.clinic.batch import Batch
from lstm_lab.clinic.examination import Examination
from lstm_lab.clinic.findings import GRADES, Diagnosis, Finding
from lstm_lab.clinic.record import CELLS, LAYERS
from lstm_lab.clinic.subject import Subject

# What follows from a finding, and is left out beside it.
TOLD_WITH = {
    "rows mixed": "examples mixed",
    "states crossed": "unread states",
    "weights unlearned": "gradient cut",
}


def diagnose(
    model: nn.Module,
    *inputs: object,
    lengths: Tensor | Sequence[int] | None = None,
    target: Tensor | None = None,
    loss: Callable[[object, Tensor], Tensor] | None = None,
    batch_first: bool = True,
    stateful: bool = False,
) -> Diagnosis:
    """Return what is wrong with how a model uses its recurrent layers, as far as calls can show it.

    The model is called in ``eval()`` as ``model(*inputs)``, at most twenty times. Afterwards it is
    as it was: weights, buffers, attributes, mode, hooks, gradients and random states.

    Args:
        model: a module with an ``nn.LSTM``, ``nn.GRU``, ``nn.RNN`` or one of their cells in it.
        *inputs: the arguments of a call: a few examples, ``(batch, seq_len, features)`` or tokens
            ``(batch, seq_len)``, and whatever else the model takes.
        lengths: ``(batch,)`` valid steps, where the first input is padded.
        target: what the answers are compared with, to look for an answer that has seen it.
        loss: takes the result and the target, or the first tensor of the result and the target;
            to see whether they fit.
        batch_first: the layout of the inputs; False for ``(seq_len, batch, ...)``.
        stateful: the model carries a state from call to call, and is meant to.
    Raises:
        ValueError: there is no recurrent layer, the call fails, there are fewer than two examples
            or too many, or an argument is of another kind.

    >>> lstm = nn.LSTM(2, 3, batch_first=True)
    >>> diagnose(lstm, torch.randn(4, 6, 2)).findings
    ()
    """
    subject = _checked(model)
    batch = _checked_batch(inputs, lengths, target, loss, batch_first, stateful)
    with subject:
        examination = Examination(subject, batch, target, loss, stateful)
        found = sorted(_told_once(list(examination.findings())), key=_grade)
    name, untested = type(model).__name__, tuple(examination.untested)
    return Diagnosis(name, tuple(found), untested, subject.forwards)


def assert_healthy(model: nn.Module, *inputs: object, **options: object) -> None:
    """Raise an AssertionError that says what is wrong, if ``diagnose`` finds that something is.

    Args:
        model, *inputs, **options: as ``diagnose`` takes them.

    >>> assert_healthy(LSTMClassifier(2, 3, 4), torch.randn(4, 6, 2))
    """
    diagnosis = diagnose(model, *inputs, **options)
    if not diagnosis:
        raise AssertionError(repr(diagnosis))


def _checked(model: object) -> Subject:
    if not isinstance(model, nn.Module):
        raise ValueError(f"model {describe(model)}; expected an nn.Module")
    if any(isinstance(it, nn.UninitializedParameter) for it in model.parameters()):
        raise ValueError("model has weights without a shape; expected a lazy model after a call")
    subject = Subject(model)
    if not any(isinstance(it, LAYERS + CELLS) for it in subject.modules.values()):
        raise ValueError(
            f"model is a {type(model).__name__} without a recurrent layer; expected an nn.LSTM,"
            " nn.GRU, nn.RNN or one of their cells in it"
        )
    return subject


def _checked_batch(inputs, lengths, target, loss, batch_first, stateful) -> Batch:
    check_bool("batch_first", batch_first)
    check_bool("stateful", stateful)
    if target is not None and not isinstance(target, Tensor):
        raise ValueError(f"target {describe(target)}; expected a tensor")
    if loss is not None and not callable(loss):
        raise ValueError(f"loss {describe(loss)}; expected a function of an answer and a target")
    return Batch.of(inputs, lengths, batch_first)


def _grade(finding: Finding) -> int:
    return GRADES.index(finding.grade)


def _told_once(found: list[Finding]) -> Iterator[Finding]:
    """Yield the findings without what another one has said already, and more exactly."""
    names = {finding.name for finding in found}
    told = {TOLD_WITH.get(name) for name in names}
    seen = set()
    for finding in found:
        if finding.name not in told and (finding.name, finding.where) not in seen:
            seen.add((finding.name, finding.where))
            yield finding
