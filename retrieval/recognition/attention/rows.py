"""Words with their times and what they count, as a table for people and as data."""

from typing import Any

from retrieval.recognition.attention.aligner import Alignment
from retrieval.recognition.attention.attended import Attended


def record(found: Attended) -> dict[str, Any]:
    """A recording as JSON has it: passages with chances and words."""
    return {"path": found.path, "passages": [_passage(one) for one in found.passages]}


def table(found: Attended) -> str:
    """A line a word, and one a passage for the feeling."""
    width = max(len(word) for one in found.passages for word in one.words)
    lines = []
    for one in found.passages:
        lines += [
            f"{word:<{width}}  {start:7.2f} {end:7.2f} s  {share:4.0%}"
            for word, (start, end), share in zip(one.words, one.times, one.shares, strict=True)
        ]
        chance = one.chances[one.emotion]
        lines.append(f"{one.start:.2f} to {one.end:.2f} s: {one.emotion} {chance:.0%}")
    return "\n".join(lines)


def _passage(one: Alignment) -> dict[str, Any]:
    words = [
        {"word": word, "start": _short(start), "end": _short(end), "weight": _short(share)}
        for word, (start, end), share in zip(one.words, one.times, one.shares, strict=True)
    ]
    return {
        "start": _short(one.start),
        "end": _short(one.end),
        "times_by": one.times_by,
        "emotion": one.emotion,
        "chances": {name: _short(chance) for name, chance in one.chances.items()},
        "words": words,
    }


def _short(value: float) -> float:
    return round(float(value), 3)
