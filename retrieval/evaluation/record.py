"""The whole of an alignment as JSON."""

import json
import math
from typing import Any

import numpy as np

from retrieval.evaluation.alignment import Alignment
from retrieval.evaluation.findings import by_name, sentences
from retrieval.evaluation.grouping import Tested
from retrieval.evaluation.metrics import Numbers


def to_json(found: Alignment) -> str:
    """The whole finding as one JSON object; what is not defined is null."""
    return json.dumps(_without_nan(_record(found)), ensure_ascii=False, indent=2, allow_nan=False)


def _record(found: Alignment) -> dict[str, Any]:
    asked, clips = found.asked, found.clips
    names = clips.names
    owners = [*names, *[None] * (len(found.texts) - len(names))]
    silhouettes, recalls = found.silhouettes(), found.recalls()
    return {
        "space": found.space,
        "fingerprint": found.fingerprint,
        "by": asked.by,
        "within": asked.within,
        "permutations": asked.permutations,
        "seed": asked.seed,
        "clips": len(found.clips.paths),
        "unlabelled": clips.unlabelled,
        "alone": clips.alone,
        "silhouette_clips": found.sampled,
        "groups": [
            {
                "name": name,
                "clips": int(count),
                "silhouette": _tested(silhouettes, row),
                "recall": _tested(recalls, row),
            }
            for row, (name, count) in enumerate(zip(names, np.bincount(clips.groups), strict=True))
        ],
        "texts": [
            {"text": text, "group": owner} for text, owner in zip(found.texts, owners, strict=True)
        ],
        "matrix": {"cosine": _listed(found.matrix), "z": _listed(found.calibrated_matrix)},
        "measures": {
            name: dict(zip(("value", "chance", "p", "p_swapped"), map(_rounded, row), strict=True))
            for name, row in by_name(found).items()
        }
        | {"modality_gap": {"value": _rounded(found.gap)}},
        "sentences": list(sentences(found)),
        "map": map_record(found),
    }


def map_record(found: Alignment) -> dict[str, Any]:
    """Where clips and texts lie, with the cosine of each clip with its own text."""
    clips, best = found.clips, found.cosines.argmax(axis=1)
    own = found.cosines[np.arange(len(found.clips.paths)), clips.groups]
    return {
        "shares": [_rounded(share) for share in found.map.shares],
        "texts": [
            {"text": text, "x": x, "y": y}
            for text, (x, y) in zip(found.texts, _listed(found.map.texts), strict=True)
        ],
        "clips": [
            {
                "path": path,
                "group": clips.names[group],
                "cosine": _rounded(float(own[row])),
                "closest": found.texts[int(best[row])],
                "x": x,
                "y": y,
            }
            for row, (path, group, (x, y)) in enumerate(
                zip(clips.paths, clips.groups, _listed(found.map.clips), strict=True)
            )
        ],
    }


def _tested(tested: Tested, row: int) -> dict[str, float]:
    named = {"value": tested.values[row], "chance": tested.expected[row], "p": tested.p[row]}
    return {name: _rounded(float(number)) for name, number in named.items()}


def _listed(matrix: Numbers) -> list[list[float]]:
    rounded: list[list[float]] = np.round(matrix, 4).tolist()
    return rounded


def _rounded(value: float) -> float:
    return round(value, 4)


def _without_nan(value: Any) -> Any:
    """JSON has no nan."""
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value
