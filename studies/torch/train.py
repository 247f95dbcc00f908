"""Train a sentence classifier on movie reviews and print its accuracy on held-out ones."""

import argparse

import numpy as np
import torch
from batches import batches
from model import DROPOUT, FILTER_SIZES, SentenceClassifier
from reviews import encode, load, vocabulary_of
from torch.nn import functional
from vectors import word_vectors

options = argparse.ArgumentParser(description=__doc__)
options.add_argument("--data", required=True, help="folder of the snippets, perhaps of vectors")
options.add_argument("--seed", type=int, default=0)
options.add_argument("--epochs", type=int, default=25)
options.add_argument("--batch-size", type=int, default=50)
options.add_argument("--dimension", type=int, default=300)
options.add_argument("--feature-maps", type=int, default=100)
options.add_argument("--snippets", type=int, default=0, help="use only so many (0: all)")
options.add_argument("--passes", type=int, default=5, help="passes of word2vec")
options = options.parse_args()
torch.manual_seed(options.seed)
np.random.seed(options.seed)

# phase: preprocessing
snippets, labels, held_out = load(options.data, options.seed, options.snippets)
vocabulary = vocabulary_of(snippets)
rows = torch.from_numpy(encode(snippets, vocabulary, max(FILTER_SIZES) - 1)).long()
labels = torch.from_numpy(labels)
vectors, source = word_vectors(
    options.data, snippets, vocabulary, options.dimension, options.seed, options.passes
)
x_train, y_train = rows[:-held_out], labels[:-held_out]
x_test, y_test = rows[-held_out:], labels[-held_out:]
validation = len(x_train) // 10
x_valid, y_valid = x_train[-validation:], y_train[-validation:]
x_train, y_train = x_train[:-validation], y_train[:-validation]

# phase: constructing
loss_of = functional.cross_entropy
model = SentenceClassifier(vectors, options.feature_maps)
optimiser = torch.optim.Adadelta(model.parameters(), lr=1.0, rho=0.95, eps=1e-6)
settings = {
    "loss function": loss_of.__name__,
    "embedding dimension": options.dimension,
    "embedding initialization": source,
    "filter size": list(FILTER_SIZES),
    "feature maps": options.feature_maps,
    "dropout": DROPOUT,
    "optimiser": type(optimiser).__name__,
    "batch size": options.batch_size,
    "epoch number": options.epochs,
}
for name, value in settings.items():
    print(f"trainwreck: setting {name}={value}")


def accuracy(x, y):
    """The share of rows whose class is found."""
    model.eval()
    correct = 0
    with torch.no_grad():
        for chosen in batches(len(x), options.batch_size):
            correct += (model(x[chosen]).argmax(dim=1) == y[chosen]).sum().item()
    return correct / len(x)


# phase: learning
for epoch in range(options.epochs):
    model.train()
    total = 0.0
    order = np.random.permutation(len(x_train))
    for chosen in batches(len(x_train), options.batch_size, order):
        optimiser.zero_grad()
        loss = loss_of(model(x_train[chosen]), y_train[chosen])
        loss.backward()
        optimiser.step()
        model.limit_norms()
        total += loss.item() * len(chosen)
    print(
        f"epoch {epoch}: loss: {total / len(x_train):.6f} "
        f"val_accuracy: {accuracy(x_valid, y_valid):.4f} "
        f"test_accuracy: {accuracy(x_test, y_test):.4f}",
        flush=True,
    )
