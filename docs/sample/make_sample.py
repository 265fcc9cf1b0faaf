"""Make the sounds of the sample library and their labels.

    python docs/sample/make_sample.py [--out FOLDER] [--only PATTERN]

Needs numpy, soundfile and, for the speech, the program espeak-ng. Every clip has its own seed,
so one clip can be made again without the others.
"""

import argparse
import csv
import shutil
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
import soundfile
from clips import Clip, Encoding, all_clips
from numpy.random import Generator, default_rng
from synth import RATE, Audio, join, resample, silence

COLUMNS = ("path", "kind", "feeling", "speaker", "sentence", "transcript", "parts")
BLOCK = 16_384
GAP = 0.35


@dataclass(frozen=True)
class Rendering:
    """The sound of a clip at `synth.RATE` and the seconds where each feeling begins and ends."""

    audio: Audio
    parts: tuple[tuple[float, float, str], ...]


def main() -> None:
    """Write sounds/ and labels.csv."""
    options = parse()
    chosen = [clip for clip in all_clips() if fnmatch(clip.path, options.only)]
    if not chosen:
        raise SystemExit(f"make_sample: no clip is named like {options.only!r}")
    if any(clip.kind == "speech" for clip in chosen) and not shutil.which("espeak-ng"):
        raise SystemExit(
            "make_sample: the speech needs espeak-ng: apt-get install espeak-ng, or "
            "brew install espeak-ng (or make the rest: --only 'sounds/[!s]*')"
        )
    rows = []
    for clip in chosen:
        rendering = render(clip)
        size = write(options.out / clip.path, rendering.audio, clip)
        rows.append(row(clip, rendering))
        sys.stderr.write(f"{clip.path}  {size / 1024:.0f} KiB\n")
    if options.only == "*":
        write_labels(options.out / "labels.csv", rows)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Make the sounds of the sample library.")
    here = Path(__file__).resolve().parent
    parser.add_argument("--out", type=Path, default=here, help="folder of sounds/ and labels.csv")
    parser.add_argument("--only", default="*", help="make these alone, as 'sounds/music/*'")
    return parser.parse_args()


def render(clip: Clip) -> Rendering:
    """Make the sound of a clip; the same bits every time for the same numpy and espeak-ng."""
    rng, second = seed(clip), 0.0
    pieces: list[Audio] = []
    parts: list[tuple[float, float, str]] = []
    for number, (feeling, make) in enumerate(clip.scenes):
        if number:
            pieces.append(match(silence(GAP), pieces[0]))
            second += GAP
        pieces.append(make(rng))
        length = len(pieces[-1]) / RATE
        parts.append((round(second, 2), round(second + length, 2), feeling))
        second += length
    return Rendering(join(pieces), tuple(parts))


def seed(clip: Clip) -> Generator:
    return default_rng(zlib.crc32(clip.name.encode()))


def match(quiet: Audio, like: Audio) -> Audio:
    return quiet if like.ndim == 1 else np.stack([quiet] * like.shape[1], axis=1)


def channels(audio: Audio, count: int) -> Audio:
    """To so many channels, [samples, count]: mixed to one, repeated, or sent round to four."""
    if count == 1:
        return audio if audio.ndim == 1 else audio.mean(axis=1)
    sides = audio if audio.ndim == 2 else np.stack([audio, audio], axis=1)
    return np.concatenate([sides, 0.6 * sides[:, ::-1]], axis=1)[:, :count]


def write(file: Path, audio: Audio, clip: Clip) -> int:
    """Encode a clip, by blocks since libsndfile fails on minutes of Vorbis at once; its bytes."""
    how: Encoding = clip.encoding
    sound = resample(channels(audio, how.channels), RATE, how.rate)
    file.parent.mkdir(parents=True, exist_ok=True)
    with soundfile.SoundFile(
        file,
        "w",
        samplerate=how.rate,
        channels=how.channels,
        format=how.format,
        subtype=how.subtype,
        compression_level=how.compression,
    ) as out:
        tag(out, clip)
        for start in range(0, len(sound), BLOCK):
            out.write(np.clip(sound[start : start + BLOCK], -0.999, 0.999))
    return file.stat().st_size


def tag(out: soundfile.SoundFile, clip: Clip) -> None:
    """Title, artist and licence, where the format can hold them."""
    if clip.encoding.format in ("OGG", "FLAC", "WAV", "AIFF"):
        out.title = clip.name.split("/")[-1].replace("-", " ")
        out.artist = clip.speaker or "Affetto"
        out.copyright = "CC0 1.0"


def row(clip: Clip, rendering: Rendering) -> dict[str, str]:
    several = rendering.parts if len(rendering.parts) > 1 else ()
    return {
        "path": clip.path,
        "kind": clip.kind,
        "feeling": clip.feeling,
        "speaker": clip.speaker,
        "sentence": clip.sentence,
        "transcript": clip.transcript,
        "parts": "; ".join(f"{start:.1f}-{end:.1f} {feeling}" for start, end, feeling in several),
    }


def write_labels(file: Path, rows: Sequence[dict[str, str]]) -> None:
    """One row a clip, `COLUMNS`; `parts` only for clips whose feeling changes."""
    with file.open("w", newline="", encoding="utf-8") as out:
        table = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


if __name__ == "__main__":
    main()
