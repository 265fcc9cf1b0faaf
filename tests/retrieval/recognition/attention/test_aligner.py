"""The aligner that ships: what it gives, and what it refuses."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

import retrieval
from retrieval.encoders.frames import builtin_frames
from retrieval.errors import AudioError, PromptError, SpaceError
from retrieval.prompt import Excerpt
from retrieval.recognition.attention.aligner import CARD, GRAPH, HOP, load_aligner
from retrieval.recognition.attention.attended import attend, attended, transcript
from retrieval.recognition.attention.rows import record, table
from retrieval.spoken.lines import Line

RATE = 16_000
SHIPPED = Path(retrieval.__file__).parent / "weights" / "alignment"


def write_hum(path: Path, seconds: float = 1.5) -> Path:
    """A hum that swells and ebbs three times a second."""
    times = np.arange(int(seconds * RATE)) / RATE
    soundfile.write(path, 0.3 * np.sin(900 * times) * np.sin(9 * times) ** 2, RATE)
    return path


@pytest.fixture(scope="module")
def aligner():
    return load_aligner()


@pytest.fixture
def copied(tmp_path):
    load_aligner.cache_clear()
    yield shutil.copytree(SHIPPED, tmp_path / "alignment")
    load_aligner.cache_clear()


def test_words_lie_on_frames_in_their_order(aligner):
    speech = np.random.default_rng(0).normal(size=(30, 768)).astype(np.float32)
    found = aligner.align(speech, ["oh", "dear", "me"], start=4.0)
    assert found.words == ("oh", "dear", "me") and found.weights.shape == (3, 30)
    np.testing.assert_allclose(found.weights.sum(axis=1), 1, atol=1e-5)
    assert found.shares.sum() == pytest.approx(1, abs=1e-5)
    assert sum(found.chances.values()) == pytest.approx(1, abs=1e-5)
    assert found.chances[found.emotion] == max(found.chances.values())
    assert (np.diff(found.times.mean(axis=1)) > 0).all() and (np.diff(found.times) > 0).all()
    assert found.times.min() >= 4.0 and found.times.max() <= found.end == 4.0 + 30 * HOP


def test_the_same_words_and_frames_give_the_same(aligner):
    speech = builtin_frames().hear(np.sin(np.arange(RATE) / 9).astype(np.float32))["speech"]
    one, other = (aligner.align(speech, ["a", "b"]) for _ in range(2))
    np.testing.assert_array_equal(one.weights, other.weights)


@pytest.mark.parametrize("words", [[], ["a"] * 4])
def test_words_that_do_not_fit_are_refused(aligner, words):
    with pytest.raises(ValueError, match="do not fit into 3 frames"):
        aligner.align(np.zeros((3, 768), np.float32), words)


def test_the_weights_are_small_and_say_where_they_come_from():
    card = json.loads((SHIPPED / CARD).read_text())
    assert (SHIPPED / GRAPH).stat().st_size < 4_000_000
    assert card["licence"] == "CC BY-NC-SA 4.0" and card["corpora"] == ["ravdess", "nemo"]


def test_other_towers_are_refused(copied):
    card = json.loads((copied / CARD).read_text())
    (copied / CARD).write_text(json.dumps(card | {"frames": "other"}))
    with pytest.raises(SpaceError, match="other towers"):
        load_aligner(copied)


def test_a_changed_graph_is_refused(copied):
    (copied / GRAPH).write_bytes((copied / GRAPH).read_bytes() + b"\0")
    with pytest.raises(SpaceError, match="checksum"):
        load_aligner(copied)


@pytest.mark.parametrize("content", [None, "{", "{}", "[]"])
def test_a_broken_card_is_refused(copied, content):
    (copied / CARD).unlink() if content is None else (copied / CARD).write_text(content)
    with pytest.raises(SpaceError, match="the aligner cannot be read"):
        load_aligner(copied)


def test_up_to_ten_seconds_are_one_passage(tmp_path, aligner):
    lines = [Line("Oh dear,", 0.0, 0.5), Line("oh DEAR me.", 0.5, 1.5)]
    found = attend(Excerpt(write_hum(tmp_path / "a.wav")), lines, aligner)
    (only,) = found.passages
    assert only.words == ("oh", "dear", "oh", "dear", "me")
    assert only.loudness is not None and only.loudness.shape == (only.weights.shape[1],)
    assert found.path == str(tmp_path / "a.wav")


def test_what_is_longer_goes_line_by_line(tmp_path, aligner):
    path = write_hum(tmp_path / "a.wav", 12)
    lines = [Line("oh dear", 1.0, 2.5), Line("...", 3.0, 4.0), Line("oh no", 10.0, 14.0)]
    first, last = attend(Excerpt(path), lines, aligner).passages
    assert (first.start, last.start) == (1.0, 10.0) and last.words == ("oh", "no")
    assert first.end == pytest.approx(2.5, abs=HOP) and last.end == pytest.approx(12, abs=HOP)
    (inside,) = attend(Excerpt(path, 9.0, 12.0), lines, aligner).passages
    assert inside.start == 10.0


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([Line("oh dear")], "12.0 s are too long"),
        ([Line("oh dear", 0.0, 11.0)], "the line from 0 to 11 s"),
        ([Line("...", 0.0, 1.0)], "no words are known"),
        ([Line("a " * 40, 0.0, 1.0)], "40 words do not fit into 1.0 s"),
    ],
)
def test_what_cannot_be_laid_on_says_why(tmp_path, aligner, lines, reason):
    with pytest.raises(PromptError, match=reason):
        attend(Excerpt(write_hum(tmp_path / "a.wav", 12)), lines, aligner)


def test_a_recording_that_is_none_is_refused(tmp_path, aligner):
    with pytest.raises(AudioError, match="no such file"):
        attend(Excerpt(tmp_path / "a.wav"), [Line("oh")], aligner)


def test_a_text_comes_before_a_sidecar(tmp_path):
    path = write_hum(tmp_path / "a.wav")
    with pytest.raises(PromptError, match="nobody says"):
        transcript(path, None, None)
    (tmp_path / "a.txt").write_text("oh dear\n")
    assert transcript(path, None, None) == (Line("oh dear"),)
    assert transcript(path, "hm", None) == (Line("hm"),)
    assert attended(str(path)).passages[0].words == ("oh", "dear")


def test_rows_say_word_time_and_weight(tmp_path, aligner):
    found = attend(Excerpt(write_hum(tmp_path / "a.wav")), [Line("oh dear")], aligner)
    (passage,) = record(found)["passages"]
    assert [one["word"] for one in passage["words"]] == ["oh", "dear"]
    assert sum(one["weight"] for one in passage["words"]) == pytest.approx(1, abs=0.01)
    assert json.loads(json.dumps(passage))["emotion"] == found.passages[0].emotion
    lines = table(found).splitlines()
    assert len(lines) == 3 and lines[0].startswith("oh ") and lines[1].startswith("dear ")


def test_words_that_were_never_heard_are_timed_by_letters(tmp_path, aligner):
    path = write_hum(tmp_path / "a.wav")
    assert aligner.knows(["dogs", "are", "sitting"]) and not aligner.knows(["dogs", "xylophones"])
    known = attend(Excerpt(path), [Line("Dogs are sitting")], aligner)
    assert known.passages[0].times_by == "attention" and not known.note
    strange = attend(Excerpt(path), [Line("o dear")], aligner)
    times = strange.passages[0].times
    assert strange.passages[0].times_by == "letters" and "by letters" in strange.note
    assert (times[1, 1] - times[1, 0]) == pytest.approx(4 * (times[0, 1] - times[0, 0]))
