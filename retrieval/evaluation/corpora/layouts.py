"""Which corpus lies in a folder, told by how it is laid out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from retrieval.errors import PromptError
from retrieval.evaluation.corpora import asvp_esd, iemocap, jnv, vivae
from retrieval.evaluation.corpora.row import Row


@dataclass(frozen=True)
class Layout:
    """How one corpus is unpacked.

    Attributes:
        shape: its name and the shape of a path in it, for people.
        rows: from the folder and its WAV files, relative to it, to rows by corpus; the first is
            what is meant where no corpus is named, and none that the folder is of another layout.
    """

    shape: str
    rows: Callable[[Path, Sequence[PurePosixPath]], dict[str, list[Row]]]


LAYOUTS = tuple(Layout(one.SHAPE, one.rows) for one in (iemocap, asvp_esd, jnv, vivae))


def read_layout(folder: Path) -> dict[str, list[Row]]:
    """The rows of each corpus in a folder, as if it had a table of clips.

    Raises:
        PromptError: it is laid out as no corpus that is known, or cannot be read.
    """
    try:
        files = sorted(
            PurePosixPath(file.relative_to(folder).as_posix())
            for file in folder.rglob("[!.]*")
            if file.suffix.lower() == ".wav"
        )
        for layout in LAYOUTS:
            found = layout.rows(folder, files)
            if found:
                return found
    except OSError as fault:
        reason = f"the corpus cannot be read: {fault.strerror}"
        raise PromptError(reason, path=fault.filename or folder) from fault
    raise PromptError(
        "no clips.csv is here, and no corpus whose layout is known",
        path=folder,
        remedy="write a clips.csv with path, emotion, speaker, or name the folder of one of: "
        + "; ".join(layout.shape for layout in LAYOUTS),
    )
