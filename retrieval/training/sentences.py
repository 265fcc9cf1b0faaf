"""Open text with a feeling: what people write when they feel it."""

import csv
import json
from pathlib import Path

from retrieval.evaluation.phrasings import resembles
from retrieval.training.captions import Caption, Meaning

# GoEmotions (Demszky et al. 2020) to the feelings that our recordings hold.
GOEMOTIONS = {
    "amusement": "happy", "excitement": "happy", "joy": "happy", "love": "tenderness",
    "anger": "angry", "annoyance": "angry", "disgust": "disgust",
    "fear": "fearful", "nervousness": "fearful", "sadness": "sad", "grief": "sad",
    "disappointment": "sad", "remorse": "sad", "surprise": "surprised", "neutral": "neutral",
}  # fmt: skip
_CLAP4EMO = {"A": "angry", "H": "happy", "N": "neutral", "S": "sad"}
LONGEST = 160  # characters


def sentences(labels: Path, most: int = 1500) -> list[Caption]:
    """Sentences of corpora/labels with one clear feeling, at most `most` a feeling and source.

    From the training part of GoEmotions (one label only) and from CLAP4Emo's written captions;
    a source that is missing gives none. What gives a wording of the examination away is left out.
    """
    found = [
        *_goemotions(labels / "goemotions", most),
        *_clap4emo(labels / "clap4emo" / "GPTEmo_Caps.json", most),
    ]
    return [one for one in dict.fromkeys(found) if not resembles(one.text)]


def _goemotions(folder: Path, most: int) -> list[Caption]:
    if not (folder / "train.tsv").exists():
        return []
    names = (folder / "labels.txt").read_text(encoding="utf-8").split()
    counts: dict[str, int] = {}
    found = []
    with (folder / "train.tsv").open(encoding="utf-8", newline="") as table:
        for text, labels, *_ in csv.reader(table, delimiter="\t", quoting=csv.QUOTE_NONE):
            feeling = GOEMOTIONS.get(names[int(labels)], "") if labels.isdecimal() else ""
            if feeling and len(text) <= LONGEST and counts.get(feeling, 0) < most:
                counts[feeling] = counts.get(feeling, 0) + 1
                found.append(Caption(text, Meaning(feeling)))
    return found


def _clap4emo(path: Path, most: int) -> list[Caption]:
    if not path.exists():
        return []
    written = json.loads(path.read_text(encoding="utf-8"))
    return [
        Caption(text, Meaning(feeling))
        for code, feeling in _CLAP4EMO.items()
        for text in written.get(code, [])[:most]
    ]
