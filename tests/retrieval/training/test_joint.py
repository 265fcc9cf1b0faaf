"""Joint training on a toy: it learns, it repeats itself, it compares what it should."""

import zlib
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from retrieval.emotions import TERMS  # noqa: E402
from retrieval.space import unit  # noqa: E402
from retrieval.training.audio_tower import RATE, AudioTower  # noqa: E402
from retrieval.training.captions import Caption, Meaning  # noqa: E402
from retrieval.training.clips import Clip, Sampler  # noqa: E402
from retrieval.training.export import heads_of, panel_of  # noqa: E402
from retrieval.training.heads import train_heads  # noqa: E402
from retrieval.training.joint import LOSSES, Given, Joint, Recipe, losses_of, train_joint  # noqa: E402
from retrieval.training.material import Material  # noqa: E402
from retrieval.training.targets import affect_of  # noqa: E402

HERTZ = {"angry": 2500.0, "sad": 150.0, "happy": 900.0}
RECIPE = Recipe(
    steps=40, batch=12, others=4, dim=16, hidden=16, tower_rate=3e-3, head_rate=1e-2,
    shortest=0.3, longest=0.4, average=0.9, thaw=0.5,
)  # fmt: skip


def tone(feeling, number):
    rng = np.random.default_rng(number)
    time = np.arange(RATE // 2) / RATE
    wave = np.sin(2 * np.pi * HERTZ[feeling] * rng.uniform(0.9, 1.1) * time)
    return ((wave + 0.05 * rng.standard_normal(len(time))) * 8000).astype(np.int16)


def made_clips(count=8):
    return [
        Clip(
            path=f"{feeling}{n}", samples=tone(feeling, n), corpus=f"c{n % 2}", speaker="s",
            gender="female", kind="speech", sound="", feelings={feeling: 1.0}, strength="",
            affect=affect_of(feeling), split="train",
        )
        for feeling in HERTZ for n in range(count)
    ]  # fmt: skip


def embed(texts):
    """A random but fixed unit vector a text."""
    rows = [np.random.default_rng(zlib.crc32(text.encode())).standard_normal(12) for text in texts]
    return unit(np.array(rows, dtype=np.float32))


CAPTIONS = [
    *(Caption(f"{feeling} voice", Meaning(feeling)) for feeling in HERTZ),
    *(Caption(f"unseen {feeling}", Meaning(feeling), held_out=True) for feeling in HERTZ),
]
SPOKEN = [Caption(f"a sentence, {feeling}", Meaning(feeling)) for feeling in HERTZ]


def trained(recipe=RECIPE, seed=0, lines=None):
    torch.manual_seed(seed)
    tower = AudioTower(width=16, heads=2)
    material = Material(made_clips(), CAPTIONS, SPOKEN, embed)
    log = [].append if lines is None else lines.append
    return train_joint(tower, material, recipe, seed=seed, log=log)


@pytest.fixture(scope="module")
def model():
    return trained()


def sounds_of(model, clips):
    with torch.no_grad():
        raw = [model.tower(torch.from_numpy(c.samples / np.float32(32768))[None]) for c in clips]
        raw = torch.cat(raw)
        return raw.numpy(), model.place_audio(raw)[1].numpy()


def test_prompts_find_sounds_never_heard_in_training(model):
    fresh = [clip for clip in made_clips(12) if int(clip.path[-1]) >= 8 or clip.path[-2:] > "10"]
    _, heard = sounds_of(model, fresh)
    with torch.no_grad():
        read = model.place_text(torch.from_numpy(embed([f"{f} voice" for f in HERTZ]))).numpy()
    named = np.array(list(HERTZ))[(heard @ read.T).argmax(axis=1)]
    true = np.array([next(iter(clip.feelings)) for clip in fresh])
    assert (named == true).mean() > 0.8


def test_the_heads_as_arrays_give_the_vectors_of_the_model(model):
    raw, heard = sounds_of(model, made_clips(2))
    heads = heads_of(model, None)
    np.testing.assert_allclose(heads.audio.project(raw), heard, atol=2e-3)  # half precision
    texts = embed(["angry voice", "anything"])
    with torch.no_grad():
        read = model.place_text(torch.from_numpy(texts)).numpy()
        felt = model.affect(torch.from_numpy(read)).numpy()
    np.testing.assert_allclose(heads.text.project(texts), read, atol=2e-3)  # half precision
    assert heads.affect is not None
    np.testing.assert_allclose(read @ heads.affect.weight + heads.affect.bias, felt, atol=1e-4)


def test_the_same_seed_gives_the_same_weights():
    short = Recipe(**{**vars(RECIPE), "steps": 3})
    one, other, third = trained(short), trained(short), trained(short, seed=1)
    for name, value in one.state_dict().items():
        assert torch.equal(value, other.state_dict()[name]), name
    assert not torch.equal(one.audio.weight, third.audio.weight)


def test_the_lower_half_is_still_until_it_thaws():
    frozen = Recipe(**{**vars(RECIPE), "steps": 3, "thaw": 1.0, "weight_decay": 0.0})
    torch.manual_seed(0)
    start = AudioTower(width=16, heads=2).state_dict()
    after = trained(frozen).tower.state_dict()
    torch.testing.assert_close(after["conv1.weight"], start["conv1.weight"])
    assert not torch.equal(after["blocks.1.mlp.0.weight"], start["blocks.1.mlp.0.weight"])


def test_losses_go_down():
    lines = []
    trained(lines=lines)
    first, last = (
        float(line.split("contrast ")[1].split(",")[0]) for line in (lines[0], lines[-1])
    )
    assert last < 0.8 * first


def embed_numbered(texts):
    """The vector of a text is its number in the order of first sight, so it can be told."""
    return np.array([[SEEN.setdefault(text, len(SEEN))] for text in texts], dtype=np.float32)


SEEN = {}


def test_a_batch_pairs_clips_with_what_is_true_of_them():
    clips = made_clips()
    material = Material(clips, CAPTIONS, SPOKEN, embed_numbered)
    rng = np.random.default_rng(0)
    batch = material.batch(Sampler(clips, rng).batch(9), rng, others=5)
    texts = {number: text for text, number in SEEN.items()}
    of_clip = [material.labels[label] for label in batch.label]
    of_caption = [texts[int(vector)].split()[0] for vector in batch.captions[:, 0]]
    of_sentence = [texts[int(vector)].split()[-1] for vector in batch.sentences[:, 0]]
    assert of_caption == of_clip * 2  # never a held-out one: those begin with "unseen"
    wanted = [[float(clip == text) for text in of_caption] for clip in of_clip]
    assert batch.suits.tolist() == wanted
    wanted = [[float(clip == text) for text in of_sentence] for clip in of_clip]
    assert batch.fitting.tolist() == wanted
    np.testing.assert_allclose(batch.affect, [affect_of(feeling) for feeling in of_clip], 1e-6)
    np.testing.assert_allclose(batch.claimed, [affect_of(f) for f in of_caption], 1e-6)
    terms = {word: term for term in TERMS for word in (term.name, *term.synonyms)}
    meant = [terms[texts[int(vector)]] for vector in batch.words[:, 0]]
    np.testing.assert_allclose(batch.meant, [(t.valence, t.arousal) for t in meant], 1e-6)


def test_crops_of_a_batch_are_of_one_length_but_for_speed():
    clips = made_clips()
    material = Material(clips, CAPTIONS, SPOKEN, embed)
    rng = np.random.default_rng(0)
    samples, lengths = material.crops(np.arange(20), 0.2, rng)
    assert samples.shape == (20, int(lengths.max()))
    assert (lengths > 0.2 * RATE * 0.91).all() and (lengths < 0.2 * RATE * 1.09).all()
    for row, length in zip(samples, lengths, strict=True):
        assert not row[length:].any()


def test_heads_alone_learn_from_given_vectors(model):
    material = Material(made_clips(), CAPTIONS, SPOKEN, embed)
    raw, _ = sounds_of(model, material.clips)
    # Two windows a clip; what was heard of the first is what counts.
    windows = [np.stack([row, row]) for row in raw]
    recipe = Recipe(**{**vars(RECIPE), "head_steps": 60, "head_batch": 24})
    alone, again = (
        train_heads(windows, material, recipe, seed=0, log=lambda _: None) for _ in range(2)
    )
    heads = heads_of(alone, None)
    named = heads.audio.project(raw) @ heads.text.project(embed([f"{f} voice" for f in HERTZ])).T
    true = [list(HERTZ).index(next(iter(clip.feelings))) for clip in material.clips]
    assert (named.argmax(axis=1) == true).mean() > 0.9
    for name, value in alone.state_dict().items():
        assert torch.equal(value, again.state_dict()[name]), name


def pulled(loss):
    """The losses of one batch by name, and the batch."""
    torch.manual_seed(0)
    clips = made_clips()
    material = Material(clips, CAPTIONS, SPOKEN, embed)
    model = Joint(Given(6), material.text_dim, len(material.labels), RECIPE).eval()
    batch = material.batch(np.arange(len(clips)), np.random.default_rng(0), 4)
    raw = torch.randn(len(clips), 6)
    recipe = Recipe(**{**vars(RECIPE), "within": 0.0, **LOSSES[loss]})
    with torch.no_grad():
        _, heard = model.place_audio(raw)
        logits = model.scale.exp() * heard @ model.place_text(batch.captions).T
        return losses_of(model, material, raw, batch, recipe), logits, batch


def test_symmetric_cross_entropy_knows_only_the_captions_of_a_clip():
    found, logits, batch = pulled("sce")
    count = len(batch.clips)
    own = torch.arange(count)
    forward = (logits.logsumexp(1) - (logits[own, own] + logits[own, own + count]) / 2).mean()
    backward = torch.nn.functional.cross_entropy(logits.T, own.repeat(2))
    assert found["contrast"].item() == pytest.approx(((forward + backward) / 2).item(), rel=1e-5)
    assert set(found) == {"contrast", "affect", "classes"}


def test_supervised_contrast_knows_every_caption_that_is_true():
    found, logits, batch = pulled("supcon")
    terms = []
    for table, suits in ((logits, batch.suits), (logits.T, batch.suits.T)):
        for row, fits in zip(table, suits, strict=True):
            terms.append((row.logsumexp(0) - row[fits > 0]).mean() * len(logits) / len(table))
    wanted = torch.stack(terms).sum() / len(logits) / 2
    assert found["contrast"].item() == pytest.approx(wanted.item(), rel=1e-5)
    assert set(found) == {"contrast", "affect", "classes", "sentences"}


def test_rank_n_contrast_adds_its_terms_to_supervised_contrast():
    found, _, _ = pulled("rnc")
    plain, _, _ = pulled("supcon")
    assert set(found) == {*plain, "rank", "words"}
    assert all(found[name].item() == pytest.approx(plain[name].item()) for name in plain)


def test_captions_are_drawn_by_how_well_they_suit():
    meanings = {"angry": 1.0, "sad": 0.25}
    clip = replace(made_clips(1)[0], feelings=meanings)
    texts = [Caption(f"{feeling} {n}", Meaning(feeling)) for feeling in HERTZ for n in range(2)]
    material = Material([clip], texts, SPOKEN, embed_numbered)
    batch = material.batch(np.zeros(4000, dtype=np.int64), np.random.default_rng(0), 1)
    named = {number: text for text, number in SEEN.items()}
    drawn = Counter(named[int(vector)] for vector in batch.captions[:, 0])
    assert set(drawn) == {f"{feeling} {n}" for feeling in meanings for n in range(2)}
    for text, count in drawn.items():
        share = meanings[text.split()[0]] / sum(meanings.values()) / 2
        assert count / 8000 == pytest.approx(share, abs=0.02)


def test_the_panel_is_even_over_groups():
    units = np.eye(60, dtype=np.float32)
    groups = ["rare"] * 3 + ["common"] * 50 + ["some"] * 7
    panel = panel_of(units, groups, size=20)
    chosen = np.array(groups)[panel.argmax(axis=1)]
    assert panel.shape == (20, 60)
    assert [(chosen == group).sum() for group in ("rare", "some", "common")] == [3, 7, 10]
    assert len(panel_of(units, groups, size=500)) == 60
