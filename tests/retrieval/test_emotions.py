"""The emotional vocabulary."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.emotions import TERMS, VOCALISATIONS, lookup, nearest

axis = st.floats(-1, 1)


def test_no_word_belongs_to_two_entries() -> None:
    feelings = [word for term in TERMS for word in (term.name, *term.synonyms)]
    acts = [word for act in VOCALISATIONS for word in (act.name, *act.synonyms)]
    words = [word.casefold() for word in feelings + acts]
    assert sorted(words) == sorted(set(words))


def test_every_word_is_found_in_any_case() -> None:
    for term in TERMS:
        for word in (term.name, *term.synonyms):
            assert lookup(word) is term
            assert lookup(f" {word.upper().replace('-', '_')} ") is term


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("anger", "angry"),
        ("Angrily", "angry"),
        ("happiness", "happy"),
        ("fear", "fearful"),
        ("sadness", "sad"),
        ("joyful_activation", "joyful"),
        ("calmness", "calm"),
        ("tenderness", "tender"),
        ("power", "powerful"),
        ("amazement", "amazed"),
    ],
)
def test_lookup_understands_the_other_forms(word: str, name: str) -> None:
    found = lookup(word)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("word", ["", "xylophone", "laughing"])
def test_lookup_knows_no_other_words(word: str) -> None:
    assert lookup(word) is None


def test_the_labels_of_the_corpora_are_names() -> None:
    labels = "angry sad happy fearful disgust surprised neutral calm bored weary pain breathless"
    assert set(labels.split()) <= {term.name for term in TERMS}


def test_figures_are_steps_of_a_twentieth_between_minus_one_and_one() -> None:
    for term in TERMS:
        for value in (term.valence, term.arousal, term.dominance):
            assert -1 <= value <= 1
            assert value * 20 == pytest.approx(round(value * 20))
    for act in VOCALISATIONS:
        assert -1 <= act.valence <= 1
        assert -1 <= act.arousal <= 1


def test_figures_from_the_norms_follow_the_rule() -> None:
    # the means of both sets for one word each, computed once from the sets themselves
    means = {"proud": (0.656, 0.269, 0.634), "bored": (-0.612, -0.663, -0.240)}
    for name, figures in means.items():
        term = lookup(name)
        assert term is not None
        assert term.source == "norms"
        assert (term.valence, term.arousal, term.dominance) == pytest.approx(
            tuple(round(figure * 20) / 20 for figure in figures)
        )


@pytest.mark.parametrize(
    ("axis", "rising"),
    [
        ("valence", "terrified sad neutral calm happy"),
        ("arousal", "sleepy calm sad worried angry furious"),
        ("arousal", "content happy excited ecstatic"),
        ("dominance", "panicked fearful neutral proud"),
    ],
)
def test_ladders_rise(axis: str, rising: str) -> None:
    values = [getattr(lookup(word), axis) for word in rising.split()]
    assert all(low < high for low, high in itertools.pairwise(values))


def test_acts_are_placed_as_they_are_heard() -> None:
    acts = {act.name: act for act in VOCALISATIONS}
    assert acts["laughing"].valence > 0.5 > -0.5 > acts["crying"].valence
    assert max(VOCALISATIONS, key=lambda act: act.arousal).name == "screaming"
    assert min(VOCALISATIONS, key=lambda act: act.arousal).name == "yawning"


def test_nearest_to_a_term_is_the_term() -> None:
    sad = lookup("sad")
    assert sad is not None
    assert nearest(sad.valence, sad.arousal, 1) == (sad,)


@given(axis, axis, st.integers(-1, len(TERMS) + 3))
def test_nearest_leaves_out_nothing_closer(valence: float, arousal: float, n: int) -> None:
    found = nearest(valence, arousal, n)
    distances = [math.hypot(term.valence - valence, term.arousal - arousal) for term in found]
    assert len(found) == min(max(n, 0), len(TERMS))
    assert distances == sorted(distances)
    left_out = [
        math.hypot(term.valence - valence, term.arousal - arousal)
        for term in TERMS
        if term not in found
    ]
    if found and left_out:
        assert min(left_out) >= distances[-1] - 1e-12
