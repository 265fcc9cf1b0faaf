"""Voices as the measures of mismatch take them: judged, beside the valence that a space gives."""

from collections.abc import Sequence

from retrieval.evaluation.clips import Clip, hear
from retrieval.evaluation.judged_pairs import Read, Voice
from retrieval.evaluation.recognised import Hear, listened
from retrieval.recognition.recogniser import Recogniser
from retrieval.space import Space


def voices(
    clips: Sequence[Clip], recogniser: Recogniser, frames: Hear, space: Space
) -> list[Voice]:
    """Every clip of speech that can be judged, by its voice alone; of long ones the first 10 s.

    Args:
        frames: samples (n,) of 16 kHz, at most 10 s, to frames.
        space: gives the valence that stands beside the recogniser's.
    """
    heard = listened(clips, recogniser, frames)
    sounds, _ = hear(heard.clips, space)
    valence = {one.clip.path: float(space.affect(one.centre[None])[0, 0]) for one in sounds}
    return [
        Voice(clip, recogniser.judge(state, None).both, valence[clip.path])
        for clip, state in zip(heard.clips, heard.states, strict=True)
        if clip.path in valence
    ]


def reader(recogniser: Recogniser) -> Read:
    """Texts to what the words alone say."""
    return lambda texts: [recogniser.judge(None, state).both for state in recogniser.read(texts)]
