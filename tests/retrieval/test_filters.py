import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pytest

import migrations
from retrieval.catalog import Catalog, ClipFacts, connect
from retrieval.errors import PromptError
from retrieval.filters import Condition, Filters, parse_filters, parse_where, span

SOURCE = "s" * 64


def noon(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, 12).timestamp() * 1e9)


@dataclass(frozen=True)
class Example:
    path: str
    duration: float
    loudness: float
    rate: int
    channels: int
    format: str
    mtime_ns: int
    labels: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    transcript: str | None = None


EXAMPLES = {
    example.path: example
    for example in (
        Example(
            "/lib/a/takes/one.wav",
            *(3.5, -20.0, 44100, 2, "WAV", noon(2026, 1, 30)),
            {"speaker": "07", "emotion": "angry", "pitch": "231.5"},
            {"artist": "Ärzte"},
            "Kids are TALKING by the door",
        ),
        Example(
            "/lib/a/takes/Two.flac",
            *(12.0, -31.0, 16000, 1, "FLAC", noon(2026, 1, 31)),
            {"speaker": "7", "emotion": "sad", "pitch": "90", "duration": "long"},
            {"artist": "Nobody", 'it\'s "odd"': "yes"},
            "ÜBER den Wolken",
        ),
        Example(
            "/lib/b/three.wav",
            *(10.0, -12.5, 44100, 1, "WAV", noon(2026, 2, 1)),
            {"speaker": "08", "emotion": "calm", "pitch": "unknown"},
        ),
        Example("/lib/b/100% [x].ogg", 0.5, -45.0, 48000, 2, "OGG", noon(2025, 12, 31)),
    )
}


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    path = tmp_path_factory.mktemp("library") / "catalog.db"
    engine = connect(path)
    migrations.upgrade(engine, path)
    catalog = Catalog(engine)
    catalog.add_source(SOURCE, "toy", 1.0, 0.5, 2)
    for number, one in enumerate(EXAMPLES.values()):
        facts = ClipFacts(
            one.path,
            f"{number:064d}",
            1,
            one.mtime_ns,
            one.duration,
            one.rate,
            one.channels,
            one.format,
            "PCM_16",
            one.loudness,
            -1.0,
            one.tags,
        )
        catalog.store(facts, [(0.0, 1.0, np.zeros(2, "f4")), (0.5, 1.5, np.ones(2, "f4"))], SOURCE)
    catalog.set_labels(
        {path: one.labels for path, one in EXAMPLES.items()},
        {path: one.transcript for path, one in EXAMPLES.items() if one.transcript},
    )
    yield catalog
    catalog.close()


def passing(catalog: Catalog, filters: Filters) -> set[str]:
    rows = catalog.hits(catalog.select_windows(filters, SOURCE), filters)
    return {row.path for row in rows}


def day(one: Example) -> str:
    return datetime.fromtimestamp(one.mtime_ns / 1e9).strftime("%Y-%m-%d")


CASES: dict[str, Callable[[Example], bool]] = {
    "speaker=07": lambda one: one.labels.get("speaker") == "07",
    "speaker==07": lambda one: one.labels.get("speaker") == "07",
    " speaker = 07 ": lambda one: one.labels.get("speaker") == "07",
    "speaker!=07": lambda one: one.labels.get("speaker") != "07",
    "emotion=angry|sad": lambda one: one.labels.get("emotion") in ("angry", "sad"),
    "emotion!=angry|sad": lambda one: one.labels.get("emotion") not in ("angry", "sad"),
    "emotion~A": lambda one: "a" in one.labels.get("emotion", ""),
    "emotion!~ng": lambda one: "ng" not in one.labels.get("emotion", ""),
    "pitch>90": lambda one: one.labels.get("pitch") == "231.5",
    "pitch>=90": lambda one: one.labels.get("pitch") in ("231.5", "90"),
    "pitch<231.5": lambda one: one.labels.get("pitch") == "90",
    "pitch<=2e3": lambda one: one.labels.get("pitch") in ("231.5", "90"),
    "label.duration=long": lambda one: one.labels.get("duration") == "long",
    "duration<10": lambda one: one.duration < 10,
    "duration<=10": lambda one: one.duration <= 10,
    "duration!=10": lambda one: one.duration != 10,
    "loudness>-30": lambda one: one.loudness > -30,
    "rate=44100": lambda one: one.rate == 44100,
    "rate=44100|16000": lambda one: one.rate in (44100, 16000),
    "channels=2": lambda one: one.channels == 2,
    "format=wav": lambda one: one.format == "WAV",
    "format!=wav|Flac": lambda one: one.format == "OGG",
    "transcript~talking": lambda one: "TALKING" in (one.transcript or ""),
    "transcript~über": lambda one: "ÜBER" in (one.transcript or ""),
    "transcript!~über": lambda one: "ÜBER" not in (one.transcript or ""),
    "path~TAKES/two": lambda one: one.path.endswith("Two.flac"),
    "path=*/takes/*": lambda one: "/takes/" in one.path,
    "path=takes/*": lambda one: "/takes/" in one.path,
    "path=*two*": lambda _: False,
    "path!=*.wav": lambda one: not one.path.endswith(".wav"),
    "path=/lib/[!a]/t?ree.[a-z]*": lambda one: one.path == "/lib/b/three.wav",
    "path=*100%*": lambda one: "100%" in one.path,
    "tag.artist=Nobody": lambda one: one.tags.get("artist") == "Nobody",
    "tag.ARTIST~ärz": lambda one: one.tags.get("artist") == "Ärzte",
    'tag.it\'s "odd"=yes': lambda one: len(one.tags) == 2,
    "date=2026-01-31": lambda one: day(one) == "2026-01-31",
    "date!=2026-01-31": lambda one: day(one) != "2026-01-31",
    "date>=2026-01-31": lambda one: day(one) >= "2026-01-31",
    "date>2026-01-31": lambda one: day(one) > "2026-01-31",
    "date<2026-01-31": lambda one: day(one) < "2026-01-31",
    "date<=2026-01-31": lambda one: day(one) <= "2026-01-31",
    "date=2026-01": lambda one: day(one).startswith("2026-01"),
    "date>2025": lambda one: day(one) > "2026",
    "date=2025|2026-02": lambda one: day(one) in ("2025-12-31", "2026-02-01"),
    "added>=2020": lambda _: True,
    "added<2020": lambda _: False,
    "hash=" + "1".zfill(64): lambda one: one.format == "FLAC",
}


@pytest.mark.parametrize("expression", CASES)
def test_an_expression_selects_what_it_says(catalog: Catalog, expression: str) -> None:
    expected = {path for path, one in EXAMPLES.items() if CASES[expression](one)}
    assert passing(catalog, parse_filters([expression])) == expected


def test_no_filter_lets_all_pass(catalog: Catalog) -> None:
    assert passing(catalog, Filters()) == set(EXAMPLES)


def test_all_conditions_and_one_of_the_globs_must_hold(catalog: Catalog) -> None:
    filters = parse_filters(["rate=44100", "channels=1"], ["*/nowhere/*", "/lib/b/*"])
    assert passing(catalog, filters) == {"/lib/b/three.wav"}
    assert passing(catalog, parse_filters(["rate=44100"], ["*/takes/*"])) == {
        "/lib/a/takes/one.wav"
    }


def test_a_glob_may_start_at_home(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/lib")
    monkeypatch.setenv("USERPROFILE", "/lib")
    assert passing(catalog, parse_filters([], ["~/b/*.wav"])) == {"/lib/b/three.wav"}


def test_windows_are_selected_by_source(catalog: Catalog) -> None:
    assert len(catalog.select_windows(parse_filters(["duration<10"]), SOURCE)) == 4
    assert len(catalog.select_windows(parse_filters(["duration<10"]), "other")) == 0


def test_values_never_become_sql(catalog: Catalog) -> None:
    for text in ("' OR 1=1 --", '"; DROP TABLE clips; --', "%", "_"):
        for name in ("speaker", "transcript", "tag.artist", "label.x' OR 1=1 --"):
            assert passing(catalog, parse_filters([f"{name}={text}"])) == set()
    assert len(catalog.known()) == len(EXAMPLES)


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("speaker", "not a name, an operator and a value"),
        ("", "not a name, an operator and a value"),
        ("=07", "not a name, an operator and a value"),
        ("speaker=", "no value"),
        ("speaker=a||b", "no value"),
        ("duration<long", "'long' is not a number"),
        ("duration=nan", "'nan' is not a number"),
        ("pitch>high", "'high' is not a number"),
        ("duration~3", "duration is compared with = !="),
        ("transcript>3", "transcript is compared with = != ~ !~"),
        ("path<3", "path is compared with"),
        ("pitch>1|2", "takes one value"),
        ("date>=yesterday", "'yesterday' is not a date like 2026-01-31"),
        ("date=2026-02-30", "is not a date"),
        ("date>9999", "is not a date"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_can(expression: str, why: str) -> None:
    with pytest.raises(PromptError, match=why) as caught:
        parse_where(expression)
    remedy = caught.value.remedy or ""
    assert "!~" in remedy and "loudness" in remedy and "label" in remedy


def test_an_unknown_operator_is_refused() -> None:
    with pytest.raises(PromptError, match="no operator '<>'"):
        Condition("speaker", "<>", ("07",))


def test_only_labels_count_as_labels() -> None:
    filters = parse_filters(["speaker=1", "duration<3", "tag.x=1", "label.duration=1"])
    assert [one.label for one in filters.conditions] == ["speaker", None, None, "duration"]


def test_an_unknown_label_is_an_error_that_lists_the_known(catalog: Catalog) -> None:
    catalog.check_names(["speaker", "duration", "label.duration"])
    with pytest.raises(PromptError, match="'speakr'") as caught:
        catalog.check_names(["speaker", "speakr"])
    assert "duration, emotion, pitch, speaker" in (caught.value.remedy or "")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Pacific/Auckland"])
def test_a_date_is_a_local_day_also_when_clocks_change(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not hasattr(time, "tzset"):
        pytest.skip("the time zone of a process is fixed here")
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        lengths = set()
        for month in (3, 4, 9, 10, 11):
            for date in range(1, 31):
                first, after = span(f"2026-{month:02d}-{date:02d}")
                assert datetime.fromtimestamp(first).hour == 0
                assert datetime.fromtimestamp(after - 1).day == date
                lengths.add((after - first) / 3600)
        assert lengths == {23, 24, 25}
    finally:
        monkeypatch.undo()
        time.tzset()
