"""The labelled clips of a library: what their labels say, and the vectors that are theirs."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from retrieval.library import Library
from retrieval.space import Space
from retrieval.training.labelled import Labelled, labelled_clips
from retrieval.training.targets import affect_of
from retrieval.training.words import SOUNDS

# Pitch to labels; the pitch tells whose vectors are whose.
LABELS = {
    200: {"emotion": "Furious", "speaker": "anna", "corpus": "stage", "split": "val"},
    400: {"emotion": "angry", "intensity": "strong", "gender": "female", "kind": "speech"},
    600: {"emotion": "grumpyish"},
    800: {"emotion": "", "emotion_raw": "sneezing"},
    1000: {"emotion": "happy", "emotion_raw": "laughing", "kind": "nonverbal", "speaker": "ben"},
    1200: {"emotion_raw": "laughing", "kind": "speech"},
    1400: {"mood": "tense"},
    1600: {"emotion": "neutral", "corpus": "stage"},
    1800: {"emotion": "neutral"},
    2000: {"emotion": "calm"},
    2200: {"emotion": "sad", "kind": "music"},
}


@pytest.fixture
def library(tmp_path: Path, space: Space, write_tone: Callable[..., Path]) -> Iterator[Library]:
    for hz in LABELS:
        write_tone(tmp_path / "sounds" / f"{hz}.wav", hz=hz, seconds=1.0 + hz / 1000)
    with Library(tmp_path / "library", create=True) as library:
        library.ingest(tmp_path / "sounds", space=space)
        paths = {int(Path(path).stem): path for path in library.catalog.known()}
        library.catalog.set_labels({paths[hz]: labels for hz, labels in LABELS.items()}, {})
        yield library


@pytest.fixture
def found(library: Library, space: Space) -> Labelled:
    return labelled_clips(library.catalog, space.source)


def by_pitch(labelled: Labelled) -> dict[int, int]:
    return {int(Path(clip.path).stem): row for row, clip in enumerate(labelled.clips)}


def test_a_clip_counts_when_its_label_is_known(found: Labelled) -> None:
    assert set(by_pitch(found)) == {200, 400, 800, 1000, 1600, 1800, 2000, 2200}
    assert [clip.path for clip in found.clips] == sorted(clip.path for clip in found.clips)
    assert found.unknown == {"grumpyish": 1, "laughing": 1}  # speech does not laugh, it is said
    assert found.unlabelled == 1  # the mood was not asked for
    assert found.by_folder


def test_what_labels_say_is_what_training_reads(found: Labelled) -> None:
    clips = {pitch: found.clips[row] for pitch, row in by_pitch(found).items()}
    angry, sneeze, laugh = clips[400], clips[800], clips[1000]
    assert clips[200].label == "furious" and clips[200].split == "val"
    assert (clips[200].corpus, clips[200].speaker) == ("stage", "stage/anna")
    assert (angry.kind, angry.strength, angry.gender, angry.sound) == (
        "speech", "strong", "female", "",
    )  # fmt: skip
    assert angry.speaker.endswith("/sounds")  # its folder
    assert angry.affect[1] > affect_of("angry")[1] and angry.split == ""
    assert (sneeze.kind, sneeze.label, sneeze.feelings) == (
        "nonverbal",
        "sneezing",
        {"neutral": 0.5},
    )
    assert (laugh.kind, laugh.label, laugh.feelings) == ("nonverbal", "laughing", {"happy": 1.0})
    assert (clips[2200].kind, clips[2200].label) == ("music", "sad")
    # "calm" suits neutral voices in part, where their corpus has no calm ones.
    assert "calm" in clips[1600].feelings and "calm" not in clips[1800].feelings


def test_each_clip_has_its_own_windows_in_their_order(
    found: Labelled, library: Library, space: Space
) -> None:
    for pitch, row in by_pitch(found).items():
        encoded = library.catalog.sound_at(found.clips[row].path)
        _, sounds = library.catalog.window_sounds(space.source)
        wanted = np.concatenate([raw for _, raw in library.catalog.vectors(space.source)])
        np.testing.assert_array_equal(found.raw[row], wanted[sounds == encoded])
        assert len(found.raw[row]) > 1, pitch
    clips, raw = found.pick([2, 0])
    assert clips == [found.clips[2], found.clips[0]] and raw[1] is found.raw[0]


def test_another_label_may_say_what_is_heard(library: Library, space: Space) -> None:
    moods = labelled_clips(library.catalog, space.source, by="mood")
    assert {clip.label for clip in moods.clips} == {"tense", "sneezing", "laughing"}
    sounds = labelled_clips(library.catalog, space.source, by="emotion_raw")
    assert {clip.label for clip in sounds.clips} <= set(SOUNDS)


def test_copies_are_one_sound_and_lost_files_are_left_out(
    library: Library, space: Space, tmp_path: Path
) -> None:
    copy = tmp_path / "sounds" / "0 copy.wav"  # before the others, and without labels
    copy.write_bytes((tmp_path / "sounds" / "200.wav").read_bytes())
    (tmp_path / "sounds" / "400.wav").unlink()
    library.ingest(tmp_path / "sounds", space=space)
    found = labelled_clips(library.catalog, space.source)
    assert {200} <= set(by_pitch(found)) and 400 not in by_pitch(found)
    assert len(found.clips) == 7
    assert labelled_clips(library.catalog, "no such source").clips == []
