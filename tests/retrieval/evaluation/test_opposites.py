"""Built pairs that cannot be told from one side."""

from collections import Counter

import numpy as np
import pytest

from retrieval.evaluation.opposites import MATCHING, MISMATCHING, Pair, fours, side, unclear
from retrieval.evaluation.pairs import Sentence, prior
from retrieval.evaluation.trust import auc
from retrieval.recognition.judgement import EMOTIONS

#: Sides of voice and words.
EXPECTED = {
    "both pleasant": (1, 1),
    "both unpleasant": (-1, -1),
    "sarcasm": (-1, 1),
    "brave face": (1, -1),
}


def sentences(count: int, names: tuple[str, ...] = EMOTIONS) -> list[Sentence]:
    return [
        Sentence(f"{name} {n}", name, prior(name)[0], "made")
        for n in range(count)
        for name in names
    ]


@pytest.fixture
def voices() -> tuple[list[str], list[str]]:
    """Emotions and speakers; far more unpleasant voices than pleasant ones."""
    rng = np.random.default_rng(0)
    return rng.choice(EMOTIONS, 120).tolist(), rng.choice(["ann", "ben", "cem"], 120).tolist()


def test_sides_follow_the_valence_of_the_vocabulary() -> None:
    assert {name for name in EMOTIONS if side(name) == 1} == {"happy", "calm"}
    assert {name for name in EMOTIONS if side(name) == 0} == {"neutral", "surprised"}


def test_every_pair_is_what_its_kind_says(voices: tuple[list[str], list[str]]) -> None:
    emotions, speakers = voices
    pairs = fours(emotions, speakers, sentences(5))
    assert pairs
    for pair in pairs:
        sides = side(emotions[pair.voice]), side(pair.sentence.emotion)
        assert sides == EXPECTED[pair.kind]
        assert emotions[pair.voice] != "calm"


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_made_of_one_half_alone_can_only_guess(
    voices: tuple[list[str], list[str]], seed: int
) -> None:
    emotions, speakers = voices
    pairs = fours(emotions, speakers, sentences(20), seed)
    opposite = np.array([pair.kind in MISMATCHING for pair in pairs])
    rng = np.random.default_rng(seed)
    of_voice, of_words = (
        rng.random(len(emotions)),
        {one.text: rng.random() for one in sentences(20)},
    )
    by_voice = np.array([of_voice[pair.voice] for pair in pairs])
    by_words = np.array([of_words[pair.sentence.text] for pair in pairs])
    assert auc(by_voice, opposite) == pytest.approx(0.5)
    assert auc(by_words, opposite) == pytest.approx(0.5)
    for speaker in set(speakers):  # and so for every speaker, whoever is drawn
        here = np.array([speakers[pair.voice] == speaker for pair in pairs])
        assert auc(by_words[here], opposite[here]) == pytest.approx(0.5)


def test_every_voice_with_a_feeling_is_in_a_pair(voices: tuple[list[str], list[str]]) -> None:
    emotions, speakers = voices
    heard = {pair.voice for pair in fours(emotions, speakers, sentences(5))}
    expected = {row for row, name in enumerate(emotions) if name != "calm" and side(name)}
    assert heard == expected


def test_a_sentence_comes_again_only_when_all_were_taken() -> None:
    emotions, speakers = ["happy", "sad"] * 5, ["ann"] * 10
    happy = [
        pair.sentence.text
        for pair in fours(emotions, speakers, sentences(3, ("happy", "sad")))
        if pair.kind == "sarcasm"
    ]
    assert sorted(Counter(happy).values()) == [1, 2, 2]
    assert len(set(happy[:3])) == 3


def test_speakers_and_sentences_with_one_side_make_no_pairs() -> None:
    assert fours(["happy", "sad"], ["ann", "ben"], sentences(2)) == []
    assert fours(["happy", "sad"], ["ann", "ann"], sentences(2, ("happy", "neutral"))) == []
    assert fours([], [], sentences(2)) == []


def test_pairs_with_an_unclear_half(voices: tuple[list[str], list[str]]) -> None:
    emotions, _ = voices
    found: dict[str, list[Pair]] = {}
    for pair in unclear(emotions, sentences(5)):
        found.setdefault(pair.kind, []).append(pair)
    feeling = {row for row, name in enumerate(emotions) if name != "calm" and side(name)}
    for kind, words in (("neutral words", "neutral"), ("surprised words", "surprised")):
        assert {pair.voice for pair in found[kind]} == feeling
        assert {pair.sentence.emotion for pair in found[kind]} == {words}
    for kind in ("neutral voice", "surprised voice", "calm voice"):
        name = kind.split()[0]
        assert len(found[kind]) == emotions.count(name)
        assert all(emotions[pair.voice] == name for pair in found[kind])
        assert all(side(pair.sentence.emotion) for pair in found[kind])
    assert all(side(pair.sentence.emotion) == -1 for pair in found["calm voice"])
    assert not set(found) & {*MATCHING, *MISMATCHING}


def test_the_seed_tells_the_pairs(voices: tuple[list[str], list[str]]) -> None:
    emotions, speakers = voices
    first = fours(emotions, speakers, sentences(9), 1)
    assert first == fours(emotions, speakers, sentences(9), 1)
    assert first != fours(emotions, speakers, sentences(9), 2)
