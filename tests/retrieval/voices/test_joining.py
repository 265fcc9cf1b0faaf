"""A search of several spaces held against brute force: every window by hand, in plain loops."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from retrieval.calibration import Background, score_of
from retrieval.errors import PromptError
from retrieval.filters import parse_filters
from retrieval.library import Library
from retrieval.listening import listen
from retrieval.prompt import Excerpt
from retrieval.query import Wanted
from retrieval.space import Heads, Layer, Space, Vectors
from retrieval.voices import joining
from retrieval.voices.evidence import FOUND, UNKNOWN

LOW = "a low hum"


class OtherWords:
    """The words of a text encoder, meant otherwise."""

    name, dim, fingerprint = "other words", 8, "other-1"

    def __init__(self, space: Space) -> None:
        self._text = space.text

    def encode(self, texts: list[str]) -> Vectors:
        return self._text.encode([f"other {text}" for text in texts])


@dataclass
class Shelf:
    library: Library
    fine: Space
    wide: Space
    files: list[Path]

    @property
    def spaces(self) -> list[Space]:
        return [self.wide, self.fine]


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
    fine = replace(space, name="fine", heads=Heads(affect=affect))
    wide = replace(space, name="wide", window=2.5, hop=1.25, text=OtherWords(space))
    names = ["door_slam_03", "DoorBell", "rain", "a", "b", "c", "d", "e"]
    files = [
        write_sweep(tmp_path / "sounds" / f"{name}.wav", 90 + 400 * n, 0.8 + 0.9 * n)
        for n, name in enumerate(names)
    ]
    with Library(tmp_path / "library", create=True) as library:
        library.ingest([tmp_path / "sounds"], space=fine)
        library.ingest(files[:-1], space=wide)  # the last was only heard in one space
        yield Shelf(library, fine, wide, files)


def scored(shelf: Shelf, space: Space, text: str) -> dict[Path, list[tuple[float, float, float]]]:
    """Start, end and score of every window of every clip that a space has heard."""
    files = shelf.files if space is shelf.fine else shelf.files[:-1]
    heard = {file: listen(space, Excerpt(file)) for file in files}
    background = Background.of(np.concatenate([one.vectors for one in heard.values()]))
    query = space.place_text([text])
    found = {}
    for file, one in heard.items():
        scores = score_of(background.z(query, query @ one.vectors.T))[0]
        found[file] = [(*time, float(score)) for time, score in zip(one.times, scores, strict=True)]
    return found


def overlapping(
    windows: list[tuple[float, float, float]], start: float, end: float, itself: bool = False
) -> float | None:
    """The best score of the windows that overlap a moment, or of the one it is itself."""
    if itself:
        return next(score for *times, score in windows if times == [start, end])
    return max((s for a, b, s in windows if a < end and start < b), default=None)


def brute_force(
    shelf: Shelf, parts: list[tuple[float, dict[str, str], dict[str, float]]]
) -> list[tuple[float, str, float, float]]:
    """Score, path, start and end of the best moment of each clip, best first.

    Each part is a weight, the text that each space is asked, and the share of words by file.
    """
    heard = [
        {space.name: scored(shelf, space, texts[space.name]) for space in shelf.spaces
         if space.name in texts}
        for _, texts, _ in parts
    ]  # fmt: skip
    moments = scored(shelf, shelf.fine, LOW)
    rows = []
    for file in shelf.files:
        best = (0.0, 0.0, 0.0)
        for start, end, _ in moments[file]:
            total = 1.0
            for (weight, _, words), spaces in zip(parts, heard, strict=True):
                scores = [
                    overlapping(windows[file], start, end, itself=name == "fine")
                    for name, windows in spaces.items()
                    if file in windows
                ]
                known = [score for score in scores if score is not None]
                chance = math.prod(known) ** (1 / len(known)) if known else UNKNOWN
                chance = 1 - (1 - chance) * (1 - FOUND * words.get(file.name, 0))
                total *= (chance if weight > 0 else 1 - chance) ** abs(weight)
            best = max(best, (total, start, end), key=lambda one: one[0])
        rows.append((best[0], str(file), best[1], best[2]))
    return sorted(rows, key=lambda row: (-row[0], row[1]))


def check(shelf: Shelf, prompt: list[str], expected: list[tuple[float, str, float, float]]) -> None:
    wanted = Wanted(k=100, collapse=False)
    hits = shelf.library.search(prompt, wanted, space=shelf.spaces).hits
    assert [hit.path for hit in hits] == [path for _, path, *_ in expected]
    assert [(hit.start, hit.end) for hit in hits] == [row[2:] for row in expected]
    np.testing.assert_allclose(
        [hit.score for hit in hits], [row[0] for row in expected], rtol=2e-3, atol=1e-6
    )
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))


def test_terms_without_a_route_go_to_every_space(shelf: Shelf) -> None:
    both = {"fine": LOW, "wide": LOW}
    check(shelf, [LOW], brute_force(shelf, [(1, both, {})]))


def test_routes_weights_and_signs_combine(shelf: Shelf) -> None:
    parts = [
        (1.0, {"fine": "calm"}, {}),
        (2.0, {"wide": "rain drops"}, {}),
        (-0.5, {"wide": "music"}, {}),
    ]
    prompt = ["fine:calm", "2:wide:rain drops", "-", "0.5:wide:music"]
    check(shelf, prompt, brute_force(shelf, parts))


def test_only_what_is_taken_away_can_be_asked_too(shelf: Shelf) -> None:
    parts = [(-1.0, {"wide": "music"}, {}), (-1.0, {"fine": "calm"}, {})]
    check(shelf, ["-", "wide:music", "-", "fine:calm"], brute_force(shelf, parts))


def test_words_join_where_several_spaces_are_asked(shelf: Shelf) -> None:
    both = {"fine": "slam", "wide": "slam"}
    check(shelf, ["slam"], brute_force(shelf, [(1, both, {"door_slam_03.wav": 1.0})]))


def test_what_is_found_by_name_comes_first(shelf: Shelf) -> None:
    answer = shelf.library.search("door slam", space=[shelf.fine, "words"])
    assert Path(answer.hits[0].path).name == "door_slam_03.wav"
    assert answer.hits[0].said["words"] == 1
    assert (answer.hits[0].space, answer.fits) == ("fine,words", True)
    said = {Path(hit.path).name: hit.said for hit in answer.hits}
    assert 0 < said["DoorBell.wav"]["words"] < 1
    assert set(said["rain.wav"]) == {"fine"}


def test_words_alone_find_only_what_has_them(shelf: Shelf) -> None:
    answer = shelf.library.search("slams", space="words")
    (hit,) = answer.hits
    assert (hit.path, hit.space) == (str(shelf.files[0]), "words")
    assert (hit.start, hit.end) == (0, 0.8)
    assert math.isnan(hit.cosine)
    assert math.isnan(hit.valence)
    nothing = shelf.library.search("xylophone", space="words")
    assert (nothing.hits, nothing.fits) == ((), False)


def test_a_prompt_for_one_space_is_answered_as_ever(shelf: Shelf) -> None:
    alone = shelf.library.search([LOW, "-", "music"], space=shelf.wide)
    routed = shelf.library.search([f"wide:{LOW}", "-", "wide:music"], space=shelf.spaces)
    named = shelf.library.search([LOW, "-", "music"], space=[shelf.wide])
    assert repr(alone) == repr(routed) == repr(named)  # nan is not equal to itself
    assert not any(hit.said for hit in alone.hits)


def test_each_hit_shows_what_each_voice_said(shelf: Shelf) -> None:
    hits = shelf.library.search(["fine:calm", "wide:rain"], Wanted(k=100), space=shelf.spaces).hits
    calm, rain = scored(shelf, shelf.fine, "calm"), scored(shelf, shelf.wide, "rain")
    for hit in hits:
        file = Path(hit.path)
        own = overlapping(calm[file], hit.start, hit.end, itself=True)
        assert hit.said["fine"] == pytest.approx(own, abs=1e-4)
        other = overlapping(rain.get(file, []), hit.start, hit.end)
        assert hit.said.get("wide") == (None if other is None else pytest.approx(other, abs=1e-4))
        part = Excerpt(file, hit.start, hit.end)
        vector = listen(shelf.fine, part).vectors[0]
        assert (hit.valence, hit.arousal) == pytest.approx(vector[:2], abs=1e-5)
        assert hit.cosine == pytest.approx(
            float(shelf.fine.place_text(["calm"])[0] @ vector), abs=1e-5
        )


def test_windows_min_score_filters_and_k(shelf: Shelf) -> None:
    def hits(**wanted: object) -> list[tuple[str, float]]:
        asked = Wanted(**{"k": 1000, "collapse": False} | wanted)  # type: ignore[arg-type]
        answer = shelf.library.search(["fine:calm", "wide:rain"], asked, space=shelf.spaces)
        return [(hit.path, hit.start) for hit in answer.hits]

    everything = hits()
    windows = hits(windows=True)
    assert len(windows) == shelf.library.catalog.window_count(shelf.fine.source)
    assert set(everything) <= set(windows)
    assert hits(k=3) == everything[:3]
    some = hits(filters=parse_filters(["duration<3"]))
    assert some == [one for one in everything if Path(one[0]).name in
                    ("door_slam_03.wav", "DoorBell.wav", "rain.wav")]  # fmt: skip
    answer = shelf.library.search(["fine:calm", "wide:rain"], Wanted(), space=shelf.spaces)
    least = answer.hits[2].score
    assert hits(min_score=least) == everything[:3]
    none = shelf.library.search(["fine:calm", "wide:rain"], Wanted(min_score=1), space=shelf.spaces)
    assert none.reason == f"the best score, {answer.hits[0].score:.3f}, is below 1"


def test_copies_are_folded_and_each_is_judged_by_its_own_name(shelf: Shelf) -> None:
    copy = shelf.files[3].with_name("thunder.wav")
    copy.write_bytes(shelf.files[3].read_bytes())
    shelf.library.ingest([copy.parent], space=shelf.fine)
    folded = shelf.library.search("thunder", Wanted(k=100), space=shelf.spaces)
    assert folded.hits[0].path == str(copy)
    assert str(shelf.files[3]) not in {hit.path for hit in folded.hits}
    assert folded.folded == 1
    every = shelf.library.search("thunder", Wanted(k=100, collapse=False), space=shelf.spaces)
    said = {Path(hit.path).name: hit.said for hit in every.hits}
    assert said["thunder.wav"]["words"] == 1
    assert "words" not in said["a.wav"]


def test_diversity_reorders_but_keeps_the_best_first(shelf: Shelf) -> None:
    plain = shelf.library.search(LOW, Wanted(k=5), space=shelf.spaces).hits
    mixed = shelf.library.search(LOW, Wanted(k=5, diverse=0.9), space=shelf.spaces).hits
    assert mixed[0].path == plain[0].path
    assert [hit.path for hit in mixed] != [hit.path for hit in plain]


def test_a_recording_is_compared_in_every_space_and_does_not_answer_itself(shelf: Shelf) -> None:
    answer = shelf.library.similar(shelf.files[4], Wanted(k=100), space=shelf.spaces)
    assert str(shelf.files[4]) not in {hit.path for hit in answer.hits}
    assert all(set(hit.said) <= {"wide", "fine"} for hit in answer.hits)
    found = shelf.library.search(["+", str(shelf.files[4])], space=shelf.spaces).hits
    assert found[0].path == str(shelf.files[4])
    with pytest.raises(PromptError, match="words cannot compare a recording"):
        shelf.library.similar(shelf.files[4], space=[shelf.fine, "words"])
    with pytest.raises(PromptError, match="a recording can only be compared in a space"):
        shelf.library.search(["+", str(shelf.files[4])], space="words")


def test_against_their_group_every_space_takes_its_own_means_away(shelf: Shelf) -> None:
    answer = shelf.library.search(LOW, Wanted(k=100), space=shelf.spaces, relative="folder")
    plain = shelf.library.search(LOW, Wanted(k=100), space=shelf.spaces)
    assert (answer.fits, answer.reason) == (None, "clips were judged against their folder")
    assert [hit.score for hit in answer.hits] != [hit.score for hit in plain.hits]


def test_what_works_in_one_space_says_so(shelf: Shelf) -> None:
    with pytest.raises(PromptError, match="works in one space, and not in fine,wide"):
        shelf.library.describe(shelf.files[0], space="fine,wide")
    with pytest.raises(PromptError, match="no space is named"):
        shelf.library.search(LOW, space=" , ")


def test_a_search_goes_deeper_until_nothing_left_out_can_be_better(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = Wanted(k=2, collapse=False)
    prompt = ["fine:calm", "wide:rain"]
    whole = shelf.library.search(prompt, wanted, space=shelf.spaces).hits
    monkeypatch.setattr(joining, "FIRST", 1)
    asked = []
    offered = joining._offered

    def spy(*args: object) -> object:
        asked.append(args[-1])
        return offered(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(joining, "_offered", spy)
    assert shelf.library.search(prompt, wanted, space=shelf.spaces).hits == whole
    assert asked[:2] == [1, 4]


def test_the_best_hit_must_meet_every_part(shelf: Shelf) -> None:
    def fits(fine: float | None, wide: float | None) -> tuple[bool | None, str]:
        pair = [replace(shelf.fine, fitting=fine), replace(shelf.wide, fitting=wide)]
        answer = shelf.library.search(["fine:calm", "wide:rain"], space=pair)
        return answer.fits, answer.reason

    assert fits(-1, -1) == (True, "the best hit meets every part of the prompt")
    assert fits(-1, None) == (None, "not every voice can tell")
    missed, reason = fits(-1, 1.1)
    assert missed is False
    assert reason.startswith("the best hit does not meet wide:'rain': in wide, the best cosine")
    both = [replace(shelf.fine, fitting=-1), replace(shelf.wide, fitting=1.1)]
    assert shelf.library.search(LOW, space=both).fits is True  # one voice is enough for a part
