"""Figures, drawn from small tables and looked into as SVG."""

import math
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import pytest

from retrieval.errors import MissingExtra
from retrieval.evaluation.figures import Figure, figures, write_figures
from retrieval.evaluation.table import Cell, Estimate, Table


def table(name: str, columns: str, *rows: tuple[Cell, ...]) -> Table:
    return Table(name, "Title", "Note.", tuple(columns.split(";")), rows)


TABLES = [
    table(
        "ranking",
        "corpus;prompt;clips;ranked by;nDCG@10",
        ("toy", "angry", 3, "mine", Estimate(0.1)),
        # the interval leaves the estimate out, as with few speakers it may
        ("toy", "mean", 6, "mine", Estimate(0.9, 0.91, 1.0)),
        ("toy", "mean", 6, "other", Estimate(0.8, 0.7, 0.9)),
        ("toy", "mean", 6, "random", Estimate(0.2)),
        ("more", "mean", 6, "mine", Estimate(0.7, 0.6, 0.8)),
    ),
    table(
        "confusion_toy",
        "label;clips;angry;sad",
        ("angry", 3, 1.0, 0.0),
        ("sad", 4, 0.25, 0.75),
    ),
    table(
        "order",
        "corpus;axis;read by;ranked by;tau-b;CCC",
        ("toy", "valence", "prompts", "mine", Estimate(0.5, 0.4, 0.6), Estimate(0.3)),
        ("toy", "arousal", "prompts", "mine", Estimate(-0.1, -0.2, 0.1), Estimate(math.nan)),
        ("toy", "arousal", "prompts", "loudness", Estimate(0.4, 0.3, 0.5), None),
        ("toy", "arousal", "affect head", "mine", Estimate(0.3), Estimate(0.3)),
    ),
    table(
        "affect",
        "corpus;label;clips;valence;valence heard;arousal;arousal heard",
        ("toy", "angry", 3, -0.6, -0.4, 0.8, 0.5),
        ("more", "sad", 3, -0.6, -0.4, -0.3, -0.1),
    ),
    table(
        "sounds",
        "corpus;prompt;clips;ranked by;AP;random AP",
        ("toy", "sighing", 3, "mine", Estimate(0.5, 0.4, 0.6), 0.1),
        ("toy", "sighing", 3, "keyword", Estimate(0.3, 0.2, 0.4), 0.1),
        ("toy", "yawning", 3, "mine", Estimate(0.8, 0.7, 0.9), 0.1),
        ("toy", "mean", 3, "mine", Estimate(0.9, 0.4, 0.6), 0.1),
        ("more", "crying", 3, "mine", Estimate(0.9), 0.4),
    ),
    table("groups", "group;UAR", ("men", 0.5)),
]


def words(file: Path) -> list[str]:
    """The texts of an SVG."""
    found = ElementTree.parse(file).iter("{http://www.w3.org/2000/svg}text")
    return ["".join(text.itertext()).strip() for text in found]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("figures")
    write_figures(figures(TABLES), folder)
    return folder


def test_each_known_table_gives_its_figure_in_order() -> None:
    shown = [(figure.name, figure.table) for figure in figures(TABLES)]
    assert shown == [
        ("ndcg", "ranking"),
        ("confusion_toy", "confusion_toy"),
        ("tau", "order"),
        ("affect", "affect"),
        ("sounds", "sounds"),
    ]
    assert figures([replace(TABLES[0], rows=())]) == []


def test_ranking_shows_means_with_the_rivals_beside(drawn: Path) -> None:
    said = words(drawn / "ndcg.svg")
    assert {"nDCG@10", "toy", "more", "mine", "other", "random"} <= set(said)
    assert "angry" not in said


def test_a_matrix_shows_every_share_and_how_many_clips(drawn: Path) -> None:
    said = words(drawn / "confusion_toy.svg")
    assert {"angry (3)", "sad (4)", "1.00", ".00", ".25", ".75", "named", "label"} <= set(said)


def test_axes_have_names_and_panels_have_titles(drawn: Path) -> None:
    said = words(drawn / "tau.svg")
    assert {"toy: valence", "toy: arousal", "prompts", "affect", "head", "loudness"} <= set(said)
    said = words(drawn / "affect.svg")
    assert {"toy", "more", "angry", "sad", "arousal"} <= set(said)
    assert said.count("valence") == 2
    said = words(drawn / "sounds.svg")
    assert {"toy", "more", "crying", "average precision", "keyword", "random"} <= set(said)
    # ticks are written from below: the mean, and then the worst class first
    assert said.index("mean") < said.index("sighing") < said.index("yawning")


def test_the_same_tables_give_the_same_bytes(drawn: Path, tmp_path: Path) -> None:
    write_figures(figures(TABLES), tmp_path)
    for file in drawn.iterdir():
        assert (tmp_path / file.name).read_bytes() == file.read_bytes()
        assert b"<dc:date>" not in file.read_bytes()


def test_without_the_extra_figures_are_refused_in_a_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "matplotlib.figure", raising=False)
    shown: list[Figure] = figures(TABLES)  # what there is can be said without it
    with pytest.raises(MissingExtra, match="figures need matplotlib") as caught:
        write_figures(shown, tmp_path)
    assert caught.value.remedy == "pip install 'affetto[figures]'"
