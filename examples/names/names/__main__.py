"""Trains, evaluates and samples."""

import argparse
import sys

import torch
from torch.utils.data import DataLoader

from names.data import Characters, names, split
from names.model import Config, Transformer


@torch.inference_mode()
def evaluate(model, data, batches=4):
    model.eval()
    losses = []
    for number, (x, y) in enumerate(DataLoader(data, batch_size=32)):
        losses.append(model(x, y)[1].item())
        if number + 1 >= batches:
            break
    model.train()
    return sum(losses) / len(losses)


@torch.no_grad()
def sample(model, count, steps, letters):
    numbers = torch.zeros(count, 1, dtype=torch.long)
    for _ in range(steps):
        logits, _ = model(numbers)
        chances = torch.softmax(logits[:, -1, :], dim=-1)
        numbers = torch.cat((numbers, torch.multinomial(chances, num_samples=1)), dim=1)
    for row in numbers[:, 1:].tolist():
        end = row.index(0) if 0 in row else len(row)
        print("   ", "".join(letters[number] for number in row[:end]))


def main():
    parser = argparse.ArgumentParser(prog="names")
    parser.add_argument("--steps", type=int, default=120)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--seed", type=int, default=3407)
    parser.add_argument("--rate", type=float, default=5e-3)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    words = names()
    everything = Characters(words)
    train_words, test_words = split(words)
    train, test = Characters(train_words), Characters(test_words)
    print(f"number of names: {len(words)}, of letters: {everything.vocabulary - 1}")
    model = Transformer(Config(everything.block, everything.vocabulary))
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=args.rate, weight_decay=0.01, betas=(0.9, 0.99), eps=1e-8
    )
    best = None
    step = 0
    while step < args.steps:
        for x, y in DataLoader(train, batch_size=args.batch_size, shuffle=True):
            _, loss = model(x, y)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            step += 1
            if step % 30 == 0:
                test_loss = evaluate(model, test)
                print(f"step {step} train loss: {loss.item():.4f} test loss: {test_loss:.4f}")
                if best is None or test_loss < best:
                    best = test_loss
                    torch.save(model.state_dict(), "model.pt")
            if step >= args.steps:
                break
    letters = {number: letter for letter, number in everything.number.items()}
    sample(model, 4, everything.block - 1, letters)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
