import csv
import io
import json
import math
from dataclasses import replace

from retrieval.describe import Description, Fitting
from retrieval.formats import (
    description_records,
    hit_record,
    to_csv,
    to_json,
    to_m3u,
    to_ndjson,
)
from retrieval.query import Hit

FIELDS = [
    "rank",
    "path",
    "start",
    "end",
    "score",
    "cosine",
    "valence",
    "arousal",
    "space",
    "labels",
    "said",
]


def hit(rank: int = 1, valence: float = -0.4, **labels: str) -> Hit:
    return Hit(
        rank, f"/s/clé {rank}.wav", 2.5, 7.5, 0.98765432, 0.3, valence, 0.25, "affetto", labels
    )


def test_a_hit_has_the_fields_of_the_contract_in_order() -> None:
    record = hit_record(hit(speaker="07"))
    assert list(record) == FIELDS
    assert record["score"] == 0.9877
    assert record["labels"] == {"speaker": "07"}


def test_what_is_not_known_is_null_and_json_stays_valid() -> None:
    text = to_json([hit_record(hit(valence=math.nan))])
    assert json.loads(text)[0]["valence"] is None
    assert "clé" in text
    assert json.loads(to_json([])) == []


def test_ndjson_holds_the_same_objects_a_line_each() -> None:
    records = [hit_record(hit(1)), hit_record(hit(2))]
    assert [json.loads(line) for line in to_ndjson(records).split("\n")] == records
    assert to_ndjson([]) == ""


def test_csv_has_a_column_for_every_label() -> None:
    text = to_csv([hit_record(hit(1, speaker="07")), hit_record(hit(2, mood="so, so"))])
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == [*FIELDS[:-2], "label.speaker", "label.mood"]
    assert (rows[0]["label.speaker"], rows[1]["label.mood"]) == ("07", "so, so")
    assert rows[0]["label.mood"] == ""


def test_what_several_voices_said_is_an_object_and_columns() -> None:
    joint = replace(hit(1, speaker="07"), said={"affetto": 0.912345, "words": 1.0})
    record = hit_record(joint)
    assert record["said"] == {"affetto": 0.9123, "words": 1.0}
    assert hit_record(hit())["said"] == {}
    rows = list(csv.DictReader(io.StringIO(to_csv([record, hit_record(hit(2))]))))
    assert (rows[0]["said.affetto"], rows[0]["said.words"]) == ("0.9123", "1.0")
    assert (rows[1]["said.affetto"], rows[1]["label.speaker"]) == ("", "")


def test_what_the_catalog_knows_comes_last_and_only_where_it_does() -> None:
    known = {"recognised": "sad", "confidence": 0.612345, "mismatch": None, "sort": 3}
    record = hit_record(replace(hit(1, speaker="07"), known=known))
    assert list(record) == [*FIELDS, *known]
    assert (record["confidence"], record["mismatch"]) == (0.6123, None)
    rows = list(csv.DictReader(io.StringIO(to_csv([record]))))
    assert (rows[0]["recognised"], rows[0]["mismatch"], rows[0]["sort"]) == ("sad", "", "3")


def test_csv_of_nothing_still_has_its_header() -> None:
    assert to_csv([]) == ",".join(FIELDS[:-2])


def test_a_playlist_names_each_file_with_its_range() -> None:
    lines = to_m3u([hit()]).split("\n")
    assert lines == [
        "#EXTM3U",
        "#EXTINF:5,clé 1 (0.99)",
        "#EXTVLCOPT:start-time=2.500",
        "#EXTVLCOPT:stop-time=7.500",
        "/s/clé 1.wav",
    ]


def test_a_description_gives_terms_first_and_times_only_in_a_timeline() -> None:
    terms = (Fitting("bitter", 0.9, 0.2, 0.0, 5.0),)
    texts = {"lines": (Fitting("go away", 0.8, 0.1, 0.0, 5.0),)}
    description = Description(terms, texts, -0.5, 0.1, 0.31234, feeling=False)
    plain = description_records(description, timeline=False)
    whole = {
        "valence": -0.5,
        "arousal": 0.1,
        "valence_spread": 0.312,
        "arousal_spread": None,
        "feeling": False,
        "recognition": None,
    }
    bitter = {"term": "bitter", "score": 0.9, "cosine": 0.2, "collection": None}
    assert plain[0] == bitter | whole
    assert whole.items() <= plain[1].items()
    assert plain[1]["collection"] == "lines"
    timed = description_records(description, timeline=True)
    assert (timed[0]["start"], timed[0]["end"]) == (0.0, 5.0)
