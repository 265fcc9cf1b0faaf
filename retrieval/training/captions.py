"""Captions: every way we say what a clip holds, and which clips each of them suits."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from retrieval.emotions import Emotion
from retrieval.evaluation.phrasings import resembles
from retrieval.training.clips import Clip
from retrieval.training.idioms import IDIOMS, MILD, NOUNS, STRONG
from retrieval.training.lexicon import ADJECTIVES
from retrieval.training.sayings import MIXED, MUSIC, SAYINGS
from retrieval.training.situations import SCENES, VOICES
from retrieval.training.targets import affect_of
from retrieval.training.words import FEELINGS, SOUNDS, Words, split

MUSIC_FEELINGS = (
    "amazement", "solemnity", "tenderness", "nostalgia", "calm", "power", "happy", "tension", "sad",
)  # fmt: skip
_SPOKEN_MUSIC = ("calm", "happy", "sad")  # feelings that both speech and music are said to have
GENRES = ("classical", "electronic", "pop", "rock")
FRAMES_A_WORD = 1  # known templates that each word of the lexicon stands in, besides alone
UNKNOWN_STRENGTH = 0.5  # how well "furious" suits an angry clip of unknown intensity


@dataclass(frozen=True)
class Meaning:
    """What a caption claims; an empty field claims nothing.

    Attributes:
        feeling: a key of `FEELINGS`.
        sound: a key of `SOUNDS`, or a genre of music.
        kind: speech, nonverbal, environment or music.
        gender: female or male.
        strength: strong or normal.
    """

    feeling: str = ""
    sound: str = ""
    kind: str = ""
    gender: str = ""
    strength: str = ""

    def suits(self, clip: Clip) -> float:
        """How well the claim fits a clip, 0..1."""
        if self.sound and self.sound != clip.sound:
            return 0.0
        if self.kind and self.kind != clip.kind:
            return 0.0
        if self.gender and self.gender != clip.gender:
            return 0.0
        fit = clip.feelings.get(self.feeling, 0.0) if self.feeling else 1.0
        if self.strength and self.strength != clip.strength:
            return 0.0 if clip.strength else fit * UNKNOWN_STRENGTH
        return fit

    @property
    def affect(self) -> tuple[float, float]:
        """Valence and arousal of the claim, -1..1 each."""
        return affect_of(self.feeling, self.sound, self.strength)


@dataclass(frozen=True)
class Caption:
    """A text, what it claims, and whether training may see it."""

    text: str
    meaning: Meaning
    held_out: bool = False


# {w} is an adjective; a "voice" template claims speech, a "plain" one any kind of sound.
_PLAIN = ("{w}", "feeling {w}", "a {w} sound", "something that sounds {w}", "{w} mood")
_PLAIN_NEW = ("it feels {w}",)
_VOICE = (
    "a {w} voice", "someone sounding {w}", "{w} speech", "a person speaking in a {w} tone",
    "the speaker sounds {w}", "a {w} person talking", "{w} tone of voice",
)  # fmt: skip
_VOICE_NEW = ("they sound {w}", "a {w} way of talking")
_GENDERED = ("a {w} {g}", "{w} {g} speaking", "a {g} who sounds {w}", "the voice of a {w} {g}")
_GENDERED_NEW = ("a {g} talking, rather {w}",)
_NOUN = ("{w}", "a voice full of {w}", "the sound of {w}", "speech expressing {w}")
_NOUN_NEW = ("{w} can be heard",)
_MUSIC = ("{w} music", "a {w} song", "{w} {s} music", "a piece of music that feels {w}")
_MUSIC_NEW = ("a {w} tune",)
_MUSIC_NOUN = ("music full of {w}", "a song about {w}", "music that evokes {w}")
_MUSIC_NOUN_NEW = ("{w} in music",)
_Frame = tuple[str, Meaning]  # a template and what it claims, once filled
# Words that begin with the sound of a vowel: "a euphoric voice", "an hour".
_VOWEL = re.compile(r"(?!eu|uni[fqv]|us[eu]|one\b|once\b)[aeiou]|hour|honest", re.IGNORECASE)


def captions() -> list[Caption]:
    """Every caption, in a fixed order, each text once per meaning.

    A text that would name two feelings ("nervous": fearful, tension) keeps the first. What gives
    a wording of the examination away is held out too.
    """
    return list(_known())


@cache  # holding 11,000 texts against every wording takes seconds
def _known() -> tuple[Caption, ...]:
    found = []
    feelings: dict[str, str] = {}
    for caption in dict.fromkeys(_all()):
        feeling = caption.meaning.feeling
        if not feeling or feelings.setdefault(caption.text, feeling) == feeling:
            held_out = caption.held_out or resembles(caption.text)
            found.append(replace(caption, held_out=held_out))
    return tuple(found)


def captions_of(feeling: Emotion) -> list[Caption]:
    """Captions of a feeling that only the vocabulary knows: its name in the known templates, and
    its synonyms alone. As in `captions`, what gives a wording of the examination away is held out.
    """
    plain = Meaning(feeling.name)
    voice = replace(plain, kind="speech")
    found = [Caption(synonym, plain) for synonym in feeling.synonyms]
    found += _filled(_PLAIN, (), feeling.name, plain)
    found += _filled(_VOICE, (), feeling.name, voice)
    return [replace(caption, held_out=resembles(caption.text)) for caption in found]


def _all() -> Iterator[Caption]:
    for feeling, words in FEELINGS.items():
        if _is_spoken(feeling):
            yield from _spoken(feeling, words)
        if feeling in MUSIC_FEELINGS:
            yield from _musical(feeling, words)
    for sound, phrases in SOUNDS.items():
        yield from _listed(Meaning(sound=sound), phrases, ";")
    for genre in GENRES:
        yield Caption(f"{genre} music", Meaning(sound=genre, kind="music"))
    yield Caption("music", Meaning(kind="music"))
    yield from _listed(Meaning(kind="speech"), "speech, someone speaking, a voice | talking", ",")
    yield from _listed(Meaning("neutral", kind="environment"), "background noise, ambience", ",")
    for feeling in FEELINGS:
        yield from _named(feeling)
        yield from _told(feeling)


def _is_spoken(feeling: str) -> bool:
    return feeling not in MUSIC_FEELINGS or feeling in _SPOKEN_MUSIC


def _spoken(feeling: str, words: Words) -> Iterator[Caption]:
    plain, voice = Meaning(feeling), Meaning(feeling, kind="speech")
    yield from _filled(_PLAIN, _PLAIN_NEW, words.adjectives, plain)
    yield from _filled(_VOICE, _VOICE_NEW, words.adjectives, voice)
    yield from _filled(_NOUN[:1], (), words.nouns, plain)
    yield from _filled(_NOUN[1:], _NOUN_NEW, words.nouns, voice)
    yield from _filled(("speaking {w}", "talking {w}"), (), words.adverbs, voice)
    yield from _listed(voice, words.phrases, ";")
    for gender, people in (("female", ("woman", "female voice")), ("male", ("man", "male voice"))):
        for person in people:
            known = tuple(pattern.replace("{g}", person) for pattern in _GENDERED)
            new = tuple(pattern.replace("{g}", person) for pattern in _GENDERED_NEW)
            yield from _filled(known, new, words.adjectives, replace(voice, gender=gender))
    for strength, adjectives in (("strong", words.strong), ("normal", words.mild)):
        graded = replace(voice, strength=strength)
        yield from _filled(("{w}", *_VOICE), _VOICE_NEW, adjectives, graded)
    first = split(words.adjectives)[0]
    yield Caption(f"very {first}", replace(voice, strength="strong"))
    yield Caption(f"slightly {first}", replace(voice, strength="normal"))


def _musical(feeling: str, words: Words) -> Iterator[Caption]:
    music = Meaning(feeling, kind="music")
    yield from _filled(_MUSIC_NOUN, _MUSIC_NOUN_NEW, words.nouns, music)
    for genre in GENRES:
        known = tuple(pattern.replace("{s}", genre) for pattern in _MUSIC if "{s}" in pattern)
        yield from _filled(known, (), words.adjectives, replace(music, sound=genre))
    plain = tuple(pattern for pattern in _MUSIC if "{s}" not in pattern)
    yield from _filled(plain, _MUSIC_NEW, words.adjectives, music)
    if not _is_spoken(feeling):
        yield from _filled(_PLAIN, _PLAIN_NEW, words.adjectives, Meaning(feeling))
        yield from _listed(music, words.phrases, ";")


def _named(feeling: str) -> Iterator[Caption]:
    """The lexicon: every word alone, and in a few of the known templates, taken in turn."""
    frames, noun_frames = _frames(feeling)
    closing = [frame for frame in frames if frame[0].endswith("{w}")]
    yield from _in_turn(frames, split(ADJECTIVES[feeling]), feeling)
    yield from _in_turn(closing, split(IDIOMS[feeling]), feeling)
    yield from _in_turn(noun_frames, split(NOUNS[feeling]), feeling)
    for strength, degrees in (("strong", STRONG), ("normal", MILD)):
        graded = Meaning(feeling, kind="speech", strength=strength)
        yield from _listed(graded, degrees.get(feeling, ""), ",")


def _frames(feeling: str) -> tuple[list[_Frame], list[_Frame]]:
    """The known templates that fit a feeling: those for adjectives, and those for nouns."""
    frames = [(pattern, Meaning(feeling)) for pattern in _PLAIN[1:]]
    nouns: list[_Frame] = []
    if _is_spoken(feeling):
        voice = Meaning(feeling, kind="speech")
        frames += [(pattern, voice) for pattern in _VOICE]
        for gender, person in (("female", "woman"), ("male", "man")):
            of_gender = replace(voice, gender=gender)
            frames += [(pattern.replace("{g}", person), of_gender) for pattern in _GENDERED]
        nouns += [(pattern, voice) for pattern in _NOUN[1:]]
    if feeling in MUSIC_FEELINGS:
        music = Meaning(feeling, kind="music")
        frames += [(pattern, music) for pattern in _MUSIC if "{s}" not in pattern]
        nouns += [(pattern, music) for pattern in _MUSIC_NOUN]
    return frames, nouns


def _in_turn(frames: list[_Frame], words: list[str], feeling: str) -> Iterator[Caption]:
    """Each word alone and in `FRAMES_A_WORD` frames, far apart; the next word moves on."""
    for number, word in enumerate(words):
        yield Caption(word, Meaning(feeling))
        for turn in range(FRAMES_A_WORD):
            pattern, meaning = frames[(number + turn * len(frames) // FRAMES_A_WORD) % len(frames)]
            yield Caption(_with_article(pattern.replace("{w}", word)), meaning)


def _told(feeling: str) -> Iterator[Caption]:
    """Situations, voices, sayings; of moods that only music has, any kind of sound is meant."""
    told = Meaning(feeling, kind="speech" if _is_spoken(feeling) else "")
    for phrases in (SCENES, VOICES, SAYINGS, MIXED):
        yield from _listed(told, phrases.get(feeling, ""), ";")
    yield from _listed(Meaning(feeling, kind="music"), MUSIC.get(feeling, ""), ";")


def _filled(
    known: tuple[str, ...], new: tuple[str, ...], words: str, meaning: Meaning
) -> Iterator[Caption]:
    """Templates filled with words; a new template or a held-out word makes it held out."""
    seen, unseen = split(words), split(words, held_out=True)
    for pattern in (*known, *new):
        for word in (*seen, *unseen):
            held_out = pattern in new or word in unseen
            yield Caption(_with_article(pattern.replace("{w}", word)), meaning, held_out)


def _listed(meaning: Meaning, phrases: str, separator: str) -> Iterator[Caption]:
    for held_out in (False, True):
        for phrase in split(phrases, separator, held_out=held_out):
            yield Caption(phrase, meaning, held_out)


def _with_article(text: str) -> str:
    """ "a angry voice" to "an angry voice", wherever an article stands."""
    words = text.split(" ")
    for place, word in enumerate(words[:-1]):
        if word == "a" and _VOWEL.match(words[place + 1]):
            words[place] = "an"
    return " ".join(words)
