"""Captions: what they claim, whom they suit, what is held out."""

from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("torch")

from retrieval.training.captions import UNKNOWN_STRENGTH, Meaning, captions
from retrieval.training.clips import NO_FEELING, Clip
from retrieval.training.targets import affect_of, mixed
from retrieval.training.words import FEELINGS, SOUNDS, split


def clip(kind="speech", sound="", feelings=None, strength="", gender="female"):
    feelings = {"sad": 1.0} if feelings is None else feelings
    return Clip(
        path="x.ogg", samples=np.zeros(160, np.int16), corpus="c", speaker="c/1", gender=gender,
        kind=kind, sound=sound, feelings=feelings, strength=strength, affect=(0.0, 0.0),
        split="train",
    )  # fmt: skip


@pytest.fixture(scope="module")
def known():
    return captions()


def test_every_feeling_and_sound_has_captions_to_learn_and_to_hold_out(known):
    for key in FEELINGS:
        mine = [caption for caption in known if caption.meaning.feeling == key]
        assert sum(not caption.held_out for caption in mine) >= 8, key
        assert any(caption.held_out for caption in mine), key
    for key in SOUNDS:
        mine = [caption for caption in known if caption.meaning.sound == key]
        assert {caption.held_out for caption in mine} == {True, False}, key


def test_no_held_out_caption_is_also_learned(known):
    learned = {caption.text for caption in known if not caption.held_out}
    held_out = {caption.text for caption in known if caption.held_out}
    assert not learned & held_out


def test_held_out_words_never_occur_in_what_is_learned(known):
    learned = [f" {caption.text} " for caption in known if not caption.held_out]
    for words in FEELINGS.values():
        for word in split(words.adjectives, held_out=True):
            assert not [text for text in learned if f" {word} " in text], word


def test_texts_are_whole_and_their_articles_right(known):
    for caption in known:
        assert caption.text and caption.text == caption.text.strip()
        assert "{" not in caption.text
        words = caption.text.split(" ")
        for article, word in pairwise(words):
            if article == "a":
                assert word[0].lower() not in "aeiou", caption.text
            if article == "an":
                assert word[0].lower() in "aeiou", caption.text


def test_a_meaning_suits_what_it_is_true_of():
    angry_man = clip(feelings={"angry": 1.0}, gender="male", strength="strong")
    assert Meaning("angry").suits(angry_man) == 1
    assert Meaning("angry", kind="speech", gender="male").suits(angry_man) == 1
    assert Meaning("sad").suits(angry_man) == 0
    assert Meaning("angry", gender="female").suits(angry_man) == 0
    assert Meaning("angry", kind="music").suits(angry_man) == 0
    assert Meaning("angry", strength="strong").suits(angry_man) == 1
    assert Meaning("angry", strength="normal").suits(angry_man) == 0
    assert Meaning(kind="speech").suits(angry_man) == 1


def test_unknown_intensity_suits_any_intensity_in_part():
    assert Meaning("sad", strength="strong").suits(clip()) == UNKNOWN_STRENGTH


def test_sounds_and_shares():
    rain = clip("environment", "rain", {"neutral": NO_FEELING})
    assert Meaning(sound="rain").suits(rain) == 1
    assert Meaning(sound="laughing").suits(rain) == 0
    assert Meaning("neutral").suits(rain) == NO_FEELING
    song = clip("music", "rock", {"sad": 1.0, "tenderness": 0.4})
    assert Meaning("tenderness", kind="music").suits(song) == 0.4
    assert Meaning("sad", sound="rock", kind="music").suits(song) == 1
    assert Meaning("sad", sound="pop", kind="music").suits(song) == 0


def test_affect_follows_the_circumplex():
    for feeling in FEELINGS:
        valence, arousal = affect_of(feeling)
        assert -1 <= valence <= 1 and -1 <= arousal <= 1
        assert (valence, arousal) != (0.0, 0.0), feeling
    for sound in SOUNDS:
        assert affect_of(sound=sound) != (0.0, 0.0), sound
    assert affect_of("angry")[1] > affect_of("sad")[1]
    assert affect_of("happy")[0] > 0 > affect_of("fearful")[0]
    assert affect_of(sound="screaming")[1] > affect_of(sound="yawning")[1]
    assert abs(affect_of("surprised")[0]) <= 0.25  # a voice, not the word


def test_intensity_moves_affect_outwards():
    mild, plain, strong = (affect_of("angry", strength=s) for s in ("normal", "", "strong"))
    assert mild[1] < plain[1] < strong[1]
    assert mild[0] > plain[0] > strong[0]
    assert affect_of("neutral", strength="strong") == affect_of("neutral")


def test_mixed_is_the_weighted_mean():
    sad, happy = affect_of("sad"), affect_of("happy")
    valence, arousal = mixed({"sad": 0.2, "happy": 0.6})
    assert valence == pytest.approx((0.2 * sad[0] + 0.6 * happy[0]) / 0.8, abs=1e-4)
    assert arousal == pytest.approx((0.2 * sad[1] + 0.6 * happy[1]) / 0.8, abs=1e-4)
    assert mixed({"sad": 0.0}) == (0.0, 0.0)
