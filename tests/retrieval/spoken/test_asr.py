"""The recogniser itself, on what comes with it: a reading of Dickens, and of two silences."""

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from retrieval.audio import read
from retrieval.errors import AudioError, MissingExtra
from retrieval.space import Vectors
from retrieval.spoken import asr
from retrieval.spoken.lines import Line, joined
from retrieval.spoken.speech import RATE
from retrieval.spoken.words import word_errors, words_of

# Charles Dickens, A Tale of Two Cities (1859).
DICKENS = """
It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of
foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the season of
light, it was the season of darkness, it was the spring of hope, it was the winter of despair, we
had everything before us, we had nothing before us, we were all going direct to heaven, we were all
going direct the other way. In short, the period was so far like the present period, that some of
its noisiest authorities insisted on its being received, for good or for evil, in the superlative
degree of comparison only.
"""


@pytest.fixture(scope="module")
def reading() -> Path:
    """The recording of it that moonshine-voice brings along, 44 s."""
    utils = pytest.importorskip("moonshine_voice.utils", reason="the extra `asr` is not installed")
    return Path(utils.get_assets_path()) / "two_cities.wav"


@pytest.fixture(scope="module")
def lines(reading: Path) -> list[Line]:
    return asr.transcribe_file(reading)


def test_a_reading_is_understood(lines: list[Line]) -> None:
    said = words_of(DICKENS)
    heard = words_of(joined(lines))
    assert word_errors(said, heard) / len(said) < 0.15
    assert "incredulity" in heard  # beyond the first half minute: no stretch is lost
    assert "superlative" in heard


def test_lines_have_their_times(lines: list[Line]) -> None:
    times = [(line.start, line.end) for line in lines]
    assert all(start is not None and end is not None and start < end for start, end in times)
    assert times == sorted(times)
    first, last = lines[0], lines[-1]
    assert first.text.startswith("It was the best")
    assert first.start == pytest.approx(1.0, abs=0.3)
    assert last.end == pytest.approx(42.0, abs=0.7)


def test_an_excerpt_has_the_times_of_the_file(reading: Path) -> None:
    (line,) = asr.transcribe_file(reading, 17.0, 21.0)
    assert line.text.startswith("It was the spring of hope")
    assert line.start == pytest.approx(17.3, abs=0.3)


def test_threads_hear_the_same(reading: Path) -> None:
    samples = read(reading, RATE, 1.0, 5.0)
    heard: list[tuple[Line, ...]] = []

    def hear() -> None:
        heard.append(asr.transcribe(samples, guard=False))

    threads = [threading.Thread(target=hear) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    hear()
    assert heard == heard[:1] * 3
    assert "worst of times" in joined(heard[0])


def made(kind: str) -> Vectors:
    """Ten seconds (160000,) in which nobody speaks."""
    rng, size = np.random.default_rng(0), 10 * RATE
    sounds = {
        "silence": np.zeros(size),
        "noise": 0.3 * rng.standard_normal(size),
        "faint noise": 0.001 * rng.standard_normal(size),
        "tone": 0.3 * np.sin(np.arange(size) / 10),
        "chord": 0.1 * sum(np.sin(np.arange(size) * pitch) for pitch in (0.08, 0.1, 0.12)),
        "clicks": (np.arange(size) % 8000 < 20) * 0.5,
    }
    return np.asarray(np.clip(sounds[kind], -1, 1), dtype=np.float32)


@pytest.mark.parametrize("kind", ["silence", "noise", "faint noise", "tone", "chord", "clicks"])
@pytest.mark.usefixtures("reading")
def test_nobody_speaks(kind: str) -> None:
    assert asr.transcribe(made(kind)) == ()


@pytest.mark.usefixtures("reading")
@pytest.mark.parametrize("size", [0, 1, 100])
def test_next_to_nothing(size: int) -> None:
    assert asr.transcribe(np.full(size, 0.1, np.float32)) == ()


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """A model that writes these texts: a list for each stretch, for a second each, and a list of
    one when a line is heard again."""
    texts: list[list[str]] = []

    def written(_: Vectors) -> list[Line]:
        return [Line(text, place + 0.0, place + 1.0) for place, text in enumerate(texts.pop(0))]

    monkeypatch.setattr(asr, "_written", written)
    monkeypatch.setattr(asr, "_text", lambda _: " ".join(texts.pop(0)))
    return texts


def test_what_was_heard_before_makes_no_difference(reading: Path) -> None:
    """As it would if the memory of the detector of speech outlived a recording."""
    half_a_line, line = read(reading, RATE, 17.2, 19.5), read(reading, RATE, 8.4, 13.0)
    first = asr.transcribe(line, guard=False)
    asr.transcribe(half_a_line, guard=False)
    assert asr.transcribe(np.zeros(RATE, np.float32), guard=False) == ()
    asr.transcribe(half_a_line, guard=False)
    assert asr.transcribe(line, guard=False) == first
    assert len(first) == 2


def test_what_is_heard_otherwise_again_is_not_believed(model: list[list[str]]) -> None:
    model += [
        ["kids are talking", "the first one is", "so it goes"],
        ["Kids are talking!"],
        ["a very good habit"],
        ["so", "it ends"],
    ]
    assert asr.transcribe(made("silence")) == (
        Line("kids are talking", 0.0, 1.0),
        Line("so it goes", 2.0, 3.0),
    )


def test_loops_and_strange_letters_are_left_out(model: list[list[str]]) -> None:
    looped = "and on " * 8
    model += [[looped, "♪♪", "Then the rain began. " + looped], ["then the rain began " + looped]]
    assert joined(asr.transcribe(made("silence"))) == "Then the rain began."
    model += [[looped, "♪♪"]]
    assert len(asr.transcribe(made("silence"), guard=False)) == 2


def test_times_go_on_from_stretch_to_stretch(model: list[list[str]]) -> None:
    model += [["one"], ["two"]]
    lines = asr.transcribe(np.zeros(40 * RATE, np.float32), guard=False)
    assert [line.text for line in lines] == ["one", "two"]
    assert lines[0].start == 0
    assert lines[1].start is not None
    assert 20 <= lines[1].start <= 30


@pytest.mark.usefixtures("reading")
def test_a_file_that_is_no_sound(tmp_path: Path) -> None:
    with pytest.raises(AudioError):
        asr.transcribe_file(tmp_path / "none.wav")


@pytest.mark.parametrize("function", [asr.check_extra, asr.asr_name.__wrapped__])
def test_without_the_extra(monkeypatch: pytest.MonkeyPatch, function: object) -> None:
    monkeypatch.setitem(sys.modules, "moonshine_voice.utils", None)
    with pytest.raises(MissingExtra, match="optional package") as fault:
        function()  # type: ignore[operator]
    assert fault.value.remedy == "pip install 'affetto[asr]'"


def test_a_wheel_without_its_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    utils = pytest.importorskip("moonshine_voice.utils", reason="the extra `asr` is not installed")
    monkeypatch.setattr(utils, "get_model_path", lambda name: tmp_path / name)
    with pytest.raises(MissingExtra, match="brings no model"):
        asr.check_extra()


def test_it_needs_no_microphone_and_prints_nothing(reading: Path) -> None:
    """Where PortAudio lacks, importing sounddevice raises OSError; it is never tried."""
    program = (
        "import sys; sys.modules['sounddevice'] = None\n"
        "from retrieval.spoken.asr import asr_name, transcribe_file\n"
        f"assert transcribe_file({str(reading)!r}, 1.0, 5.0)\n"
        "assert asr_name().startswith('moonshine-voice ')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
