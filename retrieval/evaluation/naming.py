"""Does a clip find the words that fit it? Labels and captions, chosen by the clip.

* UAR: every label that occurs in a corpus is a prompt, and a clip is named by the one of the
  highest score; the mean over labels of the share named right. Two readings of the clip: its best
  window for each prompt, and the mean of its windows.
* recall@k of captions: whether the caption composed from what is known of a clip (who, how,
  how strongly, what kind) is among the k best of all different captions of its corpus.

Names of equal score are equally likely.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from retrieval.evaluation.bench import judged_corpora, label_rows, speakers_of
from retrieval.evaluation.bootstrap import Positions, estimates
from retrieval.evaluation.clips import Clip, Sound
from retrieval.evaluation.metrics import mean_over_classes, recall_at_k, shares_named
from retrieval.evaluation.scores import Numbers, Scorer, best_cosines, mean_cosines, ranked_by
from retrieval.evaluation.table import Cell, Estimate, Table
from retrieval.space import Space

#: How many captions are looked at.
KS = (1, 5, 10)

#: Every corpus in one, where captions of all of them compete.
ALL = "all"

_PEOPLE = {"female": "a woman", "male": "a man"}
# terms of the vocabulary that are no adjectives
_ADJECTIVES = {"disgust": "disgusted", "pain": "in pain", "contempt": "contemptuous"}

_NAMING = (
    "Every label that occurs in a corpus is a prompt, and a clip is named by the one that fits "
    "best. UAR: mean over labels of the share named right; chance is one over the labels."
)
_CAPTIONS = (
    "The caption made of what is known of a clip, such as "
    "“a man who sounds very angry”, among all different ones of its corpus. recall@k: "
    "the share of clips whose own is among the k best; the row of chance expects any order."
)


def tables(
    space: Space, sounds: Sequence[Sound], rivals: Mapping[str, Scorer] | None = None
) -> list[Table]:
    """`naming`, `naming_beside`, `confusion_<corpus>` for each corpus, and `captions`."""
    corpora = judged_corpora(sounds)
    found = [_captions(sounds, ranked_by(space, rivals or {}))]
    if corpora:
        confusions = [_confusion(space, corpus, here) for corpus, here in corpora.items()]
        beside = [_beside(corpora, ranked_by(space, rivals or {}))] if rivals else []
        found = [_naming(space, corpora), *beside, *confusions, *found]
    return [table for table in found if table.rows]


def caption(clip: Clip) -> str:
    """What is known of a clip in one phrase: who, how, how strongly, what; "" if nothing is."""
    feeling = "" if clip.emotion is None else clip.emotion.name
    feeling = _ADJECTIVES.get(feeling, feeling)
    if clip.kind == "music":
        return f"{feeling} music" if feeling else ""
    if clip.kind in ("nonverbal", "environment") and clip.raw:
        who, what = _PEOPLE.get(clip.gender, ""), clip.raw.replace("_", " ")
        return f"{who} {what}".strip()
    degree = "very " if clip.intensity == "strong" else ""
    who = _PEOPLE.get(clip.gender, "someone")
    return f"{who} who sounds {degree}{feeling}" if feeling else ""


def uar(scores: Numbers, row: Sequence[int], speakers: Sequence[str]) -> Estimate:
    """UAR of scores (labels, n), with its interval over speakers.

    Args:
        scores: higher fits better.
        row: (n,) the row of the right label of each clip.
        speakers: (n,) who is heard.
    """
    right, true = shares_named(scores, row), np.asarray(row)
    (found,) = estimates(speakers, lambda at: [mean_over_classes(right[at], true[at])])
    return found


def _naming(space: Space, corpora: Mapping[str, Sequence[Sound]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for corpus, sounds in corpora.items():
        labels, row = label_rows(sounds)
        who = speakers_of(sounds)
        best, mean = (score(space, labels, sounds) for score in (best_cosines, mean_cosines))
        count = (len(sounds), len(set(who)), len(labels), 1 / len(labels))
        rows.append((corpus, *count, uar(best, row, who), uar(mean, row, who)))
    columns = (
        "corpus", "clips", "speakers", "labels", "chance", "UAR best window", "UAR mean window",
    )  # fmt: skip
    return Table("naming", "A clip finds its label", _NAMING, columns, tuple(rows))


def _beside(corpora: Mapping[str, Sequence[Sound]], scorers: Mapping[str, Scorer]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for corpus, sounds in corpora.items():
        labels, row = label_rows(sounds)
        who = speakers_of(sounds)
        found = [uar(score(labels, sounds), row, who) for score in scorers.values()]
        rows.append((corpus, len(labels), *found, 1 / len(labels)))
    columns = ("corpus", "labels", *scorers, "chance")
    note = "UAR of the label prompts, by the best window, beside other ways to name a clip."
    return Table(
        "naming_beside", "A clip finds its label, beside others", note, columns, tuple(rows)
    )


def _confusion(space: Space, corpus: str, sounds: Sequence[Sound]) -> Table:
    labels, row = label_rows(sounds)
    scores = best_cosines(space, labels, sounds)  # (labels, n)
    named = (scores == scores.max(axis=0)) / (scores == scores.max(axis=0)).sum(axis=0)
    own = np.eye(len(labels))[row]  # (n, labels)
    counts = own.sum(axis=0)
    shares = (named @ own).T / counts[:, None]  # (labels, labels): true, named
    rows = zip(labels, counts.astype(int).tolist(), shares.tolist(), strict=True)
    return Table(
        f"confusion_{corpus}",
        f"What is taken for what in {corpus}",
        "Each row: the clips of one label, and the share of them named as each.",
        ("label", "clips", *labels),
        tuple((label, clips, *line) for label, clips, line in rows),
    )


def _captions(sounds: Sequence[Sound], scorers: Mapping[str, Scorer]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for corpus, here in _captioned(sounds):
        texts, row = np.unique([caption(sound.clip) for sound in here], return_inverse=True)
        facts = (corpus, len(here), len(texts))
        for name, score in scorers.items():
            scores = score(texts.tolist(), here)  # (captions, n)
            rows.append((*facts, name, *_recalls(scores, row.tolist(), speakers_of(here))))
        rows.append((*facts, "random", *(Estimate(min(1.0, k / len(texts))) for k in KS)))
    columns = ("corpus", "clips", "captions", "chosen by", *(f"recall@{k}" for k in KS))
    return Table("captions", "A clip finds its caption", _CAPTIONS, columns, tuple(rows))


def _captioned(sounds: Sequence[Sound]) -> Iterator[tuple[str, list[Sound]]]:
    """Corpora in which clips have different captions, and then all of them together."""
    known = [sound for sound in sounds if caption(sound.clip)]
    corpora = list(dict.fromkeys(sound.clip.corpus for sound in known))
    for corpus in corpora:
        here = [sound for sound in known if sound.clip.corpus == corpus]
        if len({caption(sound.clip) for sound in here}) > 1:
            yield corpus, here
    if len(corpora) > 1:
        yield ALL, known


def _recalls(scores: Numbers, row: Sequence[int], speakers: Sequence[str]) -> list[Estimate]:
    found = np.stack([recall_at_k(scores, row, k) for k in KS])  # (ks, n)

    def statistic(at: Positions) -> Numbers:
        return np.asarray(found[:, at].mean(axis=1))

    return estimates(speakers, statistic)
