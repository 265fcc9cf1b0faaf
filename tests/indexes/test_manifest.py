"""A manifest is read back as written, or not at all."""

import dataclasses
import json
from typing import Any

import pytest

from indexes.manifest import Manifest

GOOD = Manifest(
    fingerprint="f" * 64,
    dim=256,
    kind="flat",
    count=12,
    generation=3,
    checksum="a" * 64,
    moments_checksum="b" * 64,
    created="2024-05-01T10:00:00+00:00",
    faiss="1.15.1",
)


def test_it_is_read_back_as_written() -> None:
    assert Manifest.from_json(GOOD.to_json()) == GOOD
    assert json.loads(GOOD.to_json())["metric"] == "inner_product"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dim", 0),
        ("dim", "256"),
        ("dim", 256.0),
        ("count", -1),
        ("count", True),
        ("generation", -1),
        ("generation", None),
        ("kind", "hnsw"),
        ("metric", "l2"),
        ("checksum", "A" * 64),
        ("moments_checksum", "b" * 63),
        ("created", "yesterday"),
        ("created", "2024-05-01T10:00:00"),
        ("created", "2024-05-01T10:00:00+02:00"),
        ("fingerprint", 7),
    ],
)
def test_wrong_values_are_refused(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"^{name} is "):
        dataclasses.replace(GOOD, **{name: value})


def test_no_byte_can_change_a_fact() -> None:
    text = GOOD.to_json().encode()
    for place in range(len(text)):
        changed = bytearray(text)
        changed[place] ^= 1
        try:
            assert Manifest.from_json(bytes(changed)) == GOOD  # in the white space
        except ValueError:
            continue


def test_a_changed_digit_breaks_the_seal() -> None:
    with pytest.raises(ValueError, match="seal"):
        Manifest.from_json(GOOD.to_json().replace('"generation": 3', '"generation": 4'))


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "{}", b"\xff\xfe", "[" * 100_000])
def test_what_is_no_manifest_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError):
        Manifest.from_json(text)


def test_fields_too_many_or_too_few_are_named() -> None:
    facts = json.loads(GOOD.to_json())
    with pytest.raises(ValueError, match="colour"):
        Manifest.from_json(json.dumps({**facts, "colour": "red"}))
    del facts["count"]
    with pytest.raises(ValueError, match="count"):
        Manifest.from_json(json.dumps(facts))
