"""What a finished space hears in recordings it never trained on: the figures of the card.

Everything goes through the exported files, window by window, as the library does it.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluation.metrics import (
    average_precision,
    kendall_tau_b,
    ndcg_at_k,
    precision_at_k,
    random_average_precision,
    unweighted_average_recall,
)
from retrieval.space import Space, unit
from retrieval.training.clips import RATE, Clip
from retrieval.training.words import SOUNDS, split
from retrieval.windows import windows

Vectors = NDArray[np.float32]
Encode = Callable[[Sequence[Vectors]], Vectors]  # windows to raw vectors (n, d)

# Prompt to the feelings that answer it, and whether it asks for loud (1) or quiet (-1) voices.
PROMPTS = {
    "angry": (("angry",), 1),
    "sad": (("sad",), -1),
    "happy": (("happy",), 1),
    "fearful": (("fearful",), 1),
    "calm": (("calm", "neutral"), -1),
}
SPEECH = ("ravdess", "nemo", "ased")
Figures = dict[str, float]


def hear(space: Space, clips: Sequence[Clip]) -> list[Vectors]:
    """Raw vectors of the windows of each clip, (w, d) each."""
    return [
        heard_by(space.audio.encode, samples_of(clip), space.window, space.hop) for clip in clips
    ]


def heard_by(encode: Encode, samples: Vectors, window: float, hop: float) -> Vectors:
    """Raw vectors (w, d) of the windows of samples (n,), cut as a library cuts them."""
    cut = windows([samples], RATE, window, hop)
    return encode([one.samples for one in cut])


def samples_of(clip: Clip) -> Vectors:
    """A recording as float32 in -1..1."""
    return np.asarray(clip.samples / np.float32(32768), dtype=np.float32)


def figures(space: Space, clips: Sequence[Clip], heard: Sequence[Vectors]) -> dict[str, Figures]:
    """Corpus to measure to value; clips whose sentence tells the feeling are left out."""
    placed = [space.place_audio(raw) for raw in heard]
    found: dict[str, Figures] = {}
    for corpus in SPEECH:
        rows = [
            row for row, clip in enumerate(clips)
            if clip.corpus == corpus and "text_confound" not in clip.flags
        ]  # fmt: skip
        if rows:
            kept, units = [clips[row] for row in rows], [placed[row] for row in rows]
            found[corpus] = {**by_prompt(space, kept, units), **by_order(space, kept, units)}
    rows = [row for row, clip in enumerate(clips) if clip.corpus == "deeply_nv"]
    if rows:
        found["deeply_nv"] = _sounds(space, [clips[r] for r in rows], [placed[r] for r in rows])
    return found


def by_prompt(space: Space, clips: Sequence[Clip], units: Sequence[Vectors]) -> Figures:
    """nDCG@10 and P@10 of the prompts (best window of a clip), UAR of the labels (mean window)."""
    texts = space.place_text(list(PROMPTS))  # (p, k)
    scores = np.stack([(windows_ @ texts.T).max(axis=0) for windows_ in units])  # (clips, p)
    loudness = np.array([_rms(clip) for clip in clips])
    by_chance = np.zeros(len(clips))  # equal scores: the mean over all orders
    sums: dict[str, list[float]] = {}
    for column, (prompt, (feelings, louder)) in enumerate(PROMPTS.items()):
        relevant = np.array([not clip.feelings.keys().isdisjoint(feelings) for clip in clips])
        if not relevant.any():
            continue
        loud = louder * loudness
        rivals = {"": scores[:, column], "loudness ": loud, "random ": by_chance}
        for rival, score in rivals.items():
            sums.setdefault(f"{rival}nDCG@10", []).append(ndcg_at_k(score, relevant))
            sums.setdefault(f"{rival}P@10", []).append(precision_at_k(score, relevant))
        sums[f"nDCG@10 {prompt}"] = [ndcg_at_k(scores[:, column], relevant)]
    found = {name: float(np.mean(values)) for name, values in sums.items()}
    found["UAR"] = recall(space, clips, units)
    found["chance UAR"] = 1 / len({clip.label for clip in clips})
    return found


def by_order(space: Space, clips: Sequence[Clip], units: Sequence[Vectors]) -> Figures:
    """Kendall's tau-b of valence and arousal heard against those of the labels."""
    felt = space.affect(whole(space, units))  # (clips, 2)
    true = np.array([clip.affect for clip in clips])
    return {
        f"tau-b {name}": kendall_tau_b(felt[:, column], true[:, column])
        for column, name in enumerate(("valence", "arousal"))
    }


def _sounds(space: Space, clips: Sequence[Clip], units: Sequence[Vectors]) -> Figures:
    """mAP over the classes of sounds without words, each asked for by its first name."""
    true = np.array([clip.sound for clip in clips])
    names = sorted(set(true))
    texts = space.place_text([split(SOUNDS[name], ";")[0] for name in names])  # (p, k)
    scores = np.stack([(windows_ @ texts.T).max(axis=0) for windows_ in units])  # (clips, p)
    found = [
        average_precision(scores[:, column], true == name) for column, name in enumerate(names)
    ]
    chance = [random_average_precision(int((true == name).sum()), len(true)) for name in names]
    return {"mAP": float(np.mean(found)), "random mAP": float(np.mean(chance))}


def recall(space: Space, clips: Sequence[Clip], units: Sequence[Vectors]) -> float:
    """The share of clips named right by their mean window, as a mean over labels (UAR)."""
    labels = sorted({clip.label for clip in clips})
    scores = whole(space, units) @ space.place_text(labels).T  # (clips, labels)
    named = [labels[best] for best in scores.argmax(axis=1)]
    return unweighted_average_recall([clip.label for clip in clips], named)


def whole(space: Space, units: Sequence[Vectors]) -> Vectors:
    """One unit vector for each clip, the mean of its windows, (n, k)."""
    means = [windows.mean(axis=0) for windows in units]
    return unit(np.array(means, dtype=np.float32).reshape(-1, space.dim))


def _rms(clip: Clip) -> float:
    return float(np.sqrt(np.square(clip.samples.astype(np.float64)).mean()))
