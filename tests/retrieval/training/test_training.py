"""The door to training, as one finds it without the extra."""

import sys

import pytest

from retrieval.errors import SpaceError
from retrieval.training import train


def test_without_the_extra_the_error_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "torch", None)  # as if it were not installed
    monkeypatch.delitem(sys.modules, "retrieval.training.course", raising=False)
    with pytest.raises(SpaceError, match="torch") as caught:
        train(tmp_path, tmp_path, tmp_path / "out")
    assert "affetto[train]" in (caught.value.remedy or "")
    assert not (tmp_path / "out").exists()
