"""`affetto train` on the command line: two ways to train, and no mixture of them."""

import sys
from pathlib import Path

import pytest

import cli


def affetto(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    """The exit code, and what was said on stderr."""
    monkeypatch.setattr(sys, "argv", ["affetto", *words])
    with pytest.raises(SystemExit) as left:
        cli.main()
    said = capsys.readouterr()
    assert said.out == ""
    return int(left.value.code or 0), said.err


@pytest.mark.parametrize(
    "words",
    [
        "",
        "corpora teachers",
        "corpora teachers out --out heads",
        "corpora teachers out --labels-from mood",
        "corpora teachers out --library here",
        "--space tones corpora",
        "--space tones --epochs 3",
        "--space tones --without ravdess",
        "--space tones --audio folder",
    ],
)
def test_a_mixture_of_both_ways_is_one_clear_error(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = affetto(["train", *words.split()], monkeypatch, capsys)
    assert code == 2
    assert said.startswith("affetto: train takes CORPORA, TEACHERS and OUT")
    assert said.count("\n") == 1 and said.rstrip().endswith("(affetto train --help)")


def test_a_library_named_by_the_environment_is_no_mixture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AFFETTO_LIBRARY", str(tmp_path / "library"))
    nowhere = str(tmp_path / "nowhere")
    code, said = affetto(
        ["train", nowhere, nowhere, str(tmp_path / "out"), "--quick"], monkeypatch, capsys
    )
    assert code == 6 and "train takes" not in said


def test_heads_need_a_library_and_a_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ["--library", str(tmp_path / "library")]
    code, said = affetto(["train", "--space", "affetto", *here], monkeypatch, capsys)
    assert code == 4 and "there is no library here" in said
