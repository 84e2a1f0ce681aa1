"""One model's examination: which tests are made, and what is not tested and why."""

from collections.abc import Iterator
from dataclasses import replace

from torch import Tensor

from lstm_lab.clinic import (
    learns,
    moves,
    prices,
    readings,
    repeats,
    reshapes,
    steps,
    targets,
    weights,
)
from lstm_lab.clinic.answers import Answers, arranged, layouts_of, smallest_move
from lstm_lab.clinic.batch import Batch
from lstm_lab.clinic.findings import Finding
from lstm_lab.clinic.record import Record, tensors
from lstm_lab.clinic.subject import Subject
from lstm_lab.printing import count


class Examination:
    """The tests of one model, in the order of what they take for granted.

    Args:
        subject: the model, entered.
        batch: the inputs; the other arguments are those of ``diagnose``.
    """

    def __init__(self, subject, batch, target, loss, stateful) -> None:
        self.subject, self.target, self.loss, self.stateful = subject, target, loss, stateful
        self.untested = []
        self.record, leaves = _first_call(subject, batch)
        self.batch = _with_steps(batch, self.record)
        self.judged = learns.judged_results(self.record)
        self.softmaxes = weights.single_softmaxes(self.judged)
        self.gradients = self._backward(leaves)

    def findings(self) -> Iterator[Finding]:
        """Yield all that is found, and note what was not tested."""
        record, batch = self.record, self.batch
        yield from weights.strangers_finding([*self.subject.strangers], self.subject.loose)
        yield from readings.misread(record)
        yield from reshapes.moved_by_view(record)
        yield from steps.steps_alone(record, batch)
        yield from steps.single_steps(record, batch)
        choices = self._choices()
        if choices:
            yield from self._moves(choices)
        else:
            yield from self._no_axis()
        yield from self._learns()
        yield from self._tried("the loss", self._misfit())

    def _backward(self, leaves: list[Tensor]) -> learns.Gradients | None:
        named = [
            (f"{name}.{key}".lstrip("."), it)
            for name, module in self.subject.modules.items()
            for key, it in module.named_parameters(recurse=False)
        ]
        wanted = {name: it for name, it in named if it.requires_grad}
        if not wanted or not any(it.requires_grad for it in self.judged):
            return None
        try:
            return learns.gradients(self.record, self.judged, leaves, wanted)
        except RuntimeError as error:
            self.untested.append(f"what learns ({_first_line(error)})")
            return None

    def _choices(self) -> list[Answers]:
        """Return the first answers that have an axis of examples, in every layout."""
        found, packed = tensors(self.record.answer), self._packed()
        for answer in () if self._listed() else self.judged:
            layouts = [] if answer.shape[:1] == packed else layouts_of(answer, self.batch)
            if layouts == [1] and self.batch.batch_first and readings.whole_states(self.record):
                layouts = []  # a row for each layer is no answer
            number = next(k for k, it in enumerate(found) if it is answer)
            smallest = smallest_move(answer, list(self.subject.model.parameters()))
            if layouts:
                return [
                    Answers(
                        self.subject,
                        self.batch,
                        layout,
                        arranged(answer.detach(), layout, self.batch.size),
                        number,
                        smallest,
                    )
                    for layout in layouts
                ]
        return []

    def _listed(self) -> bool:
        """Return whether the result is a list with a tensor for each example."""
        sizes = {it.shape for it in self.judged}
        return len(self.judged) == self.batch.size and (len(sizes) > 1 or self.batch.size > 2)

    def _packed(self) -> tuple[int, ...]:
        """Return the shape of an axis that holds every valid step of every example."""
        lengths = self.batch.lengths
        for reading in self.record.readings if lengths is None else ():
            lengths = reading.lengths if reading.packed is not None else lengths
        return (sum(lengths),) if lengths and len(set(lengths)) > 1 else ()

    def _moves(self, choices: list[Answers]) -> Iterator[Finding]:
        order = list(self._tried("the order", moves.another_order(choices[0])))
        answers, mixed = choices[0], []
        if not order:
            answers, mixed = moves.other_examples(choices, self.record)
            self._others_untested()
        yield from order + mixed
        again = repeats.again(answers, self.stateful)
        changing = list(self._tried("a second call", again))
        yield from changing
        if not (order or mixed or changing or self.stateful):
            order = list(self._tried("the order", moves.places(choices)))
            yield from order
        yield from self._padding(answers, steady=not (order or mixed or changing))
        if self.target is None:
            self.untested.append("a leaked target (give `target=`)")
        else:
            yield from self._tried("the target", targets.leaks(answers, self.target))
            if self.loss is not None:
                price = self._price(answers.number)
                yield from self._tried("the target", targets.copies(answers, price))
                yield from self._tried("the loss", prices.counts_padding(answers, price))
        alone = self.gradients and learns.read_alone(self.gradients, self.batch)
        if alone:
            yield from self._tried("the gradient in time", moves.gradient_cut(answers, *alone))

    def _padding(self, answers: Answers, *, steady: bool) -> Iterator[Finding]:
        lengths, batch = self.batch.lengths, self.batch
        timed = any(batch.timed(it) for it in batch.inputs)
        if lengths is None:
            self.untested.append("padding (give `lengths=`)")
        elif min(lengths) == max(lengths) or not timed:
            self.untested.append("padding (no input has any)")
        elif not batch.right_padded():
            self.untested.append("padding (what stands behind the lengths is not all the same)")
        elif not steady:
            # Other examples beside it, or another call, move such an answer without any padding.
            self.untested.append("padding (first mend what moves the answers without any)")
        else:
            cure = readings.packing(self.record, steps=answers.stepped)
            yield from self._tried("padding", moves.padding(answers, cure))

    def _others_untested(self) -> None:
        others = [it for it in self.judged[1:] if layouts_of(it, self.batch)]
        if others:
            self.untested.append(f"{count(len(others), 'other tensor')} of the result")

    def _price(self, number: int) -> prices.Price:
        """Return the loss of another tensor in the place of one of the result's."""
        answer = tensors(self.record.answer)[number]
        return prices.Price(self.record.answer, answer, self.target, self.loss)

    def _no_axis(self) -> Iterator[Finding]:
        answer = self.judged[0] if self.judged else None
        rows = answer is not None and answer.shape[:1]
        loss = answer is not None and answer.numel() == 1 and answer.dim() < 2
        if answer is None or loss or self._listed() or rows == self._packed():
            self.untested.append("what moves (the result has no axis of examples)")
            return
        cause = readings.lost_examples(self.record, self.batch)
        shape = tuple(answer.shape)
        text = (
            f"{self.batch.size} examples were given, and the answer has the shape {shape}. {cause}"
        )
        yield Finding(
            "no axis of examples",
            "measured",
            "",
            text.strip(),
            readings.final_state(self.record.readings[0])
            if readings.whole_states(self.record)
            else "an answer that begins with the axis of the examples",
            2,
        )

    def _learns(self) -> Iterator[Finding]:
        if self.gradients is None:
            if not any(it.requires_grad for it in self.judged):
                yield from weights.cut_off(self.judged, self.subject.model)
            return
        yield from learns.misread(self.record, self.gradients, self.batch)
        yield from weights.unlearned(self.record, self.gradients, self.subject.modules)
        yield from weights.stilled(self.softmaxes, self.gradients)

    def _misfit(self) -> Iterator[Finding]:
        if self.loss is None or self.target is None:
            missing = [name for name in ("target", "loss") if getattr(self, name) is None]
            self.untested.append(f"the loss (give `{'=` and `'.join(missing)}=`)")
        elif self.judged:
            found = tensors(self.record.answer)
            number = next(k for k, it in enumerate(found) if it is self.judged[0])
            yield from prices.misfit(self._price(number))

    def _tried(self, what: str, found: Iterator[Finding]) -> Iterator[Finding]:
        try:
            yield from found
        except Exception as error:  # whatever a model raises at a batch that it was not made for
            self.untested.append(f"{what} ({_first_line(error)})")


def _first_call(subject: Subject, batch: Batch) -> tuple[Record, list[Tensor]]:
    """Return what the first call did inside, and the inputs that ask for gradients."""
    leaves = [_leaf(it) if batch.holds_data(it) else it for it in batch.inputs]
    floats = [it for it in leaves if isinstance(it, Tensor) and it.requires_grad]
    try:
        record = subject.recorded(tuple(leaves), grad=True)
    except Exception:
        floats = []  # such as a model that turns its input into an array
        try:
            record = subject.recorded(batch.inputs, grad=True)
        except Exception as error:
            raise ValueError(
                f"model(*inputs) raises {type(error).__name__}: {_first_line(error)}; expected a"
                " call that works"
            ) from error
    if not record.readings and not record.cells:
        raise ValueError("model(*inputs) calls no recurrent layer; expected one that runs")
    if any(it.unbatched and it.input[0].shape == batch.inputs[0].shape for it in record.readings):
        raise ValueError(
            "model(*inputs) reads the first input as one sequence, without an axis of examples;"
            " expected a batch of them"
        )
    return record, floats


def _leaf(it: Tensor) -> Tensor:
    return it.clone().requires_grad_() if it.is_floating_point() else it


def _with_steps(batch: Batch, record: Record) -> Batch:
    """Return the batch, the features of its first input as steps where a layer reads them so."""
    steps = record.readings[0].steps if record.readings else 0
    features = batch.inputs[0].shape[1 if batch.batch_first else 0]
    return replace(batch, steps=steps) if not batch.steps and features == steps > 1 else batch


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
