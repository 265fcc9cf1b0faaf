"""The aligner that ships: trained on all corpora with transcripts, written as ONNX and a card."""

import hashlib
import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from retrieval.evaluation.clips import Clip, read_table
from retrieval.recognition.attention.aligner import CARD, GRAPH
from retrieval.recognition.judgement import EMOTIONS
from retrieval.training.alignment.fitting import Log, Recipe, Utterance, fit, hear, labels_of, ua
from retrieval.training.alignment.model import Aligned
from retrieval.training.alignment.study import CORPORA, GUIDE
from retrieval.training.alignment.utterances import (
    SPEECH,
    Ears,
    sizes_for,
    spoken_in,
    utterance,
)
from retrieval.training.export import OPSET
from retrieval.training.graphs import halve

LICENCE = "CC BY-NC-SA 4.0"


@dataclass(frozen=True)
class Kept:
    """What of a training is written beside the weights."""

    recipe: Recipe
    validation: float
    clips: int
    words: tuple[str, ...]


def make_aligner(
    corpora: Path, out: Path, *, seed: int = 0, epochs: int = 24, quick: bool = False, log: Log
) -> None:
    """Train on the training speakers of RAVDESS and nEMO and write attention.onnx and model.json.

    Args:
        corpora: folder with clips.csv and the recordings it names.
        out: folder to write, made if it is absent.
        epochs: at most so many; training stops by the validation speakers before.
        quick: few clips and one epoch, to try the path.

    Raises:
        PromptError: the corpora are not there.
    """
    ears = Ears()
    thin = 24 if quick else 1
    recipe = Recipe(guide=GUIDE, epochs=1 if quick else epochs, seed=seed, patience=8)
    train, val = (
        [
            utterance(clip, SPEECH, EMOTIONS, ears)
            for corpus in CORPORA
            for clip in _known(read_table(corpora, [corpus], split).clips)[::thin]
        ]
        for split in ("train", "val")
    )
    log(f"{len(train)} clips to learn from, {len(val)} to stop by")
    model = fit(Aligned, sizes_for(SPEECH, train, len(EMOTIONS)), train, val, recipe, log)
    assert isinstance(model, Aligned)  # as it was asked for
    found = ua(hear(model, val).chances, labels_of(val))
    out.mkdir(parents=True, exist_ok=True)
    write_graph(model, train[0], out / GRAPH)
    words = sorted({word for one in train for word in one.spoken})
    write_card(out, ears, Kept(recipe, found, len(train), tuple(words)))


class _OneUtterance(nn.Module):
    """The model as the product calls it: frames (t, frame) and words (w, word)."""

    def __init__(self, model: Aligned) -> None:
        super().__init__()
        self.model = model

    def forward(self, frames: Tensor, words: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        judged = self.model.judge(frames.unsqueeze(0), words.unsqueeze(0))
        assert judged.attention is not None  # for the type checker: an aligner has one
        return judged.logits[0], judged.shares[0], judged.attention[0]


def write_graph(model: Aligned, example: Utterance, path: Path) -> None:
    """Write an aligner as ONNX for any number of frames and words; weights in half precision."""
    given = tuple(
        torch.from_numpy(np.asarray(part, dtype=np.float32))
        for part in (example.frames, example.words)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own future, not of our graph
        torch.onnx.export(
            _OneUtterance(model).eval(), given, str(path), input_names=["frames", "words"],
            output_names=["logits", "shares", "attention"],
            dynamic_axes={"frames": {0: "t"}, "words": {0: "w"}, "shares": {0: "w"},
                          "attention": {0: "w", 1: "t"}},
            opset_version=OPSET, dynamo=False,
        )  # fmt: skip
    graph = onnx.load(str(path))
    halve(graph.graph)
    onnx.save(graph, str(path))


def write_card(folder: Path, ears: Ears, kept: Kept) -> None:
    """Write model.json beside the graph: what it is, and what it may be used with."""
    card = {
        "kind": "alignment",
        "description": "words laid on speech by attention (after Xu et al. 2019)",
        "licence": LICENCE,
        "emotions": list(EMOTIONS),
        "frames": ears.frames.fingerprint,
        "text": ears.text.fingerprint,
        "sha256": hashlib.sha256((folder / GRAPH).read_bytes()).hexdigest(),
        "corpora": list(CORPORA),
        "clips": kept.clips,
        "seed": kept.recipe.seed,
        "guide": kept.recipe.guide,
        "validation_ua": round(kept.validation, 3),
        "words": list(kept.words),
    }
    (folder / CARD).write_text(
        json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def _known(clips: Sequence[Clip]) -> list[Clip]:
    """The clips with words whose emotion is one of those that are told apart."""
    return [clip for clip in spoken_in(clips) if clip.emotion and clip.emotion.name in EMOTIONS]
