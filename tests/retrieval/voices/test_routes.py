from pathlib import Path

import pytest

from retrieval.errors import PromptError
from retrieval.prompt import Excerpt, Term
from retrieval.voices.routes import (
    Question,
    names_of,
    only_space,
    questions_of,
    spaces_of,
    thing_space,
)


def test_names_are_read_from_one_text_or_several() -> None:
    assert names_of("affetto, clap,affetto") == ("affetto", "clap")
    assert names_of(["words", "clap"]) == ("words", "clap")
    with pytest.raises(PromptError, match="no space is named"):
        names_of(",")


@pytest.mark.parametrize(
    ("held", "things"),
    [
        (["affetto", "birds", "clap"], "clap"),
        (["affetto", "clap+affetto", "birds"], "birds"),
        (["affetto"], None),
        ([], None),
    ],
)
def test_the_space_that_knows_things(held: list[str], things: str | None) -> None:
    assert thing_space(held) == things


@pytest.mark.parametrize(
    ("route", "asked", "things", "answering"),
    [
        (None, ["affetto"], "clap", (("affetto",), False, False)),
        (None, ["affetto", "clap"], "clap", (("affetto", "clap"), True, False)),
        (None, ["clap", "words", "said"], "clap", (("clap",), True, True)),
        (None, ["words"], "clap", ((), True, False)),
        ("feeling", ["clap"], "clap", (("affetto",), False, False)),
        ("what", ["affetto"], "clap", (("clap",), True, False)),
        ("what", ["affetto"], None, (("affetto",), True, False)),
        ("said", ["affetto"], None, ((), False, True)),
        ("words", ["affetto"], None, ((), True, False)),
        ("birds", ["affetto", "clap"], "clap", (("birds",), False, False)),
    ],
)
def test_who_answers_a_term(
    route: str | None,
    asked: list[str],
    things: str | None,
    answering: tuple[tuple[str, ...], bool, bool],
) -> None:
    term = Term(1.0, "rain", route)
    assert questions_of([term], asked, things) == (Question(term, *answering),)


def test_a_recording_is_only_heard_in_spaces() -> None:
    term = Term(1.0, Excerpt(Path("a.wav")))
    assert questions_of([term], ["clap", "affetto"], None)[0] == Question(term, ("clap", "affetto"))
    with pytest.raises(PromptError, match="only be compared in a space"):
        questions_of([term], ["words", "said"], None)


def test_one_space_alone_is_told_from_several_voices() -> None:
    calm, rain = Term(1.0, "calm", "feeling"), Term(1.0, "rain", "what")
    assert only_space(questions_of([calm, calm], ["clap"], None)) == "affetto"
    assert only_space(questions_of([calm, Term(1.0, "x")], ["affetto"], None)) == "affetto"
    assert only_space(questions_of([calm, rain], ["affetto"], "clap")) is None
    assert only_space(questions_of([rain], ["affetto"], "clap")) is None  # words join
    assert spaces_of(questions_of([rain, calm, rain], ["affetto"], "clap")) == ("clap", "affetto")
