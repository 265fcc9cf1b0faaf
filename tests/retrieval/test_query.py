"""A search held against brute force: every clip decoded, encoded and compared by hand."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from retrieval.calibration import PRIOR_COUNT, Background, score_of
from retrieval.filters import parse_filters
from retrieval.library import Library
from retrieval.listening import listen
from retrieval.prompt import Excerpt, Term
from retrieval.query import FITTING_SHARE, Wanted, combine, judge
from retrieval.space import Heads, Layer, Space, unit

PROMPT = "a low hum"


@dataclass
class Shelf:
    library: Library
    space: Space
    files: list[Path]


def write_sweep(path: Path, hz: float, seconds: float, rate: int = 8000) -> Path:
    """A tone that rises by a third, so that no two windows of a clip are alike."""
    path.parent.mkdir(parents=True, exist_ok=True)
    times = np.arange(int(seconds * rate)) / rate
    phase = 2 * np.pi * hz * (times + times**2 / seconds / 6)
    soundfile.write(path, 0.3 * np.sin(phase), rate)
    return path


@pytest.fixture
def shelf(tmp_path: Path, space: Space) -> Iterator[Shelf]:
    affect = Layer(np.eye(8, 2, dtype=np.float32), np.zeros(2, dtype=np.float32))
    space = replace(space, heads=Heads(affect=affect))
    files = [
        write_sweep(tmp_path / "sounds" / f"{hz}.wav", hz, 1.0 + n * 0.7)
        for n, hz in enumerate([110, 330, 700, 1200, 1800, 2300, 2900])
    ]
    with Library(tmp_path / "library", create=True) as library:
        library.ingest([tmp_path / "sounds"], space=space)
        yield Shelf(library, space, files)


def brute_force(shelf: Shelf, prompt: str) -> list[tuple[str, float, float, float]]:
    """Path, cosine, start and end of the best window of each clip, best first."""
    query = shelf.space.place_text([prompt])[0]
    found = []
    for file in shelf.files:
        heard = listen(shelf.space, Excerpt(file))
        cosines = heard.vectors @ query
        best = int(np.argmax(cosines))
        found.append((str(file), float(cosines[best]), *heard.times[best]))
    return sorted(found, key=lambda one: -one[1])


def test_hits_are_those_of_brute_force(shelf: Shelf) -> None:
    hits = shelf.library.search(PROMPT, Wanted(k=100), space=shelf.space).hits
    expected = brute_force(shelf, PROMPT)
    assert [hit.path for hit in hits] == [path for path, *_ in expected]
    assert [hit.rank for hit in hits] == [1, 2, 3, 4, 5, 6, 7]
    np.testing.assert_allclose(
        [hit.cosine for hit in hits], [row[1] for row in expected], atol=1e-5
    )
    assert [(hit.start, hit.end) for hit in hits] == [row[2:] for row in expected]
    assert {hit.space for hit in hits} == {"tiny"}
    heard = listen(shelf.space, Excerpt(Path(hits[0].path), hits[0].start, hits[0].end)).vectors[0]
    assert (hits[0].valence, hits[0].arousal) == pytest.approx(heard[:2], abs=1e-5)


@pytest.mark.parametrize("paneled", [False, True])
def test_scores_follow_from_the_spread_of_the_whole_library(shelf: Shelf, paneled: bool) -> None:
    panel = unit(np.random.default_rng(3).normal(size=(40, 8)).astype(np.float32) + 1)
    heads = replace(shelf.space.heads, panel=panel if paneled else None)
    space = replace(shelf.space, name="other", heads=heads)
    query = space.place_text([PROMPT])
    vectors = np.concatenate([listen(space, Excerpt(file)).vectors for file in shelf.files])
    background = Background.of(vectors).leaning_on(Background.of(panel) if paneled else None)
    assert background.count == len(vectors) + (PRIOR_COUNT if paneled else 0)
    for hit in shelf.library.search(PROMPT, space=space).hits:
        z = background.z(query, np.array([[hit.cosine]]))[0, 0]
        assert hit.score == pytest.approx(float(score_of(z)), abs=1e-4)


def test_k_min_score_and_windows(shelf: Shelf) -> None:
    everything = shelf.library.search(PROMPT, Wanted(k=100), space=shelf.space).hits
    assert shelf.library.search(PROMPT, Wanted(k=3), space=shelf.space).hits == everything[:3]
    least = everything[2].score
    better = shelf.library.search(PROMPT, Wanted(k=100, min_score=least), space=shelf.space).hits
    assert better == everything[:3]
    wanted = Wanted(k=1000, windows=True, collapse=False)
    windows = shelf.library.search(PROMPT, wanted, space=shelf.space).hits
    assert len(windows) == shelf.library.catalog.window_count(shelf.space.source)
    assert [hit.cosine for hit in windows] == sorted((hit.cosine for hit in windows), reverse=True)


def test_filters_narrow_the_field(shelf: Shelf) -> None:
    wanted = Wanted(k=100, filters=parse_filters(["duration<2"]))
    hits = shelf.library.search(PROMPT, wanted, space=shelf.space).hits
    assert {Path(hit.path).stem for hit in hits} == {"110", "330"}
    nothing = Wanted(filters=parse_filters(["duration>900"]))
    answer = shelf.library.search(PROMPT, nothing, space=shelf.space)
    assert (answer.hits, answer.fits) == ((), False)


def test_copies_are_folded_unless_wanted(shelf: Shelf) -> None:
    copy = shelf.files[0].with_name("zz-copy.wav")
    copy.write_bytes(shelf.files[0].read_bytes())
    shelf.library.ingest([shelf.files[0].parent], space=shelf.space)
    folded = shelf.library.search(PROMPT, Wanted(k=100), space=shelf.space)
    assert len(folded.hits) == 7
    assert folded.folded == 1
    every = shelf.library.search(PROMPT, Wanted(k=100, collapse=False), space=shelf.space)
    assert len(every.hits) == 8
    one = Wanted(k=100, filters=parse_filters(paths=["*zz-copy*"]))
    assert [
        Path(hit.path).name for hit in shelf.library.search(PROMPT, one, space=shelf.space).hits
    ] == ["zz-copy.wav"]


def test_diversity_reorders_but_keeps_the_best_first(shelf: Shelf) -> None:
    plain = shelf.library.search(PROMPT, Wanted(k=4), space=shelf.space).hits
    mixed = shelf.library.search(PROMPT, Wanted(k=4, diverse=0.9), space=shelf.space).hits
    assert mixed[0].path == plain[0].path
    assert [hit.path for hit in mixed] != [hit.path for hit in plain]
    assert [hit.rank for hit in mixed] == [1, 2, 3, 4]


def test_missing_clips_do_not_answer(shelf: Shelf) -> None:
    shelf.files[0].unlink()
    shelf.library.ingest([shelf.files[0].parent], space=shelf.space)
    hits = shelf.library.search(PROMPT, Wanted(k=100), space=shelf.space).hits
    assert str(shelf.files[0]) not in {hit.path for hit in hits}
    assert len(hits) == 6


def test_similar_finds_the_neighbour_and_not_itself(shelf: Shelf) -> None:
    answer = shelf.library.similar(shelf.files[2], Wanted(k=100), space=shelf.space)
    assert str(shelf.files[2]) not in {hit.path for hit in answer.hits}
    example = write_sweep(shelf.files[0].parent.parent / "outside.wav", 705, 3)
    near = shelf.library.similar(f"{example}@0.5-2", space=shelf.space).hits[0]
    assert Path(near.path).stem == "700"


def test_labels_come_with_the_hits(shelf: Shelf, tmp_path: Path) -> None:
    table = tmp_path / "labels.csv"
    table.write_text("path,mood\nsounds/700.wav,warm\n")
    shelf.library.label(table)
    wanted = Wanted(filters=parse_filters(["mood=warm"]))
    (hit,) = shelf.library.search(PROMPT, wanted, space=shelf.space).hits
    assert hit.labels == {"mood": "warm"}


def test_terms_pull_by_their_weight_over_their_spread() -> None:
    rng = np.random.default_rng(0)
    vectors = unit(rng.normal(size=(2, 8)).astype(np.float32))
    library = unit((rng.normal(size=(500, 8)) * [9, 1, 1, 1, 1, 1, 1, 1]).astype(np.float32))
    terms = (Term(1.0, "a"), Term(-0.5, "b"))
    background = Background.of(library)
    combined = combine(vectors, terms, background)
    z = background.z(vectors, vectors @ library.T)
    wanted = z[0] - 0.5 * z[1]
    assert np.corrcoef(wanted, (combined @ library.T)[0])[0, 1] == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(combine(vectors[:1], terms[:1], background), vectors[:1], atol=1e-6)


def test_a_prompt_fits_when_it_beats_the_reference_panel(space: Space) -> None:
    panel = unit(np.random.default_rng(1).normal(size=(200, 8)).astype(np.float32))
    prompt = unit(np.ones((1, 8), dtype=np.float32))
    cosines = np.sort(panel @ prompt[0])
    paneled = replace(space, heads=Heads(panel=panel))
    assert judge(paneled, prompt, float(cosines[-1]) + 0.01)[0] is True
    assert judge(paneled, prompt, float(np.quantile(cosines, FITTING_SHARE - 0.05)))[0] is False
    fits, reason = judge(paneled, prompt, float(np.median(cosines)))
    assert fits is False
    assert "50% of 200 reference sounds" in reason
    assert judge(space, prompt, 0.9)[0] is None
    assert judge(paneled, prompt, None)[0] is False


def test_a_least_score_that_nothing_reaches_is_said_to_be_the_cause(shelf: Shelf) -> None:
    answer = shelf.library.search(PROMPT, Wanted(min_score=1.0), space=shelf.space)
    assert answer.hits == ()
    assert answer.fits is None
    assert "is below 1.0" in answer.reason
