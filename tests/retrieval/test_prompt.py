from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import PromptError
from retrieval.prompt import (
    ROUTES,
    Excerpt,
    Term,
    may_be_routed,
    parse_excerpt,
    parse_prompt,
)


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


@pytest.mark.parametrize(
    ("prompt", "terms"),
    [
        (["feeling:ominous", "what:low drone"],
         [(1, "ominous", "feeling"), (1, "low drone", "what")]),
        ('feeling:"ominous" what:"low drone"',
         [(1, "ominous", "feeling"), (1, "low drone", "what")]),
        ("feeling:ominous what:low drone", [(1, "ominous", "feeling"), (1, "low drone", "what")]),
        ("clap:rain - 0.5:what:music + calm",
         [(1, "rain", "clap"), (-0.5, "music", "what"), (1, "calm", None)]),
        (["bitter", "cold", "0.5:what:rain", "drops", "-", "said:no"],
         [(1, "bitter cold", None), (0.5, "rain drops", "what"), (-1, "no", "said")]),
        (["-", "what:music"], [(-1, "music", "what")]),
        (["what:2:drone"], [(2, "drone", "what")]),
        (["words:https://a.org/x"], [(1, "https://a.org/x", "words")]),
        (["he", "said:", "I", "am", "fine"], [(1, "he said: I am fine", None)]),
        ("he said: I am fine", [(1, "he said: I am fine", None)]),
        (["take", "12:30", "Re:Zero"], [(1, "take 12:30 Re:Zero", None)]),
        (["C:\\sounds"], [(1, "C:\\sounds", None)]),
    ],
)  # fmt: skip
def test_routes(prompt: str | list[str], terms: list[tuple[float, str, str | None]]) -> None:
    assert parse_prompt(prompt, ["clap"]) == tuple(Term(*term) for term in terms)


def test_a_recording_can_be_sent_to_a_space() -> None:
    (term,) = parse_prompt(["clap:./take3.wav@12-15"], ["clap"])
    assert term == Term(1.0, Excerpt(Path("take3.wav"), 12.0, 15.0), "clap")
    with pytest.raises(PromptError, match="said: takes words, and not a recording"):
        parse_prompt(["said:take3.wav"])


@pytest.mark.parametrize("prompt", ["waht:drone", "calm What:drone", ["calm", "feling:sad"]])
def test_a_misspelt_route_is_refused_with_those_there_are(prompt: str | list[str]) -> None:
    with pytest.raises(PromptError, match="is not a place to send words to") as caught:
        parse_prompt(prompt, ["clap"])
    assert "feeling: what: said: words: or the name of a space" in str(caught.value.remedy)


@pytest.mark.parametrize("prompt", ["what: low drone", ["what:"], ["calm", "+", "what:", "drone"]])
def test_a_route_without_words_is_refused(prompt: str | list[str]) -> None:
    with pytest.raises(PromptError, match="there are no words after what:"):
        parse_prompt(prompt)


_plain = st.text(st.characters(whitelist_categories=("Ll",)), min_size=1, max_size=8)
_piece = st.tuples(
    st.sampled_from([1.0, -1.0, 0.5, -2.0]),
    st.lists(_plain, min_size=1, max_size=3).map(" ".join),
    st.sampled_from([*ROUTES, "clap", None]),
)


@given(st.lists(_piece, min_size=1, max_size=5))
def test_what_is_written_is_read_back(parts: list[tuple[float, str, str | None]]) -> None:
    line = []
    for weight, words, route in parts:
        line.append("+" if weight > 0 else "-")
        line.append(f"{abs(weight)}:{route}:{words}" if route else f"{abs(weight)}:{words}")
    terms = tuple(Term(*part) for part in parts)
    assert parse_prompt(line, ["clap"]) == terms
    whole = " ".join(piece if piece in "+-" else f'"{piece}"' for piece in line)
    assert parse_prompt(whole, ["clap"]) == terms


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_and_no_colon_is_no_route(text: str) -> None:
    try:
        terms = parse_prompt(text, ["clap"])
    except PromptError:
        return
    assert terms
    if not may_be_routed(text):
        assert all(term.route is None for term in terms)
