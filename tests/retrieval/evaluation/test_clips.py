"""Reading a table of clips, and hearing them."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from retrieval.audio import Window, blocks, windows
from retrieval.emotions import lookup
from retrieval.errors import PromptError
from retrieval.evaluation.clips import Clip, Sound, Unheard, hear, read_table
from retrieval.space import Space

TABLE = """path,corpus,speaker,emotion,split,flags
a.wav,one,s1,angry,test,
b.wav,one,s2,Sadness,train,
c.wav,one,s2,calm,test,very_quiet;text_confound
d.wav,two,s3,joyful_activation,test,very_quiet
e.wav,one,s1,,test,
f.wav,three,s1,angry,test,
"""


def clip(path: Path) -> Clip:
    emotion = lookup("sad")
    assert emotion is not None
    return Clip(path, "one", "s1", emotion)


def test_a_table_gives_fair_labelled_clips_of_the_corpora_and_split(tmp_path: Path) -> None:
    (tmp_path / "clips.csv").write_text(TABLE)
    table = read_table(tmp_path, ["one", "two"], "test")
    found = [(clip.path.name, clip.corpus, clip.emotion.name) for clip in table.clips]
    assert found == [("a.wav", "one", "angry"), ("d.wav", "two", "joyful")]
    assert table.clips[0].path == tmp_path / "a.wav"
    turned = read_table(tmp_path, ["two", "one"], "test")
    assert [clip.corpus for clip in turned.clips] == ["two", "one"]
    assert table.unlabelled == 1


def test_no_split_means_all_rows(tmp_path: Path) -> None:
    (tmp_path / "clips.csv").write_text(TABLE)
    names = [clip.path.name for clip in read_table(tmp_path, ["one"], None).clips]
    assert names == ["a.wav", "b.wav"]


def test_three_columns_are_enough(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("speaker,emotion,path\nanna,anger,x/1.wav\n", encoding="utf-8-sig")
    (only,) = read_table(file, ["ravdess"], "test").clips
    assert (only.path, only.corpus, only.speaker) == (tmp_path / "x/1.wav", "mine", "anna")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no rows"),
        ("path,speaker\na.wav,s\n", "no column emotion"),
        ("path,speaker,emotion\na.wav,s,purple\n", "no clip"),
        ("path,speaker,emotion,corpus\na.wav,s,sad,other\n", "no corpus one"),
    ],
)
def test_a_table_that_cannot_be_used_says_why(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "clips.csv").write_text(text)
    with pytest.raises(PromptError, match=said) as caught:
        read_table(tmp_path, ["one"], "test")
    assert caught.value.remedy
    assert caught.value.path == str(tmp_path / "clips.csv")


def test_clips_are_heard_in_order_window_by_window(tmp_path: Path, space: Space) -> None:
    rng = np.random.default_rng(0)
    clips = []
    for number, seconds in enumerate([0.4, 25.0, 1.7]):
        path = tmp_path / f"{number}.wav"
        soundfile.write(path, rng.uniform(-0.5, 0.5, int(seconds * 8000)), 8000)
        clips.append(clip(path))
    seen = []
    sounds, unheard = hear(clips, space, 2, lambda done, total: seen.append((done, total)))
    assert [sound.clip for sound in sounds] == clips
    assert unheard == []
    assert seen == [(1, 3), (2, 3), (3, 3)]
    for sound in sounds:
        assert sound.vectors == pytest.approx(one_by_one(sound, space))
        # a uniform distribution of half width .5 has a mean square of 1/12
        assert sound.loudness == pytest.approx(10 * np.log10(1 / 12), abs=0.3)


def one_by_one(sound: Sound, space: Space) -> np.ndarray:
    cut: list[Window] = list(windows(blocks(sound.clip.path, 8000), 8000, 1.0, 0.5))
    raw = np.concatenate([space.audio.encode([window.samples]) for window in cut])
    return space.place_audio(raw)


def test_a_bad_clip_is_told_and_does_not_stop_the_others(tmp_path: Path, space: Space) -> None:
    good, silent = tmp_path / "good.wav", tmp_path / "silent.wav"
    soundfile.write(good, np.sin(np.arange(8000)) / 2, 8000)
    soundfile.write(silent, np.zeros(8000), 8000)
    sounds, unheard = hear([clip(tmp_path / "gone.wav"), clip(good), clip(silent)], space)
    assert [sound.clip.path for sound in sounds] == [good]
    assert unheard[0] == Unheard(str(tmp_path / "gone.wav"), "no such file")
    assert unheard[1].reason.startswith("silent")


def test_a_class_of_its_own_is_enough_and_facts_are_kept(tmp_path: Path) -> None:
    (tmp_path / "clips.csv").write_text(
        "path,corpus,speaker,emotion,emotion_raw,kind,gender,age,intensity,sentence,transcript\n"
        "x/a.wav,one,s1,,rain,environment,,,,,\n"
        "x/b.wav,two,s2,sad,sadness,speech,male,31,strong,S1,Kids are talking\n"
        "x/c.wav,two,s2,,,speech,male,,,,\n"
    )
    table = read_table(tmp_path, [], "test")
    rain, sad = table.clips
    assert table.unlabelled == 1
    assert (rain.emotion, rain.raw, rain.kind, rain.gender) == (None, "rain", "environment", "")
    assert (sad.corpus, sad.name, sad.raw) == ("two", "x/b.wav", "sadness")
    assert (sad.kind, sad.gender, sad.age, sad.intensity) == ("speech", "male", "31", "strong")
    assert (sad.sentence, sad.transcript, sad.clip_id) == ("S1", "Kids are talking", "")


def test_the_centre_of_a_sound_is_the_unit_mean_of_its_windows() -> None:
    vectors = np.array([[1, 0], [0, 1], [0, 1]], dtype=np.float32)
    sound = Sound(clip(Path("a.wav")), vectors, -20.0)
    assert sound.centre == pytest.approx(np.array([1, 2]) / np.sqrt(5))


def test_ratings_from_1_to_5_lie_between_minus_1_and_1(tmp_path: Path) -> None:
    (tmp_path / "clips.csv").write_text(
        "path,speaker,emotion,session,rated_valence,rated_arousal,rated_dominance\n"
        "a.wav,s1,sad,Ses01,1.0,3.0,5\n"
        "b.wav,s1,sad,,2.5,3.0,\n"
    )
    whole, half = read_table(tmp_path, [], None).clips
    assert (whole.session, whole.rated) == ("Ses01", (-1.0, 0.0, 1.0))
    assert (half.session, half.rated) == ("", None)


def test_an_absent_table_says_so(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="cannot be read") as caught:
        read_table(tmp_path / "clips.csv", [], None)
    assert caught.value.path == str(tmp_path / "clips.csv")
