"""What an ingestion says of itself: after every file, and at its end."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

Outcome = Literal["ok", "moved", "copied", "unchanged", "failed"]


@dataclass(frozen=True)
class Failure:
    """A file that could not be taken in, why, and what to do about it."""

    path: str
    reason: str
    remedy: str | None = None


@dataclass(frozen=True)
class Progress:
    """How far a run is. Files that cost only a look at size and time are not counted here.

    Attributes:
        done, total: files.
        ok, reused, failed: of those done, as in `Summary`.
        skipped: files that failed in an earlier run; no part of the total.
        audio_seconds: length of the sound embedded so far.
        elapsed: seconds since the first file was begun.
        path: the file that was just finished.
    """

    done: int
    total: int
    ok: int
    reused: int
    failed: int
    skipped: int
    audio_seconds: float
    elapsed: float
    path: str

    @property
    def rate(self) -> float:
        """Files a second."""
        return self.done / self.elapsed if self.elapsed > 0 else 0.0

    @property
    def eta(self) -> float | None:
        """Seconds to go at this rate; None while there is none."""
        return (self.total - self.done) / self.rate if self.rate else None


Watcher = Callable[[Progress], None]


@dataclass(frozen=True)
class Summary:
    """What a run did, in files.

    Attributes:
        ok: embedded and stored.
        moved, copied: content that is known under a path that is gone, or that still exists;
            nothing was embedded.
        unchanged: in the library as they are.
        skipped: failed in an earlier run and unchanged since.
        failed: could not be taken in.
        missing: clips whose files were found to be gone.
        found: clips that were missing and are back; counted as unchanged, too.
        seconds: duration of the run.
        audio_seconds: length of the sound embedded.
        sidecars: transcripts read from files beside recordings; new ones and changed ones.
        notes: such files that cannot be used, though their recordings can; and what could not be
            measured or recognised of a recording.
        measured: recordings whose features were measured.
        recognised: clips whose emotion was recognised.
    """

    ok: int
    moved: int
    copied: int
    unchanged: int
    skipped: int
    failed: tuple[Failure, ...]
    missing: int
    found: int
    seconds: float
    audio_seconds: float
    sidecars: int = 0
    notes: tuple[Failure, ...] = ()
    measured: int = 0
    recognised: int = 0

    @property
    def reused(self) -> int:
        """Files whose content was known: moved or copied."""
        return self.moved + self.copied

    @property
    def nothing(self) -> bool:
        """Whether there were files and the library now holds none of them."""
        held = self.ok + self.reused + self.unchanged
        return held == 0 and (self.skipped > 0 or len(self.failed) > 0)

    def record(self) -> dict[str, Any]:
        """The summary as one object of plain values."""
        return asdict(self) | {
            "failed": [asdict(failure) for failure in self.failed],
            "notes": [asdict(note) for note in self.notes],
            "seconds": round(self.seconds, 3),
            "audio_seconds": round(self.audio_seconds, 3),
        }


@dataclass(frozen=True)
class Levelled:
    """What was brought level after the clips of a library had changed.

    Attributes:
        measured: recordings whose features were measured.
        recognised: clips whose emotion was recognised.
        notes: files of which that could not be done, and extras that are absent.
    """

    measured: int = 0
    recognised: int = 0
    notes: tuple[Failure, ...] = ()

    def noted(self, summary: Summary) -> Summary:
        """The summary of the run after which this was done, with what it did."""
        return replace(
            summary,
            measured=self.measured,
            recognised=self.recognised,
            notes=(*summary.notes, *self.notes),
        )


class Tally:
    """Counts while a run goes on, and tells a watcher."""

    def __init__(self, total: int, skipped: int, unchanged: int, watcher: Watcher | None) -> None:
        self._began = time.monotonic()
        self._total, self._skipped, self._unchanged = total, skipped, unchanged
        self._watcher = watcher
        self._counts: Counter[Outcome] = Counter()
        self._failures: list[Failure] = []
        self._audio_seconds = 0.0

    def done(self, path: str, outcome: Outcome, audio_seconds: float = 0.0) -> None:
        """A file was finished."""
        self._counts[outcome] += 1
        self._audio_seconds += audio_seconds
        if self._watcher:
            self._watcher(self._progress(path))

    def failed(self, failure: Failure) -> None:
        """A file could not be taken in."""
        self._failures.append(failure)
        self.done(failure.path, "failed")

    def summary(self, *, missing: int, found: int, seconds: float) -> Summary:
        """What was counted, and what only the end of a run knows."""
        return Summary(
            ok=self._counts["ok"],
            moved=self._counts["moved"],
            copied=self._counts["copied"],
            unchanged=self._unchanged + self._counts["unchanged"],
            skipped=self._skipped,
            failed=tuple(sorted(self._failures, key=lambda failure: failure.path)),
            missing=missing,
            found=found,
            seconds=seconds,
            audio_seconds=self._audio_seconds,
        )

    def _progress(self, path: str) -> Progress:
        return Progress(
            done=self._counts.total(),
            total=self._total,
            ok=self._counts["ok"],
            reused=self._counts["moved"] + self._counts["copied"],
            failed=self._counts["failed"],
            skipped=self._skipped,
            audio_seconds=self._audio_seconds,
            elapsed=time.monotonic() - self._began,
            path=path,
        )
