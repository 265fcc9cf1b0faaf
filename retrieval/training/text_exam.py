"""What a text tower knows of feeling, asked of sentences and steps that are read alone.

Sentences come from the test parts of EmoBank (Buechel and Hahn 2017) and GoEmotions (Demszky et
al. 2020). What a tower's raw vectors hold is read by linear models that learn on the training
parts; nothing of this needs a recording.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.encoders.builtin import load_folder
from retrieval.evaluation.metrics import unweighted_average_recall
from retrieval.evaluation.table import Cell, Table
from retrieval.space import Space
from retrieval.training import texts
from retrieval.training.sentences import GOEMOTIONS
from retrieval.training.texts import Text

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
Row = tuple[Cell, ...]

MOST = 4000  # sentences that a linear model learns from, and at most as many that it is tested on
RIDGE = 1.0
#: From mild to strong: the axis, whether it leads up (1) or down (-1), and the steps.
LADDERS = (
    ("arousal", 1, ("slightly annoyed", "angry", "furious")),
    ("arousal", 1, ("a bit uneasy", "afraid", "terrified")),
    ("arousal", 1, ("quietly pleased", "happy", "ecstatic")),
    ("arousal", 1, ("mildly surprised", "astonished", "thunderstruck")),
    ("arousal", 1, ("calm", "alert", "frantic")),
    ("arousal", 1, ("sleepy", "awake", "agitated")),
    ("valence", -1, ("a little down", "sad", "devastated")),
    ("valence", -1, ("slightly put off", "disgusted", "utterly revolted")),
    ("valence", 1, ("in pain", "fine", "overjoyed")),
    ("valence", 1, ("miserable", "content", "delighted")),
)


def tables(labels: Path, folder: Path, embeds: Mapping[str, Embed]) -> list[Table]:
    """What each way of reading holds, and the ladders of the space; none without the sentences.

    Args:
        labels: corpora/labels, with emobank and goemotions.
        folder: of the space.
        embeds: texts to raw vectors, by name.
    """
    if not (labels / "emobank").is_dir() or not (labels / "goemotions").is_dir():
        return []
    return [sentences_read(labels, embeds), ladders(load_folder(folder))]


def sentences_read(labels: Path, embeds: Mapping[str, Embed]) -> Table:
    """Correlations with ratings, and feelings named, on sentences that nothing learned from."""
    lesson, rated = (texts.emobank(labels, part)[:MOST] for part in ("train", "test"))
    taught, named = (_with_feeling(labels, part)[:MOST] for part in ("train", "test"))
    shares = _shares(named)
    rows: list[Row] = [
        (name, *_correlations(lesson, rated, embed), *_naming(taught, named, embed))
        for name, embed in embeds.items()
    ]
    rows.append(("chance", 0.0, 0.0, 0.0, max(shares.values()), 1 / len(shares)))
    note = (
        "Linear models on the raw vectors of a text encoder, learned on at most "
        f"{MOST} training sentences. EmoBank: Pearson's r with the ratings of {len(rated)} test "
        f"sentences. GoEmotions: {len(named)} test sentences of one label, grouped to the "
        f"{len(shares)} feelings of our captions; chance of the accuracy is the "
        "commonest."
    )
    columns = (
        "text encoder", "EmoBank r V", "EmoBank r A", "EmoBank r D", "GoEmotions accuracy",
        "GoEmotions UAR",
    )  # fmt: skip
    return Table("sentences_read", "What the text tower reads", note, columns, tuple(rows))


def ladders(space: Space) -> Table:
    """Whether stronger words are placed further out on their axis by the affect head."""
    rows: list[Row] = []
    for axis, sign, steps in LADDERS:
        column = ("valence", "arousal").index(axis)
        felt = space.affect(space.place_text(list(steps)))[:, column].tolist()  # (steps,)
        right = sum(sign * (after - before) > 0 for before, after in pairwise(felt))
        values = ", ".join(f"{value:+.2f}" for value in felt)
        way = f"{axis}, {'up' if sign > 0 else 'down'}"
        rows.append((" < ".join(steps), way, values, f"{right} of {len(steps) - 1}"))
    note = (
        "Valence or arousal that the affect head reads from each text, and how many steps lead "
        "the way they should."
    )
    columns = ("steps", "axis", "read", "in order")
    return Table("ladders", "Stronger words", note, columns, tuple(rows))


def _with_feeling(labels: Path, part: str) -> list[tuple[str, str]]:
    """Sentences of one label that our captions have a feeling for, with that feeling."""
    found = []
    for text in texts.goemotions(labels, part):
        names = text.emotions or ()
        feeling = GOEMOTIONS.get(names[0], "") if len(names) == 1 else ""
        if feeling:
            found.append((text.text, feeling))
    return found


def _shares(named: Sequence[tuple[str, str]]) -> dict[str, float]:
    feelings = [feeling for _, feeling in named]
    return {one: feelings.count(one) / len(feelings) for one in sorted(set(feelings))}


def _correlations(train: Sequence[Text], test: Sequence[Text], embed: Embed) -> list[float]:
    """Pearson's r of valence, arousal and dominance; nan where all that is read is equal."""
    from sklearn.linear_model import Ridge

    wanted = np.array([text.vad for text in test])  # (n, 3)
    model = Ridge(RIDGE).fit(embed([t.text for t in train]), np.array([t.vad for t in train]))
    read = model.predict(embed([text.text for text in test]))  # (n, 3)
    return [
        float(np.corrcoef(one, other)[0, 1]) if np.ptp(one) > 0 else float("nan")
        for one, other in zip(read.T, wanted.T, strict=True)
    ]


def _naming(
    train: Sequence[tuple[str, str]], test: Sequence[tuple[str, str]], embed: Embed
) -> list[float]:
    """Accuracy, and UAR of a model that weighs every feeling alike."""
    from sklearn.linear_model import RidgeClassifier

    inputs, outputs = embed([text for text, _ in train]), [feeling for _, feeling in train]
    asked, true = embed([text for text, _ in test]), np.array([feeling for _, feeling in test])
    plain = RidgeClassifier(RIDGE).fit(inputs, outputs).predict(asked)
    even = RidgeClassifier(RIDGE, class_weight="balanced").fit(inputs, outputs).predict(asked)
    return [float((plain == true).mean()), unweighted_average_recall(true, even)]
