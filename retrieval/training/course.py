"""The course of training, from recordings and teachers to the files of a space."""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from retrieval.encoders.builtin import BUILTIN, load_folder
from retrieval.encoders.text_onnx import OnnxText
from retrieval.errors import PromptError
from retrieval.evaluation import groups
from retrieval.evaluation.clips import hear as hear_table
from retrieval.evaluation.clips import read_table
from retrieval.space import Heads, Space, Vectors
from retrieval.training.audio_tower import AudioTower
from retrieval.training.captions import captions
from retrieval.training.card import DESCRIPTION, LICENCE, ORIGIN, card, with_tables
from retrieval.training.certainty import learn_certainty
from retrieval.training.clips import Clip, load_clips
from retrieval.training.export import heads_of, panel_of, write_audio
from retrieval.training.figures import figures, hear
from retrieval.training.heads import HEADS, train_heads
from retrieval.training.joint import LOSSES, Recipe, train_joint
from retrieval.training.material import Material
from retrieval.training.reader import Reader, sentence_reader
from retrieval.training.sentences import sentences
from retrieval.training.teacher import teacher_vectors
from retrieval.training.text_recipe import TextRecipe
from retrieval.training.text_training import train_text_tower

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
    reader: Callable[[Path], Reader] = sentence_reader
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
        head_steps=4,
        head_batch=8,
    ),
    replace(FULL.text, layers=(0,), rounds=1, steps=4, batch=8, asked=16, words=50),
    width=16,
    heads=2,
    start=None,
    reader=lambda _: teacher_vectors,
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
    audio: Path | None,
    seed: int,
    epochs: int | None,
    loss: str,
    without: Sequence[str],
    quick: bool,
    log: Log,
) -> None:
    """See `retrieval.training.train`."""
    scale = QUICK if quick else FULL
    log("reading the recordings")
    parts = parted(load_clips(corpora), without)
    out.mkdir(parents=True, exist_ok=True)
    _text_tower(corpora / "labels", teachers, text, out, scale, seed, log)
    recipe = replace(scale.audio, **LOSSES[loss])
    if epochs is not None:
        recipe = replace(recipe, steps=max(1, epochs * len(parts["train"]) // recipe.batch))
    # The vectors of the exported tower, so that the heads learn on what they will be given.
    embed = OnnxText(out / _FILES["text"], out / _VOCABULARY).encode
    spoken = sentences(corpora / "labels", scale.sentences)
    material = Material(parts["train"], captions()[:: scale.every_caption], spoken, embed)
    _audio_tower(teachers, audio, out, material, scale, recipe, seed, log)
    facts: dict[str, object] = {
        "seed": seed, "loss": loss, "without": list(without), "recipe": asdict(recipe),
        "heads": HEADS,
        "ready": [name for name, folder in (("audio", audio), ("text", text)) if folder],
    }  # fmt: skip
    finish(material, parts, out, windows=scale.windows, recipe=recipe, facts=facts, log=log)
    log("for whom it works worse")
    _tell_groups(out, corpora, without)


def parted(clips: Sequence[Clip], without: Sequence[str]) -> dict[str, list[Clip]]:
    """Clips by split; every clip of a corpus in `without` is a test clip.

    Raises:
        PromptError: there is no such corpus.
    """
    known = {clip.corpus for clip in clips}
    for corpus in without:
        if corpus not in known:
            raise PromptError(
                f"there is no corpus {corpus}", remedy=f"choose of: {', '.join(sorted(known))}"
            )
    parts: dict[str, list[Clip]] = {"train": [], "val": [], "test": []}
    for clip in clips:
        parts["test" if clip.corpus in without else clip.split].append(clip)
    return parts


def _tell_groups(out: Path, corpora: Path, without: Sequence[str]) -> None:
    """Add to the card how the space fares by language, gender, age and kind."""
    space = load_folder(out)
    clips = [clip for clip in read_table(corpora, (), "test").clips if clip.corpus not in without]
    if without:
        clips += read_table(corpora, without, None).clips
    sounds, _ = hear_table(clips, space)
    text = (out / _CARD).read_text(encoding="utf-8")
    told = with_tables(text, groups.tables(space, sounds))
    (out / _CARD).write_text(told, encoding="utf-8")


def _text_tower(
    labels: Path,
    teachers: Path,
    ready: Path | None,
    out: Path,
    scale: Scale,
    seed: int,
    log: Log,
) -> None:
    """Train the text tower into `out`, or copy one that is ready."""
    if ready is None:
        log("the text tower")
        read = scale.reader(teachers)
        train_text_tower(labels, out, seed, read=read, recipe=scale.text, log=log)
        (out / "text_tower.pt").unlink()
    elif ready.resolve() != out.resolve():
        for name in (_FILES["text"], _VOCABULARY):
            shutil.copyfile(ready / name, out / name)


def _audio_tower(
    teachers: Path,
    ready: Path | None,
    out: Path,
    material: Material,
    scale: Scale,
    recipe: Recipe,
    seed: int,
    log: Log,
) -> None:
    """Train the audio tower into `out`, or copy one that is ready."""
    if ready is not None:
        if ready.resolve() != out.resolve():
            shutil.copyfile(ready / _FILES["audio"], out / _FILES["audio"])
        return
    torch.manual_seed(seed)
    tower = AudioTower(scale.width, scale.heads)
    if scale.start is not None:
        tower.start_from(teachers / scale.start)
    log("sound and words together")
    model = train_joint(tower, material, recipe, seed=seed, log=log)
    log("writing the tower")
    write_audio(model.tower, out / _FILES["audio"])


def finish(
    material: Material,
    parts: Mapping[str, Sequence[Clip]],
    out: Path,
    *,
    windows: Sequence[float],
    recipe: Recipe,
    facts: dict[str, Any],
    log: Log,
) -> None:
    """Train heads for the towers in `out`, choose the window, measure, write the card.

    Args:
        parts: clips by split; those of train are the clips of `material`, in its order.
        facts: seed, loss, without and what else space.json is to tell.
    """
    recipe = replace(recipe, **HEADS)
    Heads().save(out / _FILES["heads"])
    _describe(out, FIRST_WINDOW, facts)
    _heads(out, material, parts["train"], recipe, facts["seed"], log)
    window, facts["windows_tried"] = choose_window(load_folder(out), parts["val"], windows, log)
    if window != FIRST_WINDOW:
        _describe(out, window, facts)
        _heads(out, material, parts["train"], recipe, facts["seed"], log)
    log("how far it can be believed")
    _doubt(out, window, parts["val"], facts)
    log("measuring")
    space = load_folder(out)
    found = figures(space, parts["test"], hear(space, parts["test"]))
    (out / "figures.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    text = card(
        clips=parts["train"],
        figures=found,
        sizes={part: (out / name).stat().st_size for part, name in _FILES.items()},
        facts={
            "dim": space.dim, "window": space.window, "hop": space.hop, "seed": facts["seed"],
            "steps": recipe.steps, "batch": recipe.batch,
        },
        loss=facts["loss"],
        without=facts["without"],
        ready=facts["ready"],
    )  # fmt: skip
    (out / _CARD).write_text(text, encoding="utf-8")


def _heads(
    out: Path, material: Material, clips: Sequence[Clip], recipe: Recipe, seed: int, log: Log
) -> None:
    """Train and write the heads of the space in `out`, for its window, and its panel."""
    space = load_folder(out)
    heard = hear(space, clips)
    model = train_heads(heard, material, recipe, seed=seed, log=log)
    heads = heads_of(model, None)
    panel = _panel(replace(space, heads=heads), clips, heard, seed)
    replace(heads, panel=panel).save(out / _FILES["heads"])


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


def _doubt(out: Path, window: float, clips: Sequence[Clip], facts: dict[str, object]) -> None:
    """Add to the space in `out` what its validation clips tell of its errors."""
    space = load_folder(out)
    found = learn_certainty(space, clips, hear(space, clips))
    replace(space.heads, spread=found.spread).save(out / _FILES["heads"])
    facts |= {"fitting": found.fitting, "lead": found.lead}
    _describe(out, window, facts)


def _panel(space: Space, clips: Sequence[Clip], heard: Sequence[Vectors], seed: int) -> Vectors:
    """Unit vectors of one window each of train clips, balanced over corpora and labels."""
    order = np.random.default_rng(seed).permutation(len(clips))
    units = space.place_audio(np.stack([heard[number][0] for number in order]))
    return panel_of(units, [f"{clips[n].corpus} {clips[n].label}" for n in order], PANEL)


_VOCABULARY = "vocab.txt"
_CARD = "model-card.md"
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
