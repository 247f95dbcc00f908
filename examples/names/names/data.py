"""Names made from syllables, and batches of their characters."""

import torch
from torch.utils.data import Dataset

STARTS = ["ka", "lo", "mi", "ne", "ra", "so", "ta", "vi"]
ENDS = ["la", "na", "ra", "ro", "n", "s", "th"]


def names():
    return [a + b + c for a in STARTS for b in STARTS for c in ENDS if a != b]


class Characters(Dataset):
    """Rows of token numbers; 0 ends a name, and -1 is not predicted."""

    def __init__(self, words):
        self.words = words
        letters = sorted(set("".join(words)))
        self.number = {letter: place + 1 for place, letter in enumerate(letters)}
        self.longest = max(map(len, words))

    @property
    def vocabulary(self):
        return len(self.number) + 1

    @property
    def block(self):
        return self.longest + 1

    def __len__(self):
        return len(self.words)

    def __getitem__(self, index):
        numbers = torch.tensor([self.number[letter] for letter in self.words[index]])
        x = torch.zeros(self.block, dtype=torch.long)
        y = torch.zeros(self.block, dtype=torch.long)
        x[1 : 1 + len(numbers)] = numbers
        y[: len(numbers)] = numbers
        y[len(numbers) + 1 :] = -1
        return x, y


def split(words):
    order = torch.randperm(len(words)).tolist()
    shuffled = [words[place] for place in order]
    held_out = min(100, len(words) // 10)
    return shuffled[:-held_out], shuffled[-held_out:]
