"""Installing models: from a hub, from files, whole or not at all; nothing is opened unjudged.

What converts and exports needs torch, so it is played here; tests/clap does it in earnest.
"""

import hashlib
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from retrieval.encoders.models import checkpoints, pulling, sources
from retrieval.encoders.models.checkpoints import find_checkpoint, known_checkpoint
from retrieval.encoders.models.folder import check_name, installed, model, models_folder
from retrieval.encoders.models.pulling import pull
from retrieval.errors import MissingExtra, SpaceError

CLAP = known_checkpoint("clap")
TINY = json.dumps({"model_type": "clap", "audio_config": {}}).encode()
FUSED = json.dumps({"audio_config": {"enable_fusion": True, "patch_embeds_hidden_size": 128}})
TOKENIZER = {"tokenizer__json": b'{"model": {}}', "merges__txt": b"", "vocab__json": b"{}"}
WEIGHTS, PICKLED = b"safe weights" * 999, b"pickled weights" * 999


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of models. No package is there unless a test says so."""
    monkeypatch.setenv("AFFETTO_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr(sources, "has_packages", lambda _: False)
    monkeypatch.setattr(pulling, "has_packages", lambda _: False)
    return tmp_path / "models"


@pytest.fixture
def converter(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What was converted: name of the file and of the tokenizer's files, architecture, fusion."""
    done: list[tuple[Any, ...]] = []

    def convert(
        checkpoint: Path, tokenizer: Path, out: Path, *, architecture: str, fusion: bool
    ) -> None:
        pieces = sorted(one.name for one in tokenizer.iterdir() if one != checkpoint)
        done.append((checkpoint.name, pieces, architecture, fusion))
        (out / "config.json").write_bytes(TINY)
        (out / "tokenizer.json").write_bytes(b"{}")
        (out / "model.safetensors").write_bytes(checkpoint.read_bytes()[::-1])

    def convert_pickled(weights: Path, out: Path) -> None:
        done.append((weights.name,))
        out.write_bytes(weights.read_bytes()[::-1])

    monkeypatch.setattr(sources, "has_packages", lambda _: True)
    monkeypatch.setattr(pulling, "convert_checkpoint", convert)
    monkeypatch.setattr(pulling, "convert_pickled", convert_pickled)
    return done


@pytest.fixture
def publish(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Pretend that the published file of a checkpoint has this content."""

    def change(name: str, content: bytes | None) -> None:
        digest = None if content is None else sha256(content)
        table = tuple(
            replace(one, sha256=digest) if one.name == name else one
            for one in checkpoints.CHECKPOINTS
        )
        monkeypatch.setattr(checkpoints, "CHECKPOINTS", table)

    return change


@pytest.fixture
def layout(tmp_path: Path) -> Path:
    """A folder in the Hugging Face layout, made by hand."""
    made = tmp_path / "by hand"
    made.mkdir()
    (made / "config.json").write_bytes(TINY)
    (made / "tokenizer.json").write_bytes(b"{}")
    (made / "model.safetensors").write_bytes(WEIGHTS)
    (made / "README.md").write_text("not needed")
    return made


def refused(name: str, source: Path | None = None, **wanted: Any) -> SpaceError:
    """The error of a pull that fails, of which nothing may be left."""
    before = sorted(models_folder().glob("*")) if models_folder().exists() else []
    with pytest.raises((SpaceError, MissingExtra)) as caught:
        pull(name, source, **wanted)
    assert "\n" not in str(caught.value)
    if models_folder().exists():
        assert sorted(models_folder().iterdir()) == before
    return caught.value  # type: ignore[return-value]


# From the hub


def test_safetensors_of_the_hub_are_installed_as_they_are(hub: Any, folder: Path) -> None:
    hub.add(CLAP.repository, CLAP.revision, config__json=TINY, **TOKENIZER)
    hub.add(CLAP.repository, CLAP.revision, model__safetensors=WEIGHTS)
    told: list[str] = []
    made = pull("clap", watch=lambda file, *_: told.append(file))
    assert made == model("clap")
    assert installed() == [made]
    assert sorted(one.name for one in (folder / "clap").iterdir()) == [
        "config.json", "merges.txt", "model.json", "model.safetensors", "tokenizer.json",
        "vocab.json",
    ]  # fmt: skip
    assert (folder / "clap" / "model.safetensors").read_bytes() == WEIGHTS
    assert made.sha256["model.safetensors"] == sha256(WEIGHTS)
    assert "model.json" not in made.sha256
    assert (made.kind, made.checkpoint, made.architecture, made.fusion) == (
        "clap", "clap-htsat-unfused", "HTSAT-tiny", False,
    )  # fmt: skip
    assert (made.licence, made.verified) == ("Apache-2.0", False)  # safe, but of no known sha256
    assert made.origin == f"{hub.address}/laion/clap-htsat-unfused at {CLAP.revision[:8]}"
    assert told[-1] == "model.safetensors"
    assert [one.name for one in folder.iterdir()] == ["clap"]


def test_pickled_weights_of_the_hub_must_be_those_of_the_table(
    hub: Any, converter: list[tuple[Any, ...]], publish: Callable[..., None], folder: Path
) -> None:
    hub.add(CLAP.repository, CLAP.revision, config__json=TINY, **TOKENIZER)
    hub.add(CLAP.repository, CLAP.revision, pytorch_model__bin=PICKLED)
    fault = refused("clap")
    assert f"its sha256 is {sha256(PICKLED)} and not {CLAP.sha256}" in fault.error
    assert converter == []
    publish("clap", PICKLED)
    made = pull("clap")
    assert converter == [("pytorch_model.bin",)]
    assert made.verified
    assert (folder / "clap" / "model.safetensors").read_bytes() == PICKLED[::-1]
    assert "pytorch_model.bin" not in made.sha256


def test_a_wrong_file_of_the_hub_is_refused_even_where_unknown_ones_are_taken(
    hub: Any, converter: list[tuple[Any, ...]]
) -> None:
    hub.add(CLAP.repository, CLAP.revision, config__json=TINY, pytorch_model__bin=PICKLED)
    assert "is another one" in refused("clap", unknown=True).error
    assert converter == []


def test_what_must_be_converted_is_not_fetched_where_it_cannot_be(hub: Any) -> None:
    hub.add(CLAP.repository, CLAP.revision, config__json=TINY, **TOKENIZER)
    fault = refused("clap")
    assert isinstance(fault, MissingExtra)
    assert fault.remedy == "pip install 'affetto[clap]'"
    assert not any("pytorch_model" in path for path, *_ in hub.asked)
    refused("clap-music-audioset")
    assert not any("music" in path for path, *_ in hub.asked)


@pytest.fixture
def published_pt(
    hub: Any, publish: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> checkpoints.Checkpoint:
    """A .pt on the hub, and the tokenizer that it needs."""
    publish("clap-music-audioset", PICKLED)
    one = known_checkpoint("clap-music-audioset")
    hub.files[f"{one.repository}/resolve/{one.revision}/{one.weights}"] = PICKLED
    hub.add(CLAP.repository, CLAP.revision, **TOKENIZER)
    known = {name.replace("__", "."): sha256(content) for name, content in TOKENIZER.items()}
    monkeypatch.setattr(sources, "TOKENIZER", known)
    return one


def test_a_pt_of_the_hub_comes_with_the_published_tokenizer(
    published_pt: checkpoints.Checkpoint, converter: list[tuple[Any, ...]]
) -> None:
    made = pull("music_audioset_epoch_15_esc_90.14")
    pieces = ["merges.txt", "tokenizer.json", "vocab.json"]
    assert converter == [(published_pt.weights, pieces, "HTSAT-base", False)]
    assert (made.name, made.verified) == ("clap-music-audioset", True)
    assert (made.licence, made.architecture) == ("CC0-1.0", "HTSAT-base")


def test_a_pt_without_a_published_sha256_is_not_even_fetched(
    hub: Any, converter: list[tuple[Any, ...]]
) -> None:
    fault = refused("clap-630k")
    assert "no sha256 of 630k-best.pt is published" in fault.error
    assert "affetto models pull clap-630k --unknown" in str(fault.remedy)
    assert hub.asked == []
    assert converter == []


@pytest.mark.parametrize("trouble", ["absent", "refused", "broken"])
def test_a_hub_in_trouble_leaves_nothing(hub: Any, trouble: str, folder: Path) -> None:
    hub.add(CLAP.repository, CLAP.revision, config__json=TINY, **TOKENIZER)
    path = f"{CLAP.repository}/resolve/{CLAP.revision}/model.safetensors"
    if trouble != "absent":
        hub.files[path] = WEIGHTS
    if trouble == "refused":
        hub.refused[path] = 403
    hub.broken[path] = 99 if trouble == "broken" else 0
    refused("clap")
    assert list(folder.iterdir()) == []


def test_ctrl_c_leaves_nothing(hub: Any, folder: Path) -> None:
    hub.add(CLAP.repository, CLAP.revision, config__json=TINY, model__safetensors=WEIGHTS)

    def stop(file: str, _done: int, _total: int | None) -> None:
        if file == "model.safetensors":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull("clap", watch=stop)
    assert list(folder.iterdir()) == []


def test_a_model_of_no_tokenizer_is_refused(hub: Any) -> None:
    hub.add(CLAP.repository, CLAP.revision, config__json=TINY, model__safetensors=WEIGHTS)
    fault = refused("clap")
    assert fault.error == "the model has no tokenizer"
    assert "--tokenizer FOLDER" in str(fault.remedy)


# From files


def test_a_folder_in_the_hugging_face_layout_is_taken(layout: Path) -> None:
    made = pull("mine", layout)
    assert (made.name, made.checkpoint, made.licence) == ("mine", "model", "not known")
    assert (made.verified, made.architecture, made.origin) == (
        False, "HTSAT-tiny", "the file by hand",
    )  # fmt: skip
    assert set(made.sha256) == {"config.json", "tokenizer.json", "model.safetensors"}
    assert (layout / "model.safetensors").read_bytes() == WEIGHTS, "what was given stays"


def test_a_zip_of_such_a_folder_is_taken_and_writes_nowhere_else(
    layout: Path, tmp_path: Path, folder: Path
) -> None:
    packed = tmp_path / "model.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in layout.iterdir():
            archive.write(file, f"clap-htsat/{file.name}")
        archive.writestr("../../evil.txt", "out of the way")
        archive.writestr("other/tokenizer.json", "of another model")
    made = pull("clap", packed)
    assert (folder / "clap" / "model.safetensors").read_bytes() == WEIGHTS
    assert made.sha256["tokenizer.json"] == sha256(b"{}")
    assert not list(tmp_path.rglob("evil.txt"))
    (tmp_path / "half.zip").write_bytes(packed.read_bytes()[:-200])
    assert "the zip cannot be read" in refused("half", tmp_path / "half.zip").error


def test_the_architecture_of_a_folder_is_that_of_its_configuration(layout: Path) -> None:
    (layout / "config.json").write_text(FUSED)
    made = pull("mine", layout)
    assert (made.architecture, made.fusion) == ("HTSAT-base", True)


@pytest.mark.parametrize("content", ["", "[]", '{"text_config": {}}', '{"audio_config": 3}'])
def test_another_configuration_is_refused(layout: Path, content: str) -> None:
    (layout / "config.json").write_text(content)
    assert "config.json is not that of a CLAP model" in refused("mine", layout).error


@pytest.mark.parametrize(
    ("absent", "error"),
    [("config.json", "there is no config.json"), ("model.safetensors", "there are no weights")],
)
def test_an_incomplete_folder_is_refused(layout: Path, absent: str, error: str) -> None:
    (layout / absent).unlink()
    assert error in refused("mine", layout).error


def test_safetensors_are_preferred_to_pickled_weights(
    layout: Path, converter: list[tuple[Any, ...]]
) -> None:
    (layout / "pytorch_model.bin").write_bytes(PICKLED)
    pull("mine", layout)
    assert converter == []


def test_a_folder_of_pickled_weights_alone_is_judged_as_a_pt(
    layout: Path, converter: list[tuple[Any, ...]], publish: Callable[..., None]
) -> None:
    (layout / "model.safetensors").unlink()
    (layout / "pytorch_model.bin").write_bytes(PICKLED)
    fault = refused("clap", layout)
    assert sha256(PICKLED) in fault.error
    assert "it was not opened" in fault.error
    assert "--unknown" in str(fault.remedy)
    assert converter == []
    assert not pull("mine", layout, unknown=True).verified
    publish("clap", PICKLED)
    made = pull("clap", layout)
    assert (made.verified, made.licence) == (True, "Apache-2.0")
    assert converter == [("pytorch_model.bin",)] * 2


@pytest.fixture
def pt(tmp_path: Path) -> Path:
    made = tmp_path / "630k-audioset-best.pt"
    made.write_bytes(PICKLED)
    return made


def test_a_pt_is_judged_by_its_sha256_before_it_is_opened(
    pt: Path, layout: Path, converter: list[tuple[Any, ...]], publish: Callable[..., None]
) -> None:
    fault = refused("clap-630k-audioset", pt, tokenizer=layout)
    assert "none of the published checkpoints" in fault.error
    assert converter == []
    publish("clap-630k-audioset", PICKLED)
    another = refused("clap-630k", pt, tokenizer=layout)
    assert another.error == "this is another checkpoint, 630k-audioset-best"
    assert another.remedy == f"affetto models pull clap-630k-audioset --from {pt}"
    made = pull("clap-630k-audioset", pt, tokenizer=layout)
    assert made.verified
    assert converter == [(pt.name, ["tokenizer.json"], "HTSAT-tiny", False)]
    assert pt.read_bytes() == PICKLED


def test_an_unknown_pt_needs_to_be_told_its_architecture(
    pt: Path, layout: Path, converter: list[tuple[Any, ...]]
) -> None:
    wanted: dict[str, Any] = {"tokenizer": layout, "unknown": True}
    fault = refused("mine", pt, **wanted)
    assert "--like clap-630k-audioset" in str(fault.remedy)
    made = pull("mine", pt, like="clap-630k-audioset-fusion", **wanted)
    assert converter == [(pt.name, ["tokenizer.json"], "HTSAT-tiny", True)]
    assert (made.verified, made.fusion, made.licence) == (False, True, "not known")
    assert "no checkpoint 'nothing'" in refused("other", pt, like="nothing", **wanted).error


def test_a_pt_without_a_tokenizer_and_without_a_hub_says_what_is_needed(
    pt: Path,
    tmp_path: Path,
    converter: list[tuple[Any, ...]],
    publish: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publish("clap-630k-audioset", PICKLED)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    fault = refused("clap-630k-audioset", pt)
    assert "a .pt has no tokenizer of its own" in fault.error
    assert "--tokenizer FOLDER" in str(fault.remedy)
    assert (
        "no tokenizer in this folder" in refused("clap-630k-audioset", pt, tokenizer=tmp_path).error
    )
    assert converter == []


@pytest.mark.parametrize(
    ("name", "error"), [("nowhere.pt", "does not exist"), ("weights.bin", "is no model")]
)
def test_what_is_no_model_is_refused(tmp_path: Path, name: str, error: str) -> None:
    (tmp_path / "weights.bin").write_bytes(b"")
    assert error in refused("mine", tmp_path / name).error


# Names, graphs, disks


def test_a_model_is_never_replaced_without_being_removed(layout: Path) -> None:
    pull("mine", layout)
    assert refused("mine", layout).remedy == "affetto models remove mine"


@pytest.mark.parametrize("name", ["affetto", "words", "../up", ".hidden", "", "clap+affetto"])
def test_a_name_that_is_taken_or_is_no_name_is_refused(layout: Path, name: str) -> None:
    assert "cannot be named" in refused(name, layout).error
    with pytest.raises(SpaceError):
        check_name(name)


def test_an_unknown_name_needs_a_file(hub: Any) -> None:
    assert find_checkpoint("mine") is None
    assert "no checkpoint 'mine'" in refused("mine").error
    assert hub.asked == []


def test_graphs_are_added_where_they_can_be_and_belong_to_the_files(
    layout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def export(folder: Path) -> None:
        assert model_json(folder)["sha256"]["model.safetensors"] == sha256(WEIGHTS)
        (folder / "audio.onnx").write_bytes(b"a")
        (folder / "text.onnx").write_bytes(b"t")

    monkeypatch.setattr(pulling, "export_graphs", export)
    assert "audio.onnx" not in pull("without", layout).sha256
    assert pull("with", layout, onnx=True).sha256["text.onnx"] == sha256(b"t")
    monkeypatch.setattr(pulling, "has_packages", lambda _: True)
    assert pull("possible", layout).sha256["audio.onnx"] == sha256(b"a")
    assert "audio.onnx" not in pull("unwanted", layout, onnx=False).sha256


def model_json(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "model.json").read_text(encoding="utf-8")))


def test_a_folder_that_cannot_be_written_is_named(
    layout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("AFFETTO_MODELS", str(tmp_path / "file" / "models"))
    with pytest.raises(SpaceError, match="the folder of models cannot be written") as caught:
        pull("mine", layout)
    assert "AFFETTO_MODELS" in str(caught.value.remedy)


def test_a_full_disk_while_copying_is_one_line(
    layout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sources.shutil, "copyfile", full)
    assert "cannot be installed: No space left on device" in refused("mine", layout).error
