"""Spaces by name: the built-in one, models, heads, and what installed distributions offer."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from retrieval.encoders import registry
from retrieval.encoders.adopted import adopted_name
from retrieval.encoders.models import folder as models
from retrieval.encoders.models.folder import Model
from retrieval.encoders.registry import Listing, forget_spaces, list_spaces, load_space
from retrieval.errors import MissingExtra, SpaceError
from retrieval.space import Heads, Space

PLUGIN = """
import numpy as np
from retrieval import Heads, Space

class Same:
    name, rate, dim, fingerprint = "same", 8000, 2, "same-1"
    def encode(self, things):
        return np.ones((len(things), 2), dtype=np.float32)

class Broken(Same):
    @property
    def fingerprint(self):
        raise FileNotFoundError("weights.bin")

made = []

def make(name, encoder):
    made.append(name)
    return Space(name, "all alike", "CC0", 1.0, 0.5, encoder, Same(), Heads())

def good(): return make("good", Same())
def weightless(): return make("weightless", Broken())
def misnamed(): return make("other", Same())
def failing(): raise RuntimeError("no such device")
def nothing(): return None
"""

ROOT = Path(__file__).resolve().parents[3]

Installer = Callable[..., Path]


def listings() -> dict[str, str | None]:
    return {one.name: one.fault for one in list_spaces()}


def test_a_space_of_an_installed_distribution_is_found_and_made_once(install: Installer) -> None:
    install("affetto_good", PLUGIN, good="good")
    space = load_space("good")
    assert (space.name, space.description, space.window) == ("good", "all alike", 1.0)
    assert load_space("good") is space
    listing = next(one for one in list_spaces() if one.name == "good")
    assert listing.space is space
    assert listing.record() == {
        "name": "good",
        "origin": "affetto_good",
        "description": "all alike",
        "licence": "CC0",
        "window": 1.0,
        "hop": 0.5,
        "dim": 2,
        "fingerprint": space.fingerprint,
        "fault": None,
        "remedy": None,
    }


def test_the_built_in_space_comes_first_and_keeps_its_name(install: Installer) -> None:
    install("affetto_rival", PLUGIN, affetto="good", aaa="good")
    found = list_spaces()
    assert [one.name for one in found] == ["affetto", "clap", "aaa", "affetto"]
    assert found[0].origin == "affetto"
    assert found[0].space is load_space("affetto")
    assert found[-1].space is None
    assert found[-1].fault == "the name is that of the built-in space, so this one cannot be used"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("failing", "RuntimeError: no such device"),
        ("weightless", "FileNotFoundError: weights.bin"),
        ("absent", "AttributeError"),
        ("nothing", "does not return a Space named 'bad'"),
        ("misnamed", "does not return a Space named 'bad'"),
    ],
)
def test_a_failing_plug_in_is_listed_with_its_fault_and_harms_no_other(
    install: Installer, value: str, reason: str
) -> None:
    # The name of the space is that of the entry point.
    code = PLUGIN.replace('make("weightless"', 'make("bad"')
    install("affetto_mixed", code, bad=value, good="good")
    fault = listings()["bad"]
    assert fault is not None
    assert reason in fault
    assert listings()["good"] is None
    with pytest.raises(SpaceError, match="bad"):
        load_space("bad")
    record = next(one.record() for one in list_spaces() if one.name == "bad")
    assert record["fault"] == fault
    assert record["fingerprint"] is None


def test_a_name_that_cannot_name_a_folder_is_refused(install: Installer) -> None:
    install("affetto_named", PLUGIN, **{"../good": "good"})
    with pytest.raises(SpaceError, match="cannot be named"):
        load_space("../good")


def test_an_unknown_name_is_refused_with_those_there_are(install: Installer) -> None:
    install("affetto_good", PLUGIN, good="good")
    with pytest.raises(SpaceError) as caught:
        load_space("clip")
    assert caught.value.error == "there is no space 'clip'"
    assert caught.value.remedy == "choose one of: affetto, good"
    assert caught.value.code == 6


# Installed models; what loads their towers is played here, and done in earnest in tests/clap.


@pytest.fixture
def towers(monkeypatch: pytest.MonkeyPatch, make_space: Callable[..., Space]) -> list[str]:
    """Plays the room that makes a space of a model; remembers what it made."""
    made: list[str] = []
    module = ModuleType("retrieval.encoders.clap.space")

    def clap_space(folder: Path) -> Space:
        made.append(folder.name)
        plain = make_space()
        facts = plain.name, plain.description, plain.licence, plain.window, plain.hop
        return Space(folder.name, *facts[1:], plain.audio, plain.text, Heads())

    module.clap_space = clap_space  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "retrieval.encoders.clap.space", module)
    packages(monkeypatch, "torch", "transformers")
    return made


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AFFETTO_MODELS", str(tmp_path / "models"))
    forget_spaces()
    return tmp_path / "models"


def packages(monkeypatch: pytest.MonkeyPatch, *there: str) -> None:
    monkeypatch.setattr(models, "find_spec", lambda name: object() if name in there else None)


def put(folder: Path, name: str = "clap", content: bytes = b"weights") -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / "model.safetensors").write_bytes(content)
    sha256 = {"model.safetensors": hashlib.sha256(content).hexdigest()}
    about = ("tiny", "HTSAT-tiny", False, "CC0", "the hub", sha256, True)
    Model(name, folder / name, "clap", *about).save()


def listed(name: str) -> Listing:
    (found,) = [one for one in list_spaces() if one.name == name]
    return found


def test_the_default_model_is_listed_with_the_commands_that_bring_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    packages(monkeypatch)
    absent = listed("clap")
    assert absent.space is None
    assert "it is not installed (LAION-CLAP" in str(absent.fault)
    assert absent.remedy == "pip install 'affetto[clap]'; then affetto models pull clap"
    with pytest.raises(SpaceError, match="the space 'clap' is not installed") as caught:
        load_space("clap")
    assert caught.value.remedy == absent.remedy
    packages(monkeypatch, "torch", "transformers")
    assert listed("clap").remedy == "affetto models pull clap"


def test_other_known_checkpoints_are_named_when_they_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    packages(monkeypatch, "torch", "transformers")
    assert [one.name for one in list_spaces()] == ["affetto", "clap"]
    with pytest.raises(SpaceError) as caught:
        load_space("clap-general")
    assert caught.value.remedy == "affetto models pull clap-general"


def test_an_installed_model_is_a_space(folder: Path, towers: list[str]) -> None:
    put(folder)
    put(folder, "mine")
    assert [one.name for one in list_spaces()] == ["affetto", "clap", "mine"]
    found = listed("mine")
    assert found.space is load_space("mine")
    assert (found.origin, found.dim, found.fault) == ("the hub", 8, None)
    assert towers == ["clap", "mine"]


def test_a_model_that_was_replaced_is_loaded_anew(folder: Path, towers: list[str]) -> None:
    put(folder)
    load_space("clap")
    models.remove("clap")
    with pytest.raises(SpaceError, match="not installed"):
        load_space("clap")
    put(folder, content=b"other weights")
    os.utime(folder / "clap" / "model.json", ns=(1, 1))
    load_space("clap")
    assert towers == ["clap", "clap"]


def test_a_model_that_nothing_can_run_says_what_to_install(
    folder: Path, towers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder)
    packages(monkeypatch)
    with pytest.raises(MissingExtra, match="the packages that run it are not"):
        load_space("clap")
    assert listed("clap").remedy == "pip install 'affetto[clap]'"
    assert towers == []


def test_a_folder_made_by_hand_is_listed_with_the_way_in(folder: Path) -> None:
    (folder / "mine").mkdir(parents=True)
    assert "no model.json" in str(listed("mine").fault)
    assert "--from" in str(listed("mine").remedy)


@pytest.mark.usefixtures("towers")
def test_a_model_keeps_its_name_from_a_plug_in(folder: Path, install: Installer) -> None:
    install("affetto_rival", PLUGIN.replace('make("good"', 'make("clap"'), clap="good")
    assert listed("clap").origin == "affetto_rival", "a model that is not installed takes no name"
    put(folder)
    model, plugin = [one for one in list_spaces() if one.name == "clap"]
    assert (model.origin, model.fault) == ("the hub", None)
    assert plugin.space is None
    assert plugin.fault == "the name is that of an installed model, so this one cannot be used"
    assert load_space("clap") is model.space


def test_a_model_cannot_take_the_name_of_the_built_in_space(
    folder: Path, towers: list[str]
) -> None:
    put(folder, "affetto")
    first, second = [one for one in list_spaces() if one.name == "affetto"]
    assert first.space is load_space("affetto")
    assert "that of the built-in space" in str(second.fault)
    assert towers == []


@pytest.fixture
def heads(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Heads for a base; what loads them only says for which base it was asked."""
    asked: list[str] = []

    def adopted(place: Path, base: Space) -> Space:
        asked.append(f"{place.name} on {base.name}")
        return Space(
            adopted_name(base.name), "heads", "CC0", 1.0, 0.5, base.audio, base.text, Heads()
        )

    monkeypatch.setattr(registry, "load_adopted", adopted)

    def write(base: str, name: str | None = None) -> list[str]:
        place = folder / (name or adopted_name(base))
        place.mkdir(parents=True)
        facts: dict[str, Any] = {"kind": "heads", "base": base, "licence": "CC0"}
        (place / "model.json").write_text(json.dumps(facts))
        return asked

    return write


@pytest.mark.usefixtures("towers")
def test_heads_are_loaded_onto_their_base_whatever_it_is(
    folder: Path, heads: Callable[..., list[str]], install: Installer
) -> None:
    install("affetto_good", PLUGIN, good="good")
    put(folder)
    heads("clap")
    asked = heads("good")
    assert load_space("clap+affetto").audio is load_space("clap").audio
    assert load_space("good+affetto").audio is load_space("good").audio
    assert asked == ["clap+affetto on clap", "good+affetto on good"]
    assert [one.name for one in list_spaces() if one.fault is None] == [
        "affetto", "clap", "clap+affetto", "good+affetto", "good",
    ]  # fmt: skip


def test_heads_without_their_base_are_a_fault_of_their_own(
    heads: Callable[..., list[str]],
) -> None:
    heads("gone")
    assert "there is no space 'gone'" in str(listed("gone+affetto").fault)
    assert listed("affetto").fault is None
    heads("loop+affetto", name="loop+affetto")  # they would be their own base
    assert listed("loop+affetto").remedy == "rename it to loop+affetto+affetto"


def test_spaces_are_listed_without_loading_anything_heavy(folder: Path) -> None:
    put(folder)
    code = (
        "import sys; from retrieval.encoders.registry import list_spaces; list_spaces();"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    environment = os.environ | {"AFFETTO_MODELS": str(folder)}
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    loaded = set(run.stdout.split())
    assert "numpy" in loaded
    assert not loaded & {"torch", "transformers", "laion_clap", "tokenizers", "onnxruntime"}
