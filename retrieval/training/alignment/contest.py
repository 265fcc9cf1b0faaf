"""Four ways to name the emotion of the same utterances: words, speech, both decisions, aligned."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluation.bootstrap import Positions, estimates
from retrieval.evaluation.metrics import Numbers, mean_over_classes
from retrieval.evaluation.table import Estimate
from retrieval.training.alignment.fitting import (
    Heard,
    Log,
    Recipe,
    Utterance,
    fit,
    hear,
    labels_of,
    ua,
)
from retrieval.training.alignment.model import Aligned, Model, Sizes, SpeechAlone, WordsAlone

WORDS, SPEECH, DECISIONS, ALIGNED = "words alone", "speech alone", "decision level", "aligned"

#: What `judged` gives of each way.
MEASURES = ("WA", "UA")

#: Weights of the words that are tried at the decision level.
SHARES = np.linspace(0.0, 1.0, 11)


def compete(
    train: Sequence[Utterance],
    val: Sequence[Utterance],
    test: Sequence[Utterance],
    sizes: Sizes,
    recipe: Recipe,
    log: Log,
) -> dict[str, Heard]:
    """What is said of the test utterances, by way.

    Every way is chosen on `val` alone: when to stop, and the weight of the words.
    """
    makes: Mapping[str, Callable[[Sizes], Model]] = {
        WORDS: WordsAlone, SPEECH: SpeechAlone, ALIGNED: Aligned,
    }  # fmt: skip
    of_val, found = {}, {}
    for name, make in makes.items():
        log(name)
        model = fit(make, sizes, train, val, recipe, log)
        of_val[name], found[name] = hear(model, val).chances, hear(model, test)
    share = best_share(of_val[WORDS], of_val[SPEECH], labels_of(val))
    decided = mixed(found[WORDS].chances, found[SPEECH].chances, share)
    return {
        WORDS: found[WORDS], SPEECH: found[SPEECH], DECISIONS: Heard(decided, ()),
        ALIGNED: found[ALIGNED],
    }  # fmt: skip


def mixed(words: Numbers, speech: Numbers, share: float) -> Numbers:
    """The mean of log-probabilities (n, classes), that of the words by their share."""
    return share * words + (1 - share) * speech


def best_share(words: Numbers, speech: Numbers, labels: NDArray[np.int64]) -> float:
    """The weight of the words with the best UA; the smallest of equal ones."""
    found = [ua(mixed(words, speech, share), labels) for share in SHARES]
    return float(SHARES[int(np.argmax(found))])


def judged(
    chances: Numbers, labels: NDArray[np.int64], speakers: Sequence[str], draws: int
) -> list[Estimate]:
    """Weighted accuracy (of all utterances) and unweighted (mean over classes), by speaker."""
    right = (chances.argmax(axis=1) == labels).astype(np.float64)

    def statistic(at: Positions) -> Numbers:
        return np.array([right[at].mean(), mean_over_classes(right[at], labels[at])])

    return estimates(speakers, statistic, draws)
