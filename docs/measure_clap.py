"""The figures of docs/clap.md: laion_clap's own loader beside `Library.ingest`, in one run.

    HF_HUB_OFFLINE=1 python docs/measure_clap.py

Makes a checkpoint of full size with random weights and a folder of sounds, both in a temporary
folder, and needs the extras `clap` and `dev`. Takes some minutes and 3 GB of disk.
"""

import importlib.util
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from retrieval import Library
from retrieval.encoders.clap.export import export
from retrieval.encoders.clap.laion import Laion, load_checkpoint
from retrieval.encoders.clap.mel import heard, log_mel
from retrieval.encoders.clap.onnx_towers import OnnxAudioTower, OnnxTextTower
from retrieval.encoders.clap.space import clap_space
from retrieval.encoders.clap.torch_towers import TorchTowers
from retrieval.encoders.clap.words import Pieces
from retrieval.space import Space

ROOT = Path(__file__).resolve().parent.parent
FILES, ROUNDS, BATCH = 32, 5, 8
ROBERTA_BASE = {"vocab_size": 50_265, "num_hidden_layers": 12, "intermediate_size": 3072}
PROMPT = "nervous laughter in a crowd"


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        laion, model = models(folder)
        files = write_sounds(folder / "sounds")
        print(f"{len(files)} files of 2 to 10 s, 44.1 and 48 kHz, mono and stereo", flush=True)
        compare_vectors(laion, clap_space(model), files)
        compare_loaders(laion, clap_space(model), files, folder)
        compare_engines(model, folder)


def models(folder: Path) -> tuple[Laion, Path]:
    """laion_clap with random weights of full size, and the same as an installed model."""
    spec = importlib.util.spec_from_file_location("made", ROOT / "tests" / "clap" / "conftest.py")
    assert spec and spec.loader
    made = importlib.util.module_from_spec(spec)
    sys.modules["made"] = made
    spec.loader.exec_module(made)
    made.TEXT |= ROBERTA_BASE
    checkpoint = made.make_checkpoint(folder, "HTSAT-tiny", fusion=False)
    model = made.install(checkpoint, folder / "clap")
    export(model)
    shape = {"architecture": "HTSAT-tiny", "fusion": False}
    return load_checkpoint(checkpoint.path, model, **shape), model


def write_sounds(folder: Path) -> list[Path]:
    """Tones and noise whose pitch, length, rate and channels differ from file to file."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    paths = []
    for number in range(FILES):
        rate = (44_100, 48_000)[number % 2]
        moments = np.arange(int(rng.uniform(2, 10) * rate)) / rate
        tone = 0.3 * np.sin(2 * np.pi * rng.uniform(80, 3000) * moments * (1 + 0.1 * moments))
        sound = tone + 0.05 * rng.standard_normal(len(moments))
        if number % 3 == 0:
            sound = np.stack([sound, 0.5 * sound], axis=1)
        paths.append(folder / f"{number:02}.wav")
        soundfile.write(paths[-1], sound, rate, subtype="PCM_16")
    return paths


def compare_vectors(laion: Laion, space: Space, files: Sequence[Path]) -> None:
    import librosa

    crops = [librosa.load(file, sr=48_000)[0] for file in files[:8]]
    apart = np.abs(laion.audio(crops) - space.audio.encode(crops)).max()
    print(f"same crop: vectors differ by at most {apart:.1e}", flush=True)


def compare_loaders(laion: Laion, space: Space, files: Sequence[Path], folder: Path) -> None:
    """Alternately, so that what else the machine does meets both."""
    theirs, ours = [], []
    wanted = by_laion(laion, files)
    space.audio.encode([np.ones(48_000, dtype=np.float32)])
    for number in range(ROUNDS):
        theirs.append(spent(lambda: by_laion(laion, files)))
        with Library(folder / f"library {number}", create=True) as library:
            take_in = partial(library.ingest, folder / "sounds", space=space, jobs=2)
            ours.append(spent(take_in))
    for name, times in (("laion_clap", theirs), ("Library.ingest", ours)):
        rates = [f"{FILES / wall:.2f}" for wall, _ in times]
        used = np.median([cpu for _, cpu in times]) / FILES
        print(f"{name}: {', '.join(rates)} clips/s; {used:.3f} s of processor a clip")
    ratio = np.array(theirs) / np.array(ours)  # (rounds, 2)
    print(
        f"ratio of clips/s: median {np.median(ratio[:, 0]):.2f}, {ratio[:, 0].min():.2f} at least"
    )
    print(f"ratio of processor time: median {np.median(ratio[:, 1]):.2f}")
    apart = from_files(space, files, wanted)
    print(f"from files: vectors differ by at most {apart:.1e}", flush=True)


def spent(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock, and of the processor, of all threads together."""
    wall, cpu = time.monotonic(), time.process_time()
    work()
    return time.monotonic() - wall, time.process_time() - cpu


def by_laion(laion: Laion, files: Sequence[Path]) -> np.ndarray:
    """Its own loader, on all cores, and without the gradients that it would keep by itself."""
    import torch

    with torch.inference_mode():
        paths = [str(file) for file in files]
        parts = [paths[at : at + BATCH] for at in range(0, len(paths), BATCH)]
        embed = laion.module.get_audio_embedding_from_filelist
        return np.concatenate([embed(part) for part in parts])


def from_files(space: Space, files: Sequence[Path], wanted: np.ndarray) -> float:
    """Decoded and resampled by us, against laion_clap's way."""
    from retrieval.audio import blocks

    windows = [np.concatenate(list(blocks(file, 48_000)))[:480_000] for file in files]
    return float(np.abs(space.audio.encode(windows) - wanted).max())


def compare_engines(model: Path, folder: Path) -> None:
    towers, audio, text = TorchTowers(model), OnnxAudioTower(model), OnnxTextTower(model)
    rng = np.random.default_rng(1)
    window = (0.1 * rng.standard_normal(480_000)).astype(np.float32)
    mel = log_mel(heard(window))[None, None]
    rounded, read = round_weights(model, folder)
    sound = {"torch": towers.audio, "onnx": audio, "onnx, 8 bits": rounded}
    rate = {name: 1 / seconds for name, seconds in fastest(sound, mel).items()}
    print("10 s clips/s on one thread:", shown(rate))
    numbers = np.array(Pieces(model).numbers([PROMPT]), dtype=np.int64)
    words = {"torch": towers.text, "onnx": text, "onnx, 8 bits": read}
    print("ms a prompt on one thread:", shown(fastest(words, numbers), 1000))
    for name, tower, exact, given in (
        ("audio", rounded, audio, mel),
        ("text", read, text, numbers),
    ):
        print(f"cosine of 8 bits, {name}: {(tower(given) * exact(given)).sum(axis=1).min():.5f}")
    mels = fastest({"spectrogram": lambda samples: log_mel(heard(samples))}, window)
    print("ms:", shown(mels, 1000))
    compare_cold_starts(model)


def round_weights(model: Path, folder: Path) -> tuple[OnnxAudioTower, OnnxTextTower]:
    """Both graphs with weights of 8 bits; what Affetto does not offer, for the page to say why."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    logging.disable(logging.WARNING)
    kinds = ["MatMul", "Gemm"]
    for name in ("audio.onnx", "text.onnx"):
        quantize_dynamic(
            model / name,
            folder / name,
            op_types_to_quantize=kinds,
            per_channel=True,
            weight_type=QuantType.QInt8,
        )
    return OnnxAudioTower(folder), OnnxTextTower(folder)


def fastest(towers: dict[str, Callable[[Any], Any]], given: Any) -> dict[str, float]:
    """The shortest of ten runs in seconds, taken in turn."""
    times: dict[str, list[float]] = {name: [] for name in towers}
    for _ in range(10):
        for name, tower in towers.items():
            began = time.monotonic()
            tower(given)
            times[name].append(time.monotonic() - began)
    return {name: min(all_of_it) for name, all_of_it in times.items()}


def compare_cold_starts(model: Path) -> None:
    """A new process that reads one prompt."""
    code = (
        "import pathlib, sys; from retrieval.encoders.clap.space import clap_space;"
        f"clap_space(pathlib.Path(sys.argv[1])).text.encode([{PROMPT!r}])"
    )
    for name in ("onnx", "torch"):
        began = time.monotonic()
        subprocess.run([sys.executable, "-c", code, str(model)], cwd=ROOT, check=True)
        print(f"one prompt in a new process, {name}: {time.monotonic() - began:.1f} s")
        with suppress(FileNotFoundError):
            (model / "audio.onnx").unlink()  # without graphs, transformers runs it


def shown(figures: dict[str, float], times: float = 1) -> str:
    return ", ".join(f"{name} {times * figure:.1f}" for name, figure in figures.items())


if __name__ == "__main__":
    main()
