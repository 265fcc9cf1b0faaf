"""What was recognised and how well, as data, as JSON, as Markdown, as text and as a page."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill

from retrieval.errors import PromptError
from retrieval.evaluation.recognition.claims import VERDICTS, Verdict, findings
from retrieval.evaluation.recognition.promises import PROMISES
from retrieval.evaluation.table import WIDTH, Estimate, Table, from_plain

#: The files that `Report.save` writes.
PAGE, RECORD = "recognition.md", "recognition.json"

OPENING = (
    "A voice can say something else than its words. Affetto judges both: it hears which of eight "
    "feelings a voice carries, and how pleasant (valence) and how excited (arousal) it sounds; it "
    "reads the same from the words, joins the two, and tells where they disagree. This page says "
    "how well each of these works, on speakers that nothing was trained on."
)

#: What stands above the sentences of each verdict.
HEADINGS: Mapping[Verdict, str] = {
    "shown": "What was to be shown, and was:",
    "not certain": "What seems so, but lies within what chance does:",
    "missed": "What was to be shown, and was missed:",
}

MEASURES = (
    "UAR and UA are the share of clips named right, as a mean over the feelings, so that a common "
    "one counts no more than a rare one; macro-F1 also counts what is named so wrongly. AUC is the "
    "chance that the right one of two pairs ranks higher; .50 is guessing. The number after "
    "*against* is the rival's, or the mark to be passed."
)


@dataclass(frozen=True)
class Report:
    """What an evaluation of recognition found.

    Attributes:
        fingerprint: of the recogniser.
        split: of the clips.
        tables: the answers, in the order in which they are read.
        notes: what was left out, and why.
    """

    fingerprint: str
    split: str
    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()

    def to_json(self) -> str:
        """The whole as one JSON object; what is not defined is null."""
        plain = {
            "fingerprint": self.fingerprint,
            "split": self.split,
            "notes": list(self.notes),
            "tables": [table.to_plain() for table in self.tables],
        }
        return json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> "Report":
        """Read what `to_json` wrote.

        Raises:
            ValueError, KeyError: this is something else.
        """
        plain = json.loads(text)
        tables = tuple(from_plain(table) for table in plain["tables"])
        return cls(plain["fingerprint"], plain["split"], tables, tuple(plain["notes"]))

    def to_markdown(self, record: str | None = None) -> str:
        """A page: what was found in sentences, then every table.

        Args:
            record: the file with the full numbers, as a link; None leaves it out.
        """
        parts = ["# Recognition", OPENING, *self._summary()]
        if record is not None:
            parts.append(
                f"Made by `affetto evaluate recognition`. In full numbers: [{record}]({record})."
            )
        for table in self.tables:
            parts += [f"## {table.title}", table.to_markdown()]
        return "\n\n".join(parts) + "\n"

    def to_text(self) -> str:
        """The same for a terminal, in columns."""
        head = [_wrapped(part) for part in ("Recognition", OPENING, *self._summary())]
        return (
            "\n\n\n".join(["\n\n".join(head), *(table.to_text() for table in self.tables)]) + "\n"
        )

    def save(self, folder: Path) -> None:
        """Write the page and its JSON into a folder, made if it is absent.

        Raises:
            PromptError: the folder cannot be written.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / RECORD).write_text(self.to_json() + "\n", encoding="utf-8")
            (folder / PAGE).write_text(self.to_markdown(RECORD), encoding="utf-8")
        except OSError as fault:
            reason = f"the report cannot be written: {fault.strerror}"
            remedy = "name another folder"
            raise PromptError(reason, path=fault.filename or folder, remedy=remedy) from fault

    def _summary(self) -> Iterator[str]:
        found = list(findings(PROMISES, self.tables))
        for verdict in VERDICTS:
            sentences = [one.sentence() for one in found if one.verdict == verdict]
            if sentences:
                yield "\n".join([f"{HEADINGS[verdict]}\n", *(f"- {one}" for one in sentences)])
        if found:
            yield MEASURES
        yield f"Recogniser {self.fingerprint[:12]}. Clips of split {self.split}." + (
            " Brackets: 95 % bootstrap interval, over speakers where nothing else is said."
            if self._has_intervals()
            else ""
        )
        if self.notes:
            yield "Left out:\n\n" + "\n".join(f"- {note}" for note in self.notes)

    def _has_intervals(self) -> bool:
        cells = (cell for table in self.tables for row in table.rows for cell in row)
        return any(isinstance(cell, Estimate) for cell in cells)


def _wrapped(part: str) -> str:
    """A paragraph, or a list, in lines that a terminal shows whole."""
    lines = part.split("\n")
    return "\n".join(
        fill(line, WIDTH, subsequent_indent="  " if line.startswith("- ") else "") for line in lines
    )
