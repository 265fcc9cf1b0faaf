"""How well speech is recognised: wrong words, in noise too, and words where nobody speaks.

Every table has the recogniser alone beside the recogniser with its guard (retrieval/spoken/asr.py).
Needs the extra `asr`.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from retrieval.audio import read
from retrieval.evaluation.bootstrap import Positions, estimates
from retrieval.evaluation.clips import Clip, read_table
from retrieval.evaluation.noise import noisy, pink, stretch, white
from retrieval.evaluation.table import Cell, Table
from retrieval.space import Vectors
from retrieval.spoken.asr import check_extra, judged, transcribe
from retrieval.spoken.lines import joined
from retrieval.spoken.speech import RATE
from retrieval.spoken.words import word_errors, words_of

#: Signal-to-noise ratios in dB, and voices that make babble.
RATIOS, VOICES = (20.0, 10.0, 5.0, 0.0), 6

#: Levels of noise alone, in dBFS, and its seconds.
LEVELS, LENGTH = (-40.0, -20.0, -6.0), 10.0

_HOW = ("without guard", "with guard")
_ERRORS = tuple(f"{what} {how}" for what in ("WER", "heard") for how in _HOW)


@dataclass(frozen=True)
class Trial:
    """A clip, and what was heard in it without the guard and with it."""

    clip: Clip
    alone: str
    guarded: str


def tables(corpora: Path, split: str | None = "test", most: int = 40) -> list[Table]:
    """All tables that the clips say something for.

    Args:
        corpora: as for `read_table`.
        split: which rows; None for all.
        most: clips of each condition, spread over the table; clean English is taken whole.

    Raises:
        MissingExtra: the extra ``asr`` is not installed.
        PromptError: the table is unusable.
    """
    check_extra()
    clips = read_table(corpora, (), split).clips
    speech = [clip for clip in clips if clip.kind in ("", "speech")]
    english = [clip for clip in speech if clip.transcript and clip.language in ("", "en")]
    foreign = [clip for clip in speech if clip.language not in ("", "en")]
    silent = [clip for clip in clips if clip.kind not in ("", "speech")]
    found = []
    if english:
        found.append(errors_table([heard(clip, read(clip.path, RATE)) for clip in english]))
        few = _spread(english, most)
        found += [speed_table(few), noise_table(few, _spread(foreign or english, 2 * most))]
    for corpus in dict.fromkeys(clip.corpus for clip in foreign):
        silent += _spread([clip for clip in foreign if clip.corpus == corpus], most)
    found.append(false_table([heard(clip, read(clip.path, RATE)) for clip in silent]))
    return found


def word_error_rate(pairs: Sequence[tuple[str, str]]) -> float:
    """Errors of all texts (said, heard) by the number of words said; nan without words.

    Words that were replaced, left out and put in count alike, so it may exceed 1.
    """
    cut = [(words_of(said), words_of(heard)) for said, heard in pairs]
    total = sum(len(said) for said, _ in cut)
    return sum(word_errors(*pair) for pair in cut) / total if total else np.nan


def heard(clip: Clip, samples: Vectors) -> Trial:
    """What is heard in samples (n,) of a clip of less than half a minute."""
    lines = list(judged(samples))
    return Trial(
        clip,
        joined(written for written, _ in lines),
        joined(kept for _, kept in lines if kept is not None),
    )


def errors_table(trials: Sequence[Trial]) -> Table:
    """Word error rate of clean speech, by corpus and emotion."""
    rows: list[tuple[Cell, ...]] = []
    for corpus, group in _grouped(trials, lambda one: one.clip.corpus):
        rows.append((corpus, "all", len(group), *_errors(group)))
        for emotion, some in _grouped(group, lambda one: one.clip.raw):
            rows.append((corpus, emotion, len(some), *_errors(some)))
    return Table(
        "transcript_errors",
        "Words that are heard wrong",
        "Word error rate of the recogniser where the words are known, and the share of clips in "
        "which any words were heard, each with its 95 % interval over speakers. The guard leaves "
        "out lines that it does not believe; their words count as errors.",
        ("corpus", "said with", "clips", *_ERRORS),
        tuple(rows),
    )


def speed_table(clips: Sequence[Clip]) -> Table:
    """Seconds of sound by seconds of work."""
    sounds = [read(clip.path, RATE) for clip in clips]
    total = sum(map(len, sounds)) / RATE
    rates: list[Cell] = []
    for guard in (False, True):
        began = time.process_time()
        for samples in sounds:
            transcribe(samples, guard=guard)
        rates.append(round(total / (time.process_time() - began), 1))
    return Table(
        "transcript_speed",
        "How fast speech is recognised",
        "Seconds of speech by seconds of work of one core: times real time.",
        ("clips", "seconds", *_HOW),
        ((len(clips), round(total, 1), *rates),),
    )


def noise_table(clips: Sequence[Clip], others: Sequence[Clip]) -> Table:
    """Word error rate with noise, or the voices of other clips, over the speech."""
    rows: list[tuple[Cell, ...]] = []
    sounds = [read(clip.path, RATE) for clip in clips]
    voices = [read(clip.path, RATE) for clip in others]
    for kind in ("white", "babble"):
        for ratio in RATIOS:
            rng = np.random.default_rng(0)
            trials = []
            for clip, samples in zip(clips, sounds, strict=True):
                noise = _noise(kind, len(samples), voices, rng)
                trials.append(heard(clip, noisy(samples, noise, ratio)))
            rows.append((kind, ratio, len(trials), *_errors(trials)))
    return Table(
        "transcript_noise",
        "Words in noise",
        f"As above, with white noise, or the babble of {VOICES} other voices, over the speech at a "
        "signal-to-noise ratio in dB.",
        ("noise", "SNR", "clips", *_ERRORS),
        tuple(rows),
    )


def false_table(trials: Sequence[Trial]) -> Table:
    """How often words are heard where no English is spoken."""
    rows: list[tuple[Cell, ...]] = []
    for corpus, group in _grouped(trials, lambda one: one.clip.corpus):
        rows.append((corpus, "all", len(group), *_shares(group)))
        if group[0].clip.kind in ("environment", "nonverbal"):
            for sound, some in _grouped(group, lambda one: one.clip.raw):
                rows.append((corpus, sound, len(some), *_shares(some)))
    for name, samples in _made():
        alone = joined(transcribe(samples, guard=False))
        rows.append(("made", name, 1, float(bool(alone)), float(bool(joined(transcribe(samples))))))
    return Table(
        "transcript_false",
        "Words where no English is spoken",
        "Share of clips in which the recogniser hears any words, with its 95 % interval over "
        "speakers: sounds without speech, speech in languages it does not know, and made noise.",
        ("corpus", "sound", "clips", *_HOW),
        tuple(rows),
    )


def _noise(kind: str, size: int, voices: Sequence[Vectors], rng: np.random.Generator) -> Vectors:
    """White noise (size,), or several voices of the same level at once."""
    if kind == "white":
        return white(size, rng)
    chosen = rng.choice(len(voices), min(VOICES, len(voices)), replace=False)
    mixed = [_level(stretch(voices[one], size, rng)) for one in chosen]
    return np.asarray(np.sum(mixed, axis=0), dtype=np.float32)


def _level(samples: Vectors) -> Vectors:
    """Samples (n,) with a root mean square of 1."""
    return samples / np.float32(max(np.sqrt(np.square(samples).mean()), 1e-6))


def _made() -> Iterator[tuple[str, Vectors]]:
    """Sounds (n,) in which nobody speaks: silence, a tone, and noise."""
    rng, size = np.random.default_rng(0), round(LENGTH * RATE)
    yield "silence", np.zeros(size, np.float32)
    yield "tone of 440 Hz", np.sin(440 / RATE * 2 * np.pi * np.arange(size)).astype(np.float32) / 3
    for name, noise in (("white", white), ("pink", pink)):
        for level in LEVELS:
            loud = _level(noise(size, rng)) * np.float32(10 ** (level / 20))
            yield f"{name} noise, {level:g} dBFS", np.clip(loud, -1, 1)


def _errors(trials: Sequence[Trial]) -> list[Cell]:
    """Word error rate, then the share of clips with words; both without the guard and with it."""

    def measures(at: Positions) -> list[float]:
        some = [trials[place] for place in at]
        return [
            word_error_rate([(one.clip.transcript, one.alone) for one in some]),
            word_error_rate([(one.clip.transcript, one.guarded) for one in some]),
            *_heard(some),
        ]

    return list(estimates([one.clip.speaker for one in trials], measures))


def _shares(trials: Sequence[Trial]) -> list[Cell]:
    speakers = [one.clip.speaker for one in trials]
    return list(estimates(speakers, lambda at: _heard([trials[place] for place in at])))


def _heard(trials: Sequence[Trial]) -> list[float]:
    """The share of clips in which words were heard, without the guard and with it."""
    alone, guarded = (
        sum(bool(one.alone) for one in trials),
        sum(bool(one.guarded) for one in trials),
    )
    return [alone / len(trials), guarded / len(trials)]


def _grouped(
    trials: Sequence[Trial], key: Callable[[Trial], str]
) -> Iterator[tuple[str, list[Trial]]]:
    """Each value of a key, in the order in which they first come, with its trials."""
    for value in dict.fromkeys(map(key, trials)):
        yield value, [one for one in trials if key(one) == value]


def _spread(clips: Sequence[Clip], most: int) -> list[Clip]:
    """At most so many clips, evenly from the first to the last."""
    places = np.linspace(0, len(clips) - 1, min(most, len(clips))).round().astype(int)
    return [clips[place] for place in places]
