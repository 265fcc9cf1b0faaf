"""What was recognised as tables: for people, JSON and CSV. docs/output.md is the contract."""

import csv
import io
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from retrieval.recognition.disagreeing import Disagreement
from retrieval.records import Recognition

Row = dict[str, Any]

COLUMNS = tuple(field.name for field in fields(Recognition))

#: Of a mismatch besides: where it is worst, and what its words weigh.
PART = ("part_start", "part_end", "weighed")

#: From here on words and voice more likely disagree than not.
DISAGREE = 0.5

#: Words of a mismatch that are shown to people.
SHOWN = 3

#: Characters of what is said that are shown to people.
WIDTH = 60

#: Decimals of numbers, and of seconds.
DIGITS, TIME_DIGITS = 4, 3


def row(one: Recognition) -> Row:
    """A clip or a passage as plain values; what is not known is None."""
    return {name: _plain(name, value) for name, value in asdict(one).items()}


def mismatch_row(one: Disagreement) -> Row:
    """The same of a disagreement, with the part where it is worst and the words of that part."""
    weighed = [
        {"word": word.word, "weight": round(word.weight, DIGITS)}
        for word in one.weighed
        if math.isfinite(word.weight)
    ]
    times = {"part_start": round(one.start, TIME_DIGITS), "part_end": round(one.end, TIME_DIGITS)}
    return row(one.found) | times | {"weighed": weighed}


def to_json(rows: Sequence[Row]) -> str:
    """One array of objects."""
    return json.dumps(list(rows), ensure_ascii=False, indent=2, allow_nan=False)


def to_csv(rows: Sequence[Row], columns: Sequence[str] = COLUMNS) -> str:
    """A table with a header; what is not known is empty, words are written as ``fine:+0.41``."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    for one in rows:
        writer.writerow(one | ({"weighed": _words(one["weighed"])} if "weighed" in one else {}))
    return text.getvalue().rstrip("\n")


def one_text(one: Row) -> str:
    """One recording: what was recognised, and what voice and words say of it alone."""
    by = {"voice": "the voice alone", "words": "the words alone"}.get(
        one["fusion"], "voice and words"
    )
    lines = [
        f"recognised {one['recognised']} with confidence {one['confidence']:.2f}, "
        f"valence {one['valence']:+.2f}, arousal {one['arousal']:+.2f}, from {by}"
    ]
    for name in ("voice", "words"):
        if one[f"{name}_emotion"] is not None:
            affect = f"valence {one[f'{name}_valence']:+.2f}, arousal {one[f'{name}_arousal']:+.2f}"
            said = f'  "{_cut(one["words"])}"' if name == "words" else ""
            lines.append(f"  {name}  {one[f'{name}_emotion']:<9}  {affect}{said}")
    if one["mismatch"] is not None:
        how = "disagree" if one["mismatch"] >= DISAGREE else "do not disagree"
        lines.append(f"  words and voice {how}: mismatch {one['mismatch']:.2f}")
    return "\n".join(lines)


def table_text(rows: Sequence[Row]) -> str:
    """Several rows: times, the answer, what voice and words say alone, and the path."""
    lines = [
        f"{'seconds':>13} {'recognised':>10} {'chance':>6} {'valence':>7} {'arousal':>7} "
        f"{'voice':>15} {'words':>15} {'mismatch':>8}  clip"
    ]
    lines += [
        f"{_times(one['start'], one['end']):>13} {one['recognised']:>10} {one['confidence']:>6.2f} "
        f"{one['valence']:>+7.2f} {one['arousal']:>+7.2f} {_said('voice', one):>15} "
        f"{_said('words', one):>15} {_share(one['mismatch']):>8}  {one['path']}"
        for one in rows
    ]
    return "\n".join(lines)


def mismatch_text(rows: Sequence[Row]) -> str:
    """Disagreements, two lines each: the numbers, and the words that weigh most."""
    lines = [f"{'mismatch':>8} {'seconds':>13} {'voice':>15} {'words':>15}  clip"]
    for one in rows:
        lines.append(
            f"{_share(one['mismatch']):>8} {_times(one['part_start'], one['part_end']):>13} "
            f"{_said('voice', one):>15} {_said('words', one):>15}  {one['path']}"
        )
        lines.append(f"{'':>8} {'':>13} {_words(one['weighed'][:SHOWN])}")
    return "\n".join(lines)


def _times(start: float, end: float) -> str:
    return f"{start:.1f}-{end:.1f}"


def _said(name: str, one: Row) -> str:
    """What voice or words say: the emotion and its valence."""
    emotion, valence = one[f"{name}_emotion"], one[f"{name}_valence"]
    return "-" if emotion is None else f"{emotion} {valence:+.2f}"


def _words(weighed: Sequence[Row]) -> str:
    return " ".join(f"{one['word']}:{one['weight']:+.2f}" for one in weighed)


def _cut(text: str) -> str:
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _plain(name: str, value: Any) -> Any:
    if not isinstance(value, float):
        return value
    if not math.isfinite(value):
        return None
    return round(value, TIME_DIGITS if name in ("start", "end") else DIGITS)
