"""What a space says of its certainty, on made residuals and sounds whose answer is known."""

from collections.abc import Sequence

import numpy as np
import pytest

pytest.importorskip("soxr")

from retrieval.emotions import TERMS
from retrieval.evaluation.bench import PROMPTS
from retrieval.space import Heads, Layer, Space, Vectors, unit
from retrieval.training import certainty
from retrieval.training.captions import captions
from retrieval.training.certainty import (
    best_of,
    choose_fitting,
    choose_lead,
    even,
    feels,
    fit_spread,
    learn_certainty,
    libraries,
    new_wordings,
    plain_wordings,
)
from retrieval.training.certainty_tables import coverage, neutrality, promises, tables
from retrieval.training.clips import Clip

LABELS = ("angry", "sad", "happy", "fearful", "neutral", "calm")
NEUTRAL = LABELS.index("neutral")
WORDS = {word: term.name for term in TERMS for word in (term.name, *term.synonyms)}
DIM = 8


class Ears:
    name, rate, dim, fingerprint = "ears", 16_000, DIM, "ears"

    def encode(self, windows: Sequence[Vectors]) -> Vectors:
        return np.stack(windows)


class Reader:
    """A label lies on its axis; other words lie on the last axis but one."""

    name, dim, fingerprint = "reader", DIM, "reader"

    def encode(self, texts: Sequence[str]) -> Vectors:
        names = [WORDS.get(text, "") for text in texts]
        axes = [LABELS.index(name) if name in LABELS else DIM - 2 for name in names]
        return np.eye(DIM, dtype=np.float32)[axes]


def clip(feeling: str, speaker: str, corpus: str = "a", kind: str = "speech", **facts: str) -> Clip:
    return Clip(
        path="x", samples=np.zeros(1, np.int16), corpus=corpus, speaker=speaker, gender="",
        kind=kind, sound="", feelings={feeling: 1.0}, strength="", affect=(0.0, 0.0), split="val",
        **facts,
    )  # fmt: skip


def world() -> tuple[Space, list[Clip], list[Vectors]]:
    """Sounds near the axis of their label, in two windows, by twelve speakers."""
    rng = np.random.default_rng(0)
    clips = [clip(label, f"s{n % 12}", "ab"[n % 2]) for label in LABELS for n in range(40)]
    axes = np.eye(DIM)[np.repeat(np.arange(len(LABELS)), 40)]  # (n, k)
    raw = (axes[:, None] + rng.normal(0, 0.2, (len(clips), 2, DIM))).astype(np.float32)
    affect = Layer(rng.normal(0, 0.3, (DIM, 2)).astype(np.float32), np.zeros(2, np.float32))
    panel = unit(raw[::5, 0])
    space = Space("made", "", "", 1.0, 0.5, Ears(), Reader(), Heads(affect=affect, panel=panel))
    return space, clips, list(raw)


def drawn(n: int, seed: int) -> tuple[Vectors, Vectors, list[str]]:
    """Residuals whose spread depends on the vector, by speakers of n / 20 voices."""
    rng = np.random.default_rng(seed)
    units = unit(rng.normal(size=(n, 6)).astype(np.float32))
    wide = np.stack([0.5 * np.exp(units[:, 0]), 0.4 * np.exp(-units[:, 1])], axis=1)
    return (
        units,
        (rng.normal(size=(n, 2)) * wide).astype(np.float32),
        [f"s{i % 50}" for i in range(n)],
    )


def width(layer: Layer, units: Vectors) -> Vectors:
    return np.exp(units @ layer.weight + layer.bias)


def test_nine_in_ten_residuals_of_new_speakers_lie_inside() -> None:
    layer = fit_spread(*drawn(2000, 1))
    assert layer is not None
    units, residuals, _ = drawn(4000, 2)
    inside = np.abs(residuals) <= width(layer, units)
    np.testing.assert_allclose(inside.mean(axis=0), 0.9, atol=0.02)
    # where the true spread is wide the interval is wide, and nine in ten hold there, too
    widths = width(layer, units)[:, 0]
    assert np.corrcoef(np.log(widths), units[:, 0])[0, 1] > 0.9
    uncertain = units[:, 0] > np.quantile(units[:, 0], 0.75)
    assert inside[uncertain, 0].mean() == pytest.approx(0.9, abs=0.04)


def test_speakers_alike_in_their_errors_are_not_predicted_from_themselves() -> None:
    """Each speaker is a direction with a spread of its own: from its own clips that would be
    learned, from the others it cannot, and the factor must make up for it."""
    rng = np.random.default_rng(3)
    who = np.repeat(np.arange(40), 10)
    units = np.eye(40, dtype=np.float32)[who]
    wide = np.exp(rng.normal(0, 1.0, 40))[who]
    residuals = (wide[:, None] * rng.choice([-0.3, 0.3], (400, 2))).astype(np.float32)
    honest = fit_spread(units, residuals, [f"s{n}" for n in who])
    mixed = fit_spread(units, residuals, [f"s{n}" for n in range(400)])
    assert honest is not None and mixed is not None
    assert (width(honest, units).mean(axis=0) > 1.2 * width(mixed, units).mean(axis=0)).all()


def test_too_few_sounds_or_speakers_tell_no_spread() -> None:
    units, residuals, speakers = drawn(40, 4)
    assert fit_spread(units[:9], residuals[:9], speakers[:9]) is None
    assert fit_spread(units, residuals, ["one"] * 40) is None
    assert fit_spread(units[:0], residuals[:0], []) is None


def test_even_makes_both_errors_alike() -> None:
    scores = np.array([0.1, 0.4, 0.6, 0.8, 0.2, 0.3, 0.5, 0.9])
    positive = np.array([False, False, False, False, True, True, True, True])
    assert even(scores, positive) == 0.5  # misses .2 and .3; promises at .6 and .8
    assert even(np.array([1.0, 2.0]), np.array([False, True])) == 2.0


def test_what_is_asked_is_the_word_or_what_training_never_read() -> None:
    assert plain_wordings() == {label: [label] for label in PROMPTS}
    read = {caption.text for caption in captions() if not caption.held_out}
    for label, texts in new_wordings().items():
        assert len(texts) > 20, label
        assert read.isdisjoint(texts)
    assert new_wordings() == new_wordings()


def test_libraries_are_asked_in_the_wordings_given() -> None:
    space, clips, raw = world()
    units = [space.place_audio(one) for one in raw]
    said = {"angry": ["happy"], "happy": ["angry"]}  # the reader now takes one for the other
    right = libraries(space, clips, units, {}, count=192)
    wrong = libraries(space, clips, units, said, count=192)
    assert len(right) == len(wrong) == 192
    for plain, swapped in zip(right, wrong, strict=True):
        np.testing.assert_array_equal(plain.relevant, swapped.relevant)
    assert not np.allclose(right[0].scores["cosine"], wrong[0].scores["cosine"])
    np.testing.assert_allclose(right[1].scores["cosine"], wrong[1].scores["cosine"])  # sad
    assert libraries(space, clips[:80], units[:80], {}) == []  # two labels


def test_the_fitting_cosine_parts_libraries_with_a_match_from_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(certainty, "new_wordings", plain_wordings)
    space, clips, raw = world()
    units = [space.place_audio(one) for one in raw]
    cosine = choose_fitting(space, clips, units, count=192)
    assert cosine is not None
    best, holds = best_of(libraries(space, clips, units, plain_wordings(), count=192))

    def errors(one: float) -> tuple[float, float]:
        return float((best[holds] < one).mean()), float((best[~holds] >= one).mean())

    misses, false = errors(cosine)
    assert max(misses, false) < 0.2
    assert abs(misses - false) <= min(abs(np.subtract(*errors(one))) for one in best) + 1e-9
    assert choose_fitting(space, clips[:80], units[:80]) is None


def test_the_lead_parts_neutral_sounds_from_emotional_ones() -> None:
    space, clips, raw = world()
    units = [space.place_audio(one) for one in raw]
    lead = choose_lead(space, clips, units)
    assert lead is not None
    silent = Space("made", "", "", 1.0, 0.5, Ears(), Reader(), Heads())
    assert choose_lead(silent, clips, units) is None
    assert choose_lead(space, clips[:40], units[:40]) is None
    (table,) = neutrality(replaced(space, lead=lead), clips, units)
    rows = {row[0]: row for row in table.rows}
    assert set(rows) == {"speech, neutral", "speech, emotional", "speech, calm"}
    assert rows["speech, neutral"][1:3] == (40, pytest.approx(1, abs=0.05))
    assert rows["speech, emotional"][1:3] == (160, pytest.approx(0, abs=0.05))


def test_calm_voices_and_music_are_neither_neutral_nor_emotional() -> None:
    assert feels(clip("angry", "s")) is True
    assert feels(clip("neutral", "s")) is False
    assert feels(clip("calm", "s")) is None
    assert feels(clip("sad", "s", kind="music")) is None


def replaced(space: Space, lead: float | None = None, fitting: float | None = None,
             spread: Layer | None = None) -> Space:  # fmt: skip
    heads = Heads(affect=space.heads.affect, panel=space.heads.panel, spread=spread)
    return Space("made", "", "", 1.0, 0.5, space.audio, space.text, heads, fitting, lead)


def test_everything_is_learned_from_fair_clips_only() -> None:
    space, clips, raw = world()
    found = learn_certainty(space, clips, raw)
    confounded = [clip("sad", "t", flags="text_confound") for _ in range(40)]
    noise = [np.ones((2, DIM), np.float32)] * 40
    again = learn_certainty(space, [*clips, *confounded], [*raw, *noise])
    assert (found.fitting, found.lead) == (again.fitting, again.lead)
    assert found.spread is not None and again.spread is not None
    np.testing.assert_array_equal(found.spread.weight, again.spread.weight)
    nothing = learn_certainty(space, [], [])
    assert (nothing.spread, nothing.fitting, nothing.lead) == (None, None, None)


def test_coverage_is_counted_over_all_and_by_corpus() -> None:
    space, clips, raw = world()
    units = [space.place_audio(one) for one in raw]
    constant = Layer(np.zeros((DIM, 2), np.float32), np.log(np.array([0.2, 2.0], np.float32)))
    (table,) = coverage(replaced(space, spread=constant), clips, units)
    assert [row[:3] for row in table.rows] == [("all", 240, 12), ("a", 120, 6), ("b", 120, 6)]
    whole = unit(np.stack([one.mean(axis=0) for one in units]))
    off = np.abs(space.affect(whole))  # every label of this world is 0, 0
    for row, mine in zip(
        table.rows, (slice(None), slice(0, None, 2), slice(1, None, 2)), strict=True
    ):
        assert row[3].value == pytest.approx((off[mine, 0] <= 0.2).mean())
        assert row[4].value == 1.0
        assert row[5:] == pytest.approx((0.2, 2.0), rel=1e-5)


def test_promises_count_both_errors_by_every_way_to_ask() -> None:
    space, clips, raw = world()
    units = [space.place_audio(one) for one in raw]
    (never,) = promises(replaced(space, fitting=1.1), clips, units, count=192)
    (always,) = promises(replaced(space, fitting=-1.0), clips, units, count=192)
    for row in never.rows[::2]:
        assert row[2:4] == (1.0, 0.0)
    for row in always.rows[::2]:
        assert row[2:4] == (0.0, 1.0)
    assert [row[0] for row in never.rows[::2]] == [
        "the word",
        "held-out captions",
        "held-out wordings",
    ]
    assert float(str(never.rows[0][4])) > 0.9  # this reader knows the words
    assert never.rows[1][2:] == always.rows[1][2:]  # the panel asks for no cosine


def test_a_space_without_the_numbers_has_no_tables() -> None:
    space, clips, raw = world()
    assert tables(space, clips, raw) == []
    assert tables(replaced(space, lead=1.0, fitting=0.5), [], []) == []
