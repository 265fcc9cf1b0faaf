"""Every error Affetto raises on purpose, as one tree.

    RetrievalError                  the root: catch this one to catch them all
    ├── PromptError            2    a prompt, filter or option that cannot be read
    ├── AudioError             3    one audio file that cannot be used
    │   └── MissingExtra       7    ... because an optional package is not installed
    ├── LibraryError           4    the library is absent, damaged or newer than this program
    ├── Busy                   5    another process is writing to the library
    ├── SpaceError             6    a space is unknown, broken, or not the one the library holds
    ├── NothingIngested        8    a run in which no clip could be taken in
    ├── Unsafe                 9    an action refused because it would destroy too much
    └── Faulty                10    a verification that found faults it did not mend

The number is the exit code of the command line. A leaf is built from facts: what happened
(``error``), to which file (``path``), and what to do about it (``remedy``).
"""

from pathlib import Path
from typing import ClassVar


class RetrievalError(Exception):
    """What happened, to which file, and what to do.

    Args:
        error: what happened, in one line, without a final full stop.
        path: the file or folder it happened to, if there is one.
        remedy: what the reader can do now, if anything, as a command or a short sentence.
    """

    code: ClassVar[int] = 1

    def __init__(
        self, error: str, *, path: str | Path | None = None, remedy: str | None = None
    ) -> None:
        self.error = error
        self.path = None if path is None else str(path)
        self.remedy = remedy
        super().__init__(error)

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        what_to_do = f" ({self.remedy})" if self.remedy else ""
        return f"{where}{self.error}{what_to_do}"

    def facts(self) -> dict[str, str | int | None]:
        """The error as the machine-readable object of the command line."""
        return {
            "error": self.error,
            "path": self.path,
            "remedy": self.remedy,
            "code": self.code,
        }


class PromptError(RetrievalError):
    """A prompt, a filter or an option that cannot be read."""

    code = 2


class AudioError(RetrievalError):
    """An audio file that cannot be used: unreadable, empty, silent, too short, not audio."""

    code = 3


class MissingExtra(AudioError):
    """Something needs an optional package that is not installed."""

    code = 7


class LibraryError(RetrievalError):
    """A library that is absent, damaged, or written by a newer program."""

    code = 4


class Busy(RetrievalError):
    """Another process is writing to the library."""

    code = 5


class SpaceError(RetrievalError):
    """A space that is unknown, broken, or not the one the library was built in."""

    code = 6


class NothingIngested(RetrievalError):
    """An ingestion in which files were found and none could be taken in."""

    code = 8


class Unsafe(RetrievalError):
    """An action refused because it would destroy more than the caller is likely to mean."""

    code = 9


class Faulty(RetrievalError):
    """A verification that found faults and did not mend all of them."""

    code = 10
