"""How the shared space is built: where text lies to sound, and what sounds lie together by.

All of it is about the mean window of each clip and the label prompt of each clip.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from retrieval.evaluation.bench import feelings, judged_corpora, label_rows, labels_of, speakers_of
from retrieval.evaluation.clips import Sound, centres
from retrieval.evaluation.structure import (
    centred,
    distances,
    mantel,
    mmd,
    modality_gap,
    silhouette,
)
from retrieval.evaluation.table import Cell, Table
from retrieval.space import Space, Vectors, unit

#: The MMD of more clips than this is that of so many of them, drawn at random.
MOST = 1000

_GAP = (
    "Where text lies to sound: each clip beside the prompt of its label. Modality gap: distance "
    "of the two means (0 to 2); MMD: maximum mean discrepancy (0 to 1.41). Centred: after the mean "
    "of each side was taken away and lengths were made one."
)
_GROUPS = (
    "What clips lie together by: silhouette, -1 to 1, of the labels, of the speakers and of the "
    "sentences. A space that hears feeling has more of the first than of the others."
)
_RSA = (
    "Do labels lie to each other in sound as they do elsewhere? Spearman's rho between the "
    "distances of the mean clips of the labels and those of (a) their valence and arousal, "
    "(b) their prompts; p by 4,999 permutations of the labels."
)


def tables(space: Space, sounds: Sequence[Sound]) -> list[Table]:
    """`gap`, `silhouette` and `rsa`, a row or two for each corpus."""
    corpora = judged_corpora(sounds)
    if not corpora:
        return []
    gap_columns = ("corpus", "clips", "modality gap", "centred gap", "MMD", "centred MMD")
    group_columns = ("corpus", "by emotion", "by speaker", "by sentence")
    rsa_columns = ("corpus", "labels", "against", "rho", "p")
    found = [
        Table("gap", "Text beside sound", _GAP, gap_columns, _gaps(space, corpora)),
        Table("silhouette", "What lies together", _GROUPS, group_columns, _silhouettes(corpora)),
        Table("rsa", "Labels among each other", _RSA, rsa_columns, _rsa(space, corpora)),
    ]
    return [table for table in found if table.rows]


def _gaps(space: Space, corpora: Mapping[str, Sequence[Sound]]) -> tuple[tuple[Cell, ...], ...]:
    rows = []
    for corpus, sounds in corpora.items():
        clips, texts = centres(sounds), _own_texts(space, sounds)
        near, close = centred(clips), centred(texts)
        some = np.random.default_rng(0).permutation(len(clips))[:MOST]
        gaps = (modality_gap(clips, texts), modality_gap(near, close))
        rows.append(
            (
                corpus,
                len(sounds),
                *gaps,
                mmd(clips[some], texts[some]),
                mmd(near[some], close[some]),
            )
        )
    return tuple(rows)


def _silhouettes(corpora: Mapping[str, Sequence[Sound]]) -> tuple[tuple[Cell, ...], ...]:
    rows = []
    for corpus, sounds in corpora.items():
        clips = centres(sounds)
        said = [sound.clip.sentence for sound in sounds]
        by_sentence = silhouette(clips, said) if all(said) else None
        by_speaker = silhouette(clips, speakers_of(sounds))
        rows.append((corpus, silhouette(clips, labels_of(sounds)), by_speaker, by_sentence))
    return tuple(rows)


def _rsa(space: Space, corpora: Mapping[str, Sequence[Sound]]) -> tuple[tuple[Cell, ...], ...]:
    rows: list[tuple[Cell, ...]] = []
    for corpus, sounds in corpora.items():
        terms = {term.name: term for term in feelings(sounds)}
        if len(terms) < 3:
            continue
        clips, labels = centres(sounds), np.array(labels_of(sounds))
        means = unit(np.stack([clips[labels == name].mean(axis=0) for name in terms]))
        heard = distances(means)  # (labels, labels)
        plane = distances([(term.valence, term.arousal) for term in terms.values()])
        prompts = distances(space.place_text(list(terms)))
        rows.append((corpus, len(terms), "valence and arousal", *mantel(heard, plane)))
        rows.append((corpus, len(terms), "label prompts", *mantel(heard, prompts)))
    return tuple(rows)


def _own_texts(space: Space, sounds: Sequence[Sound]) -> Vectors:
    """The label prompt (n, k) of each sound."""
    labels, row = label_rows(sounds)
    return space.place_text(labels)[row]
