"""What a training of the text tower does."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TextRecipe:
    """What a run does.

    Attributes:
        layers: the layers of the teacher that the tower starts from.
        pieces: size of the vocabulary.
        rounds: times the learning rate starts again from its peak.
        steps, batch, rate: optimiser steps of a round, texts a step, peak learning rate.
        meaning, emotions, feelings, affect, vad: weights of the losses.
        asked: sentences of GoEmotions, and of EmoBank, that the reader reads, the others teach
            emotion only.
        words: plain words of the vocabulary that it reads.
        denials: whether denied feelings are taught.
    """

    layers: tuple[int, ...] = (0, 1, 2, 3, 4, 5)
    pieces: int = 18_500
    rounds: int = 3
    steps: int = 1500
    batch: int = 48
    rate: float = 3e-4
    meaning: float = 8.0
    emotions: float = 0.3
    feelings: float = 0.1
    affect: float = 0.5
    vad: float = 0.3
    asked: int = 1500
    words: int = 14_000
    denials: bool = True
