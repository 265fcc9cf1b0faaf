"""Sounds against their group, held against loops over every sound and every group."""

import numpy as np
import pytest

from indexes.index import Ids, Index
from retrieval import relative as module
from retrieval.relative import PRIOR_SOUNDS, largest_groups, less, relative
from retrieval.space import Vectors, unit

RNG = np.random.default_rng(0)

# Twelve sounds of one to three windows; the last two are in no group.
SOUNDS = np.repeat(np.arange(100, 112), [1, 2, 3] * 4)
IDS = RNG.permutation(np.arange(1, 1 + len(SOUNDS)))
GROUPS = {sound: "many" if sound < 107 else "few" for sound in range(100, 110)}
VOICES = unit(RNG.normal((2, 0, 0, 0, 0, 0), size=(len(SOUNDS), 6)).astype(np.float32))


def brute_force(vectors: Vectors, sounds: Ids, groups: dict[int, str]) -> list[Vectors]:
    """Every window less the leaning mean of its group."""
    centre = {sound: vectors[sounds == sound].mean(axis=0) for sound in set(sounds.tolist())}
    library = np.mean(list(centre.values()), axis=0)
    found = []
    for vector, sound in zip(vectors, sounds.tolist(), strict=True):
        group = groups.get(sound)
        own = [c for other, c in centre.items() if group and groups.get(other) == group]
        mean = np.mean([*own, *[library] * PRIOR_SOUNDS], axis=0)
        found.append((vector - mean) / np.linalg.norm(vector - mean))
    return found


@pytest.mark.parametrize("chunk", [3, 8192])
def test_windows_stand_against_the_mean_of_their_group(
    monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(module, "_CHUNK", chunk)
    found = relative(Index.build(IDS, VOICES), IDS, SOUNDS, GROUPS)
    expected = brute_force(VOICES, SOUNDS, GROUPS)
    np.testing.assert_allclose(found.index.vectors(IDS), expected, atol=1e-6)
    assert found.index.count == len(IDS)
    assert found.index.kind == "flat"


def test_what_index_and_catalog_do_not_share_is_passed_over() -> None:
    index = Index.build(IDS[3:], VOICES[3:])
    ids, sounds = np.append(IDS, 900), np.append(SOUNDS, 900)
    found = relative(index, ids[:-2], sounds[:-2], GROUPS)
    np.testing.assert_array_equal(found.index.ids(), np.sort(IDS[3:-1]))
    expected = brute_force(VOICES[3:-1], SOUNDS[3:-1], GROUPS)
    np.testing.assert_allclose(found.index.vectors(IDS[3:-1]), expected, atol=1e-6)


def test_a_voice_is_taken_away_and_its_feeling_left() -> None:
    voices = np.repeat(np.eye(8)[:2], 200, axis=0)  # two voices, and one clip in two is angry
    angry = np.tile([0.0, 1.0], 200)
    heard = unit((2 * voices + angry[:, None] * np.eye(8)[2]).astype(np.float32))
    ids = np.arange(400)
    groups = {n: f"{n // 200}" for n in range(400)}
    found = relative(Index.build(ids, heard), ids, ids, groups).index.vectors(ids)
    assert heard[0] @ heard[1] > 0.8 > 0.1 > heard[0] @ heard[200]
    assert found[0] @ found[200] > 0.8 > -0.8 > found[0] @ found[1]


def test_an_example_stands_against_its_group_or_else_the_library() -> None:
    found = relative(Index.build(IDS, VOICES), IDS, SOUNDS, GROUPS)
    for position in (0, 4):  # whatever was heard in it, at once
        placed = found.place(VOICES[[position]], int(SOUNDS[position]))
        np.testing.assert_allclose(placed, found.index.vectors(IDS[[position]]), atol=1e-6)
    centres = [VOICES[np.equal(SOUNDS, sound)].mean(axis=0) for sound in set(SOUNDS)]
    library = np.mean(centres, axis=0)
    expected = unit(VOICES[:1] - library)
    for stranger in (None, 110, 900):
        np.testing.assert_allclose(found.place(VOICES[:1], stranger), expected, atol=1e-6)


def test_a_sound_in_several_groups_is_judged_in_the_largest() -> None:
    pairs = [(1, "b"), (1, "a"), (2, "b"), (2, "b"), (3, "a"), (4, "a"), (5, "d"), (5, "c")]
    assert largest_groups(pairs) == {1: "a", 2: "b", 3: "a", 4: "a", 5: "c"}
    assert largest_groups([]) == {}


def test_what_is_its_own_mean_has_no_direction() -> None:
    same = np.full((2, 3), 1 / np.sqrt(3), dtype=np.float32)
    assert less(same, same[0] * np.float32(1 + 1e-6)).tolist() == [[0] * 3] * 2
    alone = relative(Index.build([7], same[:1]), np.array([7]), np.array([1]), {1: "x"})
    assert alone.index.vectors([7]).tolist() == [[0, 0, 0]]


def test_no_windows_are_no_fault() -> None:
    nothing = np.empty(0, dtype=np.int64)
    found = relative(Index.empty(3), nothing, nothing, {})
    assert found.index.count == 0
    assert found.means.tolist() == [[0, 0, 0]]
