"""The sample library: what its table says is there, sounds, and can be made again."""

import csv
import importlib
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

SAMPLE = Path(__file__).parents[2] / "docs" / "sample"
MODULES = ("ambience", "clips", "make_sample", "music", "speech", "synth", "voices")
MOST_BYTES = 4_000_000

with (SAMPLE / "labels.csv").open(newline="", encoding="utf-8") as table:
    ROWS = list(csv.DictReader(table))
PATHS = [row["path"] for row in ROWS]


@pytest.fixture(scope="module")
def make_sample() -> Iterator[ModuleType]:
    """The script as a module; its neighbours are importable while it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(SAMPLE))
        patch.setattr(sys, "dont_write_bytecode", True)
        yield importlib.import_module("make_sample")
    for name in MODULES:
        sys.modules.pop(name, None)


@pytest.fixture
def synth(make_sample: ModuleType) -> ModuleType:
    """Its sources and filters."""
    return neighbour(make_sample, "synth")


@pytest.fixture
def speech(make_sample: ModuleType) -> ModuleType:
    """Its actor."""
    return neighbour(make_sample, "speech")


def neighbour(script: ModuleType, name: str) -> ModuleType:
    """A module beside the script, which must be loaded first."""
    assert script.__name__ in sys.modules
    return sys.modules[name]


def mono(path: Path) -> tuple[NDArray[np.float64], int]:
    audio, rate = soundfile.read(path, always_2d=True)
    return audio.mean(axis=1), rate


def test_the_table_and_the_folder_name_the_same_files() -> None:
    files = {file.relative_to(SAMPLE).as_posix() for file in SAMPLE.glob("sounds/**/*.*")}
    assert Counter(PATHS) == Counter(files)
    assert len({tuple(row.values()) for row in ROWS}) == len(ROWS) >= 50


def test_it_is_small() -> None:
    assert sum((SAMPLE / path).stat().st_size for path in PATHS) < MOST_BYTES


@pytest.mark.parametrize("path", PATHS)
def test_a_clip_decodes_and_is_neither_silent_nor_cut_flat(path: str) -> None:
    audio, rate = soundfile.read(SAMPLE / path, always_2d=True)
    assert np.isfinite(audio).all()
    assert 2 <= len(audio) / rate <= 45
    assert np.sqrt(np.mean(audio**2)) > 10 ** (-40 / 20)
    assert np.mean(np.abs(audio) >= 0.999) < 0.0005
    assert audio.std(axis=0).min() > 0.001


def test_labels_are_whole() -> None:
    for row in ROWS:
        assert row["kind"] == row["path"].split("/")[1]
        assert row["feeling"]
        assert bool(row["speaker"]) == bool(row["transcript"]) == (row["kind"] == "speech")
        assert bool(row["parts"]) == (row["feeling"] == "changing")


def test_parts_cover_a_changing_clip_in_order() -> None:
    changing = [row for row in ROWS if row["parts"]]
    assert len(changing) == 2
    for row in changing:
        spans = [part.split()[0].split("-") for part in row["parts"].split("; ")]
        times = [float(time) for span in spans for time in span]
        assert times == sorted(times)
        duration = soundfile.info(SAMPLE / row["path"]).duration
        assert times[0] == 0
        assert times[-1] == pytest.approx(duration, abs=0.1)


def test_many_formats_rates_and_channel_counts() -> None:
    infos = [soundfile.info(SAMPLE / path) for path in PATHS]
    assert {info.subtype for info in infos} >= {
        "VORBIS",
        "OPUS",
        "MPEG_LAYER_III",
        "PCM_U8",
        "PCM_16",
        "PCM_24",
    }
    assert {info.format for info in infos} == {"OGG", "MP3", "FLAC", "WAV", "AIFF"}
    assert {info.channels for info in infos} == {1, 2, 4}
    assert min(info.samplerate for info in infos) == 8_000
    assert max(info.samplerate for info in infos) == 48_000


def test_the_same_words_are_spoken_in_several_feelings() -> None:
    feelings: dict[str, set[str]] = {}
    for row in ROWS:
        if row["sentence"]:
            feelings.setdefault(row["transcript"], set()).add(row["feeling"])
    assert len(feelings) == 6
    assert min(map(len, feelings.values())) >= 4


def test_anger_is_louder_brighter_and_faster_than_sadness() -> None:
    def voice(feeling: str) -> NDArray[np.float64]:
        heard = []
        for row in ROWS:
            if row["kind"] == "speech" and row["feeling"] == feeling:
                audio, rate = mono(SAMPLE / row["path"])
                power = np.abs(np.fft.rfft(audio)) ** 2
                centre = (power * np.fft.rfftfreq(len(audio), 1 / rate)).sum() / power.sum()
                pace = len(row["transcript"].split()) / (len(audio) / rate)
                heard.append((audio.std(), centre, pace))
        return np.array(heard)

    assert (voice("angry").mean(axis=0) > 1.5 * voice("sad").mean(axis=0)).all()


@pytest.mark.parametrize(
    "path", ["sounds/music/lullaby.ogg", "sounds/voices/hum-man.flac", "sounds/ambience/birds.opus"]
)
def test_a_clip_made_again_is_the_one_here(
    make_sample: ModuleType, tmp_path: Path, path: str
) -> None:
    clip = next(clip for clip in make_sample.all_clips() if clip.path == path)
    make_sample.write(tmp_path / "again", make_sample.render(clip).audio, clip)
    again, rate = mono(tmp_path / "again")
    here, same_rate = mono(SAMPLE / path)
    assert (len(again), rate) == (len(here), same_rate)
    assert np.corrcoef(again, here)[0, 1] > 0.99


def test_the_plan_is_the_table(make_sample: ModuleType) -> None:
    plan = [(clip.path, clip.feeling, clip.transcript) for clip in make_sample.all_clips()]
    assert plan == [(row["path"], row["feeling"], row["transcript"]) for row in ROWS]


def test_harmonics_keep_pitch_and_do_not_alias(synth: ModuleType) -> None:
    tone = synth.harmonics(np.full(synth.RATE, 3000.0))
    power = np.abs(np.fft.rfft(tone)) ** 2
    assert np.flatnonzero(power > 1e-6 * power.max()).tolist() == [3000, 6000, 9000]


def test_a_filter_of_gain_one_changes_nothing(synth: ModuleType) -> None:
    audio = synth.noise(np.random.default_rng(1), 5001)
    same = synth.shape(audio, lambda freqs, places: np.ones((len(places), freqs.shape[1])))
    np.testing.assert_allclose(same, audio, atol=1e-6)


def test_resampling_keeps_a_tone_and_its_length(synth: ModuleType) -> None:
    def tone(rate: int) -> NDArray[np.float64]:
        return np.sin(2 * np.pi * 440 * np.arange(rate) / rate) * np.hanning(rate)

    for rate in (8_000, 22_050, 48_000):
        changed = synth.resample(tone(synth.RATE), synth.RATE, rate)
        np.testing.assert_allclose(changed, tone(rate), atol=1e-3)


def test_levels_are_met_and_peaks_stay_below_full_scale(synth: ModuleType) -> None:
    audio = synth.noise(np.random.default_rng(2), 24_000)
    quiet = synth.level(audio, -30)
    assert 20 * np.log10(quiet.std()) == pytest.approx(-30, abs=0.1)
    assert np.abs(synth.level(audio, 0)).max() <= 0.8


def test_voice_qualities_keep_the_length_and_stay_finite(
    synth: ModuleType, speech: ModuleType
) -> None:
    rng, voice = np.random.default_rng(3), synth.harmonics(np.full(synth.RATE, 120.0))
    for changed in (
        speech.breath(rng, voice),
        speech.creak(rng, voice, 0.8),
        speech.press(rng, voice, 3.0),
        speech.tremble(rng, voice, 1.0),
        speech.whisper(rng, voice),
    ):
        assert changed.shape == voice.shape
        assert np.isfinite(changed).all()
        assert np.abs(changed - voice).max() > 0.01


def test_without_espeak_one_line_says_what_to_install(
    make_sample: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["make_sample", "--out", str(tmp_path)])
    with pytest.raises(SystemExit, match=r"^make_sample: .*espeak-ng: apt-get install") as caught:
        make_sample.main()
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())
