"""Which letters an answer depends on, by its gradient."""

import torch


def letters_that_reach(embedding, logits):
    """Return the letters on whose embedding the logits depend."""
    total = (logits * torch.randn_like(logits)).sum()
    (gradient,) = torch.autograd.grad(total, embedding.weight, retain_graph=True)
    return set(gradient.any(dim=1).nonzero().flatten().tolist())
