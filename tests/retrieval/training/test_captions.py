"""Captions: what they claim, whom they suit, what is held out."""

from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("torch")

from retrieval.evaluation.phrasings import resembles
from retrieval.training.captions import (
    FRAMES_A_WORD,
    MUSIC_FEELINGS,
    UNKNOWN_STRENGTH,
    Meaning,
    captions,
)
from retrieval.training.clips import NO_FEELING, Clip
from retrieval.training.idioms import IDIOMS, MILD, NOUNS, STRONG
from retrieval.training.lexicon import ADJECTIVES
from retrieval.training.sayings import MIXED, MUSIC, SAYINGS
from retrieval.training.situations import SCENES, VOICES
from retrieval.training.targets import affect_of, mixed
from retrieval.training.words import FEELINGS, SOUNDS, split

SPELT_UNLIKE_SPOKEN = ("eu", "hour", "one", "once")


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
            as_spelt = word[0].lower() in "aeiou"
            if article in ("a", "an") and not word.startswith(SPELT_UNLIKE_SPOKEN):
                assert as_spelt == (article == "an"), caption.text
            elif article in ("a", "an"):
                assert as_spelt == (article == "a"), caption.text


def test_no_text_names_two_feelings(known):
    feelings = {}
    for caption in known:
        if caption.meaning.feeling:
            first = feelings.setdefault(caption.text, caption.meaning.feeling)
            assert caption.meaning.feeling == first, caption.text
    assert feelings["nervous"] == "fearful"
    assert feelings["nervous music"] == "tension"


def test_words_of_the_lexicon_stand_alone_and_in_known_templates(known):
    for table in (ADJECTIVES, IDIOMS, NOUNS):
        for feeling, words in table.items():
            mine = [c for c in known if c.meaning.feeling == feeling]
            texts = " | ".join(caption.text for caption in mine)
            assert {(word, Meaning(feeling)) for word in split(words)} <= {
                (caption.text, caption.meaning) for caption in mine
            }
            for word in split(words):
                assert texts.count(word) >= 1 + FRAMES_A_WORD, word


def test_graded_words_claim_a_strength(known):
    meanings = {(caption.text, caption.meaning) for caption in known}
    for strength, table in (("strong", STRONG), ("normal", MILD)):
        for feeling, words in table.items():
            graded = Meaning(feeling, kind="speech", strength=strength)
            assert {(word, graded) for word in split(words)} <= meanings


def test_phrases_claim_speech_and_moods_of_music_any_sound(known):
    meanings = {(caption.text, caption.meaning) for caption in known}
    for table in (SCENES, VOICES, SAYINGS, MIXED):
        for feeling, phrases in table.items():
            spoken = feeling not in MUSIC_FEELINGS or feeling in ("calm", "happy", "sad")
            told = Meaning(feeling, kind="speech" if spoken else "")
            assert {(phrase, told) for phrase in split(phrases, ";")} <= meanings
    for feeling, phrases in MUSIC.items():
        music = Meaning(feeling, kind="music")
        assert {(phrase, music) for phrase in split(phrases, ";")} <= meanings


def test_what_gives_a_wording_of_the_examination_away_is_held_out(known):
    assert all(caption.held_out for caption in known if resembles(caption.text))
    assert not all(caption.held_out for caption in known if caption.text in split(NOUNS["sad"]))


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
