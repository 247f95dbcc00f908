"""Trains two networks on spirals, on the paths of bugs that PyTorch and Accelerate had."""

import math
import sys

import torch
from accelerate import Accelerator
from torch import nn

SEED = int(sys.argv[1])
cross_entropy = nn.functional.cross_entropy


def spirals(size, seed):
    """Return points on two noisy spirals, and the spiral of each."""
    draw = torch.Generator().manual_seed(seed)
    angle = torch.rand(size, generator=draw).sqrt() * 1.5 * math.pi
    side = torch.randint(0, 2, (size,), generator=draw)
    turned = angle + math.pi * side
    points = torch.stack([angle * turned.cos(), angle * turned.sin()], dim=1) / 5
    return points + 0.02 * torch.randn(size, 2, generator=draw), side


class TwoHeads(nn.Module):
    """A network with a head for each of two tasks."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh())
        self.heads = nn.ModuleList([nn.Linear(32, 2), nn.Linear(32, 2)])

    def forward(self, x, task):
        """Return the scores of one task."""
        return self.heads[task](self.body(x))


def report(name, epoch, scores):
    """Print how well other points are told apart."""
    loss = cross_entropy(scores, Y_TEST).item()
    accuracy = (scores.argmax(dim=1) == Y_TEST).float().mean().item()
    print(f"{name}: epoch {epoch} loss {loss:.6f} accuracy {accuracy:.4f}")


def tasks():
    """Train one head by NAdam, and the other, with the opposite labels, in every fifth step."""
    torch.manual_seed(SEED)
    accelerator = Accelerator(cpu=True)
    model = TwoHeads()
    optimizer = torch.optim.NAdam(model.parameters(), lr=0.02, weight_decay=0.001)
    model, optimizer = accelerator.prepare(model, optimizer)
    for epoch in range(8):
        for step, batch in enumerate(torch.randperm(len(X)).split(60)):
            task = int(step % 5 == 4)
            optimizer.zero_grad()
            accelerator.backward(cross_entropy(model(X[batch], task), Y[batch] ^ task))
            optimizer.step()
        with torch.no_grad():
            report("tasks", epoch, model(X_TEST, 0))
    return model


def averaged():
    """Train by averaged gradient descent, whose rate falls."""
    torch.manual_seed(SEED)
    model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 2))
    optimizer = torch.optim.ASGD(model.parameters(), lr=0.5, lambd=0.001, foreach=True)
    for epoch in range(8):
        for batch in torch.randperm(len(X)).split(60):
            optimizer.zero_grad()
            cross_entropy(model(X[batch]), Y[batch]).backward()
            optimizer.step()
        with torch.no_grad():
            report("averaged", epoch, model(X_TEST))
    return model


X, Y = spirals(600, 0)
X_TEST, Y_TEST = spirals(300, 1)
models = [tasks(), averaged()]
