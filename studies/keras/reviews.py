"""The movie-review snippets: read, clean, encode."""

import os
import re

import numpy as np

ORIGINALS = ("rt-polarity.pos", "rt-polarity.neg")
SNIPPETS = "movieReviewSnippets_GroundTruth.txt"


def clean(text):
    """Lower-case words and punctuation marks, separated by single spaces."""
    text = re.sub(r"[^A-Za-z0-9(),!?'`]", " ", text)
    for ending in ("'s", "'ve", "n't", "'re", "'d", "'ll"):
        text = text.replace(ending, " " + ending)
    text = re.sub(r"([,!()?])", r" \1 ", text)
    while "  " in text:
        text = text.replace("  ", " ")
    return text.strip().lower()


def lines_of(path):
    """The lines of a text file in UTF-8 or, failing that, Latin-1."""
    with open(path, "rb") as file:
        content = file.read()
    try:
        return content.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        return content.decode("latin-1").splitlines()


def load(folder, seed, number=0):
    """Snippets as lists of words, their labels, and how many of the last ones are held out.

    They are shuffled; only the first ``number`` count unless it is 0. One tenth is held out; in
    cross-validation the environment says which fold of how many.
    """
    snippets, labels = read(folder)
    order = np.random.RandomState(seed).permutation(len(labels))
    if number:
        order = order[:number]
    held_out = len(order) // 10
    folds = int(os.environ.get("TRAINWRECK_FOLDS", 1))
    if folds > 1:
        inside = folds_of(labels[order], folds) == int(os.environ["TRAINWRECK_FOLD"])
        order = np.concatenate([order[~inside], order[inside]])
        held_out = int(inside.sum())
    return [snippets[index] for index in order], labels[order], held_out


def folds_of(labels, folds):
    """The fold of each label: those of one value are dealt to all folds in turn."""
    turns = np.empty(len(labels), dtype=int)
    turns[np.argsort(labels, kind="stable")] = np.arange(len(labels))
    return turns % folds


def read(folder):
    """Snippets as lists of words, and their labels: 1 is positive, 0 is negative."""
    positive, negative = (os.path.join(folder, name) for name in ORIGINALS)
    if os.path.exists(positive):
        texts = lines_of(positive)
        labels = [1] * len(texts)
        texts += lines_of(negative)
        labels += [0] * (len(texts) - len(labels))
    else:
        texts, labels = [], []
        with open(os.path.join(folder, SNIPPETS), encoding="latin-1") as file:
            for line in file:
                _, rating, text = line.rstrip("\n").split("\t")
                texts.append(text)
                labels.append(1 if float(rating) > 0 else 0)
    return [clean(text).split(" ") for text in texts], np.array(labels)


def vocabulary_of(snippets, size=0):
    """The ``size`` - 1 most frequent words, or all, numbered from 1; 0 is padding and the rest."""
    counts = {}
    for words in snippets:
        for word in words:
            counts[word] = counts.get(word, 0) + 1
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    if size:
        ranked = ranked[: size - 1]
    return {word: index + 1 for index, word in enumerate(ranked)}


def encode(snippets, vocabulary, margin=0):
    """Snippets as rows of word numbers, padded to the longest, with ``margin`` zeros around."""
    longest = max(len(words) for words in snippets)
    rows = np.zeros((len(snippets), longest + 2 * margin), dtype="int32")
    for row, words in zip(rows, snippets):
        row[margin : margin + len(words)] = [vocabulary.get(word, 0) for word in words]
    return rows
