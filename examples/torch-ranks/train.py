"""Trains one model in two processes: ``python -m torch.distributed.run --nproc_per_node=2 train.py``."""

import argparse
import os

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.data.distributed import DistributedSampler


class Trainer:
    def __init__(self, model, loader, optimizer, rank):
        self.rank = rank
        self.model = DistributedDataParallel(model)
        self.loader = loader
        self.optimizer = optimizer

    def step(self, source, targets):
        self.optimizer.zero_grad()
        loss = nn.functional.mse_loss(self.model(source), targets)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def epoch(self, epoch):
        self.loader.sampler.set_epoch(epoch)
        total = 0.0
        for source, targets in self.loader:
            total += self.step(source, targets)
        mean = torch.tensor(total / len(self.loader))
        dist.all_reduce(mean)
        if self.rank == 0:
            print(f"Epoch {epoch} | Steps: {len(self.loader)} | loss {mean.item() / dist.get_world_size():.6f}")

    def train(self, epochs, path):
        for epoch in range(epochs):
            self.epoch(epoch)
            if self.rank == 0 and epoch == epochs - 1:
                torch.save(self.model.module.state_dict(), path)


def load(seed):
    generator = torch.Generator().manual_seed(7)
    inputs = torch.rand(512, 20, generator=generator)
    weights = torch.randn(20, 1, generator=generator)
    targets = inputs @ weights + 0.1 * torch.randn(512, 1, generator=generator)
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(20, 16), nn.Tanh(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2, weight_decay=1e-4)
    return TensorDataset(inputs, targets), model, optimizer


def main():
    parser = argparse.ArgumentParser(description="Distributed training")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    dist.init_process_group("gloo")
    data, model, optimizer = load(args.seed)
    sampler = DistributedSampler(data, shuffle=True, seed=args.seed)
    loader = DataLoader(data, batch_size=32, sampler=sampler)
    trainer = Trainer(model, loader, optimizer, int(os.environ["RANK"]))
    trainer.train(args.epochs, "snapshot.pt")
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
