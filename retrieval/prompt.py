"""Prompt algebra: what a person types, as weighted terms.

    calm + warm voice - 0.5:music        words, added and taken away, with a weight
    tense + ./take3.wav@12-15            words and seconds 12 to 15 of a recording

On a command line every piece is an argument of its own. Words that follow one another belong
together, so quotes are needed only where the shell would misread a character. Inside one
string (from Python, or all in one pair of quotes) ``+`` and ``-`` are operators only when the
string holds double quotes: a dash in plain words stays a dash.
"""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from retrieval.audio import EXTENSIONS
from retrieval.errors import PromptError

_WEIGHT = re.compile(r"^(\d+(?:\.\d*)?|\.\d+):(.+)$", re.DOTALL)
_RANGE = re.compile(r"^(.+)@([\d:.]+)?-([\d:.]+)?$", re.DOTALL)
_SYNTAX = 'write it as: calm + "warm voice" - 0.5:music + ./take3.wav@12-15'


@dataclass(frozen=True)
class Excerpt:
    """A recording, or the part of it from ``start`` to ``end`` (seconds; None is its end)."""

    path: Path
    start: float = 0.0
    end: float | None = None


@dataclass(frozen=True)
class Term:
    """One part of a prompt: words or an excerpt, with a weight that may be negative."""

    weight: float
    what: str | Excerpt


def parse_prompt(prompt: str | Sequence[str]) -> tuple[Term, ...]:
    """Read a prompt, as one string or as the arguments of a command line.

    Raises:
        PromptError: nothing was asked, an operator has nothing to work on, a weight is zero,
            or a time range runs backwards.
    """
    tokens = _tokens(prompt)
    terms: list[Term] = []
    sign, words = 1.0, list[str]()
    expecting = False
    for token in [*tokens, "+"]:
        if token not in ("+", "-"):
            words.append(token)
            continue
        if words:
            terms.append(_term(sign, words))
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


def _tokens(prompt: str | Sequence[str]) -> list[str]:
    pieces = [prompt] if isinstance(prompt, str) else list(prompt)
    if len(pieces) == 1 and '"' in pieces[0]:
        pieces = _unquote(pieces[0])
    return [piece for piece in pieces if piece.strip()]


def _unquote(text: str) -> list[str]:
    lexer = shlex.shlex(text, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.quotes, lexer.escape, lexer.commenters = '"', "", ""
    try:
        return list(lexer)
    except ValueError:
        raise PromptError("a quote of the prompt is not closed", remedy=_SYNTAX) from None


def _term(sign: float, words: list[str]) -> Term:
    text = " ".join(words).strip()
    weight = 1.0
    if match := _WEIGHT.match(text):
        weight, text = float(match[1]), match[2].strip()
    if weight == 0 or not text:
        raise PromptError(f"the term {' '.join(words)!r} weighs nothing", remedy=_SYNTAX)
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
