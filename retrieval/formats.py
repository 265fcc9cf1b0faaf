"""Answers for programs: JSON, NDJSON, CSV and M3U. A contract, described in docs/output.md.

`CONTRACT` counts up when a field is renamed, removed or changes its meaning; new fields may
come without it.
"""

import csv
import io
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from retrieval.describe import Description, Fitting
from retrieval.labels import LabelTable
from retrieval.query import Hit

CONTRACT = 1

Record = dict[str, Any]

HIT_COLUMNS = (
    "rank",
    "path",
    "start",
    "end",
    "score",
    "cosine",
    "valence",
    "arousal",
    "space",
)


def hit_record(hit: Hit) -> Record:
    """A hit as one object; what the space has not learned, or is not known, is null."""
    known = {
        name: _number(value, 4) if isinstance(value, (int, float)) else value
        for name, value in hit.known.items()
    }
    record: Record = {
        "rank": hit.rank,
        "path": hit.path,
        "start": _number(hit.start, 3),
        "end": _number(hit.end, 3),
        "score": _number(hit.score, 4),
        "cosine": _number(hit.cosine, 4),
        "valence": _number(hit.valence, 3),
        "arousal": _number(hit.arousal, 3),
        "space": hit.space,
        "labels": dict(hit.labels),
        "said": {voice: _number(value, 4) for voice, value in hit.said.items()},
    }
    return record | known


def description_records(description: Description, timeline: bool) -> list[Record]:
    """Fitting texts as objects, those of the vocabulary first; times only in a timeline.

    Each says of the whole sound, too, what was heard in it: an object stands for itself.
    """
    whole: Record = {
        "valence": _number(description.valence, 3),
        "arousal": _number(description.arousal, 3),
        "valence_spread": _number(description.valence_spread, 3),
        "arousal_spread": _number(description.arousal_spread, 3),
        "feeling": description.feeling,
        "recognition": None,
    }
    if description.recognition is not None:
        from retrieval.recognition.recognised_rows import row  # searches do without

        whole["recognition"] = row(description.recognition)
    records = [_fitting_record(one, None, timeline) for one in description.terms]
    for name, lines in description.texts.items():
        records += [_fitting_record(one, name, timeline) for one in lines]
    return [record | whole for record in records]


def label_record(table: Path, read: LabelTable) -> Record:
    """What became of a table of labels, as one object."""
    return {"table": str(table), "clips": len(read.labels), "unmatched": list(read.unmatched)}


def to_json(records: Sequence[Record]) -> str:
    """One array."""
    return json.dumps(list(records), ensure_ascii=False, indent=2, allow_nan=False)


def to_ndjson(records: Sequence[Record]) -> str:
    """The same objects, a line each."""
    return "\n".join(json.dumps(one, ensure_ascii=False, allow_nan=False) for one in records)


def to_csv(records: Sequence[Record]) -> str:
    """Hits as a table with a header; ``label.NAME`` and ``said.NAME`` are columns, too."""
    flat = [_flat(record) for record in records]
    columns = list(dict.fromkeys([*HIT_COLUMNS, *(name for one in flat for name in one)]))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat)
    return text.getvalue().rstrip("\n")


def to_m3u(hits: Sequence[Hit]) -> str:
    """An extended M3U playlist; players that know VLC's options play just the window."""
    lines = ["#EXTM3U"]
    for hit in hits:
        title = " ".join(Path(hit.path).stem.split())
        # A line break in a name would break the playlist; in a URI it is escaped.
        place = hit.path if len(hit.path.splitlines()) == 1 else Path(hit.path).as_uri()
        lines += [
            f"#EXTINF:{math.ceil(hit.end - hit.start)},{title} ({hit.score:.2f})",
            f"#EXTVLCOPT:start-time={hit.start:.3f}",
            f"#EXTVLCOPT:stop-time={hit.end:.3f}",
            place,
        ]
    return "\n".join(lines)


def _fitting_record(one: Fitting, collection: str | None, timeline: bool) -> Record:
    record: Record = {
        "term": one.term,
        "score": _number(one.score, 4),
        "cosine": _number(one.cosine, 4),
        "collection": collection,
    }
    if timeline and one.start is not None and one.end is not None:
        record |= {"start": _number(one.start, 3), "end": _number(one.end, 3)}
    return record


def _flat(record: Record) -> Record:
    flat = {name: value for name, value in record.items() if name not in ("labels", "said")}
    labels = sorted(record.get("labels", {}).items())
    flat |= {f"said.{voice}": value for voice, value in record.get("said", {}).items()}
    return flat | {f"label.{name}": value for name, value in labels}


def _number(value: float, digits: int) -> float | None:
    return round(value, digits) if math.isfinite(value) else None
