"""What an alignment says: tables, sentences, JSON."""

import math
from dataclasses import replace

import numpy as np
import pytest

from retrieval.evaluation.alignment import Alignment, Asked, align
from retrieval.evaluation.findings import (
    TITLES,
    sentences,
    tables,
    to_text,
    unworded_note,
)
from retrieval.evaluation.grouping import MATCHING, OVERALL
from retrieval.query import Ground


def with_measures(found: Alignment, **measures: tuple[float, float]) -> Alignment:
    """The same with other values and p-values; those for swapped texts are the same."""
    values, p = found.tested.values.copy(), found.tested.p.copy()
    swapped = found.swapped.p.copy()
    for name, (value, share) in measures.items():
        values[OVERALL.index(name)], p[OVERALL.index(name)] = value, share
        if name in MATCHING:
            swapped[MATCHING.index(name)] = share
    return replace(
        found,
        tested=replace(found.tested, values=values, p=p),
        swapped=replace(found.swapped, p=swapped),
    )


def of_four_groups(found: Alignment) -> Alignment:
    """Enough names for a p-value to be small."""
    return replace(found, clips=replace(found.clips, names=(*found.clips.names, "shy")))


def test_the_matrix_marks_a_group_with_its_own_text(aligned: Alignment) -> None:
    matrix, _, _ = tables(aligned)
    assert matrix.columns == (
        "emotion", "clips", "angry", "calm", "a sad voice", "rain", "closest text"
    )  # fmt: skip
    for row, cells in enumerate(matrix.rows):
        shown = [str(cell).strip() for cell in cells[2:-1]]
        assert [n for n, cell in enumerate(shown) if cell.startswith("[")] == [row]
        figures = [float(cell.strip("[]")) for cell in shown]
        np.testing.assert_allclose(figures, aligned.matrix[row], atol=0.0051)
        assert cells[1] == 4
        assert cells[-1] == aligned.texts[row]


def test_of_many_texts_the_matrix_shows_its_own_and_the_closest(
    aligned: Alignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retrieval.evaluation.findings.WIDEST", 3)
    matrix, _, _ = tables(aligned)
    assert matrix.columns == ("emotion", "clips", "own text", "closest", "closest text")
    for row, (name, _, own, closest, text) in enumerate(matrix.rows):
        assert name == aligned.clips.names[row]
        assert float(str(own).strip(" []")) == pytest.approx(aligned.matrix[row, row], abs=0.0051)
        assert float(str(closest)) == pytest.approx(aligned.matrix[row].max(), abs=0.0051)
        assert text == aligned.texts[row]


def test_every_measure_has_a_line_with_chance_and_p(aligned: Alignment) -> None:
    _, _, measures = tables(aligned)
    assert set(TITLES) == set(OVERALL)
    lines = {line["measure"]: line for line in measures.records()}
    for number, name in enumerate(OVERALL):
        line = lines.pop(TITLES[name][0])
        assert line["value"] == aligned.tested.values[number]
        assert line["by chance"] == aligned.tested.expected[number]
        assert line["p"] == aligned.tested.p[number]
        if name in MATCHING:
            assert line["p swapped"] == aligned.swapped.p[MATCHING.index(name)]
    (gap,) = lines.values()
    assert (gap["value"], gap["p"]) == (aligned.gap, None)


def test_it_says_what_was_left_out_and_sampled(aligned: Alignment) -> None:
    assert "12 clips (1 left out: no label, or alone in its group) by emotion" in to_text(aligned)
    assert "silhouette of" not in to_text(aligned)
    assert "the silhouette of 5 clips" in tables(replace(aligned, sampled=5))[2].note


def test_plain_words_for_what_is_there_and_what_is_not(aligned: Alignment) -> None:
    there = with_measures(
        of_four_groups(aligned),
        contrast=(0.4, 0.01),
        silhouette=(0.1, 0.01),
        uar=(0.7, 0.01),
        rsa=(0.5, 0.04),
    )
    grouped, met, shape, _ = sentences(there)
    assert "Grouped beyond chance: yes" in grouped
    assert "0.40 in cosine (p = 0.010), but overlap widely (silhouette 0.10)" in grouped
    assert "meet beyond chance: yes. 70% of the clips" in met
    assert "4 of 4 groups are" in met
    assert "Same shape beyond chance: yes" in shape
    absent = with_measures(
        of_four_groups(aligned), contrast=(0.0, 0.5), uar=(0.3, 0.4), rsa=(-0.5, 0.9)
    )
    grouped, met, shape, _ = sentences(absent)
    assert "beyond chance: no. Clips of one emotion are no closer (p = 0.500)" in grouped
    assert "meet beyond chance: no" in met
    assert "Same shape beyond chance: no" in shape
    apart = with_measures(aligned, silhouette=(0.8, 0.01), rsa=(math.nan, math.nan))
    assert "and stand apart" in sentences(apart)[0]
    assert "cannot be said of so few groups" in sentences(apart)[2]


def test_three_groups_are_too_few_to_tell_their_texts_from_swapped_ones(
    aligned: Alignment,
) -> None:
    _, met, shape, _ = sentences(aligned)
    assert "meet beyond chance: too few groups to say. 100% of the clips" in met
    assert "shape beyond chance: too few groups to say" in shape


def test_swapped_texts_that_do_as_well_are_no_meeting(aligned: Alignment) -> None:
    found = with_measures(of_four_groups(aligned), uar=(0.7, 0.01))
    p = found.swapped.p.copy()
    p[MATCHING.index("uar")] = 0.3
    met = sentences(replace(found, swapped=replace(found.swapped, p=p)))[1]
    assert "meet beyond chance: no" in met
    assert "(p = 0.010; against texts swapped between groups p = 0.300)" in met


def test_it_says_where_labels_changed_places(aligned: Alignment, tones: Ground) -> None:
    assert "--within speaker" in sentences(aligned)[-1]
    within = align(tones, Asked(within="speaker", permutations=19))
    assert "hold within speaker" in sentences(within)[-1]
    assert "over the clips within speaker" in tables(within)[2].note


def test_a_note_names_groups_that_are_no_words(tones: Ground) -> None:
    note = unworded_note(align(tones, Asked(by="speaker", permutations=9)))
    assert "anna, ben" in note
    assert "--prompts 'anna=TEXT'" in note
