"""Who hears what: the terms of a prompt, each with the voices that answer it.

A voice is a space, the words that people left (`WORDS`: file and folder names, tags, labels and
transcripts) or what is said (`SAID`: the meaning of transcripts). A term without a route goes to
every voice that is asked, one with a route to the voices of that route:

    feeling     the space `affetto`
    what        the space of the library that knows things, or else `affetto`, and words
    said        transcripts
    words       words
    a name      the space of this name
"""

from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.encoders.builtin import BUILTIN
from retrieval.encoders.models.checkpoints import DEFAULT
from retrieval.errors import PromptError
from retrieval.prompt import FEELING, SAID, WHAT, WORDS, Excerpt, Term

#: The space that knows feelings, and the first of those that know things.
FEELINGS, THINGS = BUILTIN, DEFAULT

NO_THINGS = (
    "what: asked the space affetto, which knows feelings better than things, and names, tags, "
    "labels and transcripts (affetto embed --space clap adds a space that knows things)"
)


@dataclass(frozen=True)
class Question:
    """A term with the voices that answer it: spaces by name, words, transcripts."""

    term: Term
    spaces: tuple[str, ...]
    words: bool = False
    said: bool = False


def names_of(asked: str | Sequence[str]) -> tuple[str, ...]:
    """The voices that are asked, each once: ``affetto,clap``, or a sequence of names.

    Raises:
        PromptError: none is named.
    """
    parts = asked.split(",") if isinstance(asked, str) else asked
    names = tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))
    if not names:
        raise PromptError("no space is named", remedy="as --space affetto,clap")
    return names


def thing_space(held: Sequence[str]) -> str | None:
    """Which of the spaces that a library holds is asked for things; None if it has none.

    It is `THINGS`, or else the first that is not about feelings.
    """
    others = [name for name in held if name.partition("+")[2] != FEELINGS and name != FEELINGS]
    return THINGS if THINGS in others else others[0] if others else None


def questions_of(
    terms: Sequence[Term], asked: Sequence[str], things: str | None
) -> tuple[Question, ...]:
    """Who answers each term.

    Words join by themselves where several spaces are asked, as they are for `what`.

    Args:
        asked: names of spaces, `WORDS` and `SAID`, for the terms without a route.
        things: what `thing_space` gave.

    Raises:
        PromptError: a recording is sent where nobody hears.
    """
    spaces = tuple(name for name in asked if name not in (WORDS, SAID))
    everyone = (spaces, WORDS in asked or len(spaces) > 1, SAID in asked)
    routes = {
        None: everyone,
        FEELING: ((FEELINGS,), False, False),
        WHAT: ((things or FEELINGS,), True, False),
        SAID: ((), False, True),
        WORDS: ((), True, False),
    }
    return tuple(_question(term, routes.get(term.route)) for term in terms)


def _question(term: Term, voices: tuple[tuple[str, ...], bool, bool] | None) -> Question:
    spaces, words, said = voices or ((str(term.route),), False, False)
    if not isinstance(term.what, Excerpt):
        return Question(term, spaces, words, said)
    if not spaces:
        raise PromptError(
            "a recording can only be compared in a space", remedy="as --space affetto,words"
        )
    return Question(term, spaces)


def only_space(questions: Sequence[Question]) -> str | None:
    """The one space that answers everything, if no other voice does."""
    first = questions[0].spaces
    alone = all(one.spaces == first and not one.words and not one.said for one in questions)
    return first[0] if alone and len(first) == 1 else None


def spaces_of(questions: Sequence[Question]) -> tuple[str, ...]:
    """Every space that answers anything, in the order in which they were named."""
    return tuple(dict.fromkeys(name for one in questions for name in one.spaces))
