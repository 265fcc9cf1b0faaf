"""Features as tables."""

import csv
import io
import json
import math
import sys
from pathlib import Path

import pytest

from retrieval.errors import MissingExtra, PromptError
from retrieval.features.measures import UNITS, Features
from retrieval.features.readings import Reading
from retrieval.features.rows import (
    COLUMNS,
    one_text,
    row,
    table_text,
    to_csv,
    to_json,
    write_parquet,
)


@pytest.fixture
def rows() -> list[dict[str, object]]:
    values = {name: 1.0 + number / 3 for number, name in enumerate(UNITS)} | {"pause_count": 2}
    spoken = Features(**values)
    silent = Features(**(dict.fromkeys(UNITS, math.nan) | {"loudness": -math.inf}))
    return [
        row("/a/voice, one.wav", Reading(0.0, 3.0, spoken)),
        row("/a/rain.wav", Reading(1.5, 4.5, silent)),
    ]


def test_what_is_not_known_is_null(rows: list[dict[str, object]]) -> None:
    spoken, silent = json.loads(to_json(rows))
    assert list(spoken) == list(COLUMNS)
    assert spoken["pitch_low"] == 1.3333
    assert spoken["pause_count"] == 2
    assert silent["start"] == 1.5
    assert all(silent[name] is None for name in UNITS)


def test_csv_is_read_back(rows: list[dict[str, object]]) -> None:
    spoken, silent = csv.DictReader(io.StringIO(to_csv(rows)))
    assert tuple(spoken) == COLUMNS
    assert spoken["path"] == "/a/voice, one.wav"
    assert float(spoken["pitch_low"]) == 1.3333
    assert silent["pitch_low"] == ""


def test_parquet_is_read_back(rows: list[dict[str, object]], tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra `parquet` is not installed")
    file = tmp_path / "features.parquet"
    write_parquet(rows, file)
    table = parquet.read_table(file)
    assert table.to_pylist() == rows
    assert table.schema.field("pitch_median").metadata == {b"unit": b"Hz"}
    with pytest.raises(PromptError, match="cannot be written"):
        write_parquet(rows, tmp_path / "nowhere" / "features.parquet")


def test_without_pyarrow_the_error_says_what_to_install(
    rows: list[dict[str, object]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "pyarrow.parquet", raising=False)
    with pytest.raises(MissingExtra, match=r"pip install 'affetto\[parquet\]'"):
        write_parquet(rows, tmp_path / "features.parquet")
    assert not list(tmp_path.iterdir())


def test_tables_for_people(rows: list[dict[str, object]]) -> None:
    lines = one_text(rows[0]).splitlines()
    assert [line.split()[0] for line in lines] == list(UNITS)
    assert lines[0].split() == ["pitch_median", "1.0", "Hz"]
    head, spoken, silent = table_text(rows).splitlines()
    assert len(spoken.split("/a/")[0]) == len(silent.split("/a/")[0]) == head.index("clip")
    assert silent.split()[:2] == ["1.5-4.5", "-"]
