"""Word vectors: pre-trained where they are given, or trained on the snippets themselves."""

import os

import gensim
import numpy as np

PRETRAINED = "GoogleNews-vectors-negative300.bin"
PRETRAINED_DIMENSION = 300
SPREAD = 0.25
OLD_GENSIM = gensim.__version__ < "4"


def word_vectors(folder, snippets, vocabulary, dimension, seed, passes=5):
    """One row per word number, shape (words + 1, dimension), and where the vectors come from.

    Row 0 is the padding's; words without a vector get small noise. The pre-trained ones are taken
    where their file lies in the folder and the dimension is theirs.
    """
    path = os.path.join(folder, PRETRAINED)
    if dimension == PRETRAINED_DIMENSION and os.path.exists(path):
        known = read_pretrained(path, vocabulary)
        source = "word2vec, " + PRETRAINED
    else:
        known = train_on(snippets, dimension, seed, passes)
        source = "word2vec, trained on the snippets"
    source_of_noise = np.random.RandomState(seed)
    rows = source_of_noise.uniform(-SPREAD, SPREAD, (len(vocabulary) + 1, dimension))
    rows[0] = 0
    for word, index in vocabulary.items():
        if word in known:
            rows[index] = known[word]
    return rows.astype("float32"), source


def read_pretrained(path, vocabulary):
    """Those vectors of a binary word2vec file that belong to words of the vocabulary."""
    known = {}
    with open(path, "rb") as file:
        number, dimension = map(int, file.readline().split())
        for _ in range(number):
            letters = bytearray()
            while not letters.endswith(b" "):
                letters += file.read(1)
            values = file.read(4 * dimension)
            word = letters.decode("utf-8", "replace").strip()
            if word in vocabulary:
                known[word] = np.frombuffer(values, dtype="float32")
    return known


def train_on(snippets, dimension, seed, passes):
    """Vectors for the words of the snippets, as long as random ones of this spread are."""
    sizes = {"vector_size": dimension, "epochs": passes}
    if OLD_GENSIM:
        sizes = {"size": dimension, "iter": passes}
    model = gensim.models.Word2Vec(
        snippets, min_count=1, window=10, sample=1e-3, workers=1, seed=seed, **sizes
    )
    words = model.wv.vocab if OLD_GENSIM else model.wv.key_to_index
    length = SPREAD * np.sqrt(dimension / 3.0)
    return {word: model.wv[word] * (length / np.linalg.norm(model.wv[word])) for word in words}
