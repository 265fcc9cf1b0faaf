"""The benchmark, on spaces whose answers are known."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics
import soundfile
from numpy.typing import NDArray

from retrieval.errors import PromptError
from retrieval.evaluation.bench import evaluate
from retrieval.evaluation.report import MEAN, MEASURES, Estimate, Report
from retrieval.space import Heads, Space, Vectors

RATE = 8000
# each feeling sounds as one tone and is one axis of the space
TONES = {"angry": 500, "sad": 1000, "happy": 1500, "fearful": 2000, "neutral": 2500, "calm": 3000}
SPEAKERS = ("ann", "ben", "eve")


@cache
def waves(samples: int) -> NDArray[np.complex64]:
    times = np.arange(samples) / RATE
    phases = 2j * np.pi * np.outer(list(TONES.values()), times)
    return np.exp(-phases).astype(np.complex64)  # (tones, samples)


class ToneEncoder:
    """How much of a window is each of the tones."""

    name = fingerprint = "tones"
    rate = RATE
    dim = len(TONES)

    def encode(self, windows: Sequence[Vectors]) -> Vectors:
        return np.stack([self._tones(window) for window in windows])

    def _tones(self, window: Vectors) -> Vectors:
        heard = np.abs(waves(len(window)) @ window) / len(window)  # (tones,)
        return np.asarray(heard, dtype=np.float32)


@dataclass(frozen=True)
class AxisEncoder:
    """A word is the axis of the tone it stands for."""

    axis: dict[str, int]
    name: str = "axes"
    fingerprint: str = "axes"
    dim: int = len(TONES)

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.eye(self.dim, dtype=np.float32)[[self.axis[text] for text in texts]]


def space_of(axis: dict[str, int]) -> Space:
    text = AxisEncoder(axis)
    return Space("tones", "", "", 0.5, 0.25, ToneEncoder(), text, Heads())


RIGHT = {name: number for number, name in enumerate(TONES)}
# takes what is angry for sad and the other way round
SWAPPED = RIGHT | {"angry": RIGHT["sad"], "sad": RIGHT["angry"]}


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve clips of each speaker, two a feeling; the tone fills only a part of a clip."""
    folder = tmp_path_factory.mktemp("corpora")
    rng = np.random.default_rng(7)
    rows = ["path,corpus,speaker,emotion,split"]
    for speaker in SPEAKERS:
        for number, emotion in enumerate([*TONES, *TONES]):
            samples = rng.standard_normal(RATE) * 0.01
            loudness = rng.uniform(0.1, 0.3) * (3 if emotion == "angry" else 1)
            tone = np.sin(2 * np.pi * TONES[emotion] * np.arange(RATE // 2) / RATE)
            at = int(rng.integers(0, RATE // 2))
            samples[at : at + RATE // 2] += loudness * tone
            name = f"{speaker}{number}.wav"
            soundfile.write(folder / name, samples, RATE)
            rows.append(f"{name},toy,{speaker},{emotion},test")
    (folder / "clips.csv").write_text("\n".join(rows))
    return folder


def judged(corpora: Path, axis: dict[str, int]) -> Report:
    return evaluate(space_of(axis), corpora, corpora_names=["toy"], jobs=2)


@pytest.fixture(scope="module")
def right(corpora: Path) -> Report:
    return judged(corpora, RIGHT)


@pytest.fixture(scope="module")
def swapped(corpora: Path) -> Report:
    return judged(corpora, SWAPPED)


def test_a_space_that_hears_all_is_perfect(right: Report) -> None:
    (naming,) = right.namings
    assert (naming.clips, naming.speakers, naming.chance) == (36, 3, 1 / 6)
    assert naming.labels == tuple(sorted(TONES))
    assert naming.uar == Estimate(1.0, 1.0, 1.0)
    for prompt in ("angry", "sad", "happy", "fearful"):
        row = right.row("toy", prompt, "tones")
        assert row.relevant == 6
        assert row.measures["ndcg"] == Estimate(1.0, 1.0, 1.0)
        assert row.measures["average_precision"].value == 1
        assert row.measures["precision"].value == 0.6  # six clips in ten places
    # calm and neutral answer each other, but the space tells them apart
    calm = right.row("toy", "calm", "tones")
    assert calm.relevant == 12
    assert 0.5 < calm.measures["precision"].value <= 1


def test_a_space_that_takes_angry_for_sad_is_found_out(swapped: Report) -> None:
    (naming,) = swapped.namings
    assert naming.uar.value == pytest.approx(4 / 6)
    assert swapped.row("toy", "angry", "tones").measures["ndcg"].value < 0.3
    assert swapped.row("toy", "happy", "tones").measures["ndcg"].value == 1


def test_rows_are_what_other_libraries_compute(corpora: Path, right: Report) -> None:
    labels = np.array([*TONES, *TONES] * len(SPEAKERS))
    decibels = []
    for speaker in SPEAKERS:
        for number in range(12):
            samples, _ = soundfile.read(corpora / f"{speaker}{number}.wav")
            decibels.append(10 * np.log10((samples**2).mean()))
    angry = right.row("toy", "angry", "loudness").measures
    relevant = labels == "angry"
    theirs = sklearn.metrics.average_precision_score(relevant, decibels)
    assert angry["average_precision"].value == pytest.approx(theirs)
    theirs = sklearn.metrics.ndcg_score([relevant], [decibels], k=10)
    assert angry["ndcg"].value == pytest.approx(theirs)
    # arousal of the vocabulary: neutral -.5, sad -.4, calm -.8, happy .35, angry and fearful .5
    away = {"angry": 0, "fearful": 0, "happy": 0.15, "sad": 0.9, "neutral": 1.0, "calm": 1.3}
    distance = [-away[label] for label in labels]
    theirs = scipy.stats.kendalltau(decibels, distance).statistic
    assert angry["tau_arousal"].value == pytest.approx(theirs)


def test_loudness_is_turned_round_for_prompts_of_low_arousal(right: Report) -> None:
    assert right.row("toy", "angry", "loudness").measures["precision"].value == 0.6
    assert right.row("toy", "sad", "loudness").measures["ndcg"].value > 0
    assert right.row("toy", "calm", "loudness").measures["tau_arousal"].value > 0


def test_random_is_the_expectation_over_orders(right: Report) -> None:
    random = right.row("toy", "sad", "random").measures
    relevant, rng = np.arange(36) < 6, np.random.default_rng(0)
    found = relevant[[rng.permutation(36) for _ in range(5000)]]  # (orders, ranks)
    discount = 1 / np.log2(np.arange(2, 12))
    ndcg = found[:, :10] @ discount / discount[:6].sum()
    precision = np.cumsum(found, axis=1) / np.arange(1, 37)
    assert random["ndcg"].value == pytest.approx(ndcg.mean(), abs=0.01)
    assert random["precision"].value == pytest.approx(1 / 6)
    assert random["average_precision"].value == pytest.approx(
        (precision * found).sum(axis=1).mean() / 6, abs=0.01
    )
    assert random["tau_valence"].value == 0
    assert math.isnan(random["ndcg"].low)


def test_the_mean_is_over_prompts_and_lies_in_its_interval(swapped: Report) -> None:
    for ranked_by in ("tones", "loudness", "random"):
        rows = [row for row in swapped.rows if row.ranked_by == ranked_by]
        assert [row.prompt for row in rows] == [
            "angry", "sad", "happy", "fearful", "calm", "neutral", MEAN,
        ]  # fmt: skip
        for name in MEASURES:
            *values, mean = [row.measures[name].value for row in rows]
            assert mean == pytest.approx(np.mean(values))
    ndcg = swapped.row("toy", MEAN, "loudness").measures["ndcg"]
    assert ndcg.low < ndcg.value < ndcg.high
    assert swapped.row("toy", MEAN, "loudness").relevant == 36


def test_the_same_evaluation_twice_is_the_same(corpora: Path, swapped: Report) -> None:
    assert judged(corpora, SWAPPED).to_json() == swapped.to_json()


def test_only_prompts_with_an_answer_are_asked(corpora: Path) -> None:
    table = corpora / "few.csv"
    table.write_text("path,speaker,emotion\nann0.wav,ann,anger\nann2.wav,ann,proud\ngone,ann,sad\n")
    axis = RIGHT | {"proud": 2}
    report = evaluate(space_of(axis), table)
    assert {row.prompt for row in report.rows} == {"angry", MEAN}
    assert [bad.reason for bad in report.unheard] == ["no such file"]
    assert math.isnan(report.row("few", "angry", "tones").measures["ndcg"].low)
    assert "Not heard: 1 clips" in report.to_text()


@pytest.mark.parametrize(
    ("line", "said"),
    [("gone.wav,s,sad", "could be heard"), ("ann0.wav,s,proud", "no clip carries")],
)
def test_what_cannot_be_evaluated_is_refused(corpora: Path, line: str, said: str) -> None:
    table = corpora / "few.csv"
    table.write_text(f"path,speaker,emotion\n{line}\n")
    with pytest.raises(PromptError, match=said) as caught:
        evaluate(space_of(RIGHT | {"proud": 2}), table)
    assert caught.value.remedy


def test_json_holds_everything_and_no_nan(right: Report) -> None:
    facts = json.loads(right.to_json(), parse_constant=lambda name: pytest.fail(name))
    assert facts["fingerprint"] == space_of(RIGHT).fingerprint
    assert len(facts["rows"]) == 7 * 3
    random = facts["rows"][2]
    assert (random["prompt"], random["ranked_by"]) == ("angry", "random")
    assert random["measures"]["precision"] == {
        "value": pytest.approx(1 / 6),
        "low": None,
        "high": None,
    }
