"""The folder of installed models: read, checked, removed."""

import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from retrieval.encoders.models import folder as models
from retrieval.encoders.models.checking import check, check_models
from retrieval.encoders.models.folder import (
    GRAPHS,
    Model,
    installed,
    model,
    models_folder,
    read_model,
    remove,
    require_engine,
)
from retrieval.errors import MissingExtra, SpaceError

FILES = {"config.json": b"{}", "model.safetensors": b"weights", "tokenizer.json": b"{}"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AFFETTO_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def put(folder: Path) -> Callable[..., Model]:
    """Install a model of a few bytes."""

    def install(name: str = "clap", **facts: Any) -> Model:
        place = folder / name
        place.mkdir(parents=True)
        for file, content in FILES.items():
            (place / file).write_bytes(content)
        hashes = {file: hashlib.sha256(content).hexdigest() for file, content in FILES.items()}
        plain = Model(name, place, "clap", "tiny", "HTSAT-tiny", False, "CC0", "here", hashes, True)
        made = replace(plain, **facts)
        made.save()
        return made

    return install


def packages(monkeypatch: pytest.MonkeyPatch, *there: str) -> None:
    monkeypatch.setattr(models, "find_spec", lambda name: object() if name in there else None)


@pytest.fixture
def towers(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Plays what loads the towers; remembers which folders it was asked to check."""
    asked: list[Path] = []
    module = ModuleType("retrieval.encoders.clap.space")

    def check_towers(place: Path) -> list[str]:
        asked.append(place)
        return ["both towers agree"]

    module.check = check_towers  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "retrieval.encoders.clap.space", module)
    packages(monkeypatch, "torch", "transformers")
    return asked


def test_models_lie_beside_the_default_library(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: Path
) -> None:
    assert models_folder() == folder
    monkeypatch.delenv("AFFETTO_MODELS")
    monkeypatch.setattr(
        "retrieval.encoders.models.folder.data_folder", lambda: tmp_path / "affetto"
    )
    assert models_folder() == tmp_path / "affetto" / "models"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("AFFETTO_MODELS", "~/mine")
    assert models_folder() == tmp_path / "mine"


def test_a_model_is_read_as_it_was_written(put: Callable[..., Model], folder: Path) -> None:
    made = put(fusion=True, verified=False)
    assert model("clap") == made
    assert installed() == [made]
    assert made.bytes == sum(one.stat().st_size for one in (folder / "clap").iterdir())
    written = json.loads((folder / "clap" / "model.json").read_text(encoding="utf-8"))
    assert list(written) == [
        "name", "kind", "checkpoint", "architecture", "fusion", "licence", "origin", "sha256",
        "verified",
    ]  # fmt: skip


def test_heads_are_a_model_of_their_own_kind(folder: Path) -> None:
    place = folder / "clap+affetto"
    place.mkdir(parents=True)
    facts = {"kind": "heads", "base": "clap", "licence": "CC0"}
    (place / "model.json").write_text(json.dumps(facts))
    heads = read_model(place)
    assert (heads.name, heads.kind, heads.checkpoint) == ("clap+affetto", "heads", "clap")
    assert check("clap+affetto") == ["heads for the space clap"]
    require_engine(heads)  # its base is asked when it is loaded


def test_an_absent_model_is_refused_with_the_command(put: Callable[..., Model]) -> None:
    put("mine")
    with pytest.raises(SpaceError, match="the model 'clap' is not installed") as caught:
        model("clap")
    assert caught.value.remedy == "affetto models pull clap"
    for name in ("../models", "", ".", "/etc"):
        with pytest.raises(SpaceError):
            model(name)


def test_a_folder_made_by_hand_is_told_how_to_come_in(folder: Path) -> None:
    (folder / "clap").mkdir(parents=True)
    with pytest.raises(SpaceError, match=r"no model\.json") as caught:
        model("clap")
    assert "affetto models pull NAME --from that folder" in str(caught.value.remedy)
    assert installed() == []


@pytest.mark.parametrize("card", ["", "[]", "{}", '{"kind": "clap"}', '{"kind": "heads"}', "\xff"])
def test_a_broken_model_json_is_a_fault_and_hides_no_other(
    put: Callable[..., Model], folder: Path, card: str
) -> None:
    put("good")
    put("bad")
    (folder / "bad" / "model.json").write_bytes(card.encode("latin-1"))
    with pytest.raises(SpaceError, match=r"model\.json cannot be read") as caught:
        model("bad")
    assert "affetto models remove bad" in str(caught.value.remedy)
    assert [one.name for one in installed()] == ["good"]


def test_work_in_progress_is_no_model(put: Callable[..., Model], folder: Path) -> None:
    put(".clap.x7")
    (folder / "notes.txt").write_text("")
    assert installed() == []
    assert check_models() == []


def test_torch_or_graphs_run_a_model(
    put: Callable[..., Model], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = put()
    packages(monkeypatch, "torch", "transformers")
    require_engine(made)
    for there in ([], ["torch"], ["tokenizers"]):
        packages(monkeypatch, *there)
        with pytest.raises(MissingExtra, match="packages that run it are not") as caught:
            require_engine(made)
        assert caught.value.remedy == "pip install 'affetto[clap]'"
    for name in GRAPHS:
        (folder / "clap" / name).write_bytes(b"")
    require_engine(made)  # tokenizers is there, and onnxruntime belongs to the core


def test_a_check_reads_every_file_and_then_tries_the_towers(
    put: Callable[..., Model], folder: Path, towers: list[Path]
) -> None:
    made = put()
    found = check("clap")
    assert [line.partition(":")[0] for line in found[:-1]] == sorted(FILES)
    assert made.sha256["config.json"][:12] in found[0]
    assert found[-1] == "both towers agree"
    assert towers == [folder / "clap"]
    put("mine", verified=False)
    assert "none of the published ones" in check("mine")[-2]


@pytest.mark.parametrize(
    "change", [lambda file: file.write_bytes(b"x"), lambda file: file.unlink()]
)
def test_a_changed_file_is_found_before_the_towers_are_loaded(
    put: Callable[..., Model], folder: Path, towers: list[Path], change: Callable[[Path], None]
) -> None:
    put("good")
    put("bad")
    change(folder / "bad" / "model.safetensors")
    bad, good = check_models()
    assert (good.name, good.fault) == ("good", None)
    assert bad.fault is not None
    assert str(folder / "bad" / "model.safetensors") in bad.fault
    assert bad.remedy == "affetto models remove bad, then affetto models pull bad"
    assert bad.record()["found"] == ()
    assert towers == [folder / "good"]


def test_a_check_without_the_packages_says_so(
    put: Callable[..., Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    put()
    packages(monkeypatch)
    (one,) = check_models("clap")
    assert one.remedy == "pip install 'affetto[clap]'"
    with pytest.raises(SpaceError, match="not installed"):
        check_models("clip")


def test_a_removed_model_is_gone_whatever_was_wrong_with_it(
    put: Callable[..., Model], folder: Path
) -> None:
    put("kept")
    put("clap")
    (folder / "clap" / "model.json").write_text("")
    remove("clap")
    assert [one.name for one in folder.iterdir()] == ["kept"]
    for name in ("clap", "..", "../models", ""):
        with pytest.raises(SpaceError):
            remove(name)
    assert (folder / "kept").exists()
