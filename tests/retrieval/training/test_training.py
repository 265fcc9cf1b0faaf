"""The door to training, as one finds it without the extra."""

import sys

import pytest

from retrieval.errors import SpaceError
from retrieval.library import Library
from retrieval.training import make_heads, train


def test_without_the_extra_the_error_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "torch", None)  # as if it were not installed
    monkeypatch.delitem(sys.modules, "retrieval.training.course", raising=False)
    with pytest.raises(SpaceError, match="torch") as caught:
        train(tmp_path, tmp_path, tmp_path / "out")
    assert "affetto[train]" in (caught.value.remedy or "")
    assert not (tmp_path / "out").exists()


def test_heads_for_another_space_need_the_extra_too(monkeypatch, tmp_path, space):
    monkeypatch.setitem(sys.modules, "torch", None)
    for name in ("adopt", "export"):
        monkeypatch.delitem(sys.modules, f"retrieval.training.{name}", raising=False)
    with (
        Library(tmp_path / "library", create=True) as library,
        pytest.raises(SpaceError, match="torch") as caught,
    ):
        make_heads(library, space, out=tmp_path / "heads")
    assert "affetto[train]" in (caught.value.remedy or "")
    assert not (tmp_path / "heads").exists()
