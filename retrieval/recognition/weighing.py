"""Which words make a text pleasant or unpleasant: each is left out, and the rest judged again."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from retrieval.recognition.judgement import Judgement
from retrieval.recognition.mismatch import lean

#: Letters and figures, with apostrophes and hyphens inside: "don't", "half-hearted".
_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")


@dataclass(frozen=True)
class Weighed:
    """A word and what it does to its text.

    Attributes:
        word: as it stands in the text, where it comes first.
        start_char: its place there, from 0.
        weight: the lean (retrieval/recognition/mismatch.py) of the text less its lean without the
            word, -14..14: above 0 the word makes it more pleasant; 1 makes pleasant 2.7 times as
            likely against unpleasant.
    """

    word: str
    start_char: int
    weight: float


def weigh(text: str, judge: Callable[[Sequence[str]], Sequence[Judgement]]) -> list[Weighed]:
    """The words of a text, those that move it most first, equal ones in their order.

    A word that comes several times, in any case, is left out everywhere at once and stands in the
    list once; otherwise each would hide behind the others. Punctuation stays, and belongs to no
    word. A text of which no word is left leans nowhere: 0.

    Args:
        text: any; without words it gives an empty list.
        judge: texts to their judgements. It is called once, with the text and with as many others
            as it has different words.
    """
    places: dict[str, list[re.Match[str]]] = {}
    for match in _WORD.finditer(text):
        places.setdefault(match.group().casefold(), []).append(match)
    if not places:
        return []
    shortened = [_without(text, found) for found in places.values()] if len(places) > 1 else []
    full, *rest = [lean(one) for one in judge([text, *shortened])]
    leans = rest or [0.0]
    words = [
        Weighed(found[0].group(), found[0].start(), full - left)
        for found, left in zip(places.values(), leans, strict=True)
    ]
    return sorted(words, key=lambda word: -abs(word.weight))


def _without(text: str, left_out: Sequence[re.Match[str]]) -> str:
    kept, at = [], 0
    for match in left_out:
        kept.append(text[at : match.start()])
        at = match.end()
    return " ".join("".join([*kept, text[at:]]).split())
