"""The course of training, from recordings and teachers to the files of a space."""

import shutil
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from retrieval.encoders.text_onnx import OnnxText
from retrieval.errors import PromptError
from retrieval.training.audio_tower import AudioTower
from retrieval.training.captions import captions
from retrieval.training.clips import Clip, load_clips
from retrieval.training.export import write_audio
from retrieval.training.finish import FILES, FIRST_WINDOW, VOCABULARY, finish, tell_groups
from retrieval.training.graphs import side_by_side
from retrieval.training.heads import HEADS
from retrieval.training.joint import LOSSES, Recipe, train_joint
from retrieval.training.material import Material
from retrieval.training.reader import Reader, sentence_reader
from retrieval.training.sentences import sentences
from retrieval.training.sound_tower import SoundTower, halfway
from retrieval.training.teacher import teacher_vectors
from retrieval.training.text_recipe import TextRecipe
from retrieval.training.text_training import train_text_tower

Log = Callable[[str], None]

START = "whisper_tiny_en_enc2_fp16.npz"
TAGGER = "mn04_as_mel.onnx"

# The second tower is small and learns fast; half the steps were all that was tried.
SOUND: dict[str, Any] = {"tower_rate": 3e-4, "thaw": 0.2}
WINDOWS = (2.0, 3.0, 4.0, 5.0, 6.0, 10.0)  # seconds, tried on the validation clips


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
    embed = OnnxText(out / FILES["text"], out / VOCABULARY).encode
    spoken = sentences(corpora / "labels", scale.sentences)
    material = Material(parts["train"], captions()[:: scale.every_caption], spoken, embed)
    _audio_tower(teachers, audio, out, material, scale, recipe, seed, log)
    facts: dict[str, object] = {
        "seed": seed, "loss": loss, "without": list(without), "recipe": asdict(recipe),
        "heads": HEADS, "sound": SOUND,
        "ready": [name for name, folder in (("audio", audio), ("text", text)) if folder],
    }  # fmt: skip
    finish(material, parts, out, windows=scale.windows, recipe=recipe, facts=facts, log=log)
    log("for whom it works worse")
    tell_groups(out, corpora, without)


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
        for name in (FILES["text"], VOCABULARY):
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
    """Train both audio towers into the one file of `out`, or copy one that is ready."""
    if ready is not None:
        if ready.resolve() != out.resolve():
            shutil.copyfile(ready / FILES["audio"], out / FILES["audio"])
        return
    torch.manual_seed(seed)
    speech, sound = AudioTower(scale.width, scale.heads), SoundTower()
    if scale.start is not None:
        speech.start_from(teachers / scale.start)
        sound.start_from(teachers / TAGGER)
    with TemporaryDirectory() as folder:
        parts = [Path(folder) / "speech.onnx", Path(folder) / "sound.onnx"]
        log("speech and words together")
        model = train_joint(speech, material, recipe, seed=seed, log=log)
        write_audio(model.tower, parts[0])
        log("sounds and words together")
        shorter = replace(recipe, **SOUND, steps=max(1, recipe.steps // 2))
        model = train_joint(deepcopy(sound), material, shorter, seed=seed, log=log)
        write_audio(halfway(sound, model.tower), parts[1], int8=False)
        side_by_side(parts, out / FILES["audio"])
