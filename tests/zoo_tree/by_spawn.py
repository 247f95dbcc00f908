"""Trains a model in each of two children that PyTorch starts; the second one may fail."""

import sys

import torch
from steps import moved


def train(number, fails):
    # phase: learning
    torch.manual_seed(number)
    model = torch.nn.Linear(3, 1)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    if fails and number == 1:
        raise ValueError("the root cause")
    for _ in range(2):
        loss = (model(torch.ones(4, 3)) ** 2).mean() * moved(1.0, 0.25)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    if number == 0:
        print("loss:", loss.item(), flush=True)


if __name__ == "__main__":
    method, fails = sys.argv[1], "--fail" in sys.argv
    torch.multiprocessing.start_processes(train, (fails,), nprocs=2, start_method=method)
