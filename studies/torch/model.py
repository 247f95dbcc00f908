"""The convolutional network for sentences (Kim 2014) in PyTorch."""

import torch
from torch import nn
from torch.nn import functional

FILTER_SIZES = (3, 4, 5)
DROPOUT = 0.5
CLASSES = 2
NORM_LIMIT = 3.0


class SentenceClassifier(nn.Module):
    """Word numbers (batch, length) to scores (batch, classes)."""

    def __init__(self, vectors, feature_maps):
        super().__init__()
        words = torch.from_numpy(vectors)
        self.embedding = nn.Embedding.from_pretrained(words, freeze=False)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(vectors.shape[1], feature_maps, size) for size in FILTER_SIZES
        )
        self.dropout = nn.Dropout(DROPOUT)
        self.scores = nn.Linear(feature_maps * len(FILTER_SIZES), CLASSES)
        nn.init.zeros_(self.scores.weight)
        nn.init.zeros_(self.scores.bias)

    def forward(self, rows):
        """The scores of the classes."""
        embedded = self.embedding(rows).transpose(1, 2)
        pooled = [functional.relu(block(embedded)).amax(dim=2) for block in self.convolutions]
        return self.scores(self.dropout(torch.cat(pooled, dim=1)))

    def limit_norms(self):
        """Scale back the weights of a class whose norm has grown beyond the limit."""
        with torch.no_grad():
            weight = self.scores.weight
            norms = weight.norm(dim=1, keepdim=True)
            weight.mul_(norms.clamp(max=NORM_LIMIT) / (norms + 1e-7))
