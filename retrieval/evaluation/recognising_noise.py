"""How gently the recogniser fails: voices under noise, words that were misheard."""

from collections.abc import Iterator, Sequence

import numpy as np

from retrieval.audio import read
from retrieval.errors import AudioError
from retrieval.evaluation.clips import Clip
from retrieval.evaluation.noise import misheard, noisy, stretch, white
from retrieval.evaluation.recognised import RATE, Hear, Voices, recall, states
from retrieval.evaluation.table import Cell, Table
from retrieval.recognition.english import readable
from retrieval.recognition.recogniser import FUSIONS, Recogniser
from retrieval.space import Vectors

#: Signal-to-noise ratios in dB.
RATIOS = (20, 10, 5, 0, -5)

#: Shares of words that are wrong.
ERRORS = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)

#: Voices that are heard under noise, at most; more cost minutes.
MOST = 360

_BUILT = "built pairs: real voices and real sentences of the same emotion (GoEmotions)"
_BRACKETS = "Brackets: 95 % bootstrap interval over speakers."
_NOISE = (
    "UAR of voices under noise: white, or everyday sounds (rain, clock, dog ...), so many dB below "
    f"the voice. Joinings: {_BUILT}; the sentence is as it was written. "
    f"Answer: the joining that answers. {_BRACKETS}"
)
_WORDS = (
    f"UAR of {_BUILT}, where so many words are wrong: half of them left out, half replaced by "
    "words of other sentences. Answer: what affetto says, by the voice alone where too little "
    f"English is left to read. {_BRACKETS}"
)


def noise_table(
    recogniser: Recogniser,
    hear: Hear,
    voices: Voices,
    texts: Sequence[str],
    noises: Sequence[Clip],
    seed: int,
) -> Table:
    """`recognising_noise`: every so manieth voice under white noise and under everyday sounds.

    Args:
        texts: what each voice says, built.
        noises: everyday sounds; none are, no such rows.
    """
    rows_taken = range(0, len(voices.clips), -(-len(voices.clips) // MOST))
    chosen = voices.pick(rows_taken)
    words = recogniser.read([texts[row] for row in rows_taken])
    rows: list[tuple[Cell, ...]] = []
    for name, ratio, sounds in _under(chosen.samples, _sounds(noises), seed):
        heard = chosen.states if ratio is None else states(sounds, recogniser, hear)
        found = recogniser.outputs(heard, words)
        shown = (recall(found[way], chosen) for way in ("voice", *FUSIONS, recogniser.fusion))
        rows.append((name, ratio, len(chosen.clips), *shown))
    columns = ("noise", "SNR dB", "clips", "voice", *FUSIONS, "answer")
    return Table("recognising_noise", "Voices under noise", _NOISE, columns, tuple(rows))


def words_table(recogniser: Recogniser, voices: Voices, texts: Sequence[str], seed: int) -> Table:
    """`recognising_word_errors`: every voice with a sentence, built, of which words are wrong."""
    rng = np.random.default_rng(seed)
    others = [word for text in texts for word in text.split()]
    rows: list[tuple[Cell, ...]] = []
    for share in ERRORS:
        wrong = [misheard(text, share, others, rng) for text in texts]
        found = recogniser.outputs(voices.states, recogniser.read(wrong))
        reads = np.array([readable(text) for text in wrong])[:, None]  # (n, 1)
        answer = np.where(reads, found[recogniser.fusion], found["voice"])
        shown = (recall(found[way], voices) for way in ("voice", "words", *FUSIONS))
        rows.append((f"{share:.0%}", float(reads.mean()), *shown, recall(answer, voices)))
    columns = ("wrong words", "read", "voice", "words", *FUSIONS, "answer")
    return Table("recognising_word_errors", "Words misheard", _WORDS, columns, tuple(rows))


def _under(
    samples: Sequence[Vectors], sounds: Sequence[Vectors], seed: int
) -> Iterator[tuple[str, int | None, list[Vectors]]]:
    """The name of a noise, the ratio in dB, and all samples under it; first without noise."""
    yield "none", None, list(samples)
    for name in ("white", "everyday") if sounds else ("white",):
        for ratio in RATIOS:
            rng = np.random.default_rng(seed)
            yield name, ratio, [
                noisy(one, white(len(one), rng) if name == "white" else _drawn(sounds, one, rng),
                      ratio)
                for one in samples
            ]  # fmt: skip


def _drawn(sounds: Sequence[Vectors], voice: Vectors, rng: np.random.Generator) -> Vectors:
    return stretch(sounds[int(rng.integers(len(sounds)))], len(voice), rng)


def _sounds(clips: Sequence[Clip]) -> list[Vectors]:
    found = []
    for clip in clips:
        try:
            found.append(read(clip.path, RATE))
        except AudioError:
            continue
    return found
