"""Heads on the vectors of a library: two encoders that share nothing, and a known answer."""

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

pytest.importorskip("torch", reason="needs the extra [train]")

from retrieval.encoders.adopted import base_of, load_adopted
from retrieval.errors import PromptError, SpaceError
from retrieval.evaluation import hearing
from retrieval.evaluation.hearing import evaluate
from retrieval.evaluation.table import MEAN, Estimate
from retrieval.library import Library
from retrieval.query import Wanted
from retrieval.space import Heads, Space, Vectors
from retrieval.training import make_heads
from retrieval.training.adopt import captions_for, parted
from retrieval.training.captions import captions
from retrieval.training.clips import Clip
from retrieval.training.targets import affect_of

RATE = 8000
HERTZ = {"angry": 2500, "sad": 300, "happy": 1200, "fearful": 700}
SPEAKERS = tuple("abcdefghij")


class Bands:
    """Log energies of sixteen bands: the pitch, and so the label, is linear in them."""

    name, rate, dim, fingerprint = "bands", RATE, 16, "bands-1"

    def __init__(self) -> None:
        self.encoded = 0

    def encode(self, windows: Sequence[Vectors]) -> Vectors:
        self.encoded += len(windows)
        power = [np.abs(np.fft.rfft(window, n=2048)) ** 2 for window in windows]
        bands = [[band.sum() for band in np.array_split(one, self.dim)] for one in power]
        return np.log10(1e-3 + np.array(bands)).astype(np.float32)


MEANT = {caption.text: caption.meaning.feeling for caption in captions()}


class Words:
    """A random direction for each feeling that captions name, at a scale far from one."""

    name, dim, fingerprint = "words", 16, "words-1"

    def __init__(self) -> None:
        self.read = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.read += len(texts)
        return np.stack([self._place(text) for text in texts])

    def _place(self, text: str) -> Vectors:
        seeds = [zlib.crc32(word.encode()) for word in (MEANT.get(text) or text, text)]
        meant, own = (np.random.default_rng(seed).standard_normal(self.dim) for seed in seeds)
        return (40 + 30 * (meant + 0.1 * own)).astype(np.float32)


def made_space(name: str = "plain", **changes: object) -> Space:
    space = Space(name, "two encoders", "CC0", 1.0, 0.5, Bands(), Words(), Heads())
    return replace(space, **changes)  # type: ignore[arg-type]


def write_voices(folder: Path, speakers: Sequence[str] = SPEAKERS) -> Path:
    """Two takes of each label by each speaker, at one of four pitches, and their table."""
    lines = ["path,emotion,speaker,split"]
    rng = np.random.default_rng(0)
    time = np.arange(int(1.2 * RATE)) / RATE
    folder.mkdir(parents=True)
    for number, speaker in enumerate(speakers):
        for label, hertz in HERTZ.items():
            for take in range(2):
                name = f"{speaker}{number}-{take}-{zlib.crc32(label.encode())}.wav"
                wave = np.sin(2 * np.pi * hertz * (0.97 + 0.02 * (number % 4)) * time)
                noise = 0.01 * rng.standard_normal(len(time))
                soundfile.write(folder / name, 0.3 * wave + noise, RATE)
                split = "test" if number >= len(speakers) - 2 else "train"
                lines.append(f"{name},{label},{speaker},{split}")
    (folder / "clips.csv").write_text("\n".join(lines) + "\n")
    return folder


def labelled_library(folder: Path, space: Space) -> Library:
    """Eight speakers to learn from and two to test on, all of them labelled."""
    library = Library(folder / "library", create=True)
    library.ingest(write_voices(folder / "voices"), space=space)
    library.label(folder / "voices" / "clips.csv")
    return library


@dataclass(frozen=True)
class World:
    """A library, a space, the heads that were made of them, and how much text was read for it."""

    folder: Path
    library: Library
    base: Space
    made: Space
    read: int

    @property
    def heads(self) -> Path:
        return self.folder / "models" / "plain+affetto"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Its audio files are gone before anything is trained."""
    folder, base = tmp_path_factory.mktemp("world"), made_space()
    with pytest.MonkeyPatch.context() as patch, labelled_library(folder, base) as library:
        patch.setenv("AFFETTO_MODELS", str(folder / "models"))
        (folder / "voices").rename(folder / "away")
        encoded = base.audio.encoded  # type: ignore[attr-defined]
        lines: list[str] = []
        made = make_heads(library, base, seed=3, quick=True, log=lines.append)
        assert "48 to learn from, 16 held out" in lines
        assert "16 left alone, as their label split says" in lines
        assert base.audio.encoded == encoded  # type: ignore[attr-defined]
        yield World(folder, library, base, made, base.text.read)  # type: ignore[attr-defined]


def ndcg(space: Space, table: Path) -> float:
    """nDCG@10 of the test speakers, the mean over prompts."""
    (ranking,) = [one for one in evaluate(space, table).tables if one.name == "ranking"]
    rows = [dict(zip(ranking.columns, row, strict=True)) for row in ranking.rows]
    (found,) = [
        row["nDCG@10"] for row in rows if (row["prompt"], row["ranked by"]) == (MEAN, space.name)
    ]
    assert isinstance(found, Estimate)
    return found.value


def test_heads_find_what_the_base_does_not(world: World) -> None:
    table = world.folder / "away" / "clips.csv"
    assert ndcg(world.made, table) > 0.95 > 0.75 > ndcg(world.base, table)


def test_nothing_is_heard_again_and_a_search_works_at_once(world: World) -> None:
    assert not (world.folder / "voices").exists()
    assert world.made.name == "plain+affetto" and world.made.source == world.base.source
    found = world.library.search("an angry voice", Wanted(k=10), space=world.made)
    assert [hit.labels["emotion"] for hit in found.hits].count("angry") >= 8


def test_the_folder_is_a_space_that_knows_where_it_comes_from(world: World) -> None:
    facts = json.loads((world.heads / "model.json").read_text())
    assert (facts["kind"], facts["base"], facts["seed"]) == ("heads", "plain", 3)
    assert (facts["base_source"], facts["base_text"]) == (world.base.source, "words-1")
    # Test speakers are left alone; of the other eight one in five is held out.
    assert (facts["clips"], facts["clips_held_out"], facts["speakers"]) == (48, 16, 6)
    assert facts["labels"] == dict.fromkeys(HERTZ, 12)
    assert facts["held_out_UAR"]["plain+affetto"] > facts["held_out_UAR"]["plain"]
    opened = load_adopted(world.heads, world.base)
    assert opened.fingerprint == world.made.fingerprint
    assert (opened.fitting, opened.lead) == (world.made.fitting, world.made.lead)
    assert opened.heads.spread is not None and opened.heads.panel is not None


def test_the_same_seed_gives_the_same_heads_and_reads_no_text_twice(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFFETTO_MODELS", str(world.heads.parent))
    fresh = made_space()
    again = make_heads(world.library, fresh, out=tmp_path / "heads", seed=3, quick=True)
    assert again.heads.fingerprint == world.made.heads.fingerprint
    assert fresh.text.read < 0.5 * world.read  # type: ignore[attr-defined]
    assert {file.name for file in (tmp_path / "heads").iterdir()} == {"heads.npz", "model.json"}


def test_new_heads_bring_their_index(world: World) -> None:
    other = made_space(name="other")  # the same encoders, so the same vectors
    first, second = (make_heads(world.library, other, seed=n, quick=True) for n in (0, 1))
    assert first.fingerprint != second.fingerprint
    assert world.library.search("sad", space=second).hits
    with pytest.raises(SpaceError, match="another version"):
        world.library.search("sad", space=first)


def test_heads_of_another_version_of_the_base_are_refused(world: World, tmp_path: Path) -> None:
    for other in (made_space(hop=1.0), made_space(name="other")):
        with pytest.raises(SpaceError, match="another version") as caught:
            load_adopted(world.heads, other)
        assert caught.value.remedy == f"affetto train --space {other.name}"
    (tmp_path / "model.json").write_text('{"kind": "heads"}')
    with pytest.raises(SpaceError, match="cannot be read"):
        load_adopted(tmp_path, world.base)
    assert base_of(world.heads) == "plain" and base_of(tmp_path) is None


def test_a_folder_of_heads_can_be_evaluated(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "load_space", {"plain": world.base}.__getitem__)
    chosen, beside = hearing.choose_spaces("plain", [str(world.heads)])
    assert chosen is world.base
    assert beside["plain+affetto"].fingerprint == world.made.fingerprint


def test_towers_that_share_no_space_get_one(world: World, tmp_path: Path) -> None:
    words = Words()
    words.dim, words.fingerprint = 24, "words-24"
    towers = replace(world.base, text=words)
    made = make_heads(world.library, towers, out=tmp_path / "heads", quick=True)
    facts = json.loads((tmp_path / "heads" / "model.json").read_text())
    assert list(facts["held_out_UAR"]) == ["plain+affetto"]
    found = world.library.search("an angry voice", space=replace(made, name="joined"))
    assert found.hits[0].labels["emotion"] == "angry"


def test_what_cannot_be_learned_from_is_told(world: World) -> None:
    library, space = world.library, world.base
    paths = sorted(library.catalog.known())
    odd = {path: {"mood": "purple"} for path in paths[:30]}
    library.catalog.set_labels(odd | {path: {"mood": "furious"} for path in paths[30:]}, {})
    lines: list[str] = []
    with pytest.raises(PromptError, match="furious") as caught:
        make_heads(library, space, labels_from="mood", log=lines.append)
    assert "--labels-from" in (caught.value.remedy or "")
    assert any("purple (30)" in line for line in lines)
    with pytest.raises(PromptError, match="0 clips"):
        make_heads(library, space, labels_from="nothing")
    with pytest.raises(SpaceError, match="has been embedded") as refused:
        make_heads(library, made_space(name="new", hop=1.0))
    assert refused.value.remedy == "affetto embed --space new"
    with pytest.raises(PromptError) as twice:
        make_heads(library, made_space(name="plain+affetto"))
    assert twice.value.remedy == "affetto train --space plain"


def clips_of(speakers: int, labels: Sequence[str], split: str = "") -> list[Clip]:
    return [
        Clip(
            path=f"{speaker}{label}", samples=np.empty(0, np.int16), corpus="c", gender="",
            speaker=f"s{speaker}", kind="speech", sound="", feelings={label: 1.0}, strength="",
            affect=affect_of(label), split=split,
        )
        for speaker in range(speakers) for label in labels
    ]  # fmt: skip


def test_no_speaker_is_on_both_sides() -> None:
    clips = clips_of(11, ("sad", "angry"))
    parts = parted(clips)
    assert sorted([*parts.learned, *parts.held_out]) == list(range(len(clips)))
    learned, held_out = ({clips[row].speaker for row in rows} for rows in vars(parts).values())
    assert len(held_out) == 3 and learned.isdisjoint(held_out)
    assert parted(clips_of(5, ("sad", "angry"))).held_out == []  # none can be spared


def test_nothing_is_held_out_that_the_others_do_not_show() -> None:
    """Folders named like their label stand in for speakers: one held out takes its label along."""
    clips = [
        replace(clip, speaker=clip.label)
        for clip in clips_of(4, ("sad", "angry", "happy", "calm", "bored", "pain"))
    ]
    assert parted(clips).held_out == [] and len(parted(clips).learned) == 24


def test_the_label_split_decides() -> None:
    clips = [
        *clips_of(2, ("sad",), "train"), *clips_of(2, ("sad",), "val"),
        *clips_of(2, ("sad",), "test"), *clips_of(2, ("sad",), ""),
    ]  # fmt: skip
    assert (parted(clips).learned, parted(clips).held_out) == ([0, 1], [2, 3])


def test_a_feeling_that_only_the_vocabulary_knows_is_named_in_captions() -> None:
    texts = captions_for(clips_of(1, ("jealous", "furious", "sad")))
    meanings = {caption.text: caption.meaning.feeling for caption in texts}
    assert meanings["a jealous voice"] == "jealous"
    assert meanings["furious"] == "furious"  # no longer a strong case of "angry"
    assert meanings["a sad voice"] == "sad" and not any(caption.held_out for caption in texts)
    assert "jealous" not in {caption.text for caption in captions_for(clips_of(1, ("sad",)))}
