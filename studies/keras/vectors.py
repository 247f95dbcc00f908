"""Word vectors, trained on the snippets themselves."""

import numpy as np
from gensim.models import Word2Vec


def word_vectors(snippets, vocabulary, dimension, seed, passes=5):
    """One row per word number, shape (words + 1, dimension); row 0 is small noise."""
    model = Word2Vec(
        snippets,
        vector_size=dimension,
        min_count=1,
        window=10,
        sample=1e-3,
        epochs=passes,
        workers=1,
        seed=seed,
    )
    rows = np.random.uniform(-0.25, 0.25, (len(vocabulary) + 1, dimension))
    for word, index in vocabulary.items():
        rows[index] = model.wv[word] / np.linalg.norm(model.wv[word])
    return rows.astype("float32")
