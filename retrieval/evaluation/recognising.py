"""Is the recogniser right: about voices, about words, and about both together?

Every pair of a voice and an informative sentence is built (pairs.py): real halves that were never
heard together. The speakers, and the sentences, are of a split that nothing was learned from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from retrieval.encoders.builtin import load_builtin
from retrieval.encoders.frames import builtin_frames
from retrieval.evaluation.bench import label_rows, speakers_of
from retrieval.evaluation.clips import Clip, hear, read_table
from retrieval.evaluation.naming import uar
from retrieval.evaluation.pairs import How, Sentence, partners, read_sentences
from retrieval.evaluation.rated_sentences import read_rated
from retrieval.evaluation.recognised import (
    MEASURES,
    Hear,
    Voices,
    calibration_error,
    confidence,
    listened,
    measured,
    recall,
)
from retrieval.evaluation.recognising_noise import noise_table, words_table
from retrieval.evaluation.recognising_words import ratings_table, words_alone
from retrieval.evaluation.scores import best_cosines
from retrieval.evaluation.table import Cell, Table
from retrieval.recognition.english import readable
from retrieval.recognition.recogniser import FUSIONS, Recogniser, load_recogniser
from retrieval.space import Vectors

Split = Literal["val", "test"]

#: Where labelled sentences come from; MELD was never learned from.
SOURCES: tuple[Literal["goemotions", "meld"], ...] = ("goemotions", "meld")

WAYS = ("voice", "words", *FUSIONS)

_BUILT = "Built pairs: real voices and real sentences that were never heard together"
_BRACKETS = "Brackets: 95 % bootstrap interval over speakers."
_OF = "UAR over all eight emotions that may be named; valence and arousal against priors."
_FUSION = (
    f"{_BUILT}, the sentence of the same emotion as the voice; * is the joining that answers. "
    f"MELD has no calm sentence, so calm voices are left out there. {_OF} {_BRACKETS}"
)
_OWN = (
    "What was really said in the recordings, which tells no feeling: does joining hurt? Read: the "
    "share of texts that are English enough to be read; answer: what affetto says, by the voice "
    f"alone where they are not. {_OF} {_BRACKETS}"
)
_NAMING = (
    "UAR of voices alone. Of the corpus: only emotions that occur there may be named, as for the "
    f"space, which names by prompts; of all: any of the eight. {_BRACKETS}"
)
_REMOVED = (
    f"{_BUILT} (GoEmotions, same emotion), from which one half is taken away. With it the "
    "networks of early and hybrid get zeros, late the other half; answer: what affetto says, "
    f"which asks the half that is left alone. UAR. {_BRACKETS}"
)
_CALIBRATION = (
    "ECE: expected calibration error, by how much the confidence differs from the share that is "
    "right, in tenths of confidence. Matching: built pairs (GoEmotions, same emotion); neutral: "
    f"built pairs with sentences labelled neutral. {_BRACKETS}"
)


@dataclass(frozen=True)
class Heard:
    """Everything the tables ask of.

    Attributes:
        recogniser: what is judged.
        voices: clips that can be judged.
        sentences: of each source.
    """

    recogniser: Recogniser
    voices: Voices
    sentences: Mapping[str, Sequence[Sentence]]
    seed: int

    def paired(self, how: How, source: str = "goemotions") -> tuple[Voices, list[str]]:
        """The voices that have a partner in a source, and the texts of their partners."""
        found = partners(self.voices.emotions, self.sentences[source], how, self.seed)
        rows = [row for row, sentence in enumerate(found) if sentence is not None]
        return self.voices.pick(rows), [one.text for one in found if one is not None]

    def outputs(self, voices: Voices, texts: Sequence[str]) -> dict[str, Vectors]:
        """Outputs (n, 10) of every way, for voices and what they say."""
        return self.recogniser.outputs(voices.states, self.recogniser.read(texts))

    def answers(self, voices: Voices, texts: Sequence[str]) -> Vectors:
        """Outputs (n, 10) that answer: by the voice alone where a text cannot be read."""
        found = self.outputs(voices, texts)
        reads = np.array([readable(text) for text in texts])[:, None]  # (n, 1)
        return np.where(reads, found[self.recogniser.fusion], found["voice"])


def tables(
    corpora: Path,
    recogniser: Recogniser | None = None,
    frames: Hear | None = None,
    *,
    split: Split = "test",
    seed: int = 0,
) -> list[Table]:
    """`recognising`, `recognising_words`, `recognising_ratings`, `recognising_own_words`,
    `recognising_naming`, `recognising_removed`, `recognising_noise`, `recognising_word_errors`,
    `recognising_calibration`.

    Args:
        corpora: a folder with clips.csv and labels/.
        recogniser: None for the built-in one.
        frames: samples (n,) at 16 kHz to frames; None for those of the built-in space.
        split: of the clips and of the sentences.
        seed: of the pairs, the noise and the wrong words.

    Raises:
        PromptError: the clips or the sentences cannot be read, or no clip can be judged.
        SpaceError: the weights cannot be read.
    """
    judge, listen = recogniser or load_recogniser(), frames or builtin_frames().hear
    clips = read_table(corpora, (), split).clips
    sentences: dict[str, list[Sentence]] = {
        source: read_sentences(corpora, source, split) for source in SOURCES
    }
    heard = Heard(judge, listened(clips, judge, listen), sentences, seed)
    if not heard.voices.clips:
        return []
    matching, neutral = heard.paired("matching"), heard.paired("neutral")
    return [
        _fusion(heard),
        words_alone(judge, sentences),
        ratings_table(judge, read_rated(corpora, split)),
        *_own_words(heard),
        _naming(heard),
        _removed(heard, *matching),
        noise_table(judge, listen, *matching, _noises(clips), seed),
        words_table(judge, *matching, seed),
        _calibration(heard, {"matching": matching, "neutral": neutral}),
    ]


def _fusion(heard: Heard) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for source in SOURCES:
        voices, texts = heard.paired("matching", source)
        found = heard.outputs(voices, texts)
        for corpus, at in voices.corpora().items():
            here = voices.pick(at)
            speakers = len(set(here.speakers))
            for way in WAYS:
                title = way + " *" * (way == heard.recogniser.fusion)
                cells = measured(found[way][at], here)
                rows.append((source, corpus, len(at), speakers, title, *cells))
    columns = ("sentences", "corpus", "clips", "speakers", "by", *MEASURES)
    return Table("recognising", "Emotion from voice, words and both", _FUSION, columns, tuple(rows))


def _own_words(heard: Heard) -> list[Table]:
    spoken = [row for row, clip in enumerate(heard.voices.clips) if clip.transcript]
    if not spoken:
        return []
    voices = heard.voices.pick(spoken)
    texts = [clip.transcript for clip in voices.clips]
    found = {**heard.outputs(voices, texts), "answer": heard.answers(voices, texts)}
    rows: list[tuple[Cell, ...]] = []
    for corpus, at in voices.corpora().items():
        here = voices.pick(at)
        read = float(np.mean([readable(texts[row]) for row in at]))
        rows += [
            (corpus, len(at), read, way, *measured(outputs[at], here))
            for way, outputs in found.items()
        ]
    columns = ("corpus", "clips", "read", "by", *MEASURES)
    title = "Words that tell no feeling"
    return [Table("recognising_own_words", title, _OWN, columns, tuple(rows))]


def _naming(heard: Heard) -> Table:
    """The voice alone beside the built-in space, which is asked with the labels as prompts."""
    space = load_builtin()
    rows: list[tuple[Cell, ...]] = []
    for corpus, at in heard.voices.corpora().items():
        here = heard.voices.pick(at)
        sounds, _ = hear(here.clips, space)
        labels, row = label_rows(sounds)
        by_space = uar(best_cosines(space, labels, sounds), row, speakers_of(sounds))
        outputs = heard.recogniser.outputs(here.states, None)["voice"]
        rows.append(
            (corpus, len(at), len(labels), by_space, recall(outputs, here, labels),
             recall(outputs, here))
        )  # fmt: skip
    columns = (
        "corpus", "clips", "labels", "space", "voice, of the corpus", "voice, of all",
    )  # fmt: skip
    title = "The voice alone beside the space"
    return Table("recognising_naming", title, _NAMING, columns, tuple(rows))


def _removed(heard: Heard, voices: Voices, texts: Sequence[str]) -> Table:
    judge, words = heard.recogniser, heard.recogniser.read(texts)
    silent, unsaid = np.zeros_like(voices.states), np.zeros_like(words)
    both = judge.outputs(voices.states, words)
    by_words = {**judge.outputs(silent, words), "answer": both["words"], "late": both["words"]}
    by_voice = {**judge.outputs(voices.states, unsaid), "answer": both["voice"],
                "late": both["voice"]}  # fmt: skip
    states = {
        "neither": {**both, "answer": both[judge.fusion]},
        "words": by_voice,
        "voice": by_words,
    }
    rows: list[tuple[Cell, ...]] = [
        (missing, *(recall(found[way], voices) for way in (*FUSIONS, "answer")))
        for missing, found in states.items()
    ]
    columns = ("taken away", *FUSIONS, "answer")
    return Table("recognising_removed", "One half taken away", _REMOVED, columns, tuple(rows))


def _calibration(heard: Heard, pairs: Mapping[str, tuple[Voices, Sequence[str]]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for kind, (voices, texts) in pairs.items():
        found = heard.outputs(voices, texts)
        for way in WAYS:
            sure = float(confidence(found[way]).mean())
            right = measured(found[way], voices)[MEASURES.index("accuracy")]
            rows.append((kind, way, sure, right, calibration_error(found[way], voices)))
    columns = ("words", "by", "confidence", "accuracy", "ECE")
    title = "How sure, and how often right"
    return Table("recognising_calibration", title, _CALIBRATION, columns, tuple(rows))


def _noises(clips: Sequence[Clip]) -> list[Clip]:
    """Sounds that no mouth makes: what voices are heard through."""
    return [clip for clip in clips if clip.kind == "environment"]
