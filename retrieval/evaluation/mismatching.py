"""Words against voice: does the number find pairs that feel opposite, and leave the others alone?

All pairs are built of real voices and real labelled sentences (opposites.py): nobody was heard
saying these words in this voice.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from retrieval.evaluation.bootstrap import estimates
from retrieval.evaluation.judged_pairs import (
    Judged,
    Read,
    Score,
    Voice,
    auc_by_speaker,
    judged,
    own,
    scores,
)
from retrieval.evaluation.opposites import MATCHING, MISMATCHING, UNCLEAR
from retrieval.evaluation.pairs import read_sentences
from retrieval.evaluation.table import Cell, Estimate, Table
from retrieval.recognition.judgement import EMOTIONS

#: From where on a pair counts as a mismatch.
ABOVE = 0.5
THRESHOLDS = (0.3, 0.5, 0.7, 0.9)

#: One clip in so many is a mismatch.
RARITIES = (2, 5, 20)

#: Share of words that a recogniser of speech gets wrong.
WRONG = 0.25

#: All voices or emotions, and matching pairs of either kind, in a table.
ALL, MATCH = "all", "matching"

_BUILT = "Built pairs: real voices and real sentences that were never heard together"
_BRACKETS = "Brackets: 95 % bootstrap interval over speakers."
_AUC = (
    f"{_BUILT}, in fours, so that voice alone or words alone can only guess. AUC: the chance that "
    "a pair that feels opposite has the higher number than a matching one; against all: than one "
    "that matches or has a half without clear valence. Sarcasm, brave face: pairs of that kind "
    "against matching ones, where one half alone knows something; its valence is turned so that "
    f"it helps most. {_BRACKETS}"
)
_SHARES = f"{_BUILT}. Share of them with a mismatch above {ABOVE}. {_BRACKETS}"
_ALARMS = (
    f"{_SHARES} None of them feels opposite. Own words: what is said in the recordings themselves, "
    "which has no feeling."
)
_THRESHOLDS = (
    f"{_BUILT}, of GoEmotions. Found: share of opposite pairs above. False alarms: of matching "
    "pairs, and of voices with neutral words. Right: the share of what is above that feels "
    "opposite, if one clip in so many does and half of the others have neutral words."
)


def tables(
    corpora: Path,
    voices: Sequence[Voice],
    read: Read,
    split: Literal["val", "test"] = "test",
    seed: int = 0,
) -> list[Table]:
    """`mismatch`, `mismatch_alarms`, `mismatch_recall` and `mismatch_thresholds`.

    Args:
        corpora: the folder with labels/.
        voices: of speakers that the recogniser never heard; those whose emotion it cannot name
            are left out. None are left, no tables.
        read: texts to what the words alone say.
        split: of the sentences.
        seed: of the pairs and of words that are misheard.

    Raises:
        PromptError: the labelled sentences cannot be read.
    """
    known = [voice for voice in voices if voice.emotion in EMOTIONS]
    if not known:
        return []
    sources = {
        "GoEmotions": read_sentences(corpora, "goemotions", split),
        "MELD": read_sentences(corpora, "meld", split),
    }
    found = {name: judged(name, known, some, read, seed=seed) for name, some in sources.items()}
    wrong = f"GoEmotions, {WRONG:.0%} of words misheard"
    found[wrong] = judged(wrong, known, sources["GoEmotions"], read, WRONG, seed)
    several = list(found.values())
    return [
        _ranking(several),
        _alarms(several, own(known, read)),
        _recall(several),
        _thresholds(found["GoEmotions"]),
    ]


def _ranking(several: Sequence[Judged]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for pairs in several:
        ranked = scores(pairs)
        rows += [_aucs(pairs, ALL, name, score) for name, score in ranked.items()]
        rows += [_aucs(pairs, corpus, "mismatch", ranked["mismatch"]) for corpus in _corpora(pairs)]
    columns = (
        "sentences", "voices", "ranked by", "pairs", "speakers",
        "AUC", "against all", "sarcasm", "brave face",
    )  # fmt: skip
    return Table("mismatch", "Words against voice", _AUC, columns, tuple(rows))


def _aucs(pairs: Judged, corpus: str, name: str, score: Score) -> tuple[Cell, ...]:
    here = np.full(len(pairs.kinds), True) if corpus == ALL else pairs.corpora == corpus
    sarcasm, brave = MISMATCHING
    asked = (
        (MISMATCHING, MATCHING, score.any),
        (MISMATCHING, (*MATCHING, *UNCLEAR), score.any),
        ((sarcasm,), MATCHING, score.sarcasm),
        ((brave,), MATCHING, score.brave),
    )
    found = []
    for kinds, others, values in asked:
        among = here & pairs.are((*kinds, *others))
        positive = pairs.are(kinds)[among]
        found.append(auc_by_speaker(values[among], positive, pairs.speakers[among]))
    fours = here & pairs.are((*MATCHING, *MISMATCHING))
    counts = int(fours.sum()), len(np.unique(pairs.speakers[fours]))
    return (pairs.name, corpus, name, *counts, *found)


def _alarms(several: Sequence[Judged], spoken: Judged) -> Table:
    """By kind for every source; by corpus and emotion for the first."""
    first = several[0]
    rows = [_share(pairs, kind) for pairs in several for kind in (*MATCHING, *UNCLEAR)]
    for corpus in _corpora(first):
        rows += [_share(first, kind, corpus) for kind in (MATCH, "neutral words")]
    emotions = np.unique(first.emotions[first.are(MATCHING)]).tolist()
    rows += [_share(first, MATCH, ALL, name) for name in emotions]
    heard = np.unique(spoken.emotions).tolist()
    rows += [_share(spoken, "neutral words", ALL, name) for name in (ALL, *heard)]
    columns = ("sentences", "pair", "voices", "emotion of the voice", "pairs", f"above {ABOVE}")
    kept = tuple(row for row in rows if row[4])
    return Table("mismatch_alarms", "False alarms of mismatch", _ALARMS, columns, kept)


def _recall(several: Sequence[Judged]) -> Table:
    """For every source; by corpus for the first."""
    rows = [
        _share(pairs, kind, corpus)
        for pairs in several
        for kind in MISMATCHING
        for corpus in (ALL, *(_corpora(pairs) if pairs is several[0] else ()))
    ]
    columns = ("sentences", "pair", "voices", "pairs", f"above {ABOVE}")
    kept = tuple((*row[:3], *row[4:]) for row in rows if row[4])
    return Table("mismatch_recall", "Mismatches that are found", _SHARES, columns, kept)


def _share(pairs: Judged, kind: str, corpus: str = ALL, emotion: str = ALL) -> tuple[Cell, ...]:
    here = pairs.are(MATCHING if kind == MATCH else (kind,))
    if corpus != ALL:
        here &= pairs.corpora == corpus
    if emotion != ALL:
        here &= pairs.emotions == emotion
    above = pairs.mismatch[here] > ABOVE
    found = Estimate(np.nan)
    if here.any():
        (found,) = estimates(pairs.speakers[here], lambda drawn: [above[drawn].mean()])
    return (pairs.name, kind, corpus, emotion, int(here.sum()), found)


def _thresholds(pairs: Judged) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for level in THRESHOLDS:
        found, matching, neutral = (
            _above(pairs, kinds, level) for kinds in (MISMATCHING, MATCHING, ("neutral words",))
        )
        alarms = (matching + neutral) / 2
        right = [
            found / (found + (rarity - 1) * alarms) if found else np.nan for rarity in RARITIES
        ]
        rows.append((level, found, matching, neutral, *right))
    columns = (
        "above", "found", "false alarms, matching", "false alarms, neutral words",
        *(f"right, 1 in {rarity}" for rarity in RARITIES),
    )  # fmt: skip
    title = "Where to draw the line for mismatch"
    return Table("mismatch_thresholds", title, _THRESHOLDS, columns, tuple(rows))


def _above(pairs: Judged, kinds: Sequence[str], level: float) -> float:
    numbers = pairs.mismatch[pairs.are(kinds)]
    return float((numbers > level).mean()) if len(numbers) else np.nan


def _corpora(pairs: Judged) -> list[str]:
    return [str(name) for name in np.unique(pairs.corpora)]
