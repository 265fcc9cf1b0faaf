from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from retrieval.calibration import Background, score_of
from retrieval.describe import Heard, describe, fitting, leads, vocabulary
from retrieval.emotions import TERMS
from retrieval.library import Library, describe_file
from retrieval.space import Heads, Layer, Space, unit


def sounds(n: int = 3) -> Heard:
    vectors = unit(np.random.default_rng(4).normal(size=(n, 8)).astype(np.float32))
    return Heard(vectors, tuple((float(i), i + 2.0) for i in range(n)))


def background() -> Background:
    library = np.random.default_rng(5).normal(size=(300, 8)) + np.arange(8) / 4
    return Background.of(unit(library.astype(np.float32)))


def test_the_vocabulary_is_the_mean_over_synonyms(space: Space) -> None:
    names, vectors = vocabulary(space)
    assert names == tuple(term.name for term in TERMS)
    placed = space.place_text([TERMS[3].name, *TERMS[3].synonyms])
    np.testing.assert_allclose(vectors[3], unit(placed.sum(axis=0)), atol=1e-5)


def test_texts_are_ranked_by_calibrated_score(space: Space) -> None:
    texts = ["one", "two", "three", "four", "five"]
    vectors, heard = space.place_text(texts), sounds()
    found = fitting(heard, texts, vectors, background(), k=5)
    whole = unit(heard.vectors.mean(axis=0, keepdims=True))[0]
    z = background().z(vectors, (vectors @ whole)[:, None])[:, 0]
    assert [one.term for one in found] == [texts[n] for n in np.argsort(-z)]
    assert found[0].score == pytest.approx(float(score_of(z.max())), abs=1e-6)
    assert found[0].start is None
    assert fitting(heard, [], vectors[:0], background(), k=5) == ()


def test_a_timeline_answers_for_each_window(space: Space) -> None:
    texts = ["one", "two", "three"]
    found = fitting(sounds(), texts, space.place_text(texts), background(), k=2, timeline=True)
    assert [(one.start, one.end) for one in found] == [
        (0, 2),
        (0, 2),
        (1, 3),
        (1, 3),
        (2, 4),
        (2, 4),
    ]


def test_a_description_has_terms_texts_and_affect(space: Space) -> None:
    texts = {"lines": (["one", "two"], space.place_text(["one", "two"]))}
    description = describe(sounds(), space, background(), texts, k=2, timeline=False)
    assert len(description.terms) == 2
    assert {one.term for one in description.texts["lines"]} == {"one", "two"}
    assert np.isnan([description.valence, description.valence_spread]).all()
    assert description.feeling is None


def test_a_description_says_how_far_it_may_be_off(space: Space) -> None:
    spread = Layer(np.eye(8, 2, dtype=np.float32), np.log(np.array([0.3, 0.2], np.float32)))
    sure = replace(space, heads=Heads(spread=spread))
    description = describe(sounds(), sure, background(), {}, k=1, timeline=True)
    whole = sounds().whole()[0]
    assert description.valence_spread == pytest.approx(0.3 * np.exp(whole[0]), rel=1e-5)
    assert description.arousal_spread == pytest.approx(0.2 * np.exp(whole[1]), rel=1e-5)


def test_the_lead_is_that_of_the_best_feeling_over_neutral_seen_from_the_panel(
    space: Space,
) -> None:
    panel = unit(np.random.default_rng(6).normal(size=(40, 8)).astype(np.float32) + 0.5)
    names, vectors = vocabulary(space)
    heard = sounds().vectors
    found = leads(panel, vectors, heard)
    assert found.shape == (3,)
    for sound, lead in zip(heard, found, strict=True):
        cosines = vectors @ panel.T
        z = (vectors @ sound - cosines.mean(axis=1)) / cosines.std(axis=1)
        neutral = names.index("neutral")
        others = [value for place, value in enumerate(z) if place != neutral]
        assert lead == pytest.approx(max(others) - z[neutral], abs=1e-4)


def test_a_feeling_stands_out_when_it_has_the_lead_that_the_space_asks_for(space: Space) -> None:
    panel = unit(np.random.default_rng(6).normal(size=(40, 8)).astype(np.float32))
    lead = float(leads(panel, vocabulary(space)[1], sounds().whole())[0])

    def feeling(asked: float | None, heads: Heads) -> bool | None:
        asking = replace(space, heads=heads, lead=asked)
        # what else the library holds makes no difference
        return describe(sounds(), asking, background(), {}, k=1, timeline=False).feeling

    assert feeling(lead - 0.01, Heads(panel=panel)) is True
    assert feeling(lead + 0.01, Heads(panel=panel)) is False
    assert feeling(None, Heads(panel=panel)) is None
    assert feeling(lead, Heads()) is None


def test_a_file_is_described_with_and_without_a_library(
    tmp_path: Path,
    space: Space,
    write_tone,
    monkeypatch: pytest.MonkeyPatch,  # type: ignore[no-untyped-def]
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "nobody"))
    monkeypatch.setenv("HOME", str(tmp_path))
    file = write_tone(tmp_path / "a.wav", seconds=2.5)
    alone = describe_file(file, space=space, timeline=True, k=1)
    assert [(one.start, one.end) for one in alone.terms] == [(0, 1), (0.5, 1.5), (1, 2), (1.5, 2.5)]
    lines = tmp_path / "lines.txt"
    lines.write_text("go away\ncome back\nwait\n")
    with Library(tmp_path / "library", create=True) as library:
        library.add_texts("script", lines)
        description = library.describe(file, space=space, k=2)
        assert len(description.texts["script"]) == 2
        again = library.describe(file, space=space, k=2)  # from stored vectors
        assert again == description or str(again) == str(description)
        part = library.describe(f"{file}@1-2", space=space, timeline=True, k=1, collections=[])
        assert [(one.start, one.end) for one in part.terms] == [(1, 2)]
        assert part.texts == {}
