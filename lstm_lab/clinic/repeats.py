"""What two calls tell that one does not: chance, a state that stays behind, a graph that does."""

from collections.abc import Iterator

from lstm_lab.clinic.answers import Answers
from lstm_lab.clinic.findings import Finding
from lstm_lab.clinic.record import tensors


def again(answers: Answers, stateful: bool) -> Iterator[Finding]:
    """Yield what differs when the same input is given again.

    Args:
        stateful: the model carries a state on purpose.
    """
    subject, inputs = answers.subject, answers.batch.inputs
    first = subject(inputs, grad=True)
    nodes = graph(first)
    second = subject(inputs, fresh=False, grad=True)
    if nodes & graph(second):
        yield Finding(
            "graph kept",
            "proved",
            "",
            "the graph of the second call contains the graph of the first: backward() through it"
            " raises, or runs through all calls there ever were.",
            "`self.state = tuple(each.detach() for each in state)`",
            10,
        )
    del first, nodes
    chance = answers.moved(answers.after(inputs, seed=1)).max()
    if chance > answers.smallest:
        yield Finding(
            "random answer",
            "measured",
            "",
            f"two calls in eval() with the same input differ by up to {chance:.2g} of the answers'"
            " spread; from one seed they agree.",
            "nothing drawn in eval(): zeros for the initial state,"
            " `F.dropout(x, p, self.training)`, the mean of a latent, a teacher forcing ratio of"
            " 0 or 1",
            5,
        )
    kept = answers.moved(answers.of(second)).max()
    if kept > answers.smallest and not stateful:
        yield Finding(
            "state kept",
            "measured",
            "",
            f"the same input right after itself gets another answer, by up to {kept:.2g} of the"
            " spread: a state of the first call is still there.",
            "an initial state made anew in forward, or returned and handed in; where it is meant,"
            " `diagnose(..., stateful=True)`",
            10,
        )


def graph(result: object) -> set:
    """Return the graph of a result, the leaves left out, which all graphs share."""
    waiting = [each.grad_fn for each in tensors(result) if each.grad_fn is not None]
    nodes = set()
    while waiting:
        node = waiting.pop()
        if node in nodes or type(node).__name__ == "AccumulateGrad":
            continue
        nodes.add(node)
        waiting += [following for following, _ in node.next_functions if following is not None]
    return nodes
