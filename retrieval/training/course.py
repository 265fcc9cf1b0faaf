"""The course of training, from recordings and teachers to the files of a space."""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch

from retrieval.encoders.builtin import BUILTIN, load_folder
from retrieval.encoders.text_onnx import OnnxText
from retrieval.space import Space, Vectors
from retrieval.training.audio_tower import AudioTower
from retrieval.training.captions import captions
from retrieval.training.card import DESCRIPTION, LICENCE, ORIGIN, card
from retrieval.training.clips import Clip, load_clips
from retrieval.training.export import heads_of, panel_of, write_audio
from retrieval.training.figures import figures, hear
from retrieval.training.joint import Joint, Recipe, polish, train_joint
from retrieval.training.material import Material
from retrieval.training.sentences import sentences
from retrieval.training.text_training import TextRecipe, train_text_tower

Log = Callable[[str], None]

START = "whisper_tiny_en_enc2_fp16.npz"
WINDOWS = (2.0, 3.0, 4.0, 5.0, 6.0, 10.0)  # seconds, tried on the validation clips
FIRST_WINDOW = 5.0
CLOSE = 0.005  # a shorter window this close to the best is taken: it says better when
PANEL = 300


@dataclass(frozen=True)
class Scale:
    """How big everything is: the product's size or a toy to try the path."""

    audio: Recipe
    text: TextRecipe
    width: int = 384
    heads: int = 6
    start: str | None = START
    every_caption: int = 1
    sentences: int = 1500
    windows: tuple[float, ...] = WINDOWS


FULL = Scale(Recipe(), TextRecipe())
QUICK = Scale(
    replace(
        FULL.audio,
        steps=4,
        batch=8,
        others=4,
        dim=16,
        hidden=16,
        shortest=0.5,
        longest=1,
        polish=4,
        polish_batch=8,
    ),
    replace(FULL.text, layers=(0,), steps=4, batch=8, asked=16),
    width=16,
    heads=2,
    start=None,
    every_caption=20,
    sentences=10,
    windows=(2.0, FIRST_WINDOW),
)


def run_course(
    corpora: Path,
    teachers: Path,
    out: Path,
    *,
    text: Path | None,
    seed: int,
    epochs: int | None,
    quick: bool,
    log: Log,
) -> None:
    """See `retrieval.training.train`."""
    scale = QUICK if quick else FULL
    out.mkdir(parents=True, exist_ok=True)
    _text_tower(corpora / "labels", text, out, scale, seed, log)
    log("reading the recordings")
    clips = load_clips(corpora)
    parts = {name: [c for c in clips if c.split == name] for name in ("train", "val", "test")}
    recipe = scale.audio
    if epochs is not None:
        recipe = replace(recipe, steps=max(1, epochs * len(parts["train"]) // recipe.batch))
    # The vectors of the exported tower, so that the heads learn on what they will be given.
    embed = OnnxText(out / _FILES["text"], out / _VOCABULARY).encode
    spoken = sentences(corpora / "labels", scale.sentences)
    material = Material(parts["train"], captions()[:: scale.every_caption], spoken, embed)
    torch.manual_seed(seed)
    tower = AudioTower(scale.width, scale.heads)
    if scale.start is not None:
        tower.start_from(teachers / scale.start)
    log("sound and words together")
    model = train_joint(tower, material, recipe, seed=seed, log=log)
    finish(model, material, parts, out, windows=scale.windows, recipe=recipe, seed=seed, log=log)


def _text_tower(
    labels: Path, ready: Path | None, out: Path, scale: Scale, seed: int, log: Log
) -> None:
    """Train the text tower into `out`, or copy one that is ready."""
    if ready is None:
        log("the text tower")
        train_text_tower(labels, out, seed, recipe=scale.text, log=log)
        (out / "text_tower.pt").unlink()
    elif ready.resolve() != out.resolve():
        for name in (_FILES["text"], _VOCABULARY):
            shutil.copyfile(ready / name, out / name)


def finish(
    model: Joint,
    material: Material,
    parts: Mapping[str, Sequence[Clip]],
    out: Path,
    *,
    windows: Sequence[float],
    recipe: Recipe,
    seed: int,
    log: Log,
) -> None:
    """Export the towers and heads, choose the window, polish, measure, write the card.

    Args:
        parts: clips by split; those of train are the clips of `material`, in its order.
    """
    log("writing the space")
    write_audio(model.tower, out / _FILES["audio"])
    heads_of(model, None).save(out / _FILES["heads"])
    facts: dict[str, object] = {"seed": seed, "recipe": asdict(recipe)}
    _describe(out, FIRST_WINDOW, facts)
    window, tried = choose_window(load_folder(out), parts["val"], windows, log)
    facts["windows_tried"] = tried
    _describe(out, window, facts)
    space = load_folder(out)
    heard = hear(space, parts["train"])
    model = polish(model, heard, material, recipe, seed=seed, log=log)
    heads_of(model, _panel(space, parts["train"], heard, seed)).save(out / _FILES["heads"])
    _describe(out, window, facts)
    log("measuring")
    space = load_folder(out)
    found = figures(space, parts["test"], hear(space, parts["test"]))
    (out / "figures.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    text = card(
        clips=parts["train"],
        figures=found,
        sizes={part: (out / name).stat().st_size for part, name in _FILES.items()},
        facts={
            "dim": space.dim, "window": space.window, "hop": space.hop, "seed": seed,
            "steps": recipe.steps, "batch": recipe.batch,
        },
    )  # fmt: skip
    (out / "model-card.md").write_text(text, encoding="utf-8")


def choose_window(
    space: Space, clips: Sequence[Clip], lengths: Sequence[float], log: Log
) -> tuple[float, dict[str, float]]:
    """The window in seconds that finds best, hop half of it, and what each reached.

    The measure is the mean over corpora of nDCG@10 by prompt (mAP for sounds without words).
    """
    tried: dict[str, float] = {}
    for length in lengths:
        other = replace(space, window=length, hop=length / 2)
        found = figures(other, clips, hear(other, clips))
        reached = [m.get("nDCG@10", m.get("mAP", 0.0)) for m in found.values()]
        tried[f"{length:g}"] = round(float(np.mean(reached)), 4) if reached else 0.0
        log(f"window {length:g} s: {tried[f'{length:g}']:.4f}")
    best = max(tried.values())
    return min(float(length) for length, value in tried.items() if value >= best - CLOSE), tried


def _panel(space: Space, clips: Sequence[Clip], heard: Sequence[Vectors], seed: int) -> Vectors:
    """Unit vectors of one window each of train clips, balanced over corpora and labels."""
    order = np.random.default_rng(seed).permutation(len(clips))
    units = space.place_audio(np.stack([heard[number][0] for number in order]))
    return panel_of(units, [f"{clips[n].corpus} {clips[n].label}" for n in order], PANEL)


_VOCABULARY = "vocab.txt"
_FILES = {"audio": "audio.onnx", "text": "text.onnx", "heads": "heads.npz"}


def _describe(out: Path, window: float, facts: Mapping[str, object]) -> None:
    """Write space.json."""
    names = (*_FILES.values(), _VOCABULARY)
    card_ = {
        "name": BUILTIN,
        "description": DESCRIPTION,
        "licence": LICENCE,
        "origin": ORIGIN,
        "window": window,
        "hop": window / 2,
        "sha256": {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in names},
        **facts,
    }
    (out / "space.json").write_text(json.dumps(card_, indent=1) + "\n", encoding="utf-8")
