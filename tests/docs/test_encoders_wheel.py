"""docs/encoders.md as a distribution of its own: built, installed elsewhere, and used.

A space that Affetto has never seen stands beside the built-in one in the same library.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "encoders.md"

pytest.importorskip("build", reason="needs the extra [dev]")
pytest.importorskip("hatchling", reason="needs the extra [dev]")


def run(*words: object, **variables: str) -> str:
    """What a command prints; its whole output where it fails."""
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which the wheel of the page was installed, with nothing from the network."""
    project, site = tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("site")
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"^```(toml|python)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (project / "pyproject.toml").write_text(next(code for kind, code in blocks if kind == "toml"))
    (project / "affetto_tones.py").write_text(next(code for kind, code in blocks if kind != "toml"))
    run("-m", "build", "--wheel", "--no-isolation", "--outdir", project / "dist", project)
    (wheel,) = (project / "dist").glob("*.whl")
    run("-m", "pip", "install", "--no-deps", "--no-index", "--quiet", "--target", site, wheel)
    return site


@pytest.fixture
def affetto(site: Path, tmp_path: Path) -> Callable[..., Any]:
    """Runs a command in a process that finds the plug-in, and gives its JSON."""

    def command(*words: object) -> Any:
        variables = {
            "PYTHONPATH": str(site),
            "AFFETTO_LIBRARY": str(tmp_path / "library"),
            "AFFETTO_MODELS": str(tmp_path / "models"),
        }
        return json.loads(run(ROOT / "cli.py", *words, "--json", **variables))

    return command


def test_the_wheel_holds_one_module_and_its_entry_point(site: Path) -> None:
    assert {path.name for path in site.glob("*.py")} == {"affetto_tones.py"}
    (points,) = site.glob("*.dist-info/entry_points.txt")
    assert points.read_text().split() == ["[affetto.spaces]", "tones", "=", "affetto_tones:space"]


def test_a_space_from_a_wheel_is_listed_filled_and_asked(
    affetto: Callable[..., Any], write_tone: Callable[..., Path], tmp_path: Path
) -> None:
    for hz in (200, 7800):
        write_tone(tmp_path / "tones" / f"{hz}.wav", hz=hz, seconds=2.5, rate=16_000)
    (listed,) = [one for one in affetto("spaces") if one["name"] == "tones"]
    assert (listed["origin"], listed["fault"]) == ("affetto-tones", None)
    assert (listed["licence"], listed["window"]) == ("CC0", 2.0)
    # First in the built-in space: the wheel adds a second one to the same library.
    affetto("ingest", tmp_path / "tones")
    affetto("embed", "--space", "tones")
    for prompt, pitch in (("low", "200"), ("high", "7800")):
        hits = affetto("search", prompt, "--space", "tones")
        assert Path(hits[0]["path"]).stem == pitch and hits[0]["space"] == "tones"
        assert len(hits) == 2
    sources = affetto("status")["counts"]["sources"]
    assert {one["space"] for one in sources if one["windows"]} == {"affetto", "tones"}
