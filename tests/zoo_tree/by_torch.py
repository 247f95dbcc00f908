"""Trains a model with PyTorch: alone with a data loader's workers, or in two ranks on gloo."""

import os
import sys

import torch
from torch.utils.data import DataLoader

# phase: constructing
torch.manual_seed(1)
rate = 0.1
model = torch.nn.Linear(3, 1)
workers = int(sys.argv[1])
context = sys.argv[2] if workers else None


class Rows(torch.utils.data.Dataset):
    """Rows that workers read."""

    def __len__(self):
        return 16

    def __getitem__(self, index):
        return torch.full((3,), index * 0.5)


# phase: learning
if __name__ == "__main__":
    if "RANK" in os.environ:
        torch.distributed.init_process_group("gloo")
        model = torch.nn.parallel.DistributedDataParallel(model)
    if "--fail" in sys.argv and os.environ.get("RANK", "0") == os.environ["RANK_THAT_FAILS"]:
        raise ValueError("the root cause")
    optimiser = torch.optim.SGD(model.parameters(), lr=rate)
    loader = DataLoader(Rows(), batch_size=4, num_workers=workers, multiprocessing_context=context)
    for _ in range(2):
        for batch in loader:
            loss = (model(batch) ** 2).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        print("loss:", loss.item(), flush=True)
