"""A clip is heard passage by passage, and judged as a whole and in parts."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from retrieval.errors import AudioError
from retrieval.prompt import Excerpt
from retrieval.recognition.judging import judged, voices_of
from retrieval.recognition.passages import Cut, Passage, cut
from retrieval.recognition.recognising import lines_beside, recognise_file
from retrieval.recognition.senses import Senses
from retrieval.spoken.lines import Line

RATE = 8000


def write(path: Path, *parts: tuple[float, float]) -> Path:
    """Tones, hertz and seconds each, one after the other; 0 Hz is silence."""
    waves = [
        0.3 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)
        for hertz, seconds in parts
    ]
    soundfile.write(path, np.concatenate(waves), RATE)
    return path


@pytest.fixture
def change(tmp_path: Path) -> Path:
    """Two low seconds, three of silence, four high ones."""
    return write(tmp_path / "change.wav", (200, 2), (0, 3), (1000, 4))


LINES = (Line("I am happy", 0.0, 2.0), Line("so sad", 5.0, 9.0))


def test_each_passage_is_heard_alone(change: Path, senses: Senses) -> None:
    parts = cut(9.0, LINES, senses.readable).passages
    voices = voices_of(change, parts, senses)
    assert senses.judge.heard == [200, 1000]  # type: ignore[attr-defined]
    assert [None if one is None else one.tolist() for one in voices] == [[-1], None, [1]]


def test_an_excerpt_is_heard_from_its_start(change: Path, senses: Senses) -> None:
    assert voices_of(change, [Passage(0.0, 1.5, None)], senses, start=5.5) == (np.array([1]),)


def test_silence_has_no_voice(tmp_path: Path, senses: Senses) -> None:
    silent = write(tmp_path / "silent.wav", (0, 3))
    with pytest.raises(AudioError, match="silent"):
        voices_of(silent, [Passage(0.0, 3.0, "words do not help")], senses)


def test_passages_and_whole_of_voice_and_words(change: Path, senses: Senses) -> None:
    parts = cut(9.0, LINES, senses.readable)
    found = judged("/a.wav", parts, voices_of(change, parts.passages, senses), senses)
    first, last = found.passages  # the silence between has neither voice nor words
    assert (first.start, first.end, first.words) == (0.0, 2.0, "I am happy")
    assert (first.voice_emotion, first.words_emotion, first.recognised) == ("sad", "happy", "sad")
    assert (last.voice_emotion, last.words_emotion) == ("happy", "sad")
    assert (first.mismatch or 0) > 0.7
    whole = found.whole
    assert (whole.start, whole.end, whole.words) == (0.0, 9.0, "I am happy so sad")
    # Two seconds of a sad voice and four of a happy one.
    assert whole.voice_valence == pytest.approx((-0.6 * 2 + 0.6 * 4) / 6)
    assert (whole.recognised, whole.fusion) == ("happy", "late")
    assert whole.confidence == pytest.approx((0.86 * 4 + 0.02 * 2) / 6, abs=1e-3)


def test_a_whole_disagrees_as_its_passages_do(senses: Senses) -> None:
    """Sarcasm first, then a brave face: on the mean, words and voice feel the same."""
    parts = cut(6.0, [Line("happy", 0.0, 2.0), Line("so sad", 2.0, 6.0)], senses.readable)
    voices = (np.array([-1.0], np.float32), np.array([1.0], np.float32))
    found = judged("/a.wav", parts, voices, senses)
    first, last = (one.mismatch or 0 for one in found.passages)
    assert min(first, last) > 0.7
    assert found.whole.mismatch == pytest.approx((2 * first + 4 * last) / 6)


def test_words_without_times_belong_to_the_whole(senses: Senses) -> None:
    parts = cut(12.0, [Line("happy")], senses.readable)
    voices = (np.array([-1.0], np.float32), np.array([-1.0], np.float32))
    found = judged("/a.wav", parts, voices, senses)
    assert [one.fusion for one in found.passages] == ["voice", "voice"]
    assert [one.mismatch for one in found.passages] == [None, None]
    assert (found.whole.fusion, found.whole.words_emotion) == ("late", "happy")
    assert (found.whole.mismatch or 0) > 0.5


def test_words_of_a_silent_passage_are_judged_alone(senses: Senses) -> None:
    parts = Cut((Passage(0.0, 2.0, None), Passage(2.0, 4.0, "sad")), "sad", timed=True)
    found = judged("/a.wav", parts, (np.array([1.0], np.float32), None), senses)
    assert [one.fusion for one in found.passages] == ["voice", "words"]
    assert found.passages[1].voice_emotion is None
    assert len(found.voices) == 2


def test_a_file_with_a_sidecar(change: Path, senses: Senses) -> None:
    change.with_suffix(".txt").write_text("I am happy")
    whole = Excerpt(change)
    assert lines_beside(whole) == (Line("I am happy"),)
    found = recognise_file(whole, lines_beside(whole), senses).whole
    assert (found.path, found.end, found.words) == (str(change), 9.0, "I am happy")
    assert lines_beside(Excerpt(change, 1.0)) == ()  # nobody knows when it is said


def test_an_excerpt_has_the_lines_in_it_and_the_times_of_the_file(
    change: Path, senses: Senses
) -> None:
    change.with_suffix(".srt").write_text(
        "1\n00:00:00,000 --> 00:00:02,000\nhappy\n\n2\n00:00:05,000 --> 00:00:09,000\nsad\n"
    )
    excerpt = Excerpt(change, 5.0, 8.0)
    (line,) = lines_beside(excerpt)
    assert line.text == "sad"
    found = recognise_file(excerpt, [line], senses)
    assert (found.whole.start, found.whole.end) == (5.0, 8.0)
    assert [(one.start, one.end, one.words) for one in found.passages] == [(5.0, 8.0, "sad")]


def test_a_long_file_is_never_held_whole(
    tmp_path: Path, senses: Senses, monkeypatch: pytest.MonkeyPatch
) -> None:
    from retrieval.recognition import judging

    pieces: list[int] = []
    inside: Callable[..., bool] = judging._sounds
    monkeypatch.setattr(
        judging, "_sounds", lambda piece: pieces.append(len(piece)) or inside(piece)
    )
    long = write(tmp_path / "long.wav", (200, 61))
    found = recognise_file(Excerpt(long), (), senses)
    assert len(found.passages) == 7
    assert max(pieces) <= 160_000
    assert sum(pieces) == pytest.approx(61 * 16_000, abs=10)
