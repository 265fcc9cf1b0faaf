"""One index in memory: add, remove, search. Every oddity of FAISS stays in this file.

Ids are int64 and not negative, vectors float32, scores inner products, which are cosines when
vectors and queries have unit length.
"""

from collections.abc import Iterator
from typing import Any, Literal

import faiss as _faiss
import numpy as np
from numpy.typing import ArrayLike, NDArray

# The type stubs FAISS ships leave out what Python adds to its classes.
faiss: Any = _faiss

Ids = NDArray[np.int64]
Vectors = NDArray[np.float32]
Moments = tuple[NDArray[np.float64], NDArray[np.float64]]
Kind = Literal["flat", "ivf"]

# From this many vectors on, looking at a part of the lists is worth the time of training them.
IVF_FROM = 100_000

# The share of the lists a search looks into when it wants few results. Measured at 120,000 x
# 256 (600 clusters, 1,385 lists): recall@10 .9993 for queries inside the clusters, .9963 for
# queries in random directions, at 1 to 2 ms a query; a sixteenth gives .9993 and .9917.
PROBED_SHARE = 0.1

# k-means needs at least 39 vectors a list, or FAISS complains on stderr; 64 are plenty, and ten
# rounds give the recall of twenty-five.
POINTS_A_LIST = (39, 64)
TRAINING_ROUNDS = 10

# Batches of at least this many queries go through a matrix product. FAISS used to count queries
# alone (default 20) and now counts queries x dimension, by a default that is reached too late.
BLAS_QUERIES = 4
_COUNTS_DIMENSIONS = faiss.cvar.distance_compute_blas_threshold > 1000

_CHUNK = 8192  # vectors taken out of an index at a time
_HALF_MAX = 65504.0  # the largest float16


class Index:
    """Nearest neighbours by inner product.

    Two kinds: ``flat`` compares with every vector and is exact; ``ivf`` keeps float16 vectors in
    about 4 sqrt(n) lists and looks into some of them. Both take additions and removals.
    Searches may run in several threads at once, changes may not.
    """

    def __init__(self, core: Any, moments: Moments | None = None) -> None:
        """Wrap a FAISS index made by this module; use build, empty or from_bytes instead."""
        self._core = core
        self._moments = moments
        self._ids: Ids | None = None

    @classmethod
    def build(
        cls, ids: ArrayLike, vectors: ArrayLike, *, kind: Literal["auto"] | Kind = "auto"
    ) -> "Index":
        """An index of n vectors (n, d) under n distinct ids (n,).

        Args:
            kind: "auto" is flat below 100,000 vectors and ivf from there on. Lists cannot be
                trained on nothing, so an index built of no vectors is flat.

        Raises:
            ValueError: unknown kind, ids that repeat, or vectors that are not finite.
        """
        if kind not in ("auto", "flat", "ivf"):
            raise ValueError(f"unknown kind of index {kind!r}: auto, flat or ivf")
        matrix = _matrix(vectors)  # (n, d)
        count, dim = matrix.shape
        ivf = kind == "ivf" or (kind == "auto" and count >= IVF_FROM)
        index = cls(_trained_ivf(matrix)) if ivf and count else cls.empty(dim)
        index.add(ids, matrix)
        return index

    @classmethod
    def empty(cls, dim: int) -> "Index":
        """A flat index that holds nothing yet."""
        if dim < 1:
            raise ValueError(f"a vector needs at least one dimension, not {dim}")
        return cls(faiss.IndexIDMap2(faiss.IndexFlatIP(dim)))

    @property
    def dim(self) -> int:
        """Dimensions of a vector."""
        return int(self._core.d)

    @property
    def count(self) -> int:
        """Vectors held."""
        return int(self._core.ntotal)

    @property
    def kind(self) -> Kind:
        """How neighbours are found."""
        return "ivf" if isinstance(self._core, faiss.IndexIVF) else "flat"

    def ids(self) -> Ids:
        """All ids (n,), ascending."""
        if self._ids is None:
            self._ids = np.sort(_ids_of(self._core))
        return self._ids.copy()

    def add(self, ids: ArrayLike, vectors: ArrayLike) -> None:
        """Add n vectors (n, d) under n new ids (n,); all of them or, on an error, none.

        Raises:
            ValueError: another dimension, an id that is negative, repeated or already held, or
                a value that is not finite.
        """
        fresh, matrix = _id_list(ids), _matrix(vectors, self.dim)
        if len(fresh) != len(matrix):
            raise ValueError(f"{len(fresh)} ids for {len(matrix)} vectors")
        if len(fresh) and fresh.min() < 0:
            raise ValueError(f"ids must not be negative: {fresh.min()}")
        if self.kind == "ivf" and np.abs(matrix).max(initial=0.0) > _HALF_MAX:
            raise ValueError(f"an ivf index holds values up to {_HALF_MAX:g}")
        unique, times = np.unique(fresh, return_counts=True)
        twice = np.union1d(unique[times > 1], unique[np.isin(unique, self.ids())])
        if len(twice):
            raise ValueError(f"{len(twice)} ids are there already or given twice: {_some(twice)}")
        if len(fresh):
            self._changed()
            self._core.add_with_ids(matrix, fresh)

    def remove(self, ids: ArrayLike) -> int:
        """Remove vectors by id; unknown ids are passed over. Returns how many were removed."""
        gone = np.intersect1d(_id_list(ids), self.ids())
        if len(gone):
            self._changed()
            # The hash table of an ivf index takes an array and nothing else.
            ivf = self.kind == "ivf"
            selector = faiss.IDSelectorArray(gone) if ivf else faiss.IDSelectorBatch(gone)
            self._core.remove_ids(selector)
        return len(gone)

    def vectors(self, ids: ArrayLike) -> Vectors:
        """The vectors (n, d) held under n ids (n,), to float16 precision in an ivf index.

        Raises:
            ValueError: an id that is not held.
        """
        wanted = _id_list(ids)
        unknown = np.setdiff1d(wanted, self.ids())
        if len(unknown):
            raise ValueError(f"{len(unknown)} ids are not in the index: {_some(unknown)}")
        return self._reconstruct(wanted)

    def moments(self) -> Moments:
        """Mean (d,) and population covariance (d, d) of all vectors; zeros if there are none.

        Summed in float64 in the order of the ids and rounded to float32, the precision they are
        stored with, so that an index opened from disk has the moments of the one published.
        """
        if self._moments is None:
            self._moments = self._measure()
        mean, covariance = self._moments
        return mean.copy(), covariance.copy()

    def search(
        self, queries: ArrayLike, k: int, *, allowed: ArrayLike | None = None
    ) -> tuple[Ids, Vectors]:
        """The best ids and scores, both (m, k'), for m queries (m, d).

        Rows fall in score, and equal scores rise in id. k' is the smaller of k and the number of
        vectors that may be found: always that many come back, in either kind. Scores do not
        depend on what else is asked, nor on the order in which vectors were added.

        Args:
            allowed: ids that may be found; unknown ones are passed over. None is all.

        Raises:
            ValueError: k below 1, another dimension, or a value that is not finite.
        """
        matrix = _matrix(queries, self.dim)
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}")
        eligible = self.ids()
        if allowed is not None:
            eligible = np.intersect1d(_id_list(allowed), eligible)
        k = min(k, len(eligible))
        ids = np.empty((len(matrix), k), dtype=np.int64)
        scores = np.empty((len(matrix), k), dtype=np.float32)
        pending, wide = np.arange(len(matrix)), k
        while k and len(pending):
            # One more than asked shows whether equal scores go on past the last place.
            wide = min(2 * wide if wide > k else wide + 1, len(eligible))
            found, rough = self._nearest(matrix[pending], wide, eligible)
            settled = np.zeros(len(pending), dtype=np.bool_)
            for place, row in enumerate(pending):
                order, exact = self._rank(matrix[row], found[place])
                error = np.abs(exact - rough[place][order]).max()
                settled[place] = wide == len(eligible) or rough[place, -1] + error < exact[k - 1]
                ids[row], scores[row] = found[place][order[:k]], exact[:k]
            pending = pending[~settled]
        return ids, scores

    def to_bytes(self) -> bytes:
        """The whole index, as from_bytes reads it."""
        return bytes(faiss.serialize_index(self._core))

    @classmethod
    def from_bytes(cls, data: bytes, *, moments: Moments | None = None) -> "Index":
        """The index that to_bytes wrote.

        Args:
            moments: what its moments() gave, to save working them out again.

        Raises:
            ValueError: not an index of a kind made here.
        """
        try:
            core = faiss.deserialize_index(np.frombuffer(data, dtype=np.uint8))
        except RuntimeError as fault:
            raise ValueError("the bytes are not a FAISS index") from fault
        if not _made_here(core):
            raise ValueError(f"an index of an unknown kind: {type(core).__name__}")
        return cls(core, moments)

    def _changed(self) -> None:
        self._ids = self._moments = None

    def _reconstruct(self, ids: Ids) -> Vectors:
        if not len(ids):
            return np.empty((0, self.dim), dtype=np.float32)
        vectors: Vectors = self._core.reconstruct_batch(ids)
        return vectors

    def _chunks(self, ids: Ids) -> Iterator[NDArray[np.float64]]:
        for start in range(0, len(ids), _CHUNK):
            yield self._reconstruct(ids[start : start + _CHUNK]).astype(np.float64)

    def _measure(self) -> Moments:
        ids, pivot = self.ids(), None
        shifted, products = np.zeros(self.dim), np.zeros((self.dim, self.dim))
        for chunk in self._chunks(ids):
            # In one pass, from a point near the mean, so that no digits cancel.
            pivot = chunk.mean(axis=0) if pivot is None else pivot
            chunk -= pivot
            shifted += chunk.sum(axis=0) / len(ids)
            products += chunk.T @ chunk / len(ids)
        mean = shifted if pivot is None else pivot + shifted
        covariance = products - np.outer(shifted, shifted)
        return _rounded(mean), _rounded(covariance)

    def _nearest(self, queries: Vectors, k: int, eligible: Ids) -> tuple[Ids, Vectors]:
        """FAISS's own answer, (m, k) each, with every place filled; k <= len(eligible)."""
        if _COUNTS_DIMENSIONS:
            faiss.cvar.distance_compute_blas_threshold = BLAS_QUERIES * self.dim
        selector = faiss.IDSelectorBatch(eligible) if len(eligible) < self.count else None
        if self.kind == "flat":
            parameters = faiss.SearchParameters(sel=selector)
            scores, ids = self._core.search(queries, k, params=parameters)
            return ids, scores
        # Four times the share of the vectors that are wanted, so that many results are as
        # trustworthy as few, and rare eligible ones are found.
        lists = self._core.nlist
        probed = min(lists, int(np.ceil(lists * (PROBED_SHARE + 4 * k / len(eligible)))))
        while True:
            parameters = faiss.SearchParametersIVF(sel=selector, nprobe=probed)
            scores, ids = self._core.search(queries, k, params=parameters)
            if probed == lists or ids.min(initial=0) >= 0:
                return ids, scores
            probed = lists

    def _rank(self, query: Vectors, ids: Ids) -> tuple[NDArray[np.intp], Vectors]:
        """The order (k,) of ids by falling score and rising id, and the scores in that order.

        FAISS sums in an order that depends on the batch and on a vector's place, so equal
        vectors may differ in the last bit; a sum in float64, row by row, does not.
        """
        products = [(chunk * query).sum(axis=1) for chunk in self._chunks(ids)]
        scores = np.concatenate(products).astype(np.float32)
        order = np.lexsort((ids, -scores))
        return order, scores[order]


def _trained_ivf(vectors: Vectors) -> Any:
    """An ivf index whose lists are laid by these vectors (n, d), n > 0, and still empty."""
    count, dim = vectors.shape
    fewest, most = POINTS_A_LIST
    lists = max(1, min(int(4 * np.sqrt(count)), count // fewest))
    core = faiss.index_factory(dim, f"IVF{lists},SQfp16", faiss.METRIC_INNER_PRODUCT)
    # Plain float16 and not the distance to a list's centre: a vector then reads the same
    # whatever the lists are.
    core.by_residual = False
    # IndexIDMap2 over IVF loses ids on removal; the hash table finds vectors by id instead.
    core.set_direct_map_type(faiss.DirectMap.Hashtable)
    core.cp.niter = TRAINING_ROUNDS
    core.cp.min_points_per_centroid = 1
    core.cp.max_points_per_centroid = most
    core.train(vectors)
    return core


def _made_here(core: Any) -> bool:
    if core.metric_type != faiss.METRIC_INNER_PRODUCT:
        return False
    if isinstance(core, faiss.IndexIDMap2):
        return isinstance(faiss.downcast_index(core.index), faiss.IndexFlat)
    return (
        isinstance(core, faiss.IndexIVFScalarQuantizer)
        and not core.by_residual
        and core.direct_map.type == faiss.DirectMap.Hashtable
    )


def _ids_of(core: Any) -> Ids:
    """All ids (n,), in no order."""
    if not isinstance(core, faiss.IndexIVF):
        held: Ids = faiss.vector_to_array(core.id_map)
        return held
    lists = core.invlists
    parts = [
        faiss.rev_swig_ptr(lists.get_ids(number), lists.list_size(number)).copy()
        for number in range(core.nlist)
        if lists.list_size(number)
    ]
    return np.concatenate([np.empty(0, dtype=np.int64), *parts])


def _matrix(vectors: ArrayLike, dim: int | None = None) -> Vectors:
    """Vectors as FAISS wants them: (n, d), float32, contiguous, finite."""
    given = np.asarray(vectors)
    if given.ndim != 2:
        raise ValueError(f"vectors must be (n, d), not {given.shape}")
    if dim is not None and given.shape[1] != dim:
        raise ValueError(f"vectors of {given.shape[1]} dimensions, where {dim} are held")
    with np.errstate(over="ignore"):
        matrix = np.ascontiguousarray(given, dtype=np.float32)
    if not np.isfinite(matrix).all():
        raise ValueError("vectors hold values that are not finite")
    return matrix


def _id_list(ids: ArrayLike) -> Ids:
    given = np.asarray(ids)
    if given.ndim != 1:
        raise ValueError(f"ids must be (n,), not {given.shape}")
    if given.size and not np.issubdtype(given.dtype, np.integer):
        raise ValueError(f"ids must be integers, not {given.dtype}")
    return np.ascontiguousarray(given, dtype=np.int64)


def _some(ids: Ids) -> str:
    return ", ".join(str(one) for one in ids[:5]) + (", ..." if len(ids) > 5 else "")


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values.astype(np.float32).astype(np.float64)
