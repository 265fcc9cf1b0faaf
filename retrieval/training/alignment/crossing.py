"""The paper's own table, for who holds a licence of IEMOCAP: session by session left out.

It takes the four classes of most papers, excitement counted as happiness, and whatever turns have
words. Each session is the test once; the next one is the validation, by which training is stopped;
the other three are learned from. So no speaker is in two parts.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from retrieval.errors import PromptError
from retrieval.evaluation.clips import read_table
from retrieval.evaluation.corpora.layouts import read_layout
from retrieval.evaluation.metrics import Numbers
from retrieval.evaluation.table import Cell, Table
from retrieval.training.alignment.contest import ALIGNED, MEASURES, compete, judged
from retrieval.training.alignment.contest import SPEECH as SPEECH_ALONE
from retrieval.training.alignment.fitting import Log, Recipe, Utterance, labels_of
from retrieval.training.alignment.utterances import (
    EVERY,
    Ears,
    classes_of,
    sizes_for,
    spoken_in,
    utterance,
)

CORPUS = "iemocap4"

#: Accuracy on IEMOCAP that Xu et al. (2019) tell, of speech alone and of the aligned model.
PUBLISHED: Mapping[str, str] = {SPEECH_ALONE: ".592 to .594", ALIGNED: ".725"}

COLUMNS = ("frames", "model", "turns", "speakers", *MEASURES, "accuracy in the paper")


def is_iemocap(corpora: Path) -> bool:
    """Whether a folder is laid out as IEMOCAP."""
    if not corpora.is_dir() or (corpora / "clips.csv").exists():
        return False
    return CORPUS in read_layout(corpora)


def crossed(
    corpora: Path, ears: Ears, recipe: Recipe, draws: int, log: Log, limit: int | None = None
) -> Table:
    """The table of a folder with IEMOCAP.

    Args:
        limit: turns of each session; None for all.

    Raises:
        PromptError: the folder is no IEMOCAP, or has fewer than three sessions with words.
    """
    clips = spoken_in(read_table(corpora, [CORPUS], None).clips)
    sessions = sorted({clip.session for clip in clips})
    clips = [
        clip
        for session in sessions
        for clip in [clip for clip in clips if clip.session == session][:limit]
    ]
    if len(sessions) < 3:
        raise PromptError(
            f"{len(sessions)} sessions with transcripts are too few to leave one out",
            path=corpora,
            remedy="name the folder of the release, with Session1 to Session5",
        )
    classes = classes_of(clips)
    rows: list[tuple[Cell, ...]] = []
    for kind in EVERY:
        log(f"hearing {len(clips)} turns as {kind}")
        utterances = [utterance(clip, kind, classes, ears) for clip in clips]
        found = cross_validated(
            utterances, [clip.session for clip in clips], kind, len(classes), recipe, log
        )
        labels, speakers = labels_of(utterances), [one.speaker for one in utterances]
        counts = len(utterances), len(set(speakers))
        rows += [
            (kind, way, *counts, *judged(chances, labels, speakers, draws), PUBLISHED.get(way))
            for way, chances in found.items()
        ]
    note = (
        f"IEMOCAP, {len(classes)} classes ({', '.join(classes)}), one of {len(sessions)} sessions "
        "left out at a time and the next one used to stop; WA and UA over all turns, intervals by "
        "speaker. The last column is what Xu et al. (2019) tell, whose folds may differ."
    )
    return Table("alignment_iemocap", "Words aligned with speech: IEMOCAP", note, COLUMNS, (*rows,))


def cross_validated(
    utterances: Sequence[Utterance],
    sessions: Sequence[str],
    kind: str,
    classes: int,
    recipe: Recipe,
    log: Log,
) -> dict[str, Numbers]:
    """Log-probabilities (n, classes) of each utterance by models that never heard its session.

    Args:
        sessions: (n,) the name of the session of each; at least three different ones.
        kind: of frames, a key of `EVERY`.
    """
    names = sorted(set(sessions))
    sizes = sizes_for(kind, utterances, classes)
    found: dict[str, Numbers] = {}
    for number, name in enumerate(names):
        log(f"session {name} left out")
        after = names[(number + 1) % len(names)]
        part = {
            "train": [n for n, one in enumerate(sessions) if one not in (name, after)],
            "val": [n for n, one in enumerate(sessions) if one == after],
            "test": [n for n, one in enumerate(sessions) if one == name],
        }
        train, val, test = ([utterances[n] for n in rows] for rows in part.values())
        for way, heard in compete(train, val, test, sizes, recipe, log).items():
            whole = found.setdefault(way, np.zeros((len(utterances), classes)))
            whole[part["test"]] = heard.chances
    return found
