"""What a hearing prints and keeps."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from retrieval.errors import PromptError
from retrieval.evaluation.clips import Unheard
from retrieval.evaluation.report import Hearing, read_study
from retrieval.evaluation.table import Estimate, Table

RANKING = Table(
    "ranking",
    "Ranked by prompt",
    "How well.",
    ("corpus", "prompt", "clips", "ranked by", "nDCG@10"),
    (
        ("toy", "mean", 6, "mine", Estimate(0.9, 0.8, 1.0)),
        ("toy", "mean", 6, "random", Estimate(0.2)),
    ),
)
SHAPE = Table("shape", "Shape", "What lies where.", ("measure", "value"), (("gap", math.nan),))
HEARING = Hearing(
    "mine", "f00d" * 16, "test", 36, (RANKING, SHAPE), 2, (Unheard("x.wav", "empty"),)
)


def test_text_and_markdown_tell_everything() -> None:
    for text in (HEARING.to_text(), HEARING.to_markdown()):
        assert "mine (fingerprint f00df00df00d) hears in 36 clips of split test" in text
        assert "Left out: 2 clips" in text
        assert "Not heard: 1 clips; the first: x.wav: empty" in text
        assert text.index("Ranked by prompt") < text.index(".90 [.80, 1.00]") < text.index("Shape")
    assert "\n\n## Shape\n\nWhat lies where.\n\n| measure |" in HEARING.to_markdown()
    assert "Brackets: 95 % bootstrap interval" in HEARING.to_text()
    assert "of split" not in replace(HEARING, split=None).to_text()
    assert "Brackets" not in replace(HEARING, tables=(SHAPE,)).to_text()


def test_people_get_means_over_prompts_and_programs_every_prompt() -> None:
    angry = ("toy", "angry", 3, "mine", Estimate(0.5))
    asked = replace(HEARING, tables=(replace(RANKING, rows=(angry, *RANKING.rows)), SHAPE))
    for said in (asked.to_text(), asked.to_markdown()):
        assert "angry" not in said
        assert "Means over prompts; the JSON tells every prompt." in said
    assert '"angry"' in asked.to_json()
    assert "Means over prompts" not in replace(HEARING, tables=(SHAPE,)).to_text()


def test_figures_stand_above_their_tables_when_asked_for() -> None:
    assert "![" not in HEARING.to_markdown()
    page = HEARING.to_markdown("pictures")
    assert page.index("## Ranked") < page.index("](pictures/ndcg.svg)") < page.index("How well.")
    assert page.count("![") == 1


def test_json_has_no_nan_and_comes_back() -> None:
    plain = json.loads(HEARING.to_json(), parse_constant=pytest.fail)
    assert plain["tables"][1]["rows"] == [["gap", None]]
    again = Hearing.from_json(HEARING.to_json())
    assert again.to_markdown("x") == HEARING.to_markdown("x")
    assert (again.fingerprint, again.unheard) == (HEARING.fingerprint, HEARING.unheard)


def test_tables_are_found_by_name() -> None:
    assert HEARING.table("shape") is SHAPE
    with pytest.raises(KeyError):
        HEARING.table("taste")


def test_a_folder_holds_the_page_the_record_and_the_figures(tmp_path: Path) -> None:
    HEARING.save(tmp_path / "deep" / "docs")
    docs = tmp_path / "deep" / "docs"
    assert sorted(one.name for one in (docs / "hearing").iterdir()) == ["hearing.json", "ndcg.svg"]
    again = Hearing.from_json((docs / "hearing" / "hearing.json").read_text(encoding="utf-8"))
    page = (docs / "hearing.md").read_text(encoding="utf-8")
    assert page == again.to_markdown("hearing")
    assert "](hearing/ndcg.svg)" in page


def test_a_folder_that_cannot_be_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "docs").write_text("a file")
    with pytest.raises(PromptError, match="the hearing cannot be written") as caught:
        HEARING.save(tmp_path / "docs")
    assert caught.value.path is not None


def test_a_study_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "study.json"
    file.write_text(json.dumps({"tables": [RANKING.to_plain(), SHAPE.to_plain()]}))
    first, second = read_study(file)
    assert first.rows[0] == RANKING.rows[0]
    assert second.rows == (("gap", None),)


@pytest.mark.parametrize("text", ["{", "[]", '{"tables": 3}', '{"tables": [{"name": "x"}]}'])
def test_what_is_no_study_is_refused_with_its_form(tmp_path: Path, text: str) -> None:
    file = tmp_path / "study.json"
    file.write_text(text)
    with pytest.raises(PromptError, match="the study cannot be read") as caught:
        read_study(file)
    assert caught.value.path == str(file)
    with pytest.raises(PromptError):
        read_study(tmp_path / "absent.json")
