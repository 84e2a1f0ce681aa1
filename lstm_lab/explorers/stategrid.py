"""Every state of a layer, and where each is in what the call returns."""

from collections.abc import Sequence

import traitlets
from torch import Tensor, nn

from lstm_lab.checks import check_index, check_int
from lstm_lab.explorers.base import Explorer, as_float32, check_sequences, check_small, state_of
from lstm_lab.explorers.export import export
from lstm_lab.explorers.scripts import for_notebook
from lstm_lab.printing import count


class StateGrid(Explorer):
    """Every state of a layer, and where each is in ``output``, ``h_n`` and ``c_n``.

    Args:
        module: an ``nn.LSTM``, ``nn.GRU`` or ``nn.RNN``, or several that differ in ``num_layers``
            and ``bidirectional``, between which the reader can choose. At most 4 units.
        x: ``(batch, seq_len, input_size)``, whatever ``batch_first`` the module has; at most 3
            sequences of 24 steps.
        name: what Python calls the module, for the code that is shown; by default ``"lstm"``,
            ``"gru"`` or ``"rnn"``.
        shorter: steps that the second sequence has less when the reader pads it.
        id: of the element on a page.
        state: ``layers``, ``directions``, ``steps``, ``example``, ``padded``, ``batch_first``;
            ``want``, what is picked out: ``"output"``, ``"h_n"``, ``"c_n"``, ``"one"`` (result per
            sequence) or ``"later"`` (to go on); ``quantity``, ``layer``, ``direction``, ``step``,
            ``unit`` of the chosen number, ``quantity=""`` for none; ``clock``, the last moment
            that has been computed, -1 for all.
    Raises:
        ValueError: the modules or ``x`` do not fit, or are too large to be read.

    >>> lstm = nn.LSTM(2, 3, num_layers=2, batch_first=True)
    >>> StateGrid(lstm, torch.randn(2, 4, 2), quantity="h", layer=0, step=3)
    <StateGrid nn.LSTM(2, 3): 2 layers, 1 direction; 2 sequences of 4 steps; h, layer 0, step 3>
    """

    _esm = for_notebook("StateGrid")
    layers = state_of(traitlets.Int, 1)
    directions = state_of(traitlets.Int, 1)
    steps = state_of(traitlets.Int, 0)
    example = state_of(traitlets.Int, 0)
    padded = state_of(traitlets.Bool, False)
    batch_first = state_of(traitlets.Bool, True)
    want = state_of(traitlets.Unicode, "")
    quantity = state_of(traitlets.Unicode, "")
    layer = state_of(traitlets.Int, 0)
    direction = state_of(traitlets.Int, 0)
    step = state_of(traitlets.Int, 0)
    unit = state_of(traitlets.Int, 0)
    clock = state_of(traitlets.Int, -1)

    def __init__(
        self,
        module: nn.RNNBase | Sequence[nn.RNNBase],
        x: Tensor,
        *,
        name: str | None = None,
        shorter: int = 2,
        id: str = "state-grid",
        **state,
    ) -> None:
        modules = list(module) if isinstance(module, (list, tuple)) else [module]
        networks = [check_small(export(each)) for each in modules]
        if not networks:
            raise ValueError("module is empty; expected at least one layer")
        kinds = {
            (net["kind"], net["input_size"], net["hidden_size"], net["proj_size"])
            for net in networks
        }
        shapes = {(net["num_layers"], net["bidirectional"]) for net in networks}
        if len(kinds) > 1 or len(shapes) < len(networks):
            wanted = "layers of one kind and size that differ in num_layers or bidirectional"
            raise ValueError(f"module has {len(networks)} layers; expected {wanted}")
        x = check_sequences(x, networks[0]["input_size"], most=3)
        first = networks[0]
        start = {
            "layers": first["num_layers"],
            "directions": 1 + first["bidirectional"],
            "steps": x.shape[1],
            "layer": first["num_layers"] - 1,
            "step": x.shape[1] - 1,
        }
        data = {
            "networks": networks,
            "name": name or first["kind"].lower(),
            "x": as_float32(x),
            "shorter": check_int("shorter", shorter, least=1),
        }
        super().__init__(data, id=id, **start | state)

    def _check(self) -> None:
        networks = self.data["networks"]
        shapes = {(net["num_layers"], net["bidirectional"]) for net in networks}
        if (self.layers, self.directions - 1) not in shapes:
            have = ", ".join(f"{depth} and {1 + both}" for depth, both in sorted(shapes))
            found = f"layers is {self.layers} and directions {self.directions}"
            raise ValueError(f"{found}; expected {have}")
        network, length = self.data["networks"][0], len(self.data["x"][0])
        size = network["hidden_size"]
        sizes = {"": size, "h": network["proj_size"] or size}
        wishes = ["", "output", "h_n", "one", "later"]
        if network["kind"] == "LSTM":
            sizes["c"] = size
            wishes.append("c_n")
        for name, known in (("quantity", sizes), ("want", wishes)):
            if getattr(self, name) not in known:
                wanted = " or ".join(map(repr, known))
                raise ValueError(f"{name} is {getattr(self, name)!r}; expected {wanted}")
        if self.want and self.quantity:
            raise ValueError(f"want is {self.want!r} and quantity {self.quantity!r}; expected one")
        if not 1 <= self.steps <= length:
            raise ValueError(f"steps is {self.steps}; expected 1 to {length}")
        cut = (
            self.quantity
            and self.padded
            and self.example == 1
            and self.steps > self.data["shorter"]
        )
        check_index("example", self.example, len(self.data["x"]))
        check_index("layer", self.layer, self.layers)
        check_index("direction", self.direction, self.directions)
        check_index("step", self.step, self.steps - (self.data["shorter"] if cut else 0))
        check_index("unit", self.unit, sizes[self.quantity])

    def _says(self) -> str:
        first = self.data["networks"][0]
        sizes = f"nn.{first['kind']}({first['input_size']}, {first['hidden_size']})"
        counts = count(self.layers, "layer"), count(self.directions, "direction")
        read = f"{count(len(self.data['x']), 'sequence')} of {count(self.steps, 'step')}"
        place = f"{self.quantity}, layer {self.layer}, step {self.step}"
        where = f"; {place if self.quantity else self.want}" if self.quantity or self.want else ""
        return f"{sizes}: {', '.join(counts)}; {read}{where}"
