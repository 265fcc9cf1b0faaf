"""Measures what docs/features.md says of real voices: python docs/measure_features.py CORPORA

CORPORA is a folder with a clips.csv, as for `affetto evaluate`, with the columns path, corpus,
emotion, speaker, sentence and transcript. Needs the extra `features`.
"""

import csv
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from retrieval.errors import AudioError
from retrieval.evaluation.bootstrap import interval
from retrieval.features.measures import UNITS
from retrieval.features.readings import read_features

COMPARED = (("angry", "sad"), ("angry", "calm"), ("happy", "sad"), ("happy", "calm"))

Row = dict[str, str]
Values = dict[str, float]


def measured(corpora: Path, rows: list[Row]) -> list[tuple[Row, Values]]:
    """The features of each clip, with its length in seconds; prints how fast that went."""
    found, started = [], time.monotonic()
    for row in rows:
        try:
            whole = read_features(corpora / row["path"]).whole
        except AudioError as fault:
            print(f"left out: {fault}")
            continue
        found.append((row, asdict(whole.features) | {"seconds": whole.end}))
    sound = sum(values["seconds"] for _, values in found)
    speed = sound / (time.monotonic() - started)
    print(f"\n{len(found)} clips, {sound / 60:.1f} min, {speed:.0f} x real time on one core\n")
    return found


def pairs(found: list[tuple[Row, Values]], one: str, other: str) -> Iterator[tuple[str, Values]]:
    """Differences of the means of two feelings, by speaker and sentence."""
    spoken: dict[tuple[str, str], dict[str, list[Values]]] = {}
    for row, values in found:
        both = spoken.setdefault((row["speaker"], row["sentence"]), {})
        both.setdefault(row["emotion"], []).append(values)
    for (speaker, _), by_feeling in spoken.items():
        if one in by_feeling and other in by_feeling:
            first, second = (
                {
                    name: float(np.nanmean([take[name] for take in by_feeling[which]]))
                    for name in KEPT
                }
                for which in (one, other)
            )
            yield speaker, {name: first[name] - second[name] for name in KEPT}


KEPT = [name for name in UNITS if not name.startswith("pause")]


def print_pairs(found: list[tuple[Row, Values]]) -> None:
    """For each feature and pair of feelings: how often the first has more of it."""
    print("| feature | " + " | ".join(f"{one} above {other}" for one, other in COMPARED) + " |")
    print("|---|" + "---|" * len(COMPARED))
    differences = {both: list(pairs(found, *both)) for both in COMPARED}
    for name in KEPT:
        cells = []
        for both in COMPARED:
            speakers = [speaker for speaker, _ in differences[both]]
            more = np.array([values[name] > 0 for _, values in differences[both]])
            low, high = interval(speakers, lambda at, more=more: more[at].mean())
            cells.append(f"{more.mean():.0%} ({low:.0%} to {high:.0%})")
        print(f"| `{name}` | " + " | ".join(cells) + " |")


def print_syllables(found: list[tuple[Row, Values]]) -> None:
    """Counted nuclei against the vowels of Polish spelling, where i before a vowel is none."""
    speakers, counted, written = [], [], []
    for row, values in found:
        vowels = re.findall(r"i(?![aeouyąęó])|[aeouyąęó]", row["transcript"].lower())
        sounding = (1 - values["silence_share"]) * values["seconds"]
        speakers.append(row["speaker"])
        counted.append(values["articulation_rate"] * sounding)
        written.append(len(vowels))
    heard, spelt = np.array(counted), np.array(written)

    def agreement(at: np.ndarray) -> list[float]:
        return [np.corrcoef(heard[at], spelt[at])[0, 1], heard[at].sum() / spelt[at].sum()]

    (r, share), ends = agreement(np.arange(len(heard))), interval(speakers, agreement)
    print(f"Pearson r {r:.2f} ({ends[0][0]:.2f} to {ends[1][0]:.2f})")
    print(f"nuclei for each vowel {share:.2f} ({ends[0][1]:.2f} to {ends[1][1]:.2f})")


def print_voices(found: list[tuple[Row, Values]]) -> None:
    """Medians by gender."""
    for gender in ("male", "female"):
        of = [values for row, values in found if row["gender"] == gender]
        middle = {name: float(np.nanmedian([values[name] for values in of])) for name in KEPT}
        print(gender, {name: round(value, 3) for name, value in middle.items()})


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    with (folder / "clips.csv").open(encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    acted = measured(folder, [row for row in table if row["corpus"] == "ravdess"])
    print_pairs(acted)
    print_voices(acted)
    spoken = measured(folder, [row for row in table if row["corpus"] == "nemo"])
    print_syllables(spoken)
