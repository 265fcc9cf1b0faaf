"""Valence and arousal of what is heard: priors from the category, not ratings of a clip.

Feelings and vocalisations are placed by the vocabulary in `retrieval.emotions`; the sounds of
things and animals are added here by our own judgement on the same scale.
"""

from retrieval.emotions import VOCALISATIONS, lookup

Affect = tuple[float, float]

_THINGS: dict[str, Affect] = {
    "rain": (0.1, -0.45),
    "sea waves": (0.15, -0.45),
    "fire crackling": (0.1, -0.3),
    "clock tick": (0.0, -0.35),
    "dog bark": (-0.05, 0.35),
    "rooster": (0.0, 0.25),
    "chainsaw": (-0.15, 0.4),
    "helicopter": (-0.05, 0.25),
}
_SOUNDS = _THINGS | {
    word: (act.valence, act.arousal) for act in VOCALISATIONS for word in (act.name, *act.synonyms)
}
# (factor on valence, added to arousal): how far a strong or a mild case lies from the plain one.
_STRENGTH = {"": (1.0, 0.0), "strong": (1.15, 0.15), "normal": (0.85, -0.1)}


def affect_of(feeling: str = "", sound: str = "", strength: str = "") -> Affect:
    """Valence and arousal, -1..1 each; a sound says more than a feeling; (0, 0) for neither."""
    term = lookup(feeling)
    plain = (term.valence, term.arousal) if term is not None else (0.0, 0.0)
    valence, arousal = _SOUNDS.get(sound, plain)
    factor, shift = _STRENGTH["" if feeling == "neutral" else strength]
    return _clipped(valence * factor), _clipped(arousal + shift)


def mixed(shares: dict[str, float]) -> Affect:
    """Valence and arousal of a mix of feelings, weighted by their shares."""
    total = sum(shares.values())
    if total == 0:
        return 0.0, 0.0
    pairs = [(share, affect_of(feeling)) for feeling, share in shares.items()]
    valence = sum(share * affect[0] for share, affect in pairs) / total
    arousal = sum(share * affect[1] for share, affect in pairs) / total
    return _clipped(valence), _clipped(arousal)


def _clipped(value: float) -> float:
    return round(max(-1.0, min(1.0, value)), 4)
