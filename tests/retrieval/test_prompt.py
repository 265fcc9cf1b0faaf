from pathlib import Path

import pytest

from retrieval.errors import PromptError
from retrieval.prompt import Excerpt, Term, parse_excerpt, parse_prompt


@pytest.mark.parametrize(
    ("prompt", "terms"),
    [
        ("calm", [(1, "calm")]),
        (["calm"], [(1, "calm")]),
        (["bitter,", "holding", "back", "tears"], [(1, "bitter, holding back tears")]),
        (
            ["calm", "+", "warm voice", "-", "0.5:music"],
            [(1, "calm"), (1, "warm voice"), (-0.5, "music")],
        ),
        ('"calm" + "warm voice" - 0.5:"music"', [(1, "calm"), (1, "warm voice"), (-0.5, "music")]),
        (["-", "music"], [(-1, "music")]),
        (["2:angry", "+", ".25:sad"], [(2, "angry"), (0.25, "sad")]),
        ("sad - almost crying + shaking", [(1, "sad - almost crying + shaking")]),
        ("someone's half-whispered apology", [(1, "someone's half-whispered apology")]),
    ],
)
def test_words(prompt: str | list[str], terms: list[tuple[float, str]]) -> None:
    assert parse_prompt(prompt) == tuple(Term(weight, text) for weight, text in terms)


@pytest.mark.parametrize(
    ("prompt", "complaint"),
    [
        ([], "empty"),
        ("", "empty"),
        (["  "], "empty"),
        (["calm", "+"], "nothing to work on"),
        (["calm", "+", "-", "music"], "nothing to work on"),
        (["+"], "nothing to work on"),
        (["0:music"], "weighs nothing"),
        ('"calm', "not closed"),
        (["tense", "+", "take.wav@15-12"], "ends before it begins"),
        (["take.wav@1:x-12"], "take"),
    ],
)
def test_prompts_that_cannot_be_read(prompt: str | list[str], complaint: str) -> None:
    if complaint == "take":  # not a time range, so it is the name of a file
        assert parse_prompt(prompt)[0].what == "take.wav@1:x-12"
        return
    with pytest.raises(PromptError, match=complaint):
        parse_prompt(prompt)


@pytest.mark.parametrize(
    ("text", "excerpt"),
    [
        ("./take3.wav@12-15", Excerpt(Path("take3.wav"), 12.0, 15.0)),
        ("take3.wav", Excerpt(Path("take3.wav"), 0.0, None)),
        ("take3.mp3@1:02.5-", Excerpt(Path("take3.mp3"), 62.5, None)),
        ("take3.flac@-3", Excerpt(Path("take3.flac"), 0.0, 3.0)),
        ("a/b.ogg@1:00:00-1:00:10", Excerpt(Path("a/b.ogg"), 3600.0, 3610.0)),
    ],
)
def test_excerpts(text: str, excerpt: Excerpt) -> None:
    assert parse_excerpt(text) == excerpt
    assert parse_prompt(["tense", "+", text])[1] == Term(1.0, excerpt)


def test_words_that_end_like_a_file_are_words_unless_the_file_is_there(tmp_path: Path) -> None:
    text = f"{tmp_path}/door slam.wav"
    assert parse_prompt([text]) == (Term(1.0, text),)
    Path(text).touch()
    assert parse_prompt([text]) == (Term(1.0, Excerpt(Path(text))),)


def test_a_file_whose_name_holds_a_range_is_that_file(tmp_path: Path) -> None:
    file = tmp_path / "take.wav@1-2"
    file.touch()
    assert parse_excerpt(str(file)) == Excerpt(file)
