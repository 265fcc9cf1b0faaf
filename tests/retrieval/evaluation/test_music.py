"""Music against its raters."""

import math
from pathlib import Path

import numpy as np
import pytest
import scipy.stats

from retrieval.errors import PromptError
from retrieval.evaluation.clips import Sound
from retrieval.evaluation.music import RATINGS, SCALES, read_shares, tables
from retrieval.evaluation.table import Estimate
from tests.retrieval.evaluation.made import rows_where, sound, space_of

PROMPTS = list(SCALES.values())
SPACE = space_of(lambda text: np.eye(9)[PROMPTS.index(text)], 9)


def tracks(rng: np.random.Generator) -> list[Sound]:
    return [
        sound(rng.normal(0, 1, (2, 9)), "calm", f"t{number}", kind="music", clip_id=f"m{number}")
        for number in range(12)
    ]


def test_correlations_are_those_of_another_library() -> None:
    rng = np.random.default_rng(0)
    sounds = tracks(rng)
    shares = {f"m{n}": dict(zip(SCALES, rng.integers(0, 5, 9) / 5, strict=True)) for n in range(12)}
    speech = sound(np.ones(9), "sad", kind="speech", clip_id="m1")
    unrated = sound(np.ones(9), "sad", kind="music", clip_id="unknown")
    (table,) = tables(SPACE, [*sounds, speech, unrated], shares)
    best, mean = [], []
    for number, scale in enumerate(SCALES):
        felt = [shares[f"m{n}"][scale] for n in range(12)]
        heard = [one.vectors[:, number].max() for one in sounds]
        best.append(scipy.stats.spearmanr(heard, felt).statistic)
        heard = [one.centre[number] for one in sounds]
        mean.append(scipy.stats.spearmanr(heard, felt).statistic)
        (row,) = rows_where(table, prompt=PROMPTS[number])
        assert isinstance(row["best window"], Estimate)
        assert row["tracks"] == 12
        assert row["best window"].value == pytest.approx(best[-1])
    (row,) = rows_where(table, prompt="mean")
    for column, values in (("best window", best), ("mean window", mean)):
        cell = row[column]
        assert isinstance(cell, Estimate)
        assert cell.value == pytest.approx(np.mean(values))
        assert cell.low < cell.value < cell.high


def test_a_rival_that_says_nothing_is_not_defined() -> None:
    rng = np.random.default_rng(1)
    shares = {f"m{n}": dict.fromkeys(SCALES, n / 12) for n in range(12)}
    rivals = {"same": lambda prompts, sounds: np.zeros((len(prompts), len(sounds)))}
    (table,) = tables(SPACE, tracks(rng), shares, rivals)
    cell = table.records()[-1]["same"]
    assert isinstance(cell, Estimate)
    assert math.isnan(cell.value)


def test_without_ratings_there_is_no_table(tmp_path: Path) -> None:
    assert read_shares(tmp_path) == {}
    assert tables(SPACE, tracks(np.random.default_rng(0)), {}) == []


def test_shares_are_read_from_beside_the_table(tmp_path: Path) -> None:
    file = tmp_path / RATINGS
    file.parent.mkdir(parents=True)
    numbers = ",".join(str(number / 10) for number in range(9))
    file.write_text(f"clip_id,genre,{','.join(SCALES)}\nm0,rock,{numbers}\n")
    shares = read_shares(tmp_path / "clips.csv")
    assert shares == read_shares(tmp_path)
    assert (shares["m0"]["amazement"], shares["m0"]["sadness"]) == (0.0, 0.8)
    file.write_text("clip_id,amazement\nm0,much\n")
    with pytest.raises(PromptError, match="ratings of music") as caught:
        read_shares(tmp_path)
    assert caught.value.remedy and caught.value.path == str(file)
