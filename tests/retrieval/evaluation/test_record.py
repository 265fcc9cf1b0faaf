"""An alignment as JSON."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from retrieval.evaluation.alignment import Alignment
from retrieval.evaluation.findings import sentences
from retrieval.evaluation.grouping import MATCHING, OVERALL
from retrieval.evaluation.record import to_json


def test_json_holds_everything(aligned: Alignment) -> None:
    found = json.loads(to_json(aligned))
    assert found["by"] == "emotion"
    assert (found["clips"], found["unlabelled"], found["alone"]) == (12, 1, 0)
    assert found["texts"][2:] == [
        {"text": "a sad voice", "group": "sad"},
        {"text": "rain", "group": None},
    ]
    assert found["measures"]["uar"] == {
        "value": 1.0,
        "chance": round(float(aligned.tested.expected[OVERALL.index("uar")]), 4),
        "p": 0.01,
        "p_swapped": round(float(aligned.swapped.p[MATCHING.index("uar")]), 4),
    }
    assert found["measures"]["contrast"]["p_swapped"] is None
    assert found["measures"]["modality_gap"] == {"value": pytest.approx(aligned.gap, abs=1e-4)}
    np.testing.assert_allclose(found["matrix"]["cosine"], aligned.matrix, atol=1e-4)
    np.testing.assert_allclose(found["matrix"]["z"], aligned.calibrated_matrix, atol=1e-4)
    assert [group["clips"] for group in found["groups"]] == [4, 4, 4]
    assert found["groups"][1]["silhouette"]["p"] == pytest.approx(
        aligned.silhouettes().p[1], abs=1e-4
    )
    first = found["map"]["clips"][0]
    assert (first["group"], first["closest"]) == ("angry", "angry")
    assert [first["x"], first["y"]] == pytest.approx(aligned.map.clips[0].tolist(), abs=1e-4)
    assert found["sentences"] == list(sentences(aligned))


def test_what_is_not_defined_is_null(aligned: Alignment) -> None:
    values = np.where(np.arange(len(aligned.tested.values)) == OVERALL.index("rsa"), math.nan, 0.5)
    found = json.loads(to_json(replace(aligned, tested=replace(aligned.tested, values=values))))
    assert found["measures"]["rsa"]["value"] is None
    assert found["measures"]["cka"]["value"] == 0.5
