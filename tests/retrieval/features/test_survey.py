"""Measuring a library: each sound once, kept, and found again by what was measured."""

import math
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from retrieval.columns import FEATURES
from retrieval.errors import MissingExtra, PromptError
from retrieval.features import measures, stored, survey
from retrieval.features.measures import UNITS, Features
from retrieval.features.readings import Reading, Readings, read_features
from retrieval.filters import Filters, parse_filters
from retrieval.library import Library
from retrieval.query import Wanted
from retrieval.reporting import status_text
from retrieval.space import Space
from retrieval.summary import Progress

VALUES = {name: float(number) for number, name in enumerate(UNITS)} | {"pause_count": 2}


def reading(start: float, end: float, **values: Any) -> Reading:
    return Reading(start, end, Features(**(VALUES | values)))


@pytest.fixture
def sounds(tmp_path: Path, make_vowel: Callable[..., Any]) -> Path:
    """A low voice, a high one, a copy of it, and noise."""
    folder = tmp_path / "sounds"
    folder.mkdir()
    noise = 0.1 * np.random.default_rng(0).standard_normal(16_000)
    made = {"low": make_vowel(110).samples, "high": make_vowel(260).samples, "noise": noise}
    for name, samples in made.items():
        soundfile.write(folder / f"{name}.wav", samples, 16_000)
    shutil.copy(folder / "high.wav", folder / "copy.wav")
    return folder


@pytest.fixture
def library(tmp_path: Path, sounds: Path, space: Space) -> Iterator[Library]:
    with Library(tmp_path / "library", create=True) as opened:
        opened.ingest(sounds, space=space)
        yield opened


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Measuring is replaced by a stand-in whose pitch tells the name; the paths it was given."""
    paths: list[str] = []

    def measure(path: str) -> Readings:
        paths.append(os.path.basename(path))
        pitch = {"low": 110.0, "noise": math.nan}.get(Path(path).stem, 260.0)
        whole = reading(0.0, 2.0, pitch_median=pitch)
        return Readings(whole, (reading(0.0, 1.5, tilt=-3.0), reading(0.5, 2.0, tilt=-math.inf)))

    monkeypatch.setattr(survey, "read_features", measure)
    monkeypatch.setattr(survey, "check_extra", lambda: None)
    return paths


def names(library: Library, *where: str) -> set[str]:
    return {Path(path).stem for path, _ in library.features(parse_filters(where))}


def test_the_columns_of_the_catalog_are_the_features() -> None:
    """`loudness` was a column of the catalog before, and means the same."""
    assert {*FEATURES, "loudness"} == set(UNITS)


def test_each_sound_is_measured_once(library: Library, by_hand: list[str]) -> None:
    seen: list[Progress] = []
    first = library.measure_features(progress=seen.append)
    assert (first.ok, first.unchanged, first.failed) == (3, 0, ())
    assert sorted(by_hand) == ["copy.wav", "low.wav", "noise.wav"]
    assert [one.done for one in seen] == [1, 2, 3]
    again = library.measure_features()
    assert (again.ok, again.unchanged) == (0, 3)
    assert len(by_hand) == 3


@pytest.mark.usefixtures("by_hand")
def test_the_status_says_how_many_recordings_have_features(library: Library) -> None:
    assert "features" not in status_text(library.status())
    library.measure_features()
    assert library.status().record()["counts"]["measured"] == 3
    assert "features    of 3 recordings" in status_text(library.status())


@pytest.mark.usefixtures("by_hand")
def test_what_was_stored_comes_back(library: Library) -> None:
    library.measure_features(jobs=1)
    found = {Path(path).stem: one for path, one in library.features()}
    assert sorted(found) == ["copy", "high", "low", "noise"]
    assert found["low"] == reading(0.0, 2.0, pitch_median=110.0)
    assert math.isnan(found["noise"].features.pitch_median)
    windows = [one for path, one in library.features(windows=True) if path.endswith("low.wav")]
    assert [(one.start, one.end) for one in windows] == [(0, 1.5), (0.5, 2.0)]
    assert windows[0].features.tilt == -3
    assert math.isnan(windows[1].features.tilt)


@pytest.mark.usefixtures("by_hand")
def test_filters_on_features(library: Library) -> None:
    library.measure_features()
    assert names(library, "pitch_median>220") == {"high", "copy"}
    assert names(library, "pitch_median<=110") == {"low"}
    assert names(library, "pitch_median=110|260") == {"low", "high", "copy"}
    assert names(library, "pitch_median!=110") == {"high", "copy", "noise"}
    assert names(library, "pitch_median>100", "path=*/low.wav") == {"low"}
    assert names(library, "tilt>-3.5") == {"low", "high", "copy", "noise"}  # no windows: the whole
    with pytest.raises(PromptError, match="'high' is not a number"):
        parse_filters(["pitch_median=high"])
    with pytest.raises(PromptError, match="pitch_median is compared with"):
        parse_filters(["pitch_median~2"])


@pytest.mark.usefixtures("by_hand")
def test_a_search_is_filtered(library: Library, space: Space) -> None:
    with pytest.raises(PromptError, match="pitch_median was not measured") as fault:
        library.search("calm", Wanted(filters=parse_filters(["pitch_median>220"])), space=space)
    assert fault.value.remedy == "affetto features"
    library.measure_features()
    answer = library.search(
        "calm", Wanted(filters=parse_filters(["pitch_median<220"])), space=space
    )
    assert [Path(hit.path).stem for hit in answer.hits] == ["low"]


def test_unknown_names_are_told_what_there_is(library: Library) -> None:
    with pytest.raises(PromptError) as fault:
        library.features(parse_filters(["pich_median>220"]))
    assert "pitch_median" in (fault.value.remedy or "")


@pytest.mark.usefixtures("by_hand")
def test_a_new_method_measures_again(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.measure_features()
    monkeypatch.setattr(stored, "METHOD", measures.METHOD + 1)
    assert library.features() == []
    assert library.measure_features().ok == 3
    assert len(library.features()) == 4
    assert library.status().counts.measured == 3


@pytest.mark.usefixtures("by_hand")
def test_features_go_with_their_sound(library: Library, sounds: Path) -> None:
    library.measure_features()
    (sounds / "low.wav").unlink()
    library.catalog.mark_missing([str(sounds / "low.wav")])
    assert names(library) == {"high", "copy", "noise"}
    library.prune()
    assert library.status().counts.measured == 2
    assert library.catalog.integrity() == []


@pytest.mark.usefixtures("by_hand")
def test_a_file_that_has_changed_is_not_taken_for_what_it_was(
    library: Library, sounds: Path
) -> None:
    soundfile.write(sounds / "low.wav", np.full(9000, 0.1), 16_000)
    (sounds / "noise.wav").unlink()
    summary = library.measure_features()
    assert summary.ok == 1
    changed, gone = summary.failed
    assert (Path(changed.path).name, changed.reason) == (
        "low.wav",
        "has changed since it was ingested",
    )
    assert gone.reason.startswith("the file is gone")
    assert library.measure_features().failed == summary.failed  # tried again


def test_sounds_without_a_file_are_left_out(
    library: Library, by_hand: list[str], sounds: Path
) -> None:
    library.catalog.mark_missing([str(sounds / "low.wav"), str(sounds / "copy.wav")])
    summary = library.measure_features()
    assert (summary.ok, summary.missing) == (2, 1)
    assert sorted(by_hand) == ["high.wav", "noise.wav"]


@pytest.mark.usefixtures("by_hand")
def test_a_run_that_is_stopped_keeps_what_it_has(library: Library) -> None:
    def stop(_progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        library.measure_features(jobs=1, progress=stop)
    assert library.status().counts.measured == 1
    assert library.measure_features().ok == 2


@pytest.mark.usefixtures("by_hand")
def test_a_library_that_was_measured_stays_so(
    library: Library, sounds: Path, space: Space, by_hand: list[str]
) -> None:
    soundfile.write(sounds / "new.wav", np.full(9000, 0.1), 16_000)
    assert library.ingest(sounds, space=space).measured == 0  # nobody asked for it
    library.measure_features()
    soundfile.write(sounds / "newer.wav", np.full(9000, 0.2), 16_000)
    assert library.ingest(sounds, space=space).measured == 1
    assert by_hand.count("newer.wav") == 1
    assert library.rebuild(space=space).level.measured == 0
    assert library.rebuild(space=space, re_embed=True).level.measured == 5
    assert by_hand.count("newer.wav") == 2


def test_without_the_extra_new_clips_are_taken_in_and_a_note_tells(
    library: Library,
    sounds: Path,
    space: Space,
    by_hand: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def absent() -> None:
        raise MissingExtra("features need an optional package", remedy="pip install it")

    library.measure_features()
    monkeypatch.setattr(survey, "check_extra", absent)
    assert library.ingest(sounds, space=space).notes == ()  # nothing lacks
    soundfile.write(sounds / "new.wav", np.full(9000, 0.1), 16_000)
    summary = library.ingest(sounds, space=space)
    assert (summary.ok, summary.measured, by_hand.count("new.wav")) == (1, 0, 0)
    (note,) = summary.notes
    assert note.path == str(library.folder)
    assert note.reason == "some recordings have no features"
    assert note.remedy == "pip install it, then affetto features"
    text = status_text(library.status())
    assert "features    of 3 recordings, 1 without: affetto features" in text


def test_without_the_extra_nothing_is_begun(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "parselmouth", None)
    with pytest.raises(MissingExtra, match=r"pip install 'affetto\[features\]'"):
        library.measure_features()


def test_real_measurements_are_kept_exactly(library: Library, sounds: Path) -> None:
    pytest.importorskip("parselmouth", reason="the extra `features` is not installed")
    assert library.measure_features(jobs=2).ok == 3
    found = {Path(path).stem: one for path, one in library.features()}
    assert found["low"] == read_features(sounds / "low.wav").whole
    assert names(library, "pitch_median>220") == {"high", "copy"}
    assert names(library, "voiced_share<0.1") == {"noise"}
    assert [one for _, one in library.features(Filters(), windows=True)] != []
