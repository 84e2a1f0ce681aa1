"""The slow and plain way: every state and gate from a loop over PyTorch's own cells."""

import torch
from torch import nn


def cell_of(module, layer, direction):
    """Return ``nn.LSTMCell`` and its like with the weights of one layer and direction.

    A projection is left out: ``nn.LSTMCell`` has none, the loop applies it.
    """
    kind = {nn.LSTM: nn.LSTMCell, nn.GRU: nn.GRUCell, nn.RNN: nn.RNNCell}[type(module)]
    extra = {"nonlinearity": module.nonlinearity} if type(module) is nn.RNN else {}
    suffix = f"_l{layer}" + ("_reverse" if direction else "")
    below = getattr(module, "weight_ih" + suffix).shape[1]
    cell = kind(below, module.hidden_size, bias=module.bias, device="meta", **extra)
    names = ["weight_ih", "weight_hh", *(["bias_ih", "bias_hh"] if module.bias else [])]
    # Not load_state_dict: the very tensors, so that gradients reach the module.
    for name in names:
        del cell._parameters[name]
        setattr(cell, name, getattr(module, name + suffix))
    return cell, getattr(module, "weight_hr" + suffix, None)


def gates_of(cell, x, h, module):
    """Return the gates of one step by the equations of the documentation."""
    from_x = x @ cell.weight_ih.T + (cell.bias_ih if module.bias else 0)
    from_h = h @ cell.weight_hh.T + (cell.bias_hh if module.bias else 0)
    if type(module) is nn.LSTM:
        i, f, g, o = (from_x + from_h).chunk(4, -1)
        return {"i": i.sigmoid(), "f": f.sigmoid(), "g": g.tanh(), "o": o.sigmoid()}
    if type(module) is nn.GRU:
        (r_x, z_x, n_x), (r_h, z_h, n_h) = from_x.chunk(3, -1), from_h.chunk(3, -1)
        r = (r_x + r_h).sigmoid()
        return {"r": r, "z": (z_x + z_h).sigmoid(), "n": (n_x + r * n_h).tanh()}
    return {}


def cells_of(module):
    """Return the cell of every layer and direction, as ``cell_of`` does."""
    directions = range(1 + module.bidirectional)
    return [[cell_of(module, layer, k) for k in directions] for layer in range(module.num_layers)]


def loop_direction(module, cell, weight_hr, direction, x, h, c):
    """Return the quantities of one sequence ``(seq_len, features)``, in input order."""
    steps = []
    for x_t in x.flip(0) if direction else x:
        gates = gates_of(cell, x_t, h, module)
        if type(module) is nn.LSTM:
            # The cell takes h of hidden_size; with a projection the equations stand in for it.
            if weight_hr is None:
                h, c = cell(x_t.unsqueeze(0), (h.unsqueeze(0), c.unsqueeze(0)))
                h, c = h[0], c[0]
            else:
                c = gates["f"] * c + gates["i"] * gates["g"]
                h = (gates["o"] * c.tanh()) @ weight_hr.T
            steps.append({"h": h, "c": c, **gates})
        else:
            h = cell(x_t.unsqueeze(0), h.unsqueeze(0))[0]
            steps.append({"h": h, **gates})
    steps = steps[::-1] if direction else steps
    return {name: torch.stack([step[name] for step in steps]) for name in steps[0]}


def loop(module, cells, x, h_0, c_0=None):
    """Return the quantities of one sequence: ``(layers, directions, seq_len, features)`` each."""
    rows = []
    for layer in cells:
        found = []
        for direction, cell in enumerate(layer):
            row = len(rows) * len(layer) + direction
            c = None if c_0 is None else c_0[row]
            found.append(loop_direction(module, *cell, direction, x, h_0[row], c))
        x = torch.cat([states["h"] for states in found], dim=-1)
        rows.append({name: torch.stack([s[name] for s in found]) for name in found[0]})
    return {name: torch.stack([row[name] for row in rows]) for name in rows[0]}
