"""Published corpora are read from folders laid out as they are unpacked."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from retrieval.errors import PromptError
from retrieval.evaluation.clips import Clip, read_table
from retrieval.evaluation.corpora.layouts import LAYOUTS, read_layout

EVALUATION = """% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]

[6.2901 - 8.2357]\tSes01F_impro01_F000\tneu\t[2.5000, 2.5000, 2.5000]
C-E2:\tNeutral;\t()
A-E3:\tval 3; act 2; dom  2;\t()

[10.0100 - 11.3925]\tSes01F_impro01_M001\texc\t[4.0000, 5.0000, 3.0000]
[14.8872 - 18.0175]\tSes01F_impro01_F001\tfru\t[2.0000, 3.0000, 3.5000]
[19.2900 - 20.7875]\tSes01F_impro01_F003\txxx\t[2.5000, 3.0000, 3.0000]
"""
SAID = """Ses01F_impro01_F000 [006.2901-008.2357]: Excuse me.
Ses01F_impro01_M001 [010.0100-011.3925]: [LAUGHTER] Yeah. We did it.
Ses01F_impro01_FXX0 [011.0000-011.2000]: Um.
"""


def make(folder: Path, *paths: str) -> None:
    for path in paths:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(file, np.sin(np.arange(800) / 9) / 2, 8000)


def iemocap(folder: Path) -> Path:
    session = folder / "IEMOCAP_full_release" / "Session1"
    for name, text in (("EmoEvaluation", EVALUATION), ("transcriptions", SAID)):
        (session / "dialog" / name).mkdir(parents=True)
        (session / "dialog" / name / "Ses01F_impro01.txt").write_text(text)
        (session / "dialog" / name / "._Ses01F_impro01.txt").write_bytes(b"\x00\x05\xff")
    make(session / "sentences/wav/Ses01F_impro01", *(f"Ses01F_impro01_{n}.wav" for n in ("F000",)))
    return folder


def facts(clip: Clip) -> tuple[str, str, str, str]:
    assert clip.emotion is None or clip.raw
    return clip.path.stem, clip.speaker, clip.raw, clip.emotion.name if clip.emotion else ""


def test_iemocap_takes_the_speaker_of_the_turn_and_what_the_judges_agreed_on(
    tmp_path: Path,
) -> None:
    table = read_table(iemocap(tmp_path), [], "test")
    assert [facts(clip) for clip in table.clips] == [
        ("Ses01F_impro01_F000", "iemocap_Ses01F", "neu", "neutral"),
        ("Ses01F_impro01_M001", "iemocap_Ses01M", "exc", "excited"),
        ("Ses01F_impro01_F001", "iemocap_Ses01F", "fru", "frustrated"),
    ]
    assert table.unlabelled == 1
    first, second, third = table.clips
    assert first.path.is_file() and (first.corpus, first.session) == ("iemocap", "Ses01")
    assert (first.gender, second.gender) == ("female", "male")
    assert (first.transcript, third.transcript) == ("Excuse me.", "")
    assert second.transcript == "Yeah. We did it."  # laughter is no word
    assert second.rated == (0.5, 1.0, 0.0)


def test_iemocap_in_four_classes_counts_excitement_as_happiness(tmp_path: Path) -> None:
    release = iemocap(tmp_path) / "IEMOCAP_full_release"
    found = read_table(release, ["iemocap4"], None).clips
    assert [(clip.raw, clip.emotion and clip.emotion.name) for clip in found] == [
        ("neu", "neutral"), ("exc", "happy"),
    ]  # fmt: skip
    assert found[0].path.is_file()


def test_asvp_esd_reads_the_numbers_of_a_name(tmp_path: Path) -> None:
    audio = "ASVP-ESD-Update/Audio"
    make(
        tmp_path,
        f"{audio}/actor_12/03-01-06-01-02-12-02-01-01-16.wav",
        f"{audio}/actor_13/03-02-10-02-01-13-03-03-04.wav",
        f"{audio}/actor_13/03-02-13-00-01-13-03-03-09-77.wav",
        f"{audio}/actor_13/03-02-99-00-01-13-03-03-09.wav",
        f"{audio}/actor_13/notes.wav",
    )
    table = read_table(tmp_path / "ASVP-ESD-Update", [], "test")
    fearful, pleased, breath = table.clips
    assert facts(fearful)[1:] == ("asvp_esd_12", "fearful", "fearful")
    assert (fearful.kind, fearful.gender, fearful.intensity) == ("speech", "male", "normal")
    assert fearful.language == "zh"
    assert facts(pleased)[1:] == ("asvp_esd_13", "pleasure", "")
    assert (pleased.kind, pleased.gender, pleased.intensity) == ("nonverbal", "female", "strong")
    assert (breath.raw, breath.intensity, breath.language) == ("breath", "", "")
    other = read_table(tmp_path, ["asvp_esd_nonverbal"], None).clips
    assert [clip.raw for clip in other] == ["pleasure", "breath"]


def test_jnv_tells_speaker_feeling_and_session(tmp_path: Path) -> None:
    make(tmp_path, "JNV/F1/F1_happy_01_F.wav", "JNV/M2/M2_fear_10_R.wav", "JNV/M2/M2_calm_1_R.wav")
    free, given = read_table(tmp_path, [], "test").clips
    assert facts(free) == ("F1_happy_01_F", "jnv_F1", "happy", "happy")
    assert facts(given) == ("M2_fear_10_R", "jnv_M2", "fear", "fearful")
    assert (free.session, given.session) == ("free", "regular")
    assert (free.gender, given.gender, free.language) == ("female", "male", "ja")


def test_vivae_takes_the_core_set_unless_the_full_one_is_named(tmp_path: Path) -> None:
    make(
        tmp_path,
        "core_set/S01_achievement_low_01.wav",
        "full_set/S01_achievement_low_01.wav",
        "full_set/S02_pleasure_peak_10.wav",
        "full_set/S02_boredom_peak_10.wav",
    )
    (core,) = read_table(tmp_path, [], "test").clips
    assert facts(core)[1:] == ("vivae_S01", "achievement", "triumphant")
    assert (core.intensity, core.kind) == ("low", "nonverbal")
    full = read_table(tmp_path, ["vivae_full"], None).clips
    assert [facts(clip)[1:] for clip in full][1] == ("vivae_S02", "pleasure", "")
    (alone,) = read_table(tmp_path / "core_set", [], None).clips
    assert alone.corpus == "vivae"


def test_another_folder_is_told_which_layouts_are_known(tmp_path: Path) -> None:
    make(tmp_path, "a/takes/one.wav")
    with pytest.raises(PromptError, match=r"no clips\.csv") as caught:
        read_table(tmp_path, [], "test")
    assert caught.value.path == str(tmp_path)
    for name in ("IEMOCAP", "ASVP-ESD", "JNV", "VIVAE"):
        assert name in (caught.value.remedy or "")


def test_a_corpus_that_is_not_there_is_told_which_are(tmp_path: Path) -> None:
    make(tmp_path, "JNV/F1/F1_happy_01_F.wav")
    with pytest.raises(PromptError, match="no corpus vivae") as caught:
        read_table(tmp_path, ["vivae"], None)
    assert "jnv" in (caught.value.remedy or "")


def test_every_row_has_what_a_table_needs_and_no_layout_takes_anothers(tmp_path: Path) -> None:
    make(
        tmp_path,
        "Audio/actor_1/03-01-06-01-02-01-02-01-01-16.wav",
        "JNV/F1/F1_happy_01_F.wav",
        "core_set/S01_anger_low_01.wav",
    )
    iemocap(tmp_path)
    files = sorted(file.relative_to(tmp_path) for file in tmp_path.rglob("*.wav"))
    counts = []
    for layout in LAYOUTS:
        found = next(iter(layout.rows(tmp_path, files).values()))
        counts.append(len(found))
        assert all({"path", "corpus", "speaker", "emotion"} <= set(row) for row in found)
    assert counts == [4, 1, 1, 1]
    assert "iemocap" in read_layout(tmp_path)
