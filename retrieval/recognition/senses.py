"""What a clip is judged with: a recogniser, the frames it hears, and which words it can read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from retrieval.recognition.judgement import Recognised
from retrieval.space import Vectors


class Judge(Protocol):
    """What judges voices and words, as `retrieval.recognition.recogniser.Recogniser` does."""

    @property
    def fingerprint(self) -> str:
        """Another one judges otherwise."""
        ...

    def hear(self, frames: Mapping[str, Vectors]) -> Vectors:
        """Frames (t, d) of each stream to the state of a voice (s,)."""
        ...

    def read(self, texts: Sequence[str]) -> Vectors:
        """Texts to the states of words (n, r)."""
        ...

    def judge(self, voice: Vectors | None, words: Vectors | None) -> Recognised:
        """A judgement from the state of a voice (s,), of words (r,), or of both."""
        ...


@dataclass(frozen=True)
class Senses:
    """All that is needed to judge a clip.

    Attributes:
        judge: of voices and words.
        frames: mono samples (n,) at 16 kHz, of at most 10 s, to the frames that `judge` hears.
        readable: whether `judge` can read a text.
    """

    judge: Judge
    frames: Callable[[Vectors], Mapping[str, Vectors]]
    readable: Callable[[str], bool]


def builtin_senses() -> Senses:
    """The built-in recogniser, with the towers of the built-in space.

    Raises:
        SpaceError: its weights are absent, broken, or of other towers.
    """
    # Imported here: whoever only reads what was recognised needs no weights.
    from retrieval.encoders.frames import builtin_frames
    from retrieval.recognition.english import readable
    from retrieval.recognition.recogniser import load_recogniser

    return Senses(load_recogniser(), builtin_frames().hear, readable)
