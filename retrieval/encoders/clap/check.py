"""The same sounds and texts through every program that runs a CLAP model here."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

from retrieval.encoders.clap.files import Card, broken, missing, read_card
from retrieval.encoders.clap.onnx_towers import OnnxAudioTower, OnnxTextTower
from retrieval.encoders.clap.probes import (
    TEXTS,
    TOLERANCE,
    Vectors,
    difference,
    probe_mels,
    probe_windows,
    refuse_alike,
)
from retrieval.encoders.clap.torch_towers import TorchTowers
from retrieval.encoders.clap.words import Pieces, in_batches

Made = tuple[Vectors, Vectors]  # of sounds and of texts, each (n, dim)


def compare(folder: Path) -> list[str]:
    """What was found, a line each; the first program is what the others are compared with.

    Raises:
        SpaceError: a file is absent or broken, a guard fails, or two programs disagree.
        MissingExtra: no program that runs the model is installed.
    """
    card, pieces = read_card(folder), Pieces(folder)
    lines = [_described(card), f"tokenizer: {pieces.size} pieces"]
    first: Made | None = None
    for name, run in _programs(card, pieces):
        made = run()
        alike = refuse_alike(made[1], folder)
        lines.append(f"{name}: unlike prompts have a mean cosine of {alike:.3f}")
        if first is not None:
            largest = difference(first, made)
            if not largest <= TOLERANCE:
                fault = (
                    f"{name} gives other vectors than transformers: they differ by {largest:.1e}"
                )
                raise broken(folder, fault)
            lines.append(f"{name}: differs by at most {largest:.1e}")
        first = first or made
    if first is None:
        raise missing("torch or an exported graph to run the model")
    lines += [f"{name}: not installed, so not compared" for name in _absent()]
    return lines


def _programs(card: Card, pieces: Pieces) -> Iterator[tuple[str, Callable[[], Made]]]:
    absent = _absent()
    if "transformers" not in absent:
        yield "transformers", lambda: _by_transformers(card, pieces)
    if card.exported:
        yield "onnxruntime", lambda: _by_onnxruntime(card, pieces)
    if not absent:
        yield "laion_clap", lambda: _by_laion(card)


def _absent() -> list[str]:
    """The programs that are not installed here."""
    names = ("torch", "transformers", "laion_clap")
    there = {name: find_spec(name) is not None for name in names}
    there["transformers"] &= there["torch"]
    return [name for name in names[1:] if not there[name]]


def _by_transformers(card: Card, pieces: Pieces) -> Made:
    towers = TorchTowers(card.folder)
    mels = probe_mels(fusion=card.fusion)
    return towers.audio(mels), in_batches(pieces.numbers(TEXTS), towers.text)


def _by_onnxruntime(card: Card, pieces: Pieces) -> Made:
    audio, text = OnnxAudioTower(card.folder), OnnxTextTower(card.folder)
    return audio(probe_mels(fusion=card.fusion)), in_batches(pieces.numbers(TEXTS), text)


def _by_laion(card: Card) -> Made:
    # Imported here, because it takes half a minute.
    from retrieval.encoders.clap.laion import load_folder

    theirs = load_folder(card.folder)
    return theirs.audio(probe_windows()), theirs.text(TEXTS)


def _described(card: Card) -> str:
    fusion = "with fusion" if card.fusion else "no fusion"
    kind = f"{card.architecture}, {fusion}, {card.dim} dimensions"
    return f"{card.checkpoint}: {kind}, licence {card.licence}"
