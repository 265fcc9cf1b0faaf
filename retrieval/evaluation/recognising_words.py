"""Is the recogniser right about words alone: sentences with a feeling, and sentences with ratings?

Nothing is built here: each sentence was labelled or rated by people who read it.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from retrieval.evaluation.bootstrap import Positions, estimates
from retrieval.evaluation.metrics import spearman, unweighted_average_recall
from retrieval.evaluation.pairs import Sentence
from retrieval.evaluation.rated_sentences import Rated
from retrieval.evaluation.recognised import Numbers, encoded, macro_f1
from retrieval.evaluation.table import Cell, Table
from retrieval.recognition.english import readable
from retrieval.recognition.judgement import EMOTIONS
from retrieval.recognition.recogniser import Recogniser
from retrieval.space import Vectors

_BRACKETS = "Brackets: 95 % bootstrap interval over sentences."
_WORDS = (
    "Sentences read alone. GoEmotions: its own split of sentences; MELD: lines of television, of "
    "which nothing was learned, labelled by people who also saw and heard the scene. Any of eight "
    "emotions may be named; chance is that of the emotions that occur. Read: the share that counts "
    f"as English; the others are judged here too. {_BRACKETS}"
)
_RATED = (
    "Sentences of EmoBank, read alone: Spearman's rank correlation of what is said of valence and "
    "arousal with the mean rating of its readers. Ranks, because readers use a small part of "
    f"their scale. {_BRACKETS}"
)


def words_alone(recogniser: Recogniser, sentences: Mapping[str, Sequence[Sentence]]) -> Table:
    """`recognising_words`: sentences of each source beside the emotion of their label."""
    rows: list[tuple[Cell, ...]] = []
    for source, found in sentences.items():
        truth = np.array([EMOTIONS.index(one.emotion) for one in found])  # (n,)
        outputs = _outputs(recogniser, [one.text for one in found])  # (n, 10)
        told = outputs[:, : len(EMOTIONS)].argmax(axis=1)  # (n,)

        def measures(at: Positions, truth: Positions = truth, told: Positions = told) -> Numbers:
            right = unweighted_average_recall(truth[at], told[at])
            return np.array([right, macro_f1(truth[at], told[at]), (truth[at] == told[at]).mean()])

        reads = float(np.mean([readable(one.text) for one in found]))
        cells = estimates(np.arange(len(found)), measures, 200)
        rows.append((source, len(found), reads, 1 / len(np.unique(truth)), *cells))
    columns = ("sentences", "count", "read", "chance UAR", "UAR", "macro-F1", "accuracy")
    return Table("recognising_words", "Emotion from words alone", _WORDS, columns, tuple(rows))


def ratings_table(recogniser: Recogniser, rated: Sequence[Rated]) -> Table:
    """`recognising_ratings`: valence and arousal of rated sentences."""
    outputs = _outputs(recogniser, [one.text for one in rated])[:, len(EMOTIONS) :]  # (n, 2)
    truth = np.array([(one.valence, one.arousal) for one in rated])  # (n, 2)

    def measures(at: Positions) -> Numbers:
        return np.array([spearman(outputs[at, side], truth[at, side]) for side in (0, 1)])

    cells = estimates(np.arange(len(rated)), measures, 200)
    columns = ("sentences", "count", "valence Spearman", "arousal Spearman")
    title = "Valence and arousal from words alone"
    rows: tuple[tuple[Cell, ...], ...] = (("emobank", len(rated), *cells),)
    return Table("recognising_ratings", title, _RATED, columns, rows)


def _outputs(recogniser: Recogniser, texts: Sequence[str]) -> Vectors:
    """Outputs (n, 10) of words alone."""
    return recogniser.outputs(None, encoded(recogniser.text, texts))["words"]
