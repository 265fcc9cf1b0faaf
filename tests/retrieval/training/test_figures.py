"""The figures of the card, on spaces whose hearing is known."""

import numpy as np
import pytest

pytest.importorskip("soxr")

from retrieval.evaluation.metrics import random_average_precision
from retrieval.evaluation.table import Table
from retrieval.space import Heads, Layer, Space
from retrieval.training.card import card, with_tables
from retrieval.training.clips import Clip
from retrieval.training.figures import figures, hear
from retrieval.training.targets import affect_of

LABELS = ("angry", "sad", "happy", "fearful", "calm", "neutral")
SOUNDS = ("coughing", "laughing")
NAMES = (*LABELS, *SOUNDS)
AFFECT = np.array([affect_of(name, name) for name in NAMES], dtype=np.float32)


class Ears:
    """Hears the class of a made-up clip, which is its constant level; or, deaf, always one."""

    name, rate, dim, fingerprint = "ears", 16_000, len(NAMES), "ears"

    def __init__(self, deaf=False):
        self.deaf = deaf

    def encode(self, windows):
        heard = [0 if self.deaf else round(float(window[0]) * 32768 / 100) for window in windows]
        return np.eye(len(NAMES), dtype=np.float32)[heard]


class Reader:
    name, dim, fingerprint = "reader", len(NAMES), "reader"

    def encode(self, texts):
        named = {"laughter": "laughing", "a cough": "coughing"}
        rows = [NAMES.index(named.get(text, text)) for text in texts]
        return np.eye(len(NAMES), dtype=np.float32)[rows]


def space(deaf=False):
    affect = Layer(AFFECT, np.zeros(2, np.float32))
    return Space("toy", "", "", 1.0, 0.5, Ears(deaf), Reader(), Heads(affect=affect))


def clip(name, corpus="ravdess", flags=""):
    speech = name in LABELS
    level = NAMES.index(name) * 100
    return Clip(
        path="x", samples=np.full(40_000, level, np.int16), corpus=corpus, speaker="s",
        gender="", kind="speech" if speech else "nonverbal", sound="" if speech else name,
        feelings={name: 1.0} if speech else {}, strength="", affect=affect_of(name, name),
        split="test", flags=flags,
    )  # fmt: skip


CLIPS = [clip(name) for name in LABELS for _ in range(4)]


def test_windows_are_those_of_the_library():
    heard = hear(space(), [clip("angry")])
    assert heard[0].shape == (4, len(NAMES))  # 2.5 s in windows of 1 s every .5 s


def test_a_perfect_space_is_perfect():
    found = figures(space(), CLIPS, hear(space(), CLIPS))["ravdess"]
    prompts = ("nDCG@10 angry", "nDCG@10 sad", "nDCG@10 happy", "nDCG@10 fearful")
    for measure in (*prompts, "UAR", "tau-b valence", "tau-b arousal"):
        assert found[measure] == pytest.approx(1.0), measure
    # "calm" is answered by neutral clips too, which these ears do not place near it: after the
    # four calm ones, each of the other twenty is as likely as the next, and four of them answer.
    discount = 1 / np.log2(np.arange(2, 12))
    calm = (discount[:4].sum() + 0.2 * discount[4:].sum()) / discount[:8].sum()
    assert found["nDCG@10 calm"] == pytest.approx(calm)
    assert found["nDCG@10"] == pytest.approx((4 + calm) / 5)
    assert found["P@10"] == pytest.approx((4 * 0.4 + (4 + 6 * 0.2) / 10) / 5)
    # Four of 24 clips answer a prompt, eight of 24 the last one.
    assert found["random P@10"] == pytest.approx((4 * 4 / 24 + 8 / 24) / 5)
    assert found["chance UAR"] == pytest.approx(1 / 6)


def test_a_deaf_space_is_no_better_than_chance():
    found = figures(space(deaf=True), CLIPS[::-1], hear(space(deaf=True), CLIPS))["ravdess"]
    assert found["UAR"] == pytest.approx(1 / 6)
    assert found["nDCG@10"] < 0.6
    assert 0.2 < found["random nDCG@10"] < 0.45


def test_loudness_orders_by_level():
    found = figures(space(), CLIPS, hear(space(), CLIPS))["ravdess"]
    # The made-up levels rise in the order of LABELS: quiet first finds none of the calm ones.
    assert 0 < found["loudness nDCG@10"] < 1


def test_confounded_sentences_are_left_out():
    clips = [*CLIPS, *(clip("sad", flags="text_confound") for _ in range(30))]
    found = figures(space(), clips, hear(space(), clips))
    assert found == figures(space(), CLIPS, hear(space(), CLIPS))


def test_sounds_without_words_by_mean_average_precision():
    clips = [clip(name, corpus="deeply_nv") for name in SOUNDS for _ in range(3)]
    assert figures(space(), clips, hear(space(), clips)) == {
        "deeply_nv": {"mAP": 1.0, "random mAP": pytest.approx(random_average_precision(3, 6))}
    }


def made_card(**changes):
    found = figures(space(), CLIPS, hear(space(), CLIPS)) | {"deeply_nv": {"mAP": 0.5}}
    return card(
        clips=[*CLIPS, clip("coughing", corpus="deeply_nv")],
        figures=found,
        sizes={"audio": 7_300_000, "text": 9_000_000, "heads": 1_000_000},
        facts={"dim": 8, "window": 1.0, "hop": 0.5, "seed": 3, "steps": 10, "batch": 4},
        **changes,
    )


def test_the_card_tells_figures_data_and_limits():
    text = made_card()
    assert "| UAR | 1.000 |" in text and "deeply_nv: mAP 0.500." in text
    assert "| RAVDESS: English, acted | 24 | 1 | CC BY-NC-SA 4.0 |" in text
    assert "7.3 MB" in text and "Seed 3" in text
    assert "{" not in text


def test_the_card_tells_use_misuse_and_every_licence():
    text = made_card()
    assert "## For what, and for what not" in text and "Not for judging people" in text
    assert "non-commercial" in text or "no commercial use" in text
    for licence in ("CC BY-NC-SA 4.0", "CC BY-NC-ND 4.0", "Apache-2.0", "CC BY-SA 4.0", "MIT"):
        assert licence in text
    assert "all-mpnet-base-v2" in text and "Whisper tiny.en" in text


def test_the_card_tells_loss_and_what_was_left_out():
    assert "Rank-N-Contrast" in made_card() and "Nothing was learned" not in made_card()
    text = made_card(loss="sce", without=["nemo"])
    assert "Rank-N-Contrast" not in text and "Symmetric cross entropy" in text
    assert "Nothing was learned from nemo" in text


def test_tables_by_group_stand_before_what_is_heard_badly():
    text = made_card()
    assert with_tables(text, []) == text and "was not measured" in text
    groups = Table("groups", "For whom", "By group.", ("by", "UAR"), (("gender", 0.5),))
    told = with_tables(text, [groups])
    assert "was not measured" not in told and "the tables above" in told
    assert told.index("## Measures") < told.index("## For whom") < told.index("## What it hears")
    assert groups.to_markdown() in told
