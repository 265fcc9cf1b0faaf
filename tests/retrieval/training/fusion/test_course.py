"""From a library to a space of two streams, as a newcomer goes; and the tables of the study."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

pytest.importorskip("torch", reason="needs the extra [train]")
pytest.importorskip("ot", reason="needs the extra [fusion]")

from retrieval.encoders.fused.streams import Streams
from retrieval.encoders.models.checking import check_models
from retrieval.encoders.registry import load_space
from retrieval.errors import MissingExtra, PromptError, SpaceError
from retrieval.evaluation.hearing import choose_spaces
from retrieval.evaluation.table import Estimate
from retrieval.library import Library
from retrieval.query import Wanted
from retrieval.training import make_fusion
from retrieval.training.fusion import study

RATE = 16_000
HERTZ = {"angry": 2500, "sad": 300, "happy": 1200}
SPEAKERS = "abcdefgh"


def write_voices(folder: Path) -> Path:
    """Two takes of each label by each speaker, and their table."""
    lines, rng = ["path,emotion,speaker"], np.random.default_rng(0)
    time = np.arange(int(1.2 * RATE)) / RATE
    folder.mkdir(parents=True)
    for number, speaker in enumerate(SPEAKERS):
        for label, hertz in HERTZ.items():
            for take in "12":
                name = f"{speaker}-{label}-{take}.wav"
                wave = np.sin(2 * np.pi * hertz * (0.97 + 0.01 * number) * time)
                noise = 0.01 * rng.standard_normal(len(time))
                soundfile.write(folder / name, 0.3 * wave + noise, RATE)
                lines.append(f"{name},{label},{speaker}")
    (folder / "clips.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A labelled library, and a folder of models for all tests of this file."""
    folder = tmp_path_factory.mktemp("fusion")
    with (
        pytest.MonkeyPatch.context() as patch,
        Library(folder / "library", create=True) as made,
    ):
        patch.setenv("AFFETTO_MODELS", str(folder / "models"))
        made.ingest(write_voices(folder / "voices"))
        made.label(folder / "voices" / "clips.csv")
        yield made


@pytest.fixture(autouse=True)
def models(
    request: pytest.FixtureRequest, library: Library, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The models that this file makes, in every test of it."""
    request.getfixturevalue("no_models")  # which comes first
    folder = library.folder.parent / "models"
    monkeypatch.setenv("AFFETTO_MODELS", str(folder))
    return folder


@pytest.fixture(scope="module")
def lines(library: Library) -> list[str]:
    """What is told while the space `speech+sound.fusion` is made."""
    told: list[str] = []
    made = make_fusion(library, ("speech", "sound"), quick=True, log=told.append)
    assert made.name == "speech+sound.fusion"
    return told


def test_what_was_learned_is_told_beside_the_lesser_ways(lines: list[str]) -> None:
    assert "36 to learn from, 12 held out" in lines
    ways = [line for line in lines if "accuracy" in line]
    names = [line.partition(":")[0] for line in ways]
    assert names == [
        "speech alone", "sound alone", "concatenation", "transport, no attention",
        "transport and attention",
    ]  # fmt: skip
    assert all("macro-F1" in line and "UAR" in line for line in ways)


def test_the_space_is_embedded_and_searched_as_any_other(
    library: Library, lines: list[str]
) -> None:
    assert lines
    assert library.embed("speech+sound.fusion").ok == 48
    found = library.search(
        "an angry voice", Wanted(k=10, collapse=False), space="speech+sound.fusion"
    ).hits
    named = [hit.labels["emotion"] for hit in found]
    assert named.count("angry") >= 8
    assert [one.fault for one in check_models("speech+sound.fusion")] == [None]


def test_model_json_says_where_it_comes_from(models: Path, lines: list[str]) -> None:
    assert lines
    folder = models / "speech+sound.fusion"
    facts = json.loads((folder / "model.json").read_text())
    assert (facts["kind"], facts["streams"]) == ("fusion", ["speech", "sound"])
    assert (facts["clips"], facts["clips_held_out"], facts["speakers"]) == (36, 12, 6)
    assert facts["labels"] == dict.fromkeys(HERTZ, 12)
    assert facts["held_out"]["transport and attention"].keys() == {"accuracy", "macro-F1", "UAR"}
    assert 0 < facts["held_out_UAR"] <= 1
    assert "CC BY-NC-SA" in facts["licence"]
    assert [one.name for one in folder.parent.iterdir() if "part" in one.name] == []


def test_a_space_can_be_a_stream_but_a_fused_one_cannot(
    library: Library, lines: list[str], tmp_path: Path
) -> None:
    assert lines
    for name in SPEAKERS[2:]:  # fewer files: a space is heard piece by piece
        for file in (library.folder.parent / "voices").glob(f"{name}-*-2.wav"):
            file.rename(file.with_suffix(".away"))
    told: list[str] = []
    try:
        folder = tmp_path / "of a space"
        made = make_fusion(library, ("affetto", "sound"), out=folder, quick=True, log=told.append)
    finally:
        for file in (library.folder.parent / "voices").glob("*.away"):
            file.rename(file.with_suffix(".wav"))
    assert "18 files could not be heard and are left out" in told
    assert made.name == "of a space"
    chosen, beside = choose_spaces(str(folder), ["speech+sound.fusion"])
    assert chosen.fingerprint == made.fingerprint and list(beside) == ["speech+sound.fusion"]
    samples = 0.1 * np.random.default_rng(0).standard_normal(4 * RATE).astype(np.float32)
    assert made.audio.encode([samples, samples[:2000]]).shape == (2, 128)
    with pytest.raises(SpaceError, match="can be none itself"):
        make_fusion(library, ("speech+sound.fusion", "sound"), quick=True)


def test_nothing_else_is_written_over(library: Library, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(SpaceError, match="something else lies"):
        make_fusion(library, ("speech", "sound"), out=tmp_path, quick=True)
    assert (tmp_path / "notes.txt").exists()
    for name in ("affetto", "a/b", "x+affetto"):
        with pytest.raises(SpaceError, match="cannot be named"):
            make_fusion(library, ("speech", "sound"), name=name, quick=True)


def test_what_cannot_be_learned_from_is_told(
    library: Library, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(PromptError, match="two different streams"):
        make_fusion(library, ("speech",), quick=True)
    with pytest.raises(PromptError, match="0 clips"):
        make_fusion(library, ("speech", "sound"), labels_from="mood", name="other", quick=True)
    with Library(tmp_path / "empty", create=True) as empty, pytest.raises(SpaceError) as caught:
        make_fusion(empty, ("speech", "sound"), name="other", quick=True)
    assert caught.value.remedy == "affetto ingest FOLDER"
    monkeypatch.setitem(__import__("sys").modules, "ot", None)
    with pytest.raises(MissingExtra):
        make_fusion(library, ("speech", "sound"), name="other", quick=True)
    assert not (models / "other").exists()


def test_the_command_makes_a_space_by_name(
    library: Library, lines: list[str], run: Callable[..., Any]
) -> None:
    assert lines
    made = run(
        "train", "fusion", "--streams", "sound, speech", "--library", str(library.folder),
        "--name", "turned", "--quick", "--seed", "3",
    )  # fmt: skip
    assert made.code == 0 and "affetto embed --space turned" in made.err
    assert load_space("turned").audio.rate == RATE
    refused = run("train", "fusion", "--streams", "sound", "--library", str(library.folder))
    assert refused.code == 2 and "two different streams" in refused.err


class Bands:
    """Two streams of any sound: bands of its tenths, and its loudness."""

    rate, licence = RATE, "CC0"

    def hear(self, samples: np.ndarray) -> Mapping[str, np.ndarray]:
        parts = [np.abs(np.fft.rfft(part, 2048)) ** 2 for part in np.array_split(samples, 10)]
        bands = [[band.sum() for band in np.array_split(part, 12)] for part in parts]
        found = np.log10(1e-3 + np.array(bands)).astype(np.float32)
        return {"speech": found, "sound": found.sum(axis=1, keepdims=True)[::2]}

    def fingerprint(self, name: str) -> str:
        return name


def test_the_study_names_the_clips_of_speakers_it_never_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    streams = Streams(("speech", "sound"), (Bands(),))
    monkeypatch.setattr(study, "start_streams", lambda *_: streams)
    monkeypatch.setattr(study, "QUICK", study.Recipe(epochs=8, rate=3e-3))
    monkeypatch.setattr(study, "QUICK_CLIPS", 48)
    voices = write_voices(tmp_path / "voices")
    table, published = study.tables(voices, tmp_path, log=lambda _: None, quick=True)
    assert (table.name, table.columns[1:]) == ("fusion_clips", ("accuracy", "macro-F1", "UAR"))
    assert "48 clips, 8 speakers, 3 labels" in table.note
    rows = {row[0]: row[1] for row in table.rows}
    assert len(rows) == 5 + 4
    for name in ("speech alone", "concatenation", "transport and attention"):
        found = rows[name]
        assert isinstance(found, Estimate) and found.value > 0.8 and found.low <= found.value
    assert published.name == "fusion_published" and "not the same data" in published.title
    one = (tmp_path / "voices" / "clips.csv").read_text().splitlines()
    (tmp_path / "voices" / "clips.csv").write_text("\n".join([one[0], *one[1:3]]) + "\n")
    left = study.tables(voices, tmp_path, log=lambda _: None, quick=True)
    assert [table.name for table in left] == ["fusion_published"]
