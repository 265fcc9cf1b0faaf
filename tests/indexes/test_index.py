"""Search against brute force, changes against a dictionary, and each oddity of FAISS."""

from typing import Any, Literal

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from indexes.index import IVF_FROM, Index

KINDS: tuple[Literal["flat", "ivf"], ...] = ("flat", "ivf")
DIM = 16


def unit(rng: np.random.Generator, count: int, dim: int = DIM) -> NDArray[np.float32]:
    vectors = rng.normal(size=(count, dim))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32)


def sparse_ids(rng: np.random.Generator, count: int) -> NDArray[np.int64]:
    """Distinct ids in no order, some of them beyond 32 bits."""
    return rng.permutation(count).astype(np.int64) * 3_000_000_019 + 5


def brute(
    index: Index, queries: NDArray[np.float32], k: int, ids: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The first k of all ids by falling float32 score, then rising id."""
    vectors = index.vectors(ids).astype(np.float64)
    scores = np.stack([(vectors * query).sum(axis=1) for query in queries]).astype(np.float32)
    order = np.stack([np.lexsort((ids, -row))[:k] for row in scores])
    return ids[order], np.take_along_axis(scores, order, axis=1)


@pytest.fixture(scope="module", params=KINDS)
def filled(request: pytest.FixtureRequest) -> Index:
    rng = np.random.default_rng(3)
    return Index.build(sparse_ids(rng, 2000), unit(rng, 2000), kind=request.param)


@pytest.mark.parametrize("k", [1, 10, 500, 2000])
@pytest.mark.parametrize("queries", [1, 40])
def test_flat_search_is_brute_force(k: int, queries: int) -> None:
    rng = np.random.default_rng(4)
    ids = sparse_ids(rng, 2000)
    index = Index.build(ids, unit(rng, 2000), kind="flat")
    asked = unit(rng, queries)
    found, scores = index.search(asked, k)
    wanted, exact = brute(index, asked, k, ids)
    np.testing.assert_array_equal(found, wanted)
    np.testing.assert_array_equal(scores, exact)
    assert found.dtype == np.int64
    assert scores.dtype == np.float32


def test_everything_asked_for_comes_back_in_order(filled: Index) -> None:
    asked = unit(np.random.default_rng(5), 3)
    for k in (filled.count, filled.count + 1000):
        found, scores = filled.search(asked, k)
        wanted, exact = brute(filled, asked, filled.count, filled.ids())
        np.testing.assert_array_equal(found, wanted)
        np.testing.assert_array_equal(scores, exact)


@pytest.mark.parametrize("share", [0.005, 0.2, 0.999])
def test_only_allowed_ids_come_back_and_never_too_few(filled: Index, share: float) -> None:
    rng = np.random.default_rng(6)
    held = filled.ids()
    allowed = rng.choice(held, int(share * len(held)), replace=False)
    asked = unit(rng, 5)
    # Unknown and repeated ids among the allowed change nothing.
    mixed = np.concatenate([allowed, allowed[:3], [1, 2]])
    for k in (3, len(allowed) + 7):
        found, scores = filled.search(asked, k, allowed=mixed)
        assert found.shape == scores.shape == (5, min(k, len(allowed)))
        assert np.isin(found, allowed).all()
        # An ivf index looks everywhere when a quarter of what is allowed is wanted.
        if filled.kind == "flat" or 4 * k >= len(allowed):
            wanted, exact = brute(filled, asked, k, allowed)
            np.testing.assert_array_equal(found, wanted)
            np.testing.assert_array_equal(scores, exact)


def test_nothing_allowed_finds_nothing(filled: Index) -> None:
    for allowed in ([], [1, 2]):
        found, scores = filled.search(unit(np.random.default_rng(0), 2), 5, allowed=allowed)
        assert found.shape == scores.shape == (2, 0)


def test_ivf_recalls_the_neighbours_of_clustered_vectors() -> None:
    rng = np.random.default_rng(7)
    centres = unit(rng, 60, 48)
    noise = 0.6 * unit(rng, 6200, 48)
    vectors = centres[rng.integers(60, size=6200)] + noise
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index = Index.build(np.arange(6000), vectors[:6000], kind="ivf")
    found, _ = index.search(vectors[6000:], 10)
    true = np.argsort(-(vectors[6000:] @ vectors[:6000].T), axis=1)[:, :10]
    recall = np.mean([np.isin(a, b).mean() for a, b in zip(found, true, strict=True)])
    assert recall >= 0.98  # float16 swaps a few that are nearly equal


def test_auto_is_flat_for_few_and_ivf_for_many() -> None:
    rng = np.random.default_rng(8)
    few = unit(rng, IVF_FROM - 1, 2)
    assert Index.build(np.arange(len(few)), few).kind == "flat"
    many = unit(rng, IVF_FROM, 2)
    assert Index.build(np.arange(len(many)), many).kind == "ivf"


@pytest.mark.parametrize("kind", KINDS)
def test_equal_scores_come_by_rising_id_whatever_the_batch(kind: Literal["flat", "ivf"]) -> None:
    rng = np.random.default_rng(9)
    same, others = unit(rng, 1), unit(rng, 300)
    vectors = np.concatenate([np.repeat(same, 50, axis=0), others - 2 * same])
    ids = rng.permutation(350)
    index = Index.build(ids, vectors, kind=kind)
    twins = np.sort(ids[:50])
    for queries in (1, 3, 64):
        found, scores = index.search(np.repeat(same, queries, axis=0), 20)
        assert (found == twins[:20]).all()
        assert len(np.unique(scores)) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_vectors_are_those_that_were_added(kind: Literal["flat", "ivf"]) -> None:
    rng = np.random.default_rng(10)
    ids, vectors = sparse_ids(rng, 300), unit(rng, 300)
    index = Index.build(ids, vectors, kind=kind)
    stored = vectors.astype(np.float16) if kind == "ivf" else vectors
    np.testing.assert_array_equal(index.vectors(ids), stored.astype(np.float32))
    np.testing.assert_array_equal(index.vectors(ids[[7, 7, 2]]), stored[[7, 7, 2]])
    assert index.vectors([]).shape == (0, DIM)
    with pytest.raises(ValueError, match="1 ids are not in the index: 4"):
        index.vectors([ids[0], 4])


@pytest.mark.parametrize("kind", KINDS)
def test_moments_are_those_of_numpy(kind: Literal["flat", "ivf"]) -> None:
    rng = np.random.default_rng(11)
    vectors = unit(rng, 9000) + np.linspace(0, 3, DIM, dtype=np.float32)
    index = Index.build(np.arange(9000), vectors, kind=kind)
    for _ in range(2):
        mean, covariance = index.moments()
        held = index.vectors(index.ids()).astype(np.float64)
        np.testing.assert_allclose(mean, held.mean(axis=0), rtol=1e-6, atol=1e-7)
        np.testing.assert_allclose(covariance, np.cov(held.T, bias=True), rtol=1e-6, atol=1e-8)
        assert mean.dtype == covariance.dtype == np.float64
        mean[:] = covariance[:] = 0  # what the caller does with them is no concern of the index
        index.remove(np.arange(100))


def test_moments_of_nothing_are_zero() -> None:
    mean, covariance = Index.empty(3).moments()
    assert mean.tolist() == [0, 0, 0]
    assert covariance.tolist() == [[0] * 3] * 3


@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_index_answers_like_a_fresh_one(kind: Literal["flat", "ivf"]) -> None:
    rng = np.random.default_rng(12)
    ids, vectors = sparse_ids(rng, 1500), unit(rng, 1500)
    changed = Index.build(ids[:1000], vectors[:1000], kind=kind)
    assert changed.remove(ids[200:500]) == 300
    changed.add(ids[1000:], vectors[1000:])
    changed.add(ids[200:250], vectors[200:250])
    stay = np.r_[0:250, 500:1500]
    fresh = Index.build(ids[stay], vectors[stay], kind=kind)
    np.testing.assert_array_equal(changed.ids(), fresh.ids())
    np.testing.assert_array_equal(changed.vectors(fresh.ids()), fresh.vectors(fresh.ids()))
    np.testing.assert_array_equal(changed.moments()[1], fresh.moments()[1])
    asked = unit(rng, 20)
    for k in (12, 5000) if kind == "flat" else (5000,):
        for one, other in zip(changed.search(asked, k), fresh.search(asked, k), strict=True):
            np.testing.assert_array_equal(one, other)


Change = tuple[bool, list[int]]
CHANGES = st.lists(st.tuples(st.booleans(), st.lists(st.integers(0, 40), unique=True)), max_size=8)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=30, deadline=None)
@given(changes=CHANGES)
def test_changes_keep_to_a_dictionary(kind: Literal["flat", "ivf"], changes: list[Change]) -> None:
    pool = np.random.default_rng(13).integers(-4, 5, size=(41, 3)).astype(np.float32)
    model = dict.fromkeys(range(20, 30))
    index = Index.build(list(model), pool[list(model)], kind=kind)
    for adding, ids in changes:
        if adding and model.keys() & ids:
            with pytest.raises(ValueError, match="there already"):
                index.add(ids, pool[ids])
        elif adding:
            index.add(ids, pool[ids])
            model.update(dict.fromkeys(ids))
        else:
            assert index.remove(ids) == len(model.keys() & ids)
            model = {one: None for one in model if one not in ids}
        held = np.array(sorted(model), dtype=np.int64)
        assert index.count == len(held)
        np.testing.assert_array_equal(index.ids(), held)
        np.testing.assert_array_equal(index.vectors(held), pool[held])
        query = pool[:1]
        scores = (pool[held] @ query[0]) if len(held) else np.empty(0)
        for k in (3, 50):
            expected = held[np.lexsort((held, -scores))][:k]
            found = index.search(query, k)[0][0]
            if kind == "flat" or k == 50:
                np.testing.assert_array_equal(found, expected)
            assert len(found) == len(expected)


def test_an_empty_index_finds_nothing_and_can_be_filled() -> None:
    index = Index.empty(4)
    assert (index.dim, index.count, index.kind) == (4, 0, "flat")
    found, scores = index.search(np.ones((3, 4)), 5)
    assert found.shape == scores.shape == (3, 0)
    assert index.remove([1, 2]) == 0
    index.add([9], np.ones((1, 4)))
    assert index.search(np.ones((1, 4)), 5)[0].tolist() == [[9]]
    assert Index.build([], np.empty((0, 4)), kind="ivf").kind == "flat"


def test_the_last_vector_of_an_ivf_index_can_go_and_others_come() -> None:
    index = Index.build([1], np.ones((1, 4)), kind="ivf")
    assert index.remove([1]) == 1
    assert index.search(np.ones((1, 4)), 3)[0].shape == (1, 0)
    index.add([2], -np.ones((1, 4)))
    assert index.search(np.ones((1, 4)), 3)[0].tolist() == [[2]]


def test_any_layout_of_numbers_is_taken() -> None:
    rng = np.random.default_rng(14)
    vectors = unit(rng, 50)
    plain = Index.build(np.arange(50), vectors)
    spread = np.zeros((50, 2 * DIM))
    spread[:, ::2] = vectors
    odd = Index.build(np.arange(50, dtype=np.int32), spread[:, ::2])
    asked = unit(rng, 4)
    query = np.asfortranarray(asked.astype(np.float64))
    for one, other in zip(plain.search(asked, 50), odd.search(query, 50), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("ids", "vectors", "message"),
    [
        ([7], np.ones((1, 5)), "5 dimensions, where 4"),
        ([7], np.ones(4), r"must be \(n, d\)"),
        ([7, 8], np.ones((1, 4)), "2 ids for 1 vectors"),
        ([7, 7], np.ones((2, 4)), "given twice: 7"),
        ([1], np.ones((1, 4)), "there already"),
        ([-1], np.ones((1, 4)), "negative: -1"),
        ([7.0], np.ones((1, 4)), "integers, not float64"),
        ([[7]], np.ones((1, 4)), r"must be \(n,\)"),
        ([7], np.full((1, 4), np.nan), "not finite"),
        ([7], np.full((1, 4), np.inf), "not finite"),
        ([7], np.full((1, 4), 1e300), "not finite"),
    ],
)
def test_what_cannot_be_added_leaves_the_index_as_it_was(
    kind: Literal["flat", "ivf"], ids: Any, vectors: NDArray[np.float64], message: str
) -> None:
    index = Index.build([1, 2], np.eye(2, 4), kind=kind)
    with pytest.raises(ValueError, match=message):
        index.add(ids, vectors)
    assert index.ids().tolist() == [1, 2]


def test_ivf_refuses_what_float16_cannot_hold() -> None:
    with pytest.raises(ValueError, match="65504"):
        Index.build([1], np.full((1, 4), 7e4), kind="ivf")


def test_questions_that_make_no_sense_are_refused(filled: Index) -> None:
    query = np.ones((1, DIM))
    for k in (0, -3):
        with pytest.raises(ValueError, match=f"not {k}"):
            filled.search(query, k)
    with pytest.raises(ValueError, match=f"{DIM + 1} dimensions, where {DIM}"):
        filled.search(np.ones((1, DIM + 1)), 5)
    with pytest.raises(ValueError, match=r"\(n, d\)"):
        filled.search(query[0], 5)
    with pytest.raises(ValueError, match="not finite"):
        filled.search(query * np.nan, 5)
    with pytest.raises(ValueError, match="integers"):
        filled.search(query, 5, allowed=[0.5])
    assert filled.search(np.empty((0, DIM)), 5)[0].shape == (0, 5)


def test_indexes_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="'hnsw'"):
        Index.build([1], np.ones((1, 4)), kind="hnsw")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least one dimension"):
        Index.empty(0)


def test_bytes_hold_the_whole_index(filled: Index) -> None:
    again = Index.from_bytes(filled.to_bytes())
    assert (again.dim, again.count, again.kind) == (filled.dim, filled.count, filled.kind)
    asked = unit(np.random.default_rng(15), 6)
    for one, other in zip(again.search(asked, 30), filled.search(asked, 30), strict=True):
        np.testing.assert_array_equal(one, other)
    some = again.ids()[:40]
    vectors = again.vectors(some)
    assert again.remove(some) == 40
    again.add(some, vectors)
    np.testing.assert_array_equal(again.search(asked, 9999)[0], filled.search(asked, 9999)[0])
    assert filled.count == again.count


def test_bytes_of_something_else_are_refused(filled: Index) -> None:
    for data in (b"", b"not an index", filled.to_bytes()[:-100]):
        with pytest.raises(ValueError, match="not a FAISS index"):
            Index.from_bytes(data)
    for strange in (faiss.IndexFlatIP(4), faiss.IndexIDMap2(faiss.IndexFlatL2(4))):
        with pytest.raises(ValueError, match="unknown kind: Index"):
            Index.from_bytes(bytes(faiss.serialize_index(strange)))
