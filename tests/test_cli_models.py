"""`affetto models`, `affetto embed` and `affetto spaces` as a person or a program meets them."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from retrieval.encoders.models import folder as models
from retrieval.encoders.models import pulling, sources
from retrieval.encoders.models.checkpoints import CHECKPOINTS, known_checkpoint
from retrieval.space import Heads, Space

CLAP = known_checkpoint("clap")
CONFIG = json.dumps({"model_type": "clap", "audio_config": {}}).encode()


Run = Callable[..., Any]


class Loudness:
    """Stands for the audio tower of a model: how loud the window is, and whether it is high."""

    name, rate, dim = "loudness", 8000, 2

    def __init__(self, fingerprint: str) -> None:
        self.fingerprint = fingerprint

    def encode(self, windows: Any) -> Any:
        power = [np.abs(np.fft.rfft(window, n=4096)) ** 2 for window in windows]
        return np.sqrt([[p[:512].sum(), p[512:].sum()] for p in power]).astype(np.float32)


class Words:
    name, dim, fingerprint = "words", 2, "words-1"

    def encode(self, texts: Any) -> Any:
        return np.array([(1, 0) if "low" in text else (0, 1) for text in texts], dtype=np.float32)


@pytest.fixture(autouse=True)
def towers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder for models, packages that are there, and a double of the room that runs them."""
    monkeypatch.setenv("AFFETTO_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("AFFETTO_LIBRARY", str(tmp_path / "library"))
    there = {"torch", "transformers", "safetensors"}
    monkeypatch.setattr(models, "find_spec", lambda name: name in there or None)
    module = ModuleType("retrieval.encoders.clap.space")

    def clap_space(folder: Path) -> Space:
        facts = "what sounds are", "Apache-2.0", 10.0, 5.0
        return Space(folder.name, *facts, Loudness(folder.name), Words(), Heads())

    module.clap_space = clap_space  # type: ignore[attr-defined]
    module.check = lambda folder: [f"{folder.name}: both towers agree"]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "retrieval.encoders.clap.space", module)


@pytest.fixture
def layout(tmp_path: Path) -> Path:
    made = tmp_path / "clap-htsat"
    made.mkdir()
    (made / "config.json").write_bytes(CONFIG)
    (made / "tokenizer.json").write_bytes(b"{}")
    (made / "model.safetensors").write_bytes(b"weights")
    return made


@pytest.fixture
def sounds(tmp_path: Path, write_tone: Callable[..., Path]) -> Path:
    for hz in (200, 3500):
        write_tone(tmp_path / "sounds" / f"{hz}.wav", hz=hz)
    return tmp_path / "sounds"


# Models


def test_a_model_is_pulled_listed_checked_and_removed(run: Run, hub: Any, tmp_path: Path) -> None:
    hub.add(CLAP.repository, CLAP.revision, config__json=CONFIG, tokenizer__json=b"{}")
    hub.add(CLAP.repository, CLAP.revision, model__safetensors=b"weights")
    pulled = run("models", "pull", "clap")
    assert pulled.code == 0
    first, then = pulled.out.splitlines()
    assert first.startswith("clap is installed (")
    assert str(tmp_path / "models" / "clap") in first
    assert then == "next: affetto models check clap; affetto embed --space clap"
    assert pulled.err == ("clap: no sha256 is known that its weights could be compared with\n")
    (line,) = [one for one in run("models", "list").out.splitlines() if one.startswith("* clap ")]
    assert "Apache-2.0" in line
    checked = run("models", "check", "clap")
    assert (checked.code, checked.err) == (0, "")
    assert checked.out.splitlines()[-1] == "clap: clap: both towers agree"
    assert run("models", "remove", "clap").out == "clap is removed\n"
    assert not (tmp_path / "models" / "clap").exists()
    assert run("models", "check").out == "no model is installed\n"


def test_the_list_fits_a_terminal_and_says_what_is_special(run: Run) -> None:
    told = run("models", "list")
    assert (told.code, told.err) == (0, "")
    lines = told.out.splitlines()
    assert max(map(len, lines)) <= 100
    rows = {line[2:28].strip(): line for line in lines[1 : 1 + len(CHECKPOINTS)]}
    assert list(rows) == [one.name for one in CHECKPOINTS]
    assert {name for name, row in rows.items() if row[0] == "?"} == {
        one.name for one in CHECKPOINTS if one.sha256 is None
    }
    assert "refused" in rows["clap-music"]


def test_the_list_as_json_has_every_fact(run: Run, layout: Path) -> None:
    assert run("models", "pull", "mine", "--from", layout, "--no-onnx").code == 0
    told = json.loads(run("models", "list", "--json").out)
    by_name = {one["name"]: one for one in told}
    assert len(told) == len(CHECKPOINTS) + 1
    fields = {frozenset(one) for one in told}
    assert len(fields) == 1, "every object has the same fields"
    assert by_name["clap"]["sha256"] == CLAP.sha256
    assert (by_name["clap"]["installed"], by_name["clap"]["bytes"]) == (False, None)
    assert by_name["mine"]["installed"]
    assert by_name["mine"]["origin"] == "the file clap-htsat"
    page = (Path(__file__).parents[1] / "docs" / "output.md").read_text(encoding="utf-8")
    assert [name for name in told[0] if f"`{name}`" not in page] == []


def test_a_changed_file_is_a_fault_with_its_remedy(run: Run, layout: Path, tmp_path: Path) -> None:
    for name in ("mine", "other"):
        run("models", "pull", name, "--from", layout)
    (tmp_path / "models" / "mine" / "config.json").write_bytes(b"{ }")
    checked = run("models", "check")
    assert checked.code == 10
    assert "affetto: 1 fault in the models" in checked.err
    assert "affetto models remove mine, then affetto models pull mine" in checked.out
    assert "other: other: both towers agree" in checked.out
    told = json.loads(run("models", "check", "--json").out)
    assert [one["fault"] is None for one in told] == [False, True]


def test_without_a_network_the_way_is_told(
    run: Run, layout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    failed = run("models", "pull", "clap")
    assert (failed.code, failed.out) == (6, "")
    (line,) = failed.err.splitlines()
    assert "the hub cannot be reached" in line
    assert "affetto models pull NAME --from FILE" in line
    assert run("models", "pull", "clap", "--from", layout).code == 0


def test_an_unknown_checkpoint_is_taken_only_when_it_is_said(
    run: Run, layout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []

    def convert(checkpoint: Path, _tokenizer: Path, out: Path, **_: object) -> None:
        opened.append(checkpoint)
        for file in ("config.json", "tokenizer.json", "model.safetensors"):
            (out / file).write_bytes((layout / file).read_bytes())

    monkeypatch.setattr(pulling, "convert_checkpoint", convert)
    monkeypatch.setattr(sources, "has_packages", lambda _: True)
    weights = tmp_path / "mine.pt"
    weights.write_bytes(b"\x80 anything")
    words = ["models", "pull", "mine", "--from", weights, "--tokenizer", layout]
    failed = run(*words, "--like", "clap-630k", "--no-onnx")
    assert failed.code == 6
    assert "it was not opened" in failed.err
    assert opened == []
    taken = run(*words, "--like", "clap-630k", "--no-onnx", "--unknown")
    assert taken.code == 0
    assert "no sha256 is known" in taken.err
    assert opened == [weights]


def test_a_warning_of_the_table_is_told_when_it_is_pulled(run: Run, layout: Path) -> None:
    assert "all but the same vector" in run("models", "pull", "clap-music", "--from", layout).err


@pytest.mark.parametrize("words", [("models",), ("models", "-h")])
def test_the_group_tells_its_commands(run: Run, words: tuple[str, ...]) -> None:
    told = run(*words)
    assert told.code == 0
    assert all(f"\n  {name} " in told.out for name in ("pull", "list", "check", "remove"))


# Spaces


def test_spaces_tell_the_commands_of_what_is_missing(
    run: Run, layout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = run("spaces").out.splitlines()
    at = next(number for number, line in enumerate(absent) if line.startswith("clap "))
    assert "it is not installed (LAION-CLAP" in absent[at]
    assert absent[at + 1].strip() == "affetto models pull clap"
    run("models", "pull", "clap", "--from", layout)
    there = run("spaces").out
    assert "what sounds are" in there
    assert "2 dimensions; windows of 10 s every 5 s; Apache-2.0" in there
    monkeypatch.setattr(models, "find_spec", lambda _: None)
    assert run("spaces").out.splitlines()[-1].strip() == "pip install 'affetto[clap]'"
    assert max(len(line) for line in run("spaces").out.splitlines()) <= 100
    failed = run("ingest", layout, "--space", "clap")
    assert failed.code == 7
    assert "pip install 'affetto[clap]'" in failed.err


# Embedding


def test_a_space_is_added_to_a_library_and_searched(run: Run, layout: Path, sounds: Path) -> None:
    run("models", "pull", "clap", "--from", layout)
    run("models", "pull", "second", "--from", layout)
    assert run("ingest", sounds, "--space", "clap").out.startswith("2 ok")
    failed = run("search", "low", "--space", "second")
    assert failed.code == 6
    assert failed.err.endswith("(affetto embed --space second)\n")
    made = run("embed", "--space", "second", "-j", "1")
    assert (made.code, made.err) == (0, "")
    assert made.out.startswith("2 ok, 0 skipped, 0 failed (")
    again = json.loads(run("embed", "--space", "second", "--json").out)
    assert (again["ok"], again["unchanged"]) == (0, 2)
    hits = json.loads(run("search", "low", "--space", "second", "--json").out)
    assert Path(hits[0]["path"]).name == "200.wav"
    (sounds / "200.wav").write_bytes(b"")
    failing = run("embed", "--space", "second")
    assert failing.code == 0
    assert failing.err.startswith("failed: ")


def test_embedding_needs_a_space_that_is_there(run: Run, sounds: Path) -> None:
    failed = run("embed", "--space", "clap")
    assert failed.code == 4
    assert "there is no library here" in failed.err
    run("ingest", sounds, "--space", "affetto")
    failed = run("embed", "--space", "clap")
    assert failed.code == 6
    assert "affetto models pull clap" in failed.err
    assert run("embed").code == 2
