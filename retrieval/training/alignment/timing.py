"""How well word times follow speech, held against an aligner that knows nothing of ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from retrieval.audio import read
from retrieval.evaluation.bootstrap import Positions, estimates
from retrieval.evaluation.metrics import Numbers, kendall_tau_b
from retrieval.evaluation.table import Estimate
from retrieval.recognition.attention.aligner import HOP
from retrieval.recognition.attention.word_times import by_letters, by_path, by_peak
from retrieval.space import Vectors
from retrieval.training.alignment.fitting import Utterance
from retrieval.training.alignment.reference import RATE, VOICES, word_times

#: What `timed` gives of each way to tell word times.
MEASURES = ("order tau", "middle off, ms", "middle inside", "edges off, ms")

#: How a map is read.
PEAK, PATH = "peak", "path"


@dataclass(frozen=True)
class Reference:
    """Word times (w, 2) of each utterance by two voices of the reference; None where it has none.

    Attributes:
        first: what is measured with.
        second: how far it lies from the first says how exact the first can be.
    """

    first: Sequence[Numbers | None]
    second: Sequence[Numbers | None]


def refer(folder: Path, utterances: Sequence[Utterance], language: str) -> Reference:
    """Reference times of the recordings of a folder.

    Raises:
        MissingExtra: the extra `features` is not installed.
    """

    def by(voice: str) -> list[Numbers | None]:
        return [
            word_times(read(folder / one.path, RATE), one.spoken, language, voice)
            for one in utterances
        ]

    return Reference(by(VOICES[0]), by(VOICES[1]))


def of_maps(maps: Sequence[Vectors], utterances: Sequence[Utterance], read: str) -> list[Numbers]:
    """Word times (w, 2) of each map, with frames of the stream "speech"; read as PEAK or PATH."""
    pairs = zip(maps, utterances, strict=True)
    if read == PEAK:
        return [by_peak(weights, HOP) for weights, _ in pairs]
    return [by_path(weights, HOP, one.spoken) for weights, one in pairs]


def of_letters(utterances: Sequence[Utterance]) -> list[Numbers]:
    """The baseline: from the first to the last sound, shared out by letters."""
    return [by_letters(one.spoken, *one.span) for one in utterances]


def timed(
    found: Sequence[Numbers],
    reference: Sequence[Numbers | None],
    speakers: Sequence[str],
    draws: int,
) -> list[Estimate]:
    """`MEASURES` over the utterances that have a reference, with intervals by speaker.

    All are nan where none has.

    The order is Kendall's tau between the words and the middles of their times; chance is 0.
    """
    pairs = [
        (times, true, speaker)
        for times, true, speaker in zip(found, reference, speakers, strict=True)
        if true is not None
    ]
    if not pairs:
        return [Estimate(np.nan)] * len(MEASURES)
    values = np.array([measured(times, true) for times, true, _ in pairs])  # (n, measures)

    def statistic(at: Positions) -> Numbers:
        return np.asarray(values[at].mean(axis=0))

    return estimates([speaker for *_, speaker in pairs], statistic, draws)


def measured(times: Numbers, true: Numbers) -> tuple[float, ...]:
    """`MEASURES` of one utterance from its times (w, 2) and those of the reference."""
    middle = times.mean(axis=1)  # (w,)
    inside = (true[:, 0] <= middle) & (middle <= true[:, 1])
    return (
        _order(middle),
        float(1000 * np.abs(middle - true.mean(axis=1)).mean()),
        float(inside.mean()),
        float(1000 * np.abs(times - true).mean()),
    )


def shuffled_tau(found: Sequence[Numbers], rng: np.random.Generator) -> float:
    """The mean order tau after the words of each utterance are shuffled: what chance gives."""
    return float(np.mean([_order(rng.permutation(times.mean(axis=1))) for times in found]))


def _order(middles: Numbers) -> float:
    """Kendall's tau of words and their middles (w,); 0 where all lie at one place."""
    return float(np.nan_to_num(kendall_tau_b(middles, np.arange(len(middles)))))
