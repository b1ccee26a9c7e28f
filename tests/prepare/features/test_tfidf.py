import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from mmgraph.prepare.features.tfidf import TfidfEncoder

WORDS = [f"word{i}" for i in range(400)]


def texts(count, seed=0):
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, size=12)) for _ in range(count)]


def encoded(corpus):
    encoder = TfidfEncoder()
    encoder.fit(corpus)
    return encoder.encode(corpus)


def test_rows_of_norm_one_and_at_most_128_numbers():
    x = encoded(texts(300))
    assert x.shape == (300, 128)
    assert x.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(x, axis=1), 1, atol=1e-5)
    assert encoded(texts(20)).shape[1] <= 20


def test_the_number_of_blas_threads_changes_no_byte(monkeypatch):
    """TruncatedSVD gives other last bits with another number of threads."""
    corpus = texts(1200)
    with threadpool_limits(limits=1):
        one = encoded(corpus)
    with threadpool_limits(limits=4):
        four = encoded(corpus)
    assert one.tobytes() == four.tobytes()


def test_it_is_computed_by_one_thread_and_leaves_the_others_as_they_were(monkeypatch):
    from sklearn.decomposition import TruncatedSVD

    seen = []
    fit = TruncatedSVD.fit

    def spied(self, x):
        seen.extend(pool["num_threads"] for pool in threadpool_info())
        return fit(self, x)

    monkeypatch.setattr(TruncatedSVD, "fit", spied)
    with threadpool_limits(limits=2):
        before = [pool["num_threads"] for pool in threadpool_info()]
        encoded(texts(30))
        assert [pool["num_threads"] for pool in threadpool_info()] == before
    assert set(seen) == {1}


def test_a_row_does_not_depend_on_the_others_it_is_encoded_with():
    corpus = texts(200)
    encoder = TfidfEncoder()
    encoder.fit(iter(corpus))
    parts = [encoder.encode(corpus[:70]), encoder.encode(corpus[70:])]
    np.testing.assert_allclose(np.concatenate(parts), encoder.encode(corpus), atol=1e-6)


def test_a_text_that_shares_no_word_is_a_row_of_zeros():
    x = encoded(["red shoe", "blue shoe", "red hat", "blue hat", "zzz qqq", "!!!"])
    assert x.any(axis=1).tolist() == [True] * 4 + [False] * 2


def test_scripts_without_spaces_are_compared_by_characters():
    x = encoded(["赤い靴", "青い靴", "赤い帽子", "青い帽子", "緑茶", "紅茶"])
    assert x[0] @ x[1] > x[0] @ x[4] + 0.1
    assert x[4] @ x[5] > x[4] @ x[0] + 0.1


@pytest.mark.parametrize("corpus", [["shoe"], ["red", "blue"], ["!!", "??"], ["shoe", "shoe"]])
def test_texts_that_share_nothing_are_refused(corpus):
    with pytest.raises(ValueError, match="share fewer than two words"):
        encoded(corpus)
