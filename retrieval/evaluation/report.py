"""What a hearing found, as data, as JSON, as Markdown, as text and as a folder with figures."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from retrieval.errors import PromptError
from retrieval.evaluation.clips import Unheard
from retrieval.evaluation.figures import figures, write_figures
from retrieval.evaluation.table import Estimate, Table, from_plain

#: The page and the folder beside it that `Hearing.save` writes.
PAGE, FOLDER, RECORD = "hearing.md", "hearing", "hearing.json"


@dataclass(frozen=True)
class Hearing:
    """What an evaluation found.

    Attributes:
        space, fingerprint: what was evaluated.
        split: which clips; None for all.
        clips: how many were heard.
        tables: the answers, in the order in which they are read.
        unlabelled: rows of the table of clips that say nothing to judge by, left out.
        unheard: clips that could not be used.
    """

    space: str
    fingerprint: str
    split: str | None
    clips: int
    tables: tuple[Table, ...]
    unlabelled: int = 0
    unheard: tuple[Unheard, ...] = ()

    def table(self, name: str) -> Table:
        """The table of this name.

        Raises:
            KeyError: there is none.
        """
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)

    def to_json(self) -> str:
        """The whole as one JSON object; what is not defined is null."""
        plain = {
            "space": self.space,
            "fingerprint": self.fingerprint,
            "split": self.split,
            "clips": self.clips,
            "unlabelled": self.unlabelled,
            "unheard": [asdict(one) for one in self.unheard],
            "tables": [table.to_plain() for table in self.tables],
        }
        return json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> "Hearing":
        """Read what `to_json` wrote.

        Raises:
            ValueError, KeyError: this is something else.
        """
        plain = json.loads(text)
        return cls(
            **{name: plain[name] for name in ("space", "fingerprint", "split", "clips")},
            tables=tuple(from_plain(table) for table in plain["tables"]),
            unlabelled=plain["unlabelled"],
            unheard=tuple(Unheard(**one) for one in plain["unheard"]),
        )

    def to_markdown(self, pictures: str | None = None) -> str:
        """A page with every table; of tables with a mean over prompts only that.

        Args:
            pictures: the folder, as a link, in which the figures lie; None leaves them out.
        """
        parts = ["# Hearing", *self._summary()]
        short = [table.means() for table in self.tables]
        if any(a is not b for a, b in zip(short, self.tables, strict=True)):
            parts.append("Means over prompts; the JSON tells every prompt.")
        if pictures is not None:
            record = f"{pictures}/{RECORD}"
            parts.append(f"Made by `affetto evaluate`. In full numbers: [{record}]({record}).")
        for table, means in zip(self.tables, short, strict=True):
            parts.append(f"## {table.title}")
            if pictures is not None:
                parts += [f"![{one.alt}]({pictures}/{one.name}.svg)" for one in figures([table])]
            parts.append(means.to_markdown())
        return "\n\n".join(parts) + "\n"

    def to_text(self) -> str:
        """The same for a terminal, in columns; of tables with a mean over prompts only that."""
        short = [table.means() for table in self.tables]
        head = list(self._summary())
        if any(a is not b for a, b in zip(short, self.tables, strict=True)):
            head.append("Means over prompts; the JSON tells every prompt.")
        return "\n\n\n".join(["\n".join(head), *(table.to_text() for table in short)]) + "\n"

    def save(self, folder: Path) -> None:
        """Write the page, and beside it a folder with the JSON and the figures.

        Args:
            folder: where; made if it is absent.

        Raises:
            MissingExtra: matplotlib is not installed.
            PromptError: the folder cannot be written.
        """
        beside = folder / FOLDER
        try:
            beside.mkdir(parents=True, exist_ok=True)
            write_figures(figures(self.tables), beside)
            (beside / RECORD).write_text(self.to_json() + "\n", encoding="utf-8")
            (folder / PAGE).write_text(self.to_markdown(FOLDER), encoding="utf-8")
        except OSError as fault:
            reason = f"the hearing cannot be written: {fault.strerror}"
            remedy = "name another folder"
            raise PromptError(reason, path=fault.filename or folder, remedy=remedy) from fault

    def _summary(self) -> Iterator[str]:
        split = f" of split {self.split}" if self.split else ""
        yield (
            f"What the space {self.space} (fingerprint {self.fingerprint[:12]}) hears in "
            f"{self.clips} clips{split}."
        )
        cells = [cell for table in self.tables for row in table.rows for cell in row]
        if any(isinstance(cell, Estimate) for cell in cells):
            yield (
                "Brackets: 95 % bootstrap interval, over speakers where nothing else is said. "
                "Random: expected over all orders."
            )
        if self.unlabelled:
            yield f"Left out: {self.unlabelled} clips that carry no label."
        if self.unheard:
            first = self.unheard[0]
            yield f"Not heard: {len(self.unheard)} clips; the first: {first.path}: {first.reason}"


def read_study(file: Path) -> list[Table]:
    """Tables that a training or another study wrote: {"tables": [...]} of `Table.to_plain`.

    Raises:
        PromptError: the file cannot be read, or holds something else.
    """
    try:
        plain = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(plain, dict) or not isinstance(plain.get("tables"), list):
            raise ValueError("it has no list of tables")
        return [from_plain(table) for table in plain["tables"]]
    except (OSError, ValueError) as fault:
        raise PromptError(
            f"the study cannot be read: {fault}",
            path=file,
            remedy='a study is {"tables": [{name, title, note, columns, rows}, ...]}',
        ) from fault
