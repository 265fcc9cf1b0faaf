"""All sections together, on a folder of tones."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from retrieval.encoders.builtin import BUILTIN, load_builtin
from retrieval.errors import PromptError, SpaceError
from retrieval.evaluation import hearing
from retrieval.evaluation.hearing import choose_spaces, evaluate
from retrieval.evaluation.table import Table
from retrieval.space import Space

FEELINGS = {"angry": 500, "sad": 1000, "happy": 1500, "neutral": 2000}
COLUMNS = "path,corpus,kind,speaker,gender,language,emotion,emotion_raw,split"
STUDY = Table("losses", "Losses", "One run each.", ("loss", "UAR"), (("plain", 0.5),))


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("corpora")


@pytest.fixture
def table(corpora: Path, write_tone: Callable[..., Path]) -> Path:
    """Two speakers tested and one to learn from, each with every feeling; and some sighs."""
    file = corpora / "clips.csv"
    if file.exists():
        return file
    rows = [COLUMNS]
    for number, (name, split) in enumerate((("ann", "test"), ("ben", "test"), ("eve", "train"))):
        for feeling, hz in FEELINGS.items():
            path = write_tone(corpora / f"{name}_{feeling}.wav", hz=hz + 60 * number, seconds=1.1)
            gender = "male" if name == "ben" else "female"
            rows.append(f"{path.name},toy,speech,{name},{gender},en,{feeling},,{split}")
        for raw, hz in (("sighing", 300), ("yawning", 3500)):
            path = write_tone(corpora / f"{name}_{raw}.wav", hz=hz + 60 * number, seconds=1.1)
            rows.append(f"{path.name},noises,nonverbal,{name},,,,{raw},{split}")
    file.write_text("\n".join(rows) + "\n")
    return file


def rankings(found: Table) -> list[str]:
    return list(dict.fromkeys(str(record["ranked by"]) for record in found.records()))


def test_every_section_answers_from_one_hearing(table: Path, space: Space) -> None:
    other = replace(space, name="other", hop=1.0)
    counted: list[tuple[int, int]] = []
    told: list[str] = []
    report = evaluate(
        space,
        table,
        beside={"plain": other},
        studies=[STUDY],
        watch=lambda done, total: counted.append((done, total)),
        tell=told.append,
    )
    names = [one.name for one in report.tables]
    assert {"ranking", "phrasings", "naming", "confusion_toy", "order", "sounds"} <= set(names)
    assert len(names) == len(set(names))
    assert names[-1] == "losses"
    # what the figures rely on: the space comes first and its rivals keep their names
    shown = ["tiny", "plain", "spectral", "keyword", "loudness"]
    assert rankings(report.table("ranking")) == [*shown, "random"]
    assert rankings(report.table("sounds")) == shown
    assert (report.clips, report.split, report.fingerprint) == (12, "test", space.fingerprint)
    assert told[:2] == ["the baselines", "finding by a feeling (1/8)"] and len(told) == 9
    assert counted == [(done, 24) for done in range(1, 25)]


def test_the_spectral_baseline_needs_clips_to_learn_from(table: Path, space: Space) -> None:
    heard = evaluate(space, table, names=["toy"], split="train")
    assert "spectral" not in rankings(heard.table("ranking"))
    heard = evaluate(space, table, names=["toy"], split=None)
    assert "spectral" not in rankings(heard.table("ranking"))
    unsplit = table.parent / "unsplit.csv"
    lines = [line.rsplit(",", 1)[0] for line in table.read_text().splitlines()]
    unsplit.write_text("\n".join(lines) + "\n")
    heard = evaluate(space, unsplit, names=["toy"])
    assert heard.clips == 12
    assert "spectral" not in rankings(heard.table("ranking"))


def test_trust_can_be_asked_alone(table: Path, space: Space) -> None:
    report = evaluate(space, table, only_trust=True)
    assert [one.name for one in report.tables] == ["trust", "fitting"]


def test_clips_without_a_feeling_answer_nothing(
    tmp_path: Path, space: Space, write_tone: Callable[..., Path]
) -> None:
    write_tone(tmp_path / "one.wav")
    (tmp_path / "clips.csv").write_text("path,emotion,speaker\none.wav,nostalgic,ann\n")
    with pytest.raises(PromptError, match="too few clips carry a feeling"):
        evaluate(space, tmp_path, only_trust=True)


def test_clips_that_cannot_be_heard_are_one_error(tmp_path: Path, space: Space) -> None:
    (tmp_path / "clips.csv").write_text("path,emotion,speaker\nabsent.wav,sad,ann\n")
    with pytest.raises(PromptError, match="none of 1 clips could be heard") as caught:
        evaluate(space, tmp_path)
    assert caught.value.path == str(tmp_path / "absent.wav")


def test_spaces_are_chosen_by_name_or_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    for name in ("plain", "loudness"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "space.json").write_text("{}")

    def load(folder: Path) -> Space:
        read.append(folder)
        return load_builtin()

    monkeypatch.setattr(hearing, "load_folder", load)
    chosen, others = choose_spaces(BUILTIN, [str(tmp_path / "plain")])
    assert (chosen.name, list(others), read) == (BUILTIN, ["plain"], [tmp_path / "plain"])
    with pytest.raises(PromptError, match="two rankings would be called affetto"):
        choose_spaces(BUILTIN, [BUILTIN])
    with pytest.raises(PromptError, match="two rankings would be called loudness"):
        choose_spaces(BUILTIN, [str(tmp_path / "loudness")])
    with pytest.raises(SpaceError, match="there is no space 'nowhere'"):
        choose_spaces(BUILTIN, ["nowhere"])
