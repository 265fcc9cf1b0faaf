"""Sidecars: text files beside a recording that say what is said in it.

Of ``take.wav`` these are ``take.wav.srt`` and ``take.srt``, in this order, then the same with .vtt
and .txt; whether a suffix is in capitals makes no difference. Subtitles come first, as they say
when each line is said.
"""

import codecs
import os
from collections.abc import Mapping
from pathlib import Path

from retrieval.errors import PromptError
from retrieval.spoken.lines import Line
from retrieval.subtitles import read_subtitles

#: From the best to the last.
SUFFIXES = (".srt", ".vtt", ".txt")

#: Bytes; a day of talk is a tenth of it, so anything larger is something else.
LARGEST = 8_000_000

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def sidecar_of(recording: Path) -> Path | None:
    """The text file beside a recording that says what is said in it; None where there is none."""
    name = best_name(recording.name, texts_in(str(recording.parent)))
    return None if name is None else recording.with_name(name)


def texts_in(folder: str) -> dict[str, str]:
    """The names of all text files of a folder, by the same name with the suffix in small letters.

    A folder that cannot be read has none.
    """
    try:
        names = sorted(os.listdir(folder))  # take.srt comes after take.SRT, and is taken
    except OSError:
        return {}
    split = [(name, *os.path.splitext(name)) for name in names]
    return {
        stem + suffix.lower(): name for name, stem, suffix in split if suffix.lower() in SUFFIXES
    }


def best_name(recording: str, texts: Mapping[str, str]) -> str | None:
    """The name of the sidecar of a recording among the text files of its folder."""
    stem = os.path.splitext(recording)[0]
    wanted = [name + suffix for suffix in SUFFIXES for name in (recording, stem)]
    return next((texts[name] for name in wanted if name in texts), None)


def read_sidecar(path: Path) -> tuple[Line, ...]:
    """The lines of a sidecar; none where it is empty.

    Text is UTF-8, or UTF-16 with a byte order mark; what is neither is read as Latin-1.

    Raises:
        PromptError: the file cannot be read, is no text or far too large, or claims to be
            subtitles and has none.
    """
    content = _decoded(path, _bytes(path))
    if path.suffix.lower() == ".txt":
        return tuple(Line(row.strip()) for row in content.splitlines() if row.strip())
    lines = tuple(read_subtitles(content))
    if content.strip() and not lines and not content.startswith("WEBVTT"):
        raise PromptError(
            "the transcript holds no subtitles",
            path=path,
            remedy="mend its times, or name it .txt",
        )
    return lines


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as fault:
        raise PromptError(
            f"the transcript cannot be read: {fault.strerror}",
            path=path,
            remedy="give yourself the right to read it, or move it away",
        ) from fault
    if len(content) > LARGEST:
        raise PromptError(
            f"the transcript is larger than {LARGEST // 1_000_000} MB",
            path=path,
            remedy="give it another name if it is none",
        )
    return content


def _decoded(path: Path, content: bytes) -> str:
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    if "\0" in text:
        raise PromptError(
            "the transcript is not text", path=path, remedy="save it as UTF-8, or rename it"
        )
    return text
