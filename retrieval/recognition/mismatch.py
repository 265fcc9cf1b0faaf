"""Words against voice: how likely it is that what is said and how it is said feel opposite.

A pleasant sentence in an unpleasant voice may be sarcasm, an unpleasant sentence in a pleasant
voice a brave face. Both are found by one number, the chance that the valences of words and voice
have opposite signs. Words without feeling contradict no voice, and a voice without feeling
contradicts no words: neither is a mismatch.
"""

import numpy as np

from retrieval.emotions import lookup
from retrieval.recognition.judgement import EMOTIONS, Judgement
from retrieval.space import Vectors

#: An emotion is pleasant from this valence of the vocabulary on, and unpleasant from its negative
#: down. Neutral (.05) and surprised (.15) are neither: a surprise may be good or bad.
CLEAR = 0.5

#: A calm voice is still, and as such not pleased: it delivers bad news flatly. Calm words, such as
#: comfort and relief, are pleasant.
STILL = "calm"

#: The least chance of a side that `lean` tells from none.
LEAST = 1e-3


def _sides(without: str = "") -> Vectors:
    """Which of `EMOTIONS` are pleasant and which are unpleasant, (8, 2) of 0 and 1."""
    sides = np.zeros((len(EMOTIONS), 2), dtype=np.float32)
    for row, name in zip(sides, EMOTIONS, strict=True):
        term = lookup(name)
        if term is not None and name != without:
            row[:] = term.valence >= CLEAR, term.valence <= -CLEAR
    return sides


VOICE, WORDS = _sides(without=STILL), _sides()  # (8, 2) each


def mismatch(voice: Judgement, words: Judgement) -> float:
    """The chance that voice and words feel opposite, 0..1; above .5 it is more likely than not.

    P_words(pleasant) P_voice(unpleasant) + P_words(unpleasant) P_voice(pleasant), where a chance
    of a side is the sum over its emotions. It is a chance as far as those of the judgements are,
    and as voice and words are judged without each other.
    """
    return float(mismatches(voice.chances[None], words.chances[None])[0])


def mismatches(voices: Vectors, words: Vectors) -> Vectors:
    """`mismatch` of many: chances (n, 8) of voices and of words to (n,)."""
    heard, said = voices @ VOICE, words @ WORDS  # (n, 2) each: pleasant, unpleasant
    chance = said[:, 0] * heard[:, 1] + said[:, 1] * heard[:, 0]
    # chances in single precision may sum to a trifle above 1
    return np.asarray(np.clip(chance, 0.0, 1.0), dtype=np.float32)


def lean(words: Judgement) -> float:
    """To which side words lean: the logarithm of P(pleasant) to P(unpleasant), above 0 pleasant.

    It still grows where the valence of words cannot, at the end of its scale. Chances below one in
    a thousand count as that, so it lies within -7..7.
    """
    pleasant, unpleasant = np.maximum(words.chances @ WORDS, LEAST)
    return float(np.log(pleasant / unpleasant))
