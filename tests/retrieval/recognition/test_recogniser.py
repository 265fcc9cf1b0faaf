"""The recogniser: one half or both, joinings by hand, files that are broken or do not fit."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from retrieval.encoders.builtin import load_builtin
from retrieval.encoders.frames import builtin_frames
from retrieval.errors import SpaceError
from retrieval.recognition.networks import told
from retrieval.recognition.recogniser import CARD, FUSIONS, WEIGHTS, load_recogniser
from tests.retrieval.recognition.made_recogniser import STATE, TEXT, arrays, frames, recogniser


def test_a_state_holds_both_streams_and_is_short() -> None:
    state = recogniser().hear(frames())
    assert state.shape == (STATE,)
    assert load_recogniser().hear(builtin_frames().hear(np.zeros(16000, np.float32))).size <= 512


def test_a_voice_without_words_answers_alone() -> None:
    made = recogniser()
    found = made.judge(made.hear(frames()), None)
    assert (found.fusion, found.words) == ("voice", None)
    assert found.both is found.voice


def test_words_without_a_voice_answer_alone() -> None:
    made = recogniser()
    found = made.judge(None, made.read(["what a day"])[0])
    assert (found.fusion, found.voice) == ("words", None)
    assert found.both is found.words


def test_nothing_cannot_be_judged() -> None:
    with pytest.raises(ValueError, match="neither"):
        recogniser().judge(None, None)


@pytest.mark.parametrize("fusion", FUSIONS)
def test_the_joining_that_was_chosen_answers(fusion: str) -> None:
    made = recogniser(fusion)
    voice, words = made.hear(frames()), made.read(["what a day"])[0]
    found = made.judge(voice, words)
    output = made.outputs(voice[None], words[None])[fusion]
    assert found.fusion == fusion
    assert found.both.chances == pytest.approx(np.exp(told(output)[0, :8]), abs=1e-5)
    assert found.voice is not None
    assert np.allclose(found.voice.chances, made.judge(voice, None).both.chances)


def test_judgements_do_not_depend_on_the_others_of_a_call() -> None:
    made = recogniser()
    voices = np.stack([made.hear(frames(seed)) for seed in range(4)])
    words = made.read(["a", "b", "c", "d"])
    together = made.outputs(voices, words)
    for name, outputs in together.items():
        alone = made.outputs(voices[2:3], words[2:3])[name]
        assert outputs[2] == pytest.approx(alone[0], abs=1e-5)


def test_words_that_are_neutral_leave_the_voice_as_it_is() -> None:
    weights = arrays()
    weights["words.1.bias"] = weights["words.1.bias"].copy()
    weights["words.1.bias"][0] = 200  # neutral beyond all doubt
    made = replace(recogniser(), arrays=weights)
    found = made.outputs(made.hear(frames())[None], made.read(["hm"]))
    assert found["late"] == pytest.approx(told(found["voice"]), abs=1e-5)


def test_late_is_a_weighted_sum() -> None:
    made = recogniser()
    found = made.outputs(made.hear(frames())[None], made.read(["hm"]))
    said, read = told(found["voice"])[0], told(found["words"])[0]
    telling = 1 - np.exp(read[0])
    by_hand = [
        said[at] * (1 - telling * made.arrays["late.voice"][at])
        + telling * (read[at] * made.arrays["late.words"][at] + made.arrays["late.bias"][at])
        for at in range(10)
    ]
    assert found["late"][0] == pytest.approx(by_hand, abs=1e-4)


def test_the_fingerprint_tells_of_every_change() -> None:
    made = recogniser()
    others = [recogniser("early"), recogniser(seed=1), replace(made, audio="audio-2")]
    assert recogniser().fingerprint == made.fingerprint
    assert len({one.fingerprint for one in (made, *others)}) == 4


def test_the_built_in_recogniser_is_small_and_hears_and_reads() -> None:
    made = load_recogniser()
    noise = np.random.default_rng(0).standard_normal(32000).astype(np.float32) / 20
    found = made.judge(made.hear(builtin_frames().hear(noise)), made.read(["I love you"])[0])
    assert found.words is not None
    assert found.words.emotion == "happy"
    assert found.words.valence > 0.4
    assert found.both.chances.sum() == pytest.approx(1, abs=1e-5)
    weights = Path("retrieval/weights/recognition")
    assert sum(path.stat().st_size for path in weights.iterdir()) < 2_000_000


def written(folder: Path, **changes: str) -> Path:
    """A folder of small weights that claim to fit the built-in space."""
    card = {
        "audio": builtin_frames().fingerprint,
        "text": load_builtin().text.fingerprint,
        "fusion": "late",
    }
    (folder / CARD).write_text(json.dumps(card | changes), encoding="utf-8")
    np.savez(folder / WEIGHTS, **arrays())
    return folder


def test_a_folder_is_loaded(tmp_path: Path) -> None:
    made = load_recogniser(written(tmp_path))
    assert made.arrays.keys() == arrays().keys()
    assert made.fusion == "late"


@pytest.mark.parametrize("tower", ["audio", "text"])
def test_weights_of_other_towers_are_refused(tmp_path: Path, tower: str) -> None:
    with pytest.raises(SpaceError, match="other towers") as caught:
        load_recogniser(written(tmp_path, **{tower: "0" * 64}))
    assert "affetto train recognition" in str(caught.value.remedy)


def lose_card(folder: Path) -> None:
    (folder / CARD).unlink()


def spoil_card(folder: Path) -> None:
    (folder / CARD).write_text("[", encoding="utf-8")


def spoil_weights(folder: Path) -> None:
    (folder / WEIGHTS).write_bytes(b"PK")


def lose_a_layer(folder: Path) -> None:
    np.savez(folder / WEIGHTS, **{k: v for k, v in arrays().items() if k != "hybrid.1.bias"})


def widen_a_layer(folder: Path) -> None:
    np.savez(folder / WEIGHTS, **arrays() | {"early.0.weight": np.zeros((STATE + TEXT + 1, 3))})


@pytest.mark.parametrize(
    "spoil", [lose_card, spoil_card, spoil_weights, lose_a_layer, widen_a_layer]
)
def test_a_broken_folder_is_one_error(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    spoil(written(tmp_path))
    with pytest.raises(SpaceError, match="cannot be read"):
        load_recogniser(tmp_path)


def test_an_unknown_joining_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpaceError, match="no joining 'sum'"):
        load_recogniser(written(tmp_path, fusion="sum"))
