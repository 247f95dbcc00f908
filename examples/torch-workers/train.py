"""Trains a small network on shapes: data loaders with workers, checkpoints, a schedule of rates."""

import argparse
import os

import torch
from torch import nn, optim
from torch.nn import functional
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader, Dataset


class Shapes(Dataset):
    """Squares, crosses and diagonals, drawn from a seed at random places of an 8 x 8 image."""

    def __init__(self, size, seed):
        self.size = size
        self.seed = seed

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        generator = torch.Generator().manual_seed(self.seed * 100_003 + index)
        label = index % 3
        image = torch.zeros(1, 8, 8)
        row, column = torch.randint(0, 4, (2,), generator=generator).tolist()
        if label == 0:
            image[0, row : row + 4, column : column + 4] = 1
            image[0, row + 1 : row + 3, column + 1 : column + 3] = 0
        elif label == 1:
            image[0, row + 1 : row + 3, column : column + 4] = 1
            image[0, row : row + 4, column + 1 : column + 3] = 1
        else:
            for step in range(4):
                image[0, row + step, column + step] = 1
        noise = torch.randn(1, 8, 8, generator=generator)
        return image + 0.5 * noise, label


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.dropout = nn.Dropout(0.25)
        self.head = nn.Linear(8 * 16, 3)

    def forward(self, x):
        x = functional.relu(self.norm(self.conv(x)))
        x = functional.max_pool2d(x, 2)
        x = self.dropout(torch.flatten(x, 1))
        return functional.log_softmax(self.head(x), dim=1)


def train(args, model, loader, optimizer, epoch):
    model.train()
    for batch, (data, target) in enumerate(loader):
        optimizer.zero_grad()
        loss = functional.nll_loss(model(data), target)
        loss.backward()
        optimizer.step()
        if batch % args.log_interval == 0:
            done = batch * len(data)
            print(f"Train Epoch: {epoch} [{done}/{len(loader.dataset)}]\tLoss: {loss.item():.6f}")


def test(model, loader):
    model.eval()
    loss, correct = 0.0, 0
    with torch.no_grad():
        for data, target in loader:
            output = model(data)
            loss += functional.nll_loss(output, target, reduction="sum").item()
            correct += output.argmax(dim=1).eq(target).sum().item()
    size = len(loader.dataset)
    accuracy = 100.0 * correct / size
    print(f"\nTest set: Average loss: {loss / size:.4f}, Accuracy: {correct}/{size} ({accuracy:.1f}%)\n")


def main():
    parser = argparse.ArgumentParser(description="Shapes with PyTorch")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--lr", type=float, default=0.02)
    parser.add_argument("--gamma", type=float, default=0.7)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log-interval", type=int, default=5)
    parser.add_argument("--folder", default="checkpoints")
    args = parser.parse_args()

    # phase: preprocessing
    torch.manual_seed(args.seed)
    os.makedirs(args.folder, exist_ok=True)
    options = {"batch_size": args.batch_size, "num_workers": args.workers}
    train_loader = DataLoader(Shapes(600, 1), shuffle=True, **options)
    test_loader = DataLoader(Shapes(300, 2), **options)

    # phase: constructing
    model = Net()
    optimizer = optim.SGD(model.parameters(), lr=args.lr, momentum=0.9)
    scheduler = StepLR(optimizer, step_size=1, gamma=args.gamma)

    # phase: learning
    for epoch in range(1, args.epochs + 1):
        train(args, model, train_loader, optimizer, epoch)
        test(model, test_loader)
        scheduler.step()
        torch.save(model.state_dict(), os.path.join(args.folder, "last.pt"))


if __name__ == "__main__":
    main()
