"""A folder of weights as a space; the weights themselves are those that ship."""

import json
import shutil
from pathlib import Path

import pytest

from retrieval.encoders.builtin import load_builtin, load_folder
from retrieval.errors import SpaceError

SHIPPED = Path(__file__).parents[3] / "retrieval" / "weights" / "affetto"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "space"))


def rewrite(folder: Path, **facts: object) -> None:
    card = json.loads((folder / "space.json").read_text(encoding="utf-8"))
    known = {name: value for name, value in (card | facts).items() if value is not None}
    (folder / "space.json").write_text(json.dumps(known), encoding="utf-8")


def test_what_was_measured_of_a_space_is_read_from_its_card(folder: Path) -> None:
    rewrite(folder, fitting=0.36, lead=2)
    space = load_folder(folder)
    assert (space.fitting, space.lead) == (0.36, 2.0)
    assert space.fingerprint == load_builtin().fingerprint  # no index depends on it


def test_a_space_of_an_earlier_training_lacks_the_numbers(folder: Path) -> None:
    rewrite(folder, fitting=None, lead=None)
    space = load_folder(folder)
    assert (space.fitting, space.lead) == (None, None)


def test_a_number_that_is_none_is_refused(folder: Path) -> None:
    rewrite(folder, fitting=[0.3])
    with pytest.raises(SpaceError, match="cannot be read"):
        load_folder(folder)
