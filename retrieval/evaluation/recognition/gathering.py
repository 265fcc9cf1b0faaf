"""All that is asked of recognition, from one table of clips."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from retrieval.encoders.builtin import load_builtin
from retrieval.encoders.frames import builtin_frames
from retrieval.errors import MissingExtra, PromptError
from retrieval.evaluation import mismatching, recognising, transcribing
from retrieval.evaluation.clips import read_table
from retrieval.evaluation.recognition import costs
from retrieval.evaluation.recognition.published import published
from retrieval.evaluation.recognition.report import Report
from retrieval.evaluation.recognition.voices import reader, voices
from retrieval.evaluation.table import Table
from retrieval.recognition.recogniser import load_recogniser

Tell = Callable[[str], None]
Split = Literal["val", "test"]


@dataclass(frozen=True)
class Asked:
    """What a part of the report is given.

    Attributes:
        corpora: a folder with a clips.csv, or a published corpus; labels/ with sentences in it.
        split: of the clips, and of the labelled sentences.
        fused: the name of a fused space to time; None for none.
        note: called with what is left out, and why.
    """

    corpora: Path
    split: Split
    fused: str | None
    note: Tell


#: A part of the report: its tables.
Part = Callable[[Asked], Iterable[Table]]


def _recognising(asked: Asked) -> Iterable[Table]:
    return recognising.tables(asked.corpora, split=asked.split)


def _mismatching(asked: Asked) -> Iterable[Table]:
    recogniser, clips = load_recogniser(), read_table(asked.corpora, (), asked.split).clips
    heard = voices(clips, recogniser, builtin_frames().hear, load_builtin())
    return mismatching.tables(asked.corpora, heard, reader(recogniser), asked.split)


def _transcribing(asked: Asked) -> Iterable[Table]:
    return transcribing.tables(asked.corpora, asked.split)


def _costs(asked: Asked) -> Iterable[Table]:
    clips = read_table(asked.corpora, (), asked.split).clips
    return costs.tables(clips, asked.fused, asked.note)


PARTS: Mapping[str, Part] = {
    "recognising": _recognising,
    "mismatching": _mismatching,
    "transcripts": _transcribing,
    "costs": _costs,
}


def evaluate(
    corpora: Path,
    split: Split = "test",
    studies: Sequence[Table] = (),
    *,
    fused: str | None = None,
    parts: Mapping[str, Part] = PARTS,
    tell: Tell = lambda _: None,
) -> Report:
    """Measure every part, and put tables made elsewhere and the papers' figures beside them.

    Args:
        corpora: a folder with a clips.csv, or a published corpus; labels/ with sentences in it.
        split: of the clips, and of the labelled sentences.
        studies: tables of `affetto study recognition`.
        fused: the name of a fused space to time as well.
        parts: what is measured; a part whose extra or labelled sentences lack is left out, with a
            note.
        tell: called with what is measured next.

    Raises:
        PromptError: the table is unusable.
        SpaceError: the recogniser or the fused space is broken.
    """
    tables: list[Table] = []
    notes: list[str] = []
    asked = Asked(corpora, split, fused, notes.append)
    for number, (name, part) in enumerate(parts.items(), start=1):
        tell(f"{name} ({number}/{len(parts)})")
        try:
            tables += part(asked)
        except PromptError as fault:  # no sentences are labelled, or nothing can be used at all
            if not tables and number == len(parts):
                raise
            notes.append(f"{name}: {fault}")
        except MissingExtra as fault:
            notes.append(f"{name}: {fault}")
    tables += studies
    tables += published(tables)
    return Report(load_recogniser().fingerprint, split, tuple(tables), tuple(notes))
