"""Hits sorted by what the catalog has of their clips; equal ones as they fit, unknown ones last."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from retrieval.errors import PromptError
from retrieval.filters import parse_filters
from retrieval.library import Library
from retrieval.query import Hit, Wanted
from retrieval.space import Space

LENGTHS = {"a": 1.5, "b": 0.7, "c": 3.0, "d": 1.5}


@pytest.fixture
def library(tmp_path: Path, space: Space, write_tone: Callable[..., Path]) -> Iterator[Library]:
    for number, (name, seconds) in enumerate(LENGTHS.items()):
        write_tone(tmp_path / "sounds" / f"{name}.wav", hz=300 * (number + 1), seconds=seconds)
    table = tmp_path / "labels.csv"
    table.write_text(
        "path,take,mood\nsounds/a.wav,10,warm\nsounds/b.wav,9,Cold\nsounds/c.wav,100,cold\n"
    )
    with Library(tmp_path / "library", create=True) as opened:
        opened.ingest(tmp_path / "sounds", space=space)
        opened.label(table)
        yield opened


def sorted_by(library: Library, space: Space, sort: str | None, k: int = 4) -> tuple[Hit, ...]:
    return library.search("hum", Wanted(k=k, sort=sort, collapse=False), space=space).hits


def order(hits: tuple[Hit, ...]) -> str:
    return "".join(Path(hit.path).stem for hit in hits)


def test_without_an_order_hits_know_nothing(library: Library, space: Space) -> None:
    hits = sorted_by(library, space, None)
    assert [hit.rank for hit in hits] == [1, 2, 3, 4]
    assert all(hit.known == {} for hit in hits)


def test_by_a_number_equal_ones_stay_as_they_fit(library: Library, space: Space) -> None:
    ranks = {Path(hit.path).stem: hit.rank for hit in sorted_by(library, space, None)}
    same = "".join(sorted("ad", key=lambda name: ranks[name]))
    rising, falling = (sorted_by(library, space, sort) for sort in ("duration", "-duration"))
    assert order(rising) == f"b{same}c"
    assert order(falling) == f"c{same}b"
    assert [hit.known["sort"] for hit in rising] == [0.7, 1.5, 1.5, 3.0]
    assert {Path(hit.path).stem: hit.rank for hit in falling} == ranks


def test_labels_that_are_numbers_and_labels_that_are_words(library: Library, space: Space) -> None:
    assert order(sorted_by(library, space, "take")) == "bacd"
    assert order(sorted_by(library, space, "-take")) == "cabd"  # unknown stays last
    assert order(sorted_by(library, space, "label.mood"))[-2:] == "ad"  # whatever the case
    assert order(sorted_by(library, space, "path")) == "abcd"


def test_only_the_hits_that_fit_are_sorted(library: Library, space: Space) -> None:
    best = {hit.path for hit in sorted_by(library, space, None, k=2)}
    assert {hit.path for hit in sorted_by(library, space, "-duration", k=2)} == best


def test_dates_are_shown_as_people_write_them(library: Library, space: Space) -> None:
    hits = sorted_by(library, space, "added")
    shown = [str(hit.known["sort"]) for hit in hits]
    assert shown == sorted(shown)
    assert [one[10] for one in shown] == ["T"] * 4


def test_several_voices_and_examples_are_sorted_too(library: Library, space: Space) -> None:
    wanted = Wanted(sort="-duration", collapse=False)
    assert order(library.search("words:sounds", wanted, space=[space, "words"]).hits)[0] == "c"
    example = next(path for path in library.catalog.known() if path.endswith("a.wav"))
    assert order(library.similar(example, wanted, space=space).hits) == "cdb"


def test_a_name_that_says_nothing_here_is_refused(library: Library, space: Space) -> None:
    for sort in ("speaker", "-speaker"):
        with pytest.raises(PromptError, match="no clip has a label 'speaker'"):
            sorted_by(library, space, sort)
    with pytest.raises(PromptError, match="pitch_median was not measured"):
        sorted_by(library, space, "-pitch_median")


def test_a_label_that_has_become_a_column_is_pointed_to(
    library: Library, space: Space, tmp_path: Path
) -> None:
    (tmp_path / "more.csv").write_text("path,valence\nsounds/a.wav,3\nsounds/c.wav,1\n")
    library.label(tmp_path / "more.csv")
    with pytest.raises(PromptError) as fault:
        sorted_by(library, space, "valence")
    assert fault.value.remedy == "affetto recognise; or label.valence"
    assert order(sorted_by(library, space, "label.valence"))[:2] == "ca"
    wanted = Wanted(filters=parse_filters(["label.valence>2"]))
    assert order(library.search("hum", wanted, space=space).hits) == "a"
