"""Our own tables of words and phrases: one feeling each, and nothing that is held out."""

import re
from itertools import chain

import pytest

pytest.importorskip("torch")

from retrieval.training.idioms import IDIOMS, MILD, NOUNS, STRONG
from retrieval.training.lexicon import ADJECTIVES
from retrieval.training.sayings import MIXED, MUSIC, SAYINGS
from retrieval.training.situations import SCENES, VOICES
from retrieval.training.words import FEELINGS, SOUNDS, split

WORDS = (ADJECTIVES, IDIOMS, NOUNS, STRONG, MILD)
PHRASES = (SCENES, VOICES, SAYINGS, MUSIC, MIXED)
MAIN = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")
GRADED = ("angry", "sad", "happy", "fearful", "disgust", "surprised")

# How every held-out word begins in any of its forms, at the start of a word.
STEMS = (
    "dispassion", "deadpan", "placid", "unhurr", "joll", "glee", "jubila", "heartbr", "heart-br",
    "heart br", "broken-heart", "broken heart", "glum", "heartach", "heart ach",
    "aching heart", "distraught", "irate", "livid", "wrath", "incens", "apprehens", "spook",
    "trepid", "aghast", "appal", "loath", "flabbergast", "bewild", "jaded", "anguish", "torment",
    "drain", "puff", "dazzl", "statel", "fond", "bittersweet", "bitter-sweet", "might", "edg",
)  # fmt: skip
STEM = re.compile(r"\b(?:ire\b|" + "|".join(STEMS) + ")", re.IGNORECASE)
# What is left of the held-out templates when the word is taken out.
FRAMES = ("it feels", "they sound", "way of talking", "talking, rather", "can be heard", " tune ",
          "in music")  # fmt: skip


def items(table, feeling):
    return split(table.get(feeling, ""), "," if table in WORDS else ";")


def everything():
    return [
        (feeling, item)
        for table in (*WORDS, *PHRASES)
        for feeling in table
        for item in items(table, feeling)
    ]


def held_out(feeling):
    words = FEELINGS[feeling]
    fields = (words.adjectives, words.nouns, words.strong, words.mild, words.adverbs)
    return [word for field in fields for word in split(field, held_out=True)]


@pytest.mark.parametrize("feeling", FEELINGS)
def test_the_stems_know_every_held_out_word(feeling):
    for word in held_out(feeling):
        assert STEM.match(word), word


@pytest.mark.parametrize(
    "form", ["broken-hearted", "glumly", "in dispassionate tones", "Heartache", "the mightiest"]
)
def test_the_stems_know_other_forms(form):
    assert STEM.search(form)


def test_no_held_out_word_occurs_in_any_form():
    assert not [item for _, item in everything() if STEM.search(item)]


def test_no_held_out_sound_or_template_occurs():
    unseen = list(chain.from_iterable(split(s, ";", held_out=True) for s in SOUNDS.values()))
    for _, item in everything():
        padded = f" {item.lower()} "
        assert not [phrase for phrase in unseen if f" {phrase} " in padded], item
        assert not [frame for frame in FRAMES if frame in padded], item


def test_each_word_belongs_to_one_feeling():
    owner = {}
    for feeling, words in FEELINGS.items():
        fields = (words.adjectives, words.nouns, words.strong, words.mild, words.adverbs)
        for item in chain(*map(split, fields), split(words.phrases, ";")):
            owner.setdefault(item.lower(), set()).add(feeling)
    for feeling, item in everything():
        assert owner.setdefault(item.lower(), {feeling}) == {feeling}, item


def test_items_are_whole_and_not_repeated():
    for table in (*WORDS, *PHRASES):
        assert set(table) <= set(FEELINGS)
        for feeling in table:
            found = items(table, feeling)
            assert len(found) == len(set(found)), feeling
    for _, item in everything():
        assert re.fullmatch(r"[\w',!&-]+(?: [\w',!&-]+)*", item), item


@pytest.mark.parametrize("feeling", FEELINGS)
def test_there_are_many_ways_to_say_a_feeling(feeling):
    main = feeling in MAIN
    adjectives = items(ADJECTIVES, feeling) + items(IDIOMS, feeling)
    phrases = list(chain.from_iterable(items(table, feeling) for table in PHRASES))
    assert len(adjectives) >= (90 if main else 40)
    assert len(items(NOUNS, feeling)) >= (20 if main else 10)
    assert len(phrases) >= (60 if main else 20)
    if feeling in GRADED:
        assert min(len(items(STRONG, feeling)), len(items(MILD, feeling))) >= 10
