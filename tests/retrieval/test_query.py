"""A search held against brute force: every clip decoded, encoded and compared by hand."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from retrieval.calibration import PRIOR_COUNT, Background, score_of
from retrieval.errors import PromptError
from retrieval.filters import parse_filters
from retrieval.library import Library
from retrieval.listening import listen
from retrieval.prompt import Excerpt, Term
from retrieval.query import FITTING_SHARE, Placed, Wanted, combine, judge
from retrieval.relative import PRIOR_SOUNDS
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
    combined = combine(vectors, terms, background).vector
    z = background.z(vectors, vectors @ library.T)
    wanted = z[0] - 0.5 * z[1]
    assert np.corrcoef(wanted, (combined @ library.T)[0])[0, 1] == pytest.approx(1, abs=1e-5)
    alone = combine(vectors[:1], terms[:1], background)
    np.testing.assert_allclose(alone.vector, vectors[:1], atol=1e-6)


def test_a_prompt_fits_when_it_beats_the_reference_panel(space: Space) -> None:
    panel = unit(np.random.default_rng(1).normal(size=(200, 8)).astype(np.float32))
    prompt = Placed(unit(np.ones((1, 8), dtype=np.float32)), plain=True)
    cosines = np.sort(panel @ prompt.vector[0])
    paneled = replace(space, heads=Heads(panel=panel))
    assert judge(paneled, prompt, float(cosines[-1]) + 0.01)[0] is True
    assert judge(paneled, prompt, float(np.quantile(cosines, FITTING_SHARE - 0.05)))[0] is False
    fits, reason = judge(paneled, prompt, float(np.median(cosines)))
    assert fits is False
    assert "50% of 200 reference sounds" in reason
    assert judge(space, prompt, 0.9)[0] is None
    assert judge(paneled, prompt, None)[0] is False


@pytest.mark.parametrize("paneled", [False, True])
def test_a_plain_prompt_fits_from_the_cosine_of_the_space_on(space: Space, paneled: bool) -> None:
    panel = unit(np.random.default_rng(1).normal(size=(200, 8)).astype(np.float32))
    learned = replace(space, heads=Heads(panel=panel if paneled else None), fitting=0.4)
    prompt = Placed(unit(np.ones((1, 8), dtype=np.float32)), plain=True)
    assert judge(learned, prompt, 0.4)[0] is True
    fits, reason = judge(learned, prompt, 0.3994)
    assert (fits, reason) == (
        False,
        "the best cosine, 0.399, is below 0.400, where matches mostly begin",
    )
    assert judge(learned, prompt, None)[0] is False
    # a sound's cosines are on another scale: only the panel can tell
    sound = replace(prompt, plain=False)
    assert judge(learned, sound, 1.0)[0] is (True if paneled else None)
    assert judge(learned, sound, 0.41)[0] is (False if paneled else None)


def test_only_words_that_take_nothing_away_are_plain() -> None:
    rng = np.random.default_rng(0)
    vectors = unit(rng.normal(size=(2, 8)).astype(np.float32))
    background = Background.of(unit(rng.normal(size=(50, 8)).astype(np.float32)))

    def plain(*terms: Term) -> bool:
        return combine(vectors[: len(terms)], terms, background).plain

    assert plain(Term(1.0, "a"), Term(0.5, "b"))
    assert not plain(Term(1.0, "a"), Term(-0.5, "b"))
    assert not plain(Term(1.0, "a"), Term(1.0, Excerpt(Path("a.wav"))))


def test_a_search_by_words_is_judged_by_the_space_and_one_by_sound_is_not(shelf: Shelf) -> None:
    panel = np.eye(8, dtype=np.float32)
    heads = replace(shelf.space.heads, panel=panel)
    space = replace(shelf.space, name="sure", heads=heads, fitting=1.1)
    by_words = shelf.library.search(PROMPT, space=space)
    assert by_words.fits is False
    assert "is below 1.100" in by_words.reason
    by_sound = shelf.library.similar(shelf.files[2], space=space)
    assert "8 reference sounds" in by_sound.reason
    mixed = shelf.library.search(f'"{PROMPT}" + {shelf.files[2]}', space=space)
    assert "8 reference sounds" in mixed.reason


def test_a_least_score_that_nothing_reaches_is_said_to_be_the_cause(shelf: Shelf) -> None:
    answer = shelf.library.search(PROMPT, Wanted(min_score=1.0), space=shelf.space)
    assert answer.hits == ()
    assert answer.fits is None
    assert "is below 1.0" in answer.reason


# Clips against their group


def label_speakers(shelf: Shelf, tmp_path: Path) -> dict[Path, str]:
    """Two speakers, and a clip of nobody."""
    speakers = {file: "ab"[n % 2] for n, file in enumerate(shelf.files[:-1])}
    table = tmp_path / "speakers.csv"
    rows = "".join(f"{file},{who}\n" for file, who in speakers.items())
    table.write_text(f"path,speaker\n{rows}")
    shelf.library.label(table)
    return speakers


def means_of(shelf: Shelf, speakers: dict[Path, str]) -> dict[Path | None, np.ndarray]:
    """For each clip the mean of its speaker, which leans on that of all; for None that of all."""
    centre = {f: listen(shelf.space, Excerpt(f)).vectors.mean(axis=0) for f in shelf.files}
    everyone = np.mean(list(centre.values()), axis=0)
    found: dict[Path | None, np.ndarray] = {None: everyone}
    for file in shelf.files:
        own = [centre[other] for other, who in speakers.items() if who == speakers.get(file)]
        found[file] = (sum(own) + PRIOR_SOUNDS * everyone) / (len(own) + PRIOR_SOUNDS)
    return found


def apart(shelf: Shelf, means: dict[Path | None, np.ndarray]) -> dict[Path, np.ndarray]:
    """The windows of each clip less its mean."""
    return {f: unit(listen(shelf.space, Excerpt(f)).vectors - means[f]) for f in shelf.files}


def test_relative_hits_and_scores_are_those_of_brute_force(shelf: Shelf, tmp_path: Path) -> None:
    panel = unit(np.random.default_rng(3).normal(size=(40, 8)).astype(np.float32) + 1)
    space = replace(shelf.space, name="sure", heads=replace(shelf.space.heads, panel=panel))
    windows = apart(shelf, means_of(shelf, label_speakers(shelf, tmp_path)))
    query = space.place_text([PROMPT])
    best = {str(file): float((vectors @ query[0]).max()) for file, vectors in windows.items()}
    # the panel has no groups: it neither calibrates nor tells whether anything fits
    background = Background.of(np.concatenate(list(windows.values())))
    answer = shelf.library.search(PROMPT, Wanted(k=100), space=space, relative="speaker")
    assert [hit.path for hit in answer.hits] == sorted(best, key=lambda path: -best[path])
    for hit in answer.hits:
        assert hit.cosine == pytest.approx(best[hit.path], abs=1e-5)
        z = background.z(query, np.array([[hit.cosine]]))[0, 0]
        assert hit.score == pytest.approx(float(score_of(z)), abs=1e-4)
    assert (answer.fits, answer.reason) == (None, "clips were judged against their speaker")
    plain = shelf.library.search(PROMPT, Wanted(k=100), space=space)
    assert [hit.path for hit in plain.hits] != [hit.path for hit in answer.hits]


def test_what_is_heard_in_a_relative_hit_is_the_window_as_it_is(shelf: Shelf) -> None:
    for hit in shelf.library.search(PROMPT, space=shelf.space, relative="folder").hits:
        part = Excerpt(Path(hit.path), hit.start, hit.end)
        heard = listen(shelf.space, part).vectors[0]
        assert (hit.valence, hit.arousal) == pytest.approx(heard[:2], abs=1e-5)


def test_filters_cut_the_answer_and_not_the_group(shelf: Shelf) -> None:
    wanted = Wanted(k=100, filters=parse_filters(["duration<2"]))
    every = shelf.library.search(PROMPT, Wanted(k=100), space=shelf.space, relative="folder").hits
    some = shelf.library.search(PROMPT, wanted, space=shelf.space, relative="folder").hits
    cosines = {hit.path: hit.cosine for hit in every}
    assert {Path(hit.path).stem for hit in some} == {"110", "330"}
    assert [hit.cosine for hit in some] == [cosines[hit.path] for hit in some]


@pytest.mark.parametrize("known", [True, False])
def test_an_example_is_judged_against_its_group_or_else_the_library(
    shelf: Shelf, tmp_path: Path, known: bool
) -> None:
    means = means_of(shelf, label_speakers(shelf, tmp_path))
    windows = apart(shelf, means)
    example = shelf.files[0]
    whole = listen(shelf.space, Excerpt(example)).whole()
    if not known:
        example = tmp_path / "stranger.wav"
        example.write_bytes(shelf.files[0].read_bytes())
    query = unit(whole - means[example if known else None])[0]
    library, wanted = shelf.library, Wanted(k=100, collapse=False)
    how = {"space": shelf.space, "relative": "label.speaker"}
    answers = (
        library.similar(example, wanted, **how),
        library.search(["+", str(example)], wanted, **how),
    )
    for answer in answers:
        assert answer.reason == "clips were judged against their speaker"
        assert len(answer.hits) >= len(shelf.files) - known
        for hit in answer.hits:
            best = float((windows[Path(hit.path)] @ query).max())
            assert hit.cosine == pytest.approx(best, abs=1e-5)


def test_a_label_that_no_clip_has_makes_no_groups(shelf: Shelf, tmp_path: Path) -> None:
    label_speakers(shelf, tmp_path)
    with pytest.raises(PromptError, match="no clip has a label 'take'") as caught:
        shelf.library.search(PROMPT, space=shelf.space, relative="take")
    assert caught.value.remedy == "say folder, or a label; labels here: speaker"
