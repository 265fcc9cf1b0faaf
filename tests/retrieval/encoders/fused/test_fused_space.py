"""A fused space in its folder: loaded, refused, listed, checked, removed; one window at a time."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from retrieval.encoders.builtin import load_builtin
from retrieval.encoders.fused.audio import CROSSING, DIM, EARS, FusedAudio
from retrieval.encoders.fused.space import FILES, fused_name, load_fused, streams_of
from retrieval.encoders.fused.streams import open_streams
from retrieval.encoders.models import folder as models
from retrieval.encoders.models.checking import check_models
from retrieval.encoders.registry import list_spaces, load_space
from retrieval.errors import MissingExtra, SpaceError
from retrieval.space import Head, Heads, Layer

Write = Callable[..., Path]


def write(folder: Path, names: Sequence[str] = ("speech", "sound"), **changes: Any) -> Path:
    """A fused space whose graphs are not yet read."""
    folder.mkdir(parents=True)
    for number, name in enumerate((EARS, CROSSING)):
        (folder / name).write_bytes(bytes([number]))
    text, files = load_builtin().text, (EARS, CROSSING, "heads.npz")
    rng = np.random.default_rng(0)
    audio, words = (
        Layer(rng.standard_normal((dim, 8)).astype(np.float32), np.zeros(8, np.float32))
        for dim in (DIM, text.dim)
    )
    Heads(audio=Head((audio,)), text=Head((words,))).save(folder / "heads.npz")
    facts = {
        "kind": "fusion", "streams": list(names), "text": text.fingerprint,
        "made_with": list(open_streams(names, load_space).fingerprints), "window": 4.0, "hop": 2.0,
        "description": "speech and sound", "licence": "CC0", "fitting": 0.25, "lead": None,
        "sha256": {one: hashlib.sha256((folder / one).read_bytes()).hexdigest() for one in files},
    }  # fmt: skip
    (folder / "model.json").write_text(json.dumps(facts | changes))
    return folder


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AFFETTO_MODELS", str(tmp_path / "models"))
    return write(tmp_path / "models" / "mine")


def test_the_folder_names_the_space_and_model_json_the_rest(tmp_path: Path) -> None:
    space = load_fused(write(tmp_path / "mine"), load_space)
    assert (space.name, space.description, space.licence) == ("mine", "speech and sound", "CC0")
    assert (space.window, space.hop, space.fitting, space.lead) == (4.0, 2.0, 0.25, None)
    assert (space.audio.rate, space.audio.dim, space.dim) == (16_000, DIM, 8)
    assert space.place_text(["an angry voice"]).shape == (1, 8)
    assert streams_of(tmp_path / "mine") == ("speech", "sound") and streams_of(tmp_path) is None
    assert fused_name(("speech", "sound")) == "speech+sound.fusion"
    models.check_name(fused_name(("sound", "clap+affetto")))  # is not taken for heads


def test_whatever_could_change_a_vector_changes_the_fingerprint(tmp_path: Path) -> None:
    first = load_fused(write(tmp_path / "one"), load_space)
    again = load_fused(write(tmp_path / "two"), load_space)
    assert first.source == again.source
    for name in (EARS, CROSSING):
        folder = write(tmp_path / f"other {name}")
        (folder / name).write_bytes(b"other")
        assert load_fused(folder, load_space).source != first.source
    turned = load_fused(write(tmp_path / "turned", ("sound", "speech")), load_space)
    assert turned.source != first.source
    (tmp_path / "two" / EARS).unlink()
    with pytest.raises(SpaceError, match="cannot be read"):
        _ = load_fused(tmp_path / "two", load_space).fingerprint


@pytest.mark.parametrize("change", [{"made_with": ["a", "b"]}, {"text": "other"}])
def test_other_towers_than_it_was_made_with_are_refused(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    with pytest.raises(SpaceError, match="other versions") as caught:
        load_fused(write(tmp_path / "mine", **change), load_space)
    assert caught.value.remedy == "affetto train fusion --streams speech,sound"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"kind": "fusion", "streams": ["a", "b"]}'])
def test_a_broken_model_json_is_one_clean_error(tmp_path: Path, text: str) -> None:
    folder = write(tmp_path / "mine")
    (folder / "model.json").write_text(text)
    with pytest.raises(SpaceError, match="cannot be read") as caught:
        load_fused(folder, load_space)
    assert "affetto train fusion" in (caught.value.remedy or "")


def test_the_registry_knows_it(installed: Path) -> None:
    pytest.importorskip("ot", reason="needs the extra [fusion]")
    assert load_space("mine") is load_space("mine")
    (listing,) = [one for one in list_spaces() if one.name == "mine"]
    assert (listing.fault, listing.dim, listing.origin) == (None, 8, "affetto train fusion")
    one = models.model("mine")
    assert (one.kind, one.checkpoint, one.licence) == ("fusion", "speech,sound", "CC0")
    assert set(one.sha256) == set(FILES)
    models.remove("mine")
    assert not installed.exists()
    with pytest.raises(SpaceError, match="no space 'mine'"):
        load_space("mine")


def test_a_space_made_anew_is_loaded_anew(installed: Path) -> None:
    pytest.importorskip("ot", reason="needs the extra [fusion]")
    before = load_space("mine").fingerprint
    (installed / EARS).write_bytes(b"new")
    text = (installed / "model.json").read_text()
    (installed / "model.json").write_text(text + " ")
    assert load_space("mine").fingerprint != before


def test_without_pot_it_is_listed_with_what_mends_it(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert installed.is_dir()
    monkeypatch.setattr(models, "find_spec", lambda _: None)
    with pytest.raises(MissingExtra):
        load_space("mine")
    (listing,) = [one for one in list_spaces() if one.name == "mine"]
    assert listing.remedy == "pip install 'affetto[fusion]'" and listing.space is None


def test_a_changed_file_is_found(installed: Path) -> None:
    (installed / CROSSING).write_bytes(b"other")
    (checked,) = check_models("mine")
    assert "has changed" in (checked.fault or "")
    assert checked.remedy == "affetto train fusion --streams speech,sound --name mine"


class Graph:
    """Stands for a session of onnxruntime."""

    def __init__(self, run: Callable[[dict[str, Any]], Sequence[np.ndarray]]) -> None:
        self._run = run

    def run(self, _: None, inputs: dict[str, Any]) -> Sequence[np.ndarray]:
        return self._run(inputs)


class Spectra:
    """Two streams of any window: log spectra of its tenths and of its fifths."""

    rate = 16_000

    def hear(self, samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        one, other = (
            np.stack([np.abs(np.fft.rfft(part, 30)) for part in np.array_split(samples, count)])
            for count in (10, 5)
        )
        return one.astype(np.float32), other.astype(np.float32)


def test_a_vector_never_depends_on_its_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows alone, together and in reverse: the same bits; and the plan is of one window."""
    pytest.importorskip("ot", reason="needs the extra [fusion]")
    shapes = []

    def cross(inputs: dict[str, Any]) -> Sequence[np.ndarray]:
        shapes.append(inputs["plan"].shape)
        carried = inputs["plan"] @ inputs["second"]  # (t, k)
        return [np.resize(np.maximum(inputs["first"], carried).max(axis=0), DIM)]

    graphs = Graph(lambda inputs: [inputs["one"], inputs["other"]]), Graph(cross)
    audio = FusedAudio(tmp_path, Spectra())  # type: ignore[arg-type]
    monkeypatch.setattr(audio, "_loaded", graphs)
    rng = np.random.default_rng(0)
    windows = [rng.standard_normal(size).astype(np.float32) for size in (64_000, 400, 9000, 64_000)]
    windows.append(np.zeros(64_000, np.float32))
    together = audio.encode(windows)
    assert together.shape == (5, DIM) and np.isfinite(together).all()
    assert set(shapes) == {(10, 5)}
    for window, vector in zip(windows, together, strict=True):
        np.testing.assert_array_equal(audio.encode([window])[0], vector)
    np.testing.assert_array_equal(audio.encode(windows[::-1])[::-1], together)
    assert audio.encode([]).shape == (0, DIM)


def test_a_graph_that_is_none_is_one_clean_error(tmp_path: Path) -> None:
    folder = write(tmp_path / "mine")
    with pytest.raises(SpaceError, match="cannot be read"):
        FusedAudio(folder, Spectra()).fuse(np.ones((2, 2)), np.ones((2, 2)))  # type: ignore[arg-type]
