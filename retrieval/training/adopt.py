"""Heads for any space, on the vectors that a library has stored: no file is heard again."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.emotions import lookup
from retrieval.encoders.adopted import CARD, HEADS, KIND, SUFFIX, adopted_name, load_adopted
from retrieval.encoders.models.folder import models_folder
from retrieval.errors import PromptError, SpaceError
from retrieval.evaluation.bootstrap import folds
from retrieval.library import Library
from retrieval.space import Head, Layer, Space, Vectors
from retrieval.training.captions import Caption, captions, captions_of
from retrieval.training.certainty import learn_certainty
from retrieval.training.clips import Clip
from retrieval.training.export import heads_of, panel_from
from retrieval.training.figures import recall
from retrieval.training.heads import HEADS as HEADS_RECIPE
from retrieval.training.heads import train_heads
from retrieval.training.joint import LOSSES, Recipe
from retrieval.training.kept_reader import KeptReader
from retrieval.training.labelled import SPLIT, Labelled, labelled_clips
from retrieval.training.material import Material
from retrieval.training.words import FEELINGS

Log = Callable[[str], None]
Rows = list[int]

FEWEST_CLIPS, FEWEST_LABELS = 20, 2
FOLDS = 5  # one in so many speakers is held out where no split is told
FEWEST_SPEAKERS = 6  # of fewer none can be spared
TEXTS = ".texts"  # in the folder of the models: what text encoders have read

QUICK: dict[str, Any] = {"dim": 16, "hidden": 16, "head_steps": 150, "head_batch": 48}
QUICK_CAPTIONS = 20  # every so manieth caption


@dataclass(frozen=True)
class Parted:
    """Rows of clips to learn from, and of clips whose speakers were held out."""

    learned: Rows
    held_out: Rows


def run_adoption(
    library: Library,
    base: Space,
    out: Path,
    *,
    by: str,
    seed: int,
    loss: str,
    quick: bool,
    log: Log,
) -> Space:
    """See `retrieval.training.make_heads`."""
    labelled, parts = _gathered(library, base, by, log)
    reading = replace(base, text=KeptReader(base.text, models_folder() / TEXTS, log))
    recipe, texts = lesson_for(labelled.clips, loss, quick)
    space = teach(reading, labelled.pick(parts.learned), texts, recipe, seed, log)
    space, doubts = doubted(reading, space, labelled.pick(parts.held_out), log)
    facts = {"seed": seed, "loss": loss, "recipe": asdict(recipe), **doubts}
    _write(space, _facts(base, labelled, parts, by) | facts, out)
    return load_adopted(out, base)


def _gathered(library: Library, base: Space, by: str, log: Log) -> tuple[Labelled, Parted]:
    """The labelled clips of a library, parted; what there is of them is told."""
    if base.name.endswith(SUFFIX):
        plain = base.name.removesuffix(SUFFIX)
        raise PromptError(
            f"{base.name} has such heads already", remedy=f"affetto train --space {plain}"
        )
    if not library.catalog.window_count(base.source):
        raise SpaceError(
            f"no clip of the library has been embedded in the space {base.name!r}",
            path=library.folder,
            remedy=f"affetto embed --space {base.name}",
        )
    labelled = labelled_clips(library.catalog, base.source, by)
    parts = parted(labelled.clips)
    for line in tell(labelled, parts, by):
        log(line)
    check(labelled, parts, by, library.folder)
    return labelled, parts


def tell(labelled: Labelled, parts: Parted, by: str) -> list[str]:
    """What was found, and what had to be left out or guessed, as lines for people."""
    counts = Counter(clip.label for clip in labelled.clips)
    named = ", ".join(f"{label} {count}" for label, count in counts.most_common())
    lines = [f"{len(labelled.clips)} labelled clips: {named or 'none'}"]
    if labelled.unlabelled:
        lines.append(f"{labelled.unlabelled} clips have no label {by}")
    if labelled.unknown:
        most = ", ".join(f"{value} ({count})" for value, count in labelled.unknown.items())
        total = sum(labelled.unknown.values())
        lines.append(f"{total} clips are labelled with what the vocabulary does not know: {most}")
    if labelled.by_folder:
        lines.append("no label speaker: the folder of a clip stands in for its speaker")
    lines.append(f"{len(parts.learned)} to learn from, {len(parts.held_out)} held out")
    left = len(labelled.clips) - len(parts.learned) - len(parts.held_out)
    if left:
        lines.append(f"{left} left alone, as their label {SPLIT} says")
    return lines


def parted(clips: Sequence[Clip]) -> Parted:
    """What to learn from and what to choose by; no speaker is in both.

    The label `split` decides where there is one: train, val, and any other value is left alone.
    Where it names no clip val, or is absent, one in `FOLDS` speakers is held out, if there are
    `FEWEST_SPEAKERS` and nothing is held out that the others do not show as well.
    """
    told = any(clip.split for clip in clips)
    learned = [row for row, clip in enumerate(clips) if not told or clip.split == "train"]
    held_out = [row for row, clip in enumerate(clips) if clip.split == "val"]
    if held_out:
        return Parted(learned, held_out)
    fold = folds([clips[row].speaker for row in learned], FOLDS)
    first = [row for row, number in zip(learned, fold, strict=True) if number == 0]
    others = [row for row, number in zip(learned, fold, strict=True) if number != 0]
    enough = len({clips[row].speaker for row in learned}) >= FEWEST_SPEAKERS
    if enough and {clips[row].label for row in first} <= {clips[row].label for row in others}:
        return Parted(others, first)
    return Parted(learned, [])


def check(labelled: Labelled, parts: Parted, by: str, folder: Path) -> None:
    """Refuse to learn from too little.

    Raises:
        PromptError: saying how much there is, and what would help.
    """
    labels = {labelled.clips[row].label for row in parts.learned}
    if len(parts.learned) >= FEWEST_CLIPS and len(labels) >= FEWEST_LABELS:
        return
    found = ", ".join(sorted(labels)) or "none"
    raise PromptError(
        f"{len(parts.learned)} clips to learn from, with the labels: {found}; "
        f"{FEWEST_CLIPS} clips of {FEWEST_LABELS} labels are the least",
        path=folder,
        remedy=f"affetto label CSV, with feelings in a column {by}, "
        "or name another label with --labels-from",
    )


def captions_for(clips: Sequence[Clip]) -> list[Caption]:
    """All captions that may be learned, with those of feelings that no table of ours describes."""
    felt = dict.fromkeys(feeling for clip in clips for feeling in clip.feelings)
    terms = [lookup(feeling) for feeling in felt if feeling not in FEELINGS]
    own = [caption for term in terms if term is not None for caption in captions_of(term)]
    # What names a label of the clips means that label, whatever else we take it for.
    taken = {caption.text for caption in own}
    found = [*own, *(caption for caption in captions() if caption.text not in taken)]
    return [caption for caption in found if not caption.held_out]


def lesson_for(clips: Sequence[Clip], loss: str, quick: bool) -> tuple[Recipe, list[Caption]]:
    """How heads are trained on clips, and the captions that are read for them."""
    recipe = replace(Recipe(), **LOSSES[loss], **HEADS_RECIPE, **(QUICK if quick else {}))
    return recipe, captions_for(clips)[:: QUICK_CAPTIONS if quick else 1]


def teach(
    base: Space,
    learned: tuple[list[Clip], list[Vectors]],
    texts: Sequence[Caption],
    recipe: Recipe,
    seed: int,
    log: Log,
) -> Space:
    """The space BASE+affetto: heads, affect and panel learned from clips and their windows."""
    clips, raw = learned
    log("reading the captions")
    read = base.text.encode([caption.text for caption in texts])  # (texts, d)
    centre = read.mean(axis=0)  # (d,)
    scale = 1 / np.sqrt(np.square(read - centre).sum(axis=1).mean())

    def embed(some: Sequence[str]) -> Vectors:
        return np.asarray((base.text.encode(some) - centre) * scale, dtype=np.float32)

    # The captions serve as open sentences, too: each meaning as often as the others.
    material = Material(clips, texts, texts, embed)
    heads = heads_of(train_heads(raw, material, recipe, seed=seed, log=log), None)
    heads = replace(heads, text=_before(heads.text, centre, scale))
    space = replace(base, name=adopted_name(base.name), heads=heads, fitting=None, lead=None)
    panel = panel_from(space, clips, raw, seed)
    return replace(space, heads=replace(heads, panel=panel))


def doubted(
    base: Space, space: Space, held_out: tuple[list[Clip], list[Vectors]], log: Log
) -> tuple[Space, dict[str, Any]]:
    """The space with what held-out clips tell of its errors, and the same for model.json."""
    log("how far it can be believed")
    clips, raw = held_out
    found = learn_certainty(space, clips, raw)
    space = replace(space, heads=replace(space.heads, spread=found.spread))
    reached = compared(base, space, clips, raw)
    for name, value in reached.items():
        log(f"UAR of the labels held out: {value:.2f} in {name}")
    return space, {"fitting": found.fitting, "lead": found.lead, "held_out_UAR": reached}


def _before(head: Head, centre: Vectors, scale: float) -> Head:
    """A head that takes x where this one takes (x - centre) * scale."""
    first, *others = head.layers
    weight = (first.weight * scale).astype(np.float32)
    return Head((Layer(weight, first.bias - centre @ weight), *others))


def compared(
    base: Space, space: Space, clips: Sequence[Clip], raw: Sequence[Vectors]
) -> dict[str, float]:
    """The share of held-out clips that base and space name right by their labels (UAR), by name.

    Empty where nothing was held out, or one label only. A base whose encoders share no space is
    left out: it is two towers, and only the heads make a space of them.
    """
    if len({clip.label for clip in clips}) < FEWEST_LABELS:
        return {}
    spaces = [base, space] if base.place_text([""]).shape[1] == base.dim else [space]
    return {
        one.name: round(recall(one, clips, [one.place_audio(windows) for windows in raw]), 4)
        for one in spaces
    }


def _facts(base: Space, labelled: Labelled, parts: Parted, by: str) -> dict[str, Any]:
    """Where the heads come from, for model.json."""
    learned = [labelled.clips[row] for row in parts.learned]
    return {
        "name": adopted_name(base.name),
        "kind": KIND,
        "base": base.name,
        "base_source": base.source,
        "base_text": base.text.fingerprint,
        "description": f"{base.name} under heads trained on {len(learned)} clips, by {by}",
        "licence": f"as the base ({base.licence}) and the recordings of the library",
        "labels_from": by,
        "clips": len(learned),
        "clips_held_out": len(parts.held_out),
        "speakers": len({clip.speaker for clip in learned}),
        "labels": dict(Counter(clip.label for clip in learned).most_common()),
        "unknown_labels": dict(labelled.unknown),
        "unlabelled": labelled.unlabelled,
    }


def _write(space: Space, facts: Mapping[str, Any], out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    space.heads.save(out / HEADS)
    digest = hashlib.sha256((out / HEADS).read_bytes()).hexdigest()
    text = json.dumps({**facts, "sha256": {HEADS: digest}}, indent=1, ensure_ascii=False)
    (out / CARD).write_text(text + "\n", encoding="utf-8")
