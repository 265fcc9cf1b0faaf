"""Recognising a library: each voice heard once, judged anew when its words change."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from retrieval.catalog import Catalog
from retrieval.errors import PromptError
from retrieval.filters import parse_filters
from retrieval.library import Library
from retrieval.query import Wanted
from retrieval.recognition.senses import Senses
from retrieval.recognition.spans import STRETCH
from retrieval.reporting import status_text
from retrieval.space import Space
from retrieval.spoken import stored as spoken
from retrieval.spoken.lines import Line
from retrieval.summary import Progress, Summary

RATE = 16_000


def write(path: Path, hertz: float, seconds: float = 2.0) -> Path:
    times = np.arange(round(seconds * RATE)) / RATE
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * hertz * times), RATE)
    return path


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    """A low voice, a high one, a copy of it, and a long low one."""
    folder = tmp_path / "sounds"
    folder.mkdir()
    write(folder / "low.wav", 200)
    write(folder / "high.wav", 1000)
    shutil.copy(folder / "high.wav", folder / "copy.wav")
    write(folder / "long.wav", 210, 12.0)
    return folder


@pytest.fixture
def library(tmp_path: Path, sounds: Path, space: Space, senses: Senses) -> Iterator[Library]:
    assert senses
    with Library(tmp_path / "library", create=True) as opened:
        opened.ingest(sounds, space=space)
        yield opened


def say(library: Library, sounds: Path, **texts: str) -> None:
    table = sounds.parent / "said.csv"
    rows = "".join(f'sounds/{name}.wav,"{text}"\n' for name, text in texts.items())
    table.write_text(f"path,transcript\n{rows}")
    library.label(table)


def names(library: Library, *where: str) -> set[str]:
    return {Path(one.path).stem for one in library.recognised(parse_filters(where))}


def heard(senses: Senses) -> list[float]:
    return senses.judge.heard  # type: ignore[attr-defined, no-any-return]


def test_each_sound_is_heard_once_and_every_clip_judged(library: Library, senses: Senses) -> None:
    seen: list[Progress] = []
    first = library.recognise(progress=seen.append)
    assert (first.ok, first.unchanged, first.failed) == (4, 0, ())
    assert sorted(heard(senses)) == [200, 210, 210, 1000]
    assert seen[-1].done == seen[-1].total == 4
    found = {Path(one.path).stem: one for one in library.recognised()}
    assert {name: one.recognised for name, one in found.items()} == {
        "low": "sad", "high": "happy", "copy": "happy", "long": "sad",
    }  # fmt: skip
    assert found["low"].confidence == pytest.approx(0.86)
    assert (found["low"].start, found["low"].end, found["low"].mismatch) == (0.0, 2.0, None)
    passages = [one for one in library.recognised(passages=True) if one.path.endswith("long.wav")]
    assert [(one.start, one.end) for one in passages] == [(0.0, 6.0), (6.0, 12.0)]
    again = library.recognise()
    assert (again.ok, again.unchanged) == (0, 4)
    assert len(heard(senses)) == 4


def test_new_words_are_judged_without_hearing(
    library: Library, sounds: Path, senses: Senses
) -> None:
    library.recognise()
    before = len(heard(senses))
    say(library, sounds, low="what a happy day", high="SMUTNY", long="happy and long")
    assert len(heard(senses)) == before
    found = {Path(one.path).stem: one for one in library.recognised()}
    assert (found["low"].words, found["low"].fusion) == ("what a happy day", "late")
    assert (found["low"].mismatch or 0) > 0.5
    assert (found["high"].words, found["high"].mismatch) == (None, None)  # cannot be read
    assert found["long"].words == "happy and long"
    assert library.recognise().ok == 0
    say(library, sounds, low="sad again")
    assert names(library, "mismatch>0.5") == {"long"}
    assert library.recognise().ok == 0


def test_a_later_copy_shares_the_voice(
    library: Library, sounds: Path, space: Space, senses: Senses
) -> None:
    library.recognise()
    shutil.copy(sounds / "low.wav", sounds / "low twin.wav")
    library.ingest(sounds, space=space)
    assert heard(senses).count(200) == 1
    assert names(library, "recognised=sad") == {"low", "low twin", "long"}


def test_what_was_transcribed_is_judged_at_once_and_heard_where_it_has_times(
    library: Library, senses: Senses, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {Path(path).stem: clip.clip_id for path, clip in library.catalog.known().items()}

    def transcribe(catalog: Catalog, *_given: object, **_how: object) -> Summary:
        lines = [Line("happy", 0.0, 4.0), Line("so happy", 4.0, 12.0)]
        spoken.put(catalog, {known["low"]: [Line("sad")], known["long"]: lines}, "a machine")
        return Summary(2, 0, 0, 0, 0, (), 0, 0, 1.0, 14.0)

    monkeypatch.setattr("retrieval.spoken.survey.transcribe", transcribe)
    assert library.transcribe().recognised == 0  # nobody asked for it
    library.recognise()
    before = len(heard(senses))
    assert library.transcribe().recognised == 0  # the same words
    passages = library.recognised(parse_filters(["path=*/long.wav"]), passages=True)
    assert [(one.start, one.end, one.words) for one in passages] == [
        (0.0, 4.0, "happy"), (4.0, 12.0, "so happy"),
    ]  # fmt: skip
    say(library, Path(passages[0].path).parent, long="happy")
    assert len(heard(senses)) == before + 2  # the passages are others now


def test_another_recogniser_hears_again(library: Library, senses: Senses) -> None:
    library.recognise()
    senses.judge.fingerprint = "tones-2"  # type: ignore[misc]
    assert library.recognise().ok == 4
    assert len(heard(senses)) == 8
    assert library.status().counts.recognised == 4


def test_filters_and_order(library: Library, sounds: Path, space: Space) -> None:
    with pytest.raises(PromptError, match="mismatch was not recognised") as fault:
        library.search("hum", Wanted(filters=parse_filters(["mismatch>0.5"])), space=space)
    assert fault.value.remedy == "affetto recognise"
    with pytest.raises(PromptError, match="arousal was not recognised"):
        library.search("hum", Wanted(sort="-arousal"), space=space)
    library.recognise()
    say(library, sounds, low="happy", high="happy")
    assert names(library, "recognised=SAD") == {"low", "long"}
    assert names(library, "valence>0") == {"high", "copy"}
    assert names(library, "mismatch>0.5") == {"low"}
    assert names(library, "words_emotion=happy", "voice_emotion!=sad") == {"high"}
    assert names(library, "words_valence!=9") == {"low", "high", "copy", "long"}
    assert names(library, "fusion=voice") == {"copy", "long"}
    wanted = Wanted(k=9, filters=parse_filters(["confidence>=0.5"]), sort="-mismatch")
    hits = library.search("hum", wanted, space=space).hits
    assert Path(hits[0].path).stem == "low"
    assert hits[-1].known["sort"] is None
    assert hits[0].known["recognised"] == "sad"


def test_what_is_mismatched(library: Library, sounds: Path) -> None:
    library.recognise()
    assert library.mismatches() == []
    say(library, sounds, low="a very happy day", high="so happy", long="happy for long")
    first, second, third = library.mismatches()
    assert [Path(one.found.path).stem for one in (first, second, third)] == ["long", "low", "high"]
    assert second.weighed[0].word == "happy"
    assert second.weighed[0].weight == pytest.approx(np.log(0.88 / 0.04), abs=1e-3)
    assert (second.start, second.end) == pytest.approx((0.0, STRETCH))
    assert len(library.mismatches(k=1)) == 1
    assert {Path(one.found.path).stem for one in library.mismatches(passages=True)} == {
        "low", "high",
    }  # fmt: skip
    assert library.mismatches(parse_filters(["path=*/high.wav"]))[0].found.words == "so happy"


def test_a_library_that_was_recognised_stays_so(
    library: Library, sounds: Path, space: Space, senses: Senses
) -> None:
    write(sounds / "new.wav", 900)
    assert library.ingest(sounds, space=space).recognised == 0  # nobody asked for it
    assert "emotions" not in status_text(library.status())
    assert library.ingest(sounds, space=space, recognise=True).recognised == 5
    write(sounds / "newer.wav", 800)
    assert library.ingest(sounds, space=space).recognised == 1
    assert "emotions    of 6 clips" in status_text(library.status())
    assert heard(senses).count(800) == 1
    made = library.rebuild(space=space)
    assert made.level.recognised == 0
    made = library.rebuild(space=space, re_embed=True)
    assert made.level.recognised == 6
    assert heard(senses).count(800) == 2


def test_a_clip_that_changes_is_recognised_anew(
    library: Library, sounds: Path, space: Space
) -> None:
    library.recognise()
    write(sounds / "low.wav", 1500)
    summary = library.ingest(sounds, space=space)
    assert (summary.ok, summary.recognised) == (1, 1)
    assert names(library, "recognised=happy") == {"low", "high", "copy"}


def test_files_that_cannot_be_heard_are_told_and_tried_again(
    library: Library, sounds: Path, space: Space
) -> None:
    write(sounds / "low.wav", 1500)
    (sounds / "long.wav").unlink()
    summary = library.recognise()
    assert summary.ok == 2
    assert [Path(one.path).name for one in summary.failed] == ["long.wav", "low.wav"]
    assert "has changed since it was ingested" in summary.failed[1].reason
    assert "emotions    of 2 clips, 2 without: affetto recognise" in status_text(library.status())
    library.catalog.mark_missing([str(sounds / "long.wav")])
    assert library.recognise().missing == 1
    note = library.ingest(sounds / "high.wav", space=space).notes
    assert [Path(one.path).name for one in note] == ["low.wav"]


def test_a_clip_without_its_file_is_judged_with_new_words(library: Library, sounds: Path) -> None:
    library.recognise()
    (sounds / "low.wav").unlink()
    library.catalog.mark_missing([str(sounds / "low.wav")])
    say(library, sounds, low="happy")
    (kept,) = library.recognised(parse_filters(["words_emotion=happy"], include_missing=True))
    assert kept.path.endswith("low.wav")


def test_a_run_that_is_stopped_keeps_what_it_has(library: Library) -> None:
    def stop(_progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        library.recognise(jobs=1, progress=stop)
    held = library.status().counts.recognised
    assert held in (1, 2)  # the copy is stored with its twin
    assert library.recognise().ok == 4 - held


def test_rows_go_with_their_clip(library: Library, sounds: Path) -> None:
    library.recognise()
    (sounds / "low.wav").unlink()
    library.catalog.mark_missing([str(sounds / "low.wav")])
    library.prune()
    assert library.status().counts.recognised == 3
    assert library.catalog.integrity() == []
