"""The state of a library, and its faults, for people."""

from collections.abc import Sequence

from retrieval.checkup import Fault, Status
from retrieval.screen import several, short_path


def status_text(status: Status) -> str:
    """What a library holds, what failed, and the state of each index."""
    counts = status.counts
    missing = f", {counts.missing} of them missing" if counts.missing else ""
    lines = [
        f"library     {short_path(status.folder)} ({status.bytes / 1e6:.1f} MB)",
        f"clips       {counts.clips}{missing}",
        f"sound       {_length(counts.seconds)} in {several(counts.sounds, 'different recording')}",
        f"labels      {', '.join(counts.labels) or 'none'}",
        f"texts       {', '.join(counts.collections) or 'none'}",
    ]
    if counts.measured:
        lines.append(_covered("features", "recording", counts.measured, counts.sounds))
    if counts.recognised:
        lines.append(_covered("recognise", "clip", counts.recognised, counts.clips))
    used = [index for index in status.indexes if index.windows]
    lines += [
        f"index       {index.space}: {index.state}, {index.indexed} of {index.windows} "
        f"windows ({index.note})"
        for index in used
    ]
    if not used:
        lines.append("index       none: nothing was ingested")
    if status.failures:
        lines.append(f"failed      {several(len(status.failures), 'file')}:")
        for path, failure in sorted(status.failures.items()):
            lines.append(f"  {short_path(path)}: {failure.reason}")
    return "\n".join(lines)


def faults_text(faults: Sequence[Fault]) -> str:
    """Every fault in a line, or that there is none."""
    if not faults:
        return "everything agrees"
    return "\n".join(
        f"{fault.where}: {f'{short_path(fault.path)}: ' if fault.path else ''}{fault.what} "
        f"({'mended' if fault.mended else fault.remedy})"
        for fault in faults
    )


def _covered(command: str, noun: str, count: int, of: int) -> str:
    """How much of a library was measured or recognised, and what does the rest."""
    name = "emotions" if command == "recognise" else command
    rest = f", {of - count} without: affetto {command}" if of > count else ""
    return f"{name:<11} of {several(count, noun)}{rest}"


def _length(seconds: float) -> str:
    if seconds < 3600:
        return f"{seconds / 60:.1f} minutes"
    return f"{seconds / 3600:.1f} hours"
