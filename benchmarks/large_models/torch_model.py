"""Trains the head of a model whose other parameters take 128 MB, and that is local to ``main``."""

import torch


def main():
    torch.manual_seed(1)
    rows = torch.nn.Embedding(500_000, 64)
    rows.weight.requires_grad_(False)
    model = torch.nn.Sequential(rows, torch.nn.Linear(64, 1))
    optimiser = torch.optim.Adam(model[1].parameters())
    for step in range(3):
        loss = (model(torch.arange(step, 500_000, 5_000)) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        print("loss:", loss.item(), flush=True)


main()
