"""Prompt algebra: what a person types, as weighted terms.

    calm + warm voice - 0.5:music        words, added and taken away, with a weight
    tense + ./take3.wav@12-15            words and seconds 12 to 15 of a recording
    feeling:ominous what:"low drone"     each part sent to what knows about it

On a command line every piece is an argument of its own. Words that follow one another belong
together, so quotes are needed only where the shell would misread a character. Inside one
string (from Python, or all in one pair of quotes) ``+`` and ``-`` are operators only when the
string holds double quotes or a route: a dash in plain words stays a dash.

A route is one of `ROUTES` or the name of a space, with its colon and no space before the words.
It begins a term of its own, and may stand behind a weight (``0.5:what:music``).
"""

import re
import shlex
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from retrieval.audio import EXTENSIONS
from retrieval.errors import PromptError

_WEIGHT = re.compile(r"^(\d+(?:\.\d*)?|\.\d+):(.+)$", re.DOTALL)
_RANGE = re.compile(r"^(.+)@([\d:.]+)?-([\d:.]+)?$", re.DOTALL)
_SYNTAX = 'write it as: calm + "warm voice" - 0.5:music + ./take3.wav@12-15'
_ROUTED = re.compile(r"((?:\d+(?:\.\d*)?|\.\d+):)?([A-Za-z][\w+.-]*):(.*)", re.DOTALL | re.ASCII)
_ALIKE = 0.7  # of `get_close_matches`: "waht" is meant for "what"

#: Where a term may be sent besides the name of a space (retrieval/voices/routes.py).
FEELING, WHAT, SAID, WORDS = ROUTES = ("feeling", "what", "said", "words")


@dataclass(frozen=True)
class Excerpt:
    """A recording, or the part of it from ``start`` to ``end`` (seconds; None is its end)."""

    path: Path
    start: float = 0.0
    end: float | None = None


@dataclass(frozen=True)
class Term:
    """One part of a prompt: words or an excerpt, with a weight that may be negative.

    `route` is one of `ROUTES` or the name of a space; None goes to all that are asked.
    """

    weight: float
    what: str | Excerpt
    route: str | None = None


def parse_prompt(prompt: str | Sequence[str], spaces: Collection[str] = ()) -> tuple[Term, ...]:
    """Read a prompt, as one string or as the arguments of a command line.

    Args:
        spaces: names that are routes besides `ROUTES`. A word with a colon that is no route
            stays a word.

    Raises:
        PromptError: nothing was asked, an operator has nothing to work on, a weight is zero,
            a time range runs backwards, or a word looks like a route that was misspelt.
    """
    routes = (*ROUTES, *spaces)
    tokens = _tokens(prompt, routes)
    terms: list[Term] = []
    sign, words = 1.0, list[str]()
    expecting = False
    for token in [*tokens, "+"]:
        if token not in ("+", "-"):
            if _is_routed(token, routes, first=not words) and words:
                terms.append(_term(sign, words, routes))
                sign, words = 1.0, []
            words.append(token)
            continue
        if words:
            terms.append(_term(sign, words, routes))
        elif expecting:
            raise PromptError("an operator of the prompt has nothing to work on", remedy=_SYNTAX)
        sign, words = (1.0 if token == "+" else -1.0), []
        expecting = True
    if not terms:
        raise PromptError("the prompt is empty", remedy=_SYNTAX)
    return tuple(terms)


def parse_excerpt(text: str) -> Excerpt:
    """Read ``FILE`` or ``FILE@start-end``; times in seconds or as minutes:seconds.

    Raises:
        PromptError: a time cannot be read, or the end is not after the start.
    """
    match = _RANGE.match(text)
    if match is None or Path(text).exists():
        return Excerpt(Path(text).expanduser())
    path, first, last = match.groups()
    start = _seconds(first) if first else 0.0
    end = _seconds(last) if last else None
    if end is not None and end <= start:
        raise PromptError(f"the time range of {text} ends before it begins", remedy=_SYNTAX)
    return Excerpt(Path(path).expanduser(), start, end)


def may_be_routed(prompt: str | Sequence[str]) -> bool:
    """Whether a prompt holds a colon at all: without one, the names of spaces are not needed."""
    return any(":" in piece for piece in ([prompt] if isinstance(prompt, str) else prompt))


def _tokens(prompt: str | Sequence[str], routes: Collection[str]) -> list[str]:
    pieces = [prompt] if isinstance(prompt, str) else list(prompt)
    if len(pieces) == 1 and '"' in pieces[0]:
        pieces = _unquote(pieces[0])
    elif len(pieces) == 1:
        words = pieces[0].split()
        if any(_is_routed(word, routes, first=n == 0) for n, word in enumerate(words)):
            pieces = words
    return [piece for piece in pieces if piece.strip()]


def _is_routed(piece: str, routes: Collection[str], *, first: bool = False) -> bool:
    """Whether a piece begins with a route; `first` if it begins a term in any case.

    Raises:
        PromptError: it begins with what is nearly one, or with one that has no words.
    """
    match = _ROUTED.match(piece)
    if match is None or match[3][:1].isspace():
        return False
    name = match[2]
    if name in routes:
        if not match[3] and first:
            raise PromptError(
                f"there are no words after {name}:",
                remedy=f'write {name}:"low drone", without a space after the colon',
            )
        return bool(match[3])
    near = get_close_matches(name.lower(), routes, 1, _ALIKE)
    if near and match[3] and not match[3].startswith("/"):
        raise PromptError(
            f"{name}: is not a place to send words to; {near[0]}: is",
            remedy=f"choose one of {' '.join(f'{one}:' for one in ROUTES)} or the name of a space, "
            "or put a space after the colon to mean the word",
        )
    return False


def _unquote(text: str) -> list[str]:
    lexer = shlex.shlex(text, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.quotes, lexer.escape, lexer.commenters = '"', "", ""
    try:
        return list(lexer)
    except ValueError:
        raise PromptError("a quote of the prompt is not closed", remedy=_SYNTAX) from None


def _term(sign: float, words: list[str], routes: Collection[str]) -> Term:
    text = " ".join(words).strip()
    match = _ROUTED.match(text)
    if match is None or match[2] not in routes or not match[3] or match[3][0].isspace():
        return _unrouted(sign, text)
    term = _unrouted(sign, (match[1] or "") + match[3])
    if isinstance(term.what, Excerpt) and match[2] in (SAID, WORDS):
        raise PromptError(
            f"{match[2]}: takes words, and not a recording", remedy=f"leave out {match[2]}:"
        )
    return replace(term, route=match[2])


def _unrouted(sign: float, text: str) -> Term:
    whole, weight = text, 1.0
    if match := _WEIGHT.match(text):
        weight, text = float(match[1]), match[2].strip()
    if weight == 0 or not text:
        raise PromptError(f"the term {whole!r} weighs nothing", remedy=_SYNTAX)
    return Term(sign * weight, parse_excerpt(text) if _is_recording(text) else text)


def _is_recording(text: str) -> bool:
    """Words are a recording when they end in the name of an audio file."""
    match = _RANGE.match(text)
    path = Path(match[1] if match else text)
    return path.suffix.lower() in EXTENSIONS and (" " not in text or path.expanduser().exists())


def _seconds(clock: str) -> float:
    parts = clock.split(":")
    try:
        values = [float(part) for part in parts]
    except ValueError:
        values = []
    if not values or len(values) > 3:
        raise PromptError(f"the time {clock!r} cannot be read", remedy="write 75, 1:15 or 75.5")
    return float(sum(value * 60**power for power, value in enumerate(reversed(values))))
