"""The files of a space once its towers are there: heads, window, what can be believed, card."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.encoders.builtin import BUILTIN, load_folder
from retrieval.evaluation import groups
from retrieval.evaluation.clips import hear as hear_table
from retrieval.evaluation.clips import read_table
from retrieval.space import Heads, Space
from retrieval.training.card import DESCRIPTION, LICENCE, ORIGIN, card, with_tables
from retrieval.training.certainty import learn_certainty
from retrieval.training.clips import Clip
from retrieval.training.export import heads_of, panel_from
from retrieval.training.figures import figures, hear
from retrieval.training.heads import HEADS, train_heads
from retrieval.training.joint import Recipe
from retrieval.training.material import Material

Log = Callable[[str], None]

VOCABULARY = "vocab.txt"
CARD = "model-card.md"
FILES = {"audio": "audio.onnx", "text": "text.onnx", "heads": "heads.npz"}

FIRST_WINDOW = 5.0  # seconds; heads are trained for it until the window is chosen
CLOSE = 0.005  # a shorter window this close to the best is taken: it says better when


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
    Heads().save(out / FILES["heads"])
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
        sizes={part: (out / name).stat().st_size for part, name in FILES.items()},
        facts={
            "dim": space.dim, "window": space.window, "hop": space.hop, "seed": facts["seed"],
            "steps": recipe.steps, "batch": recipe.batch,
        },
        loss=facts["loss"],
        without=facts["without"],
        ready=facts["ready"],
    )  # fmt: skip
    (out / CARD).write_text(text, encoding="utf-8")


def _heads(
    out: Path, material: Material, clips: Sequence[Clip], recipe: Recipe, seed: int, log: Log
) -> None:
    """Train and write the heads of the space in `out`, for its window, and its panel."""
    space = load_folder(out)
    heard = hear(space, clips)
    model = train_heads(heard, material, recipe, seed=seed, log=log)
    heads = heads_of(model, None)
    panel = panel_from(replace(space, heads=heads), clips, heard, seed)
    replace(heads, panel=panel).save(out / FILES["heads"])


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
    replace(space.heads, spread=found.spread).save(out / FILES["heads"])
    facts |= {"fitting": found.fitting, "lead": found.lead}
    _describe(out, window, facts)


def _describe(out: Path, window: float, facts: Mapping[str, object]) -> None:
    """Write space.json."""
    names = (*FILES.values(), VOCABULARY)
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


def tell_groups(out: Path, corpora: Path, without: Sequence[str]) -> None:
    """Add to the card how the space fares by language, gender, age and kind."""
    space = load_folder(out)
    clips = [clip for clip in read_table(corpora, (), "test").clips if clip.corpus not in without]
    if without:
        clips += read_table(corpora, without, None).clips
    sounds, _ = hear_table(clips, space)
    text = (out / CARD).read_text(encoding="utf-8")
    told = with_tables(text, groups.tables(space, sounds))
    (out / CARD).write_text(told, encoding="utf-8")
