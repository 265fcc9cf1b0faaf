"""Spaces by name: the built-in one, and what installed distributions offer."""

from collections.abc import Callable
from pathlib import Path

import pytest

from retrieval.encoders.registry import list_spaces, load_space
from retrieval.errors import SpaceError

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
        "fingerprint": space.fingerprint,
        "fault": None,
    }


def test_the_built_in_space_comes_first_and_keeps_its_name(install: Installer) -> None:
    install("affetto_rival", PLUGIN, affetto="good", aaa="good")
    names = [one.name for one in list_spaces()]
    assert names[:2] == ["affetto", "aaa"]
    assert names.count("affetto") == 1
    assert list_spaces()[0].origin == "affetto"


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
        load_space("clap")
    assert caught.value.error == "there is no space 'clap'"
    assert caught.value.remedy is not None
    assert "affetto, good" in caught.value.remedy
    assert caught.value.code == 6
