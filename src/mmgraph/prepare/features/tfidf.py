"""The text encoder that needs no model: weighted words, and the few directions in which they differ most."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float32

from mmgraph.prepare.features.encoder import Encoder, versions

# Words, and single characters of the scripts that put no spaces between words (Thai, Japanese, Chinese).
_TOKEN = (
    r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]|[^\W\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+"
)
_MOST_TERMS = 2**18
_NOTHING = 1e-6
"""Rows shorter than this (a text's own terms make 1) lie outside all directions: what is left of them is rounding."""


class TfidfEncoder(Encoder[str]):
    """TF-IDF of words and pairs of words, reduced by a truncated SVD (latent semantic analysis), rows of norm 1.

    Source: S. Deerwester et al., Indexing by latent semantic analysis, JASIS 1990
    (https://doi.org/10.1002/(SICI)1097-4571(199009)41:6%3C391::AID-ASI1%3E3.0.CO;2-9). Terms of a single text are left
    out: they reveal nothing of others. A text without a term that others have gets a row of zeros.

    Args:
        dim: length of the rows, at the most: fewer texts or terms have fewer directions.

    Example:
        >>> texts = ["red shoe", "blue shoe", "green tea", "black tea"]
        >>> encoder = TfidfEncoder()
        >>> encoder.fit(texts)
        >>> x = encoder.encode(texts)
        >>> (x @ x.T).round().astype(int).tolist()
        [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]]
    """

    def __init__(self, dim: int = 128) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        self.dim = dim
        self._terms = TfidfVectorizer(
            token_pattern=_TOKEN,
            ngram_range=(1, 2),
            min_df=2,
            max_features=_MOST_TERMS,
            sublinear_tf=True,
            dtype=np.float32,
        )

    def fit(self, contents: Iterable[str]) -> None:
        """Learns terms and directions.

        Raises:
            ValueError: the texts share fewer than two terms.
        """
        from sklearn.decomposition import TruncatedSVD
        from threadpoolctl import threadpool_limits

        try:
            x = self._terms.fit_transform(contents)
        except ValueError:  # scikit-learn has several sentences for "no terms"
            x = None
        if x is None or x.shape[1] < 2:
            raise ValueError(
                "the texts share fewer than two words, so tfidf cannot compare the items; name a model that knows the "
                "language instead"
            )
        self._directions = TruncatedSVD(min(self.dim, *x.shape), random_state=0)
        with threadpool_limits(limits=1):  # the order of sums, hence the last bits, depends on the number of threads
            self._directions.fit(x)

    def encode(self, contents: Sequence[str]) -> Float32[np.ndarray, "items dim"]:
        """Rows of norm 1, or 0."""
        from threadpoolctl import threadpool_limits

        with threadpool_limits(limits=1):
            x = self._directions.transform(self._terms.transform(contents))
        norm = np.linalg.norm(x, axis=1, keepdims=True)
        return np.where(norm > _NOTHING, x / np.maximum(norm, _NOTHING), 0).astype(np.float32)

    @property
    def recipe(self) -> dict[str, Any]:
        """Its largest dimension, versions, and that it takes one thread."""
        return {
            "encoder": "tfidf",
            "most_dim": self.dim,
            "threads": 1,
            "versions": versions("numpy", "scikit-learn", "scipy"),
        }
