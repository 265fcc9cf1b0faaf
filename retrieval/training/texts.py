"""Texts that the text tower learns from, and what is known of each."""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np

from retrieval.emotions import TERMS
from retrieval.evaluation.phrasings import resembles
from retrieval.training.captions import captions
from retrieval.training.lexicon import ADJECTIVES
from retrieval.training.targets import affect_of
from retrieval.training.words import FEELINGS, held_out_words, split

Affect = tuple[float, float]


@dataclass(frozen=True)
class Text:
    """A text to learn from; a field that is None is not known.

    Attributes:
        text: what the tower reads.
        read_as: what the teacher reads in its place; None where the teacher is not asked.
        emotions: names of GoEmotions.
        feeling: a key of `FEELINGS`.
        affect: valence and arousal that the text claims, -1..1.
        vad: valence, arousal and dominance rated by EmoBank's readers and writers, 1..5.
    """

    text: str
    read_as: str | None = None
    emotions: tuple[str, ...] | None = None
    feeling: str | None = None
    affect: Affect | None = None
    vad: tuple[float, float, float] | None = None


def emotion_names(labels: Path) -> list[str]:
    """The 28 names of GoEmotions, in their order."""
    return (labels / "goemotions" / "labels.txt").read_text(encoding="utf-8").split()


def goemotions(labels: Path, part: str) -> list[Text]:
    """GoEmotions (Demszky et al. 2020), `part` train, dev or test."""
    names = emotion_names(labels)
    with (labels / "goemotions" / f"{part}.tsv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.reader(table, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        Text(text, text, emotions=tuple(names[int(number)] for number in numbers.split(",")))
        for text, numbers, *_ in rows
    ]


def unasked(text: Text) -> Text:
    """The same text, about which the teacher is not asked."""
    return replace(text, read_as=None)


def emobank(labels: Path, part: str) -> list[Text]:
    """EmoBank (Buechel and Hahn 2017), `part` train, dev or test."""
    with (labels / "emobank" / "emobank.csv").open(encoding="utf-8", newline="") as table:
        rows = [row for row in csv.DictReader(table) if row["split"] == part]
    return [
        Text(row["text"], row["text"], vad=(float(row["V"]), float(row["A"]), float(row["D"])))
        for row in rows
    ]


def clap4emo(labels: Path) -> list[Text]:
    """Written captions of four feelings (CLAP4Emo, Lin et al. 2024)."""
    written = json.loads((labels / "clap4emo" / "GPTEmo_Caps.json").read_text(encoding="utf-8"))
    feelings = {"A": "angry", "H": "happy", "N": "neutral", "S": "sad"}
    return [
        Text(text, text, feeling=feeling, affect=affect_of(feeling))
        for code, feeling in feelings.items()
        for text in written[code]
    ]


def sound_texts(labels: Path) -> list[Text]:
    """Names and captions of sounds: AudioSet's classes and AudioCaps' validation captions."""
    with (labels / "audioset" / "class_labels_indices.csv").open(encoding="utf-8") as table:
        names = [row[2].lower() for row in csv.reader(table)]
    with (labels / "audiocaps" / "val.csv").open(encoding="utf-8", newline="") as table:
        names += [row["caption"] for row in csv.DictReader(table)]
    return [Text(name, name) for name in dict.fromkeys(names)]


def prompts() -> list[Text]:
    """The captions that the joint training sees, with what they claim."""
    return [
        Text(
            caption.text,
            caption.text,
            feeling=caption.meaning.feeling or None,
            affect=caption.meaning.affect if caption.meaning.feeling else None,
        )
        for caption in captions()
        if not caption.held_out
    ]


_NAMING = ("{w}", "{w}", "sounding {w}", "a sense of {w}", "{w} tone", "someone {w}")


def named_feelings() -> list[Text]:
    """The words of the emotional vocabulary with the affect of their feeling."""
    held_out = held_out_words()
    found = (
        (pattern.replace("{w}", word), (term.valence, term.arousal))
        for term in TERMS
        for word in (term.name, *term.synonyms)
        if word not in held_out
        for pattern in _NAMING
    )
    return [Text(text, text, affect=affect) for text, affect in dict(found).items()]


_DEGREES = {
    "slightly": 0.4, "a little": 0.4, "a bit": 0.45, "mildly": 0.5, "somewhat": 0.6, "rather": 0.8,
    "quite": 0.85, "really": 1.15, "very": 1.2, "so": 1.2, "deeply": 1.2, "extremely": 1.35,
    "absolutely": 1.3, "completely": 1.3,
}  # fmt: skip
_REST = (0.0, -0.2)  # where a feeling fades to


def degrees() -> list[Text]:
    """Adjectives with a degree: the affect moves away from rest, or half-way back to it."""
    return [
        Text(
            f"{degree} {word}", f"{degree} {word}", feeling=feeling, affect=_scaled(feeling, factor)
        )
        for feeling, words in FEELINGS.items()
        for word in split(words.adjectives)
        for degree, factor in _DEGREES.items()
    ]


def _scaled(feeling: str, factor: float) -> Affect:
    valence, arousal = (
        rest + factor * (value - rest)
        for rest, value in zip(_REST, affect_of(feeling), strict=True)
    )
    return max(-1.0, min(1.0, valence)), max(-1.0, min(1.0, arousal))


@dataclass(frozen=True)
class Negated:
    """What remains when a feeling is denied."""

    meant: str
    affect: Affect
    feeling: str | None = None


_NEGATED = {
    "angry": Negated("calm and composed", (0.1, -0.35), "calm"),
    "sad": Negated("fine, in good spirits", (0.3, 0.0)),
    "happy": Negated("unhappy and displeased", (-0.4, -0.2), "sad"),
    "fearful": Negated("calm and confident", (0.25, -0.25), "calm"),
    "disgust": Negated("neutral and accepting", (0.05, -0.25), "neutral"),
    "surprised": Negated("unimpressed, as expected", (0.0, -0.3), "neutral"),
    "calm": Negated("agitated and restless", (-0.3, 0.5), "tension"),
    "neutral": Negated("emotional, full of feeling", (0.0, 0.4)),
    "bored": Negated("interested and attentive", (0.35, 0.25)),
    "tension": Negated("relaxed and at ease", (0.3, -0.5), "calm"),
    "pain": Negated("comfortable and well", (0.3, -0.3)),
    "weary": Negated("fresh and awake", (0.35, 0.3)),
}
_DENIALS = (
    "not {w}", "not {w} at all", "not feeling {w}", "not really {w}", "never {w}",
    "anything but {w}", "someone who is not {w}", "a voice that is not {w}", "isn't {w}",
    "does not sound {w}", "doesn't seem {w}", "no longer {w}",
)  # fmt: skip
_NOUN_DENIALS = ("no {w}", "without {w}", "without any {w}", "a voice without {w}", "free of {w}")
_TURNS = (
    "not {w}, more {x}", "not {w} but {x}", "not {w}, just {x}", "{x}, not {w}",
    "more {x} than {w}", "{x} rather than {w}", "{x} without being {w}", "less {w}, more {x}",
)  # fmt: skip


def denials() -> list[Text]:
    """ "not angry", "without fear": the teacher reads what remains."""
    found = []
    for feeling, left in _NEGATED.items():
        words = FEELINGS[feeling]
        pairs = [
            *product(_DENIALS, split(words.adjectives)),
            *product(_NOUN_DENIALS, split(words.nouns)),
        ]
        about = Text("", left.meant, feeling=left.feeling, affect=left.affect)
        found += [replace(about, text=pattern.replace("{w}", word)) for pattern, word in pairs]
    return found


def turns(seed: int, count: int = 4000) -> list[Text]:
    """ "not angry, more disappointed": the teacher reads the part that holds."""
    rng = np.random.default_rng(seed)
    known = {
        feeling: [*split(words.adjectives), *split(ADJECTIVES.get(feeling, ""))]
        for feeling, words in FEELINGS.items()
        if len(split(words.adjectives)) > 2
    }
    found = []
    for _ in range(count):
        denied, held = rng.choice(list(known), 2, replace=False)
        word, other = (rng.choice(known[name]) for name in (denied, held))
        text = rng.choice(_TURNS).replace("{w}", word).replace("{x}", other)
        found.append(Text(text, other, feeling=str(held), affect=affect_of(held)))
    return [text for text in dict.fromkeys(found) if not resembles(text.text)]


_AROUND = (
    "{w}", "{w}", "a {w} sound", "the sound of {w}", "{w} music", "a {w} voice", "feeling {w}",
    "something {w}", "a person and {w}", "{w} in the background",
)  # fmt: skip


def vocabulary_texts(vocabulary: Sequence[str], seed: int, count: int) -> list[Text]:
    """Whole words of the vocabulary, alone or in a short prompt, so that they keep their sense;
    none that is held out."""
    rng = np.random.default_rng(seed)
    held_out = held_out_words()
    whole = [word for word in vocabulary if len(word) > 2 and word.isalpha()]
    words = rng.permutation([word for word in whole if word not in held_out])
    found = [str(rng.choice(_AROUND)).replace("{w}", word) for word in words]
    return [Text(text, text) for text in found[:count]]
