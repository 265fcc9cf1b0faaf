"""Spaces and models for people, in at most a hundred columns."""

import textwrap
from collections.abc import Sequence
from typing import Any

from retrieval.encoders.models.checking import Checked
from retrieval.encoders.models.checkpoints import CHECKPOINTS, find_checkpoint
from retrieval.encoders.models.folder import Model
from retrieval.encoders.registry import Listing

WIDTH = 100
INDENT = 13


def spaces_text(listings: Sequence[Listing]) -> str:
    """What each space is and how it hears; for those that cannot be used, why, and the commands."""
    return "\n".join(_space_text(listing) for listing in listings)


def models_text(installed: Sequence[Model]) -> str:
    """A line for each published checkpoint, then one for each other model that is installed."""
    there = {one.name: one for one in installed}
    lines = [_row("", "name", "size", "licence", "for")]
    for one in CHECKPOINTS:
        here = there.pop(one.name, None)
        mark = "*" if here else "?" if one.sha256 is None else ""
        size = here.bytes / 1e6 if here else one.megabytes
        lines.append(_row(mark, one.name, f"{size:.0f} MB", one.licence, one.description))
    for other in there.values():
        what = f"heads for {other.checkpoint}" if other.kind == "heads" else other.origin
        lines.append(_row("*", other.name, f"{other.bytes / 1e6:.0f} MB", other.licence, what))
    lines.append("")
    lines.append(
        "* installed; the others: affetto models pull NAME, which fetches about their size"
    )
    lines.append("? no sha256 of it is published, so it is taken with --unknown only")
    return "\n".join(lines)


def model_records(installed: Sequence[Model]) -> list[dict[str, Any]]:
    """Every published checkpoint and every other installed model as an object of plain values."""
    there = {one.name: one for one in installed}
    records = [
        {
            "name": one.name,
            "checkpoint": one.checkpoint,
            "architecture": one.architecture,
            "fusion": one.fusion,
            "licence": one.licence,
            "description": one.description,
            "warning": one.warning,
            "repository": one.repository,
            "megabytes": one.megabytes,
            "sha256": one.sha256,
        }
        | _installed_facts(there.pop(one.name, None))
        for one in CHECKPOINTS
    ]
    return records + [_unpublished(other) for other in there.values()]


def pulled_text(one: Model) -> str:
    """That a model is installed, and what to do with it."""
    return (
        f"{one.name} is installed ({one.bytes / 1e6:.0f} MB in {one.folder})\n"
        f"next: affetto models check {one.name}; affetto embed --space {one.name}"
    )


def pulled_note(one: Model) -> str:
    """What should be known of a model besides; often empty."""
    notes = []
    if not one.verified:
        notes.append("no sha256 is known that its weights could be compared with")
    published = find_checkpoint(one.name)
    if published and published.warning:
        notes.append(published.warning)
    return "\n".join(f"{one.name}: {note}" for note in notes)


def checked_text(checked: Sequence[Checked]) -> str:
    """What was found of each model, line by line."""
    if not checked:
        return "no model is installed"
    lines = []
    for one in checked:
        lines += [f"{one.name}: {found}" for found in one.found]
        if one.fault:
            mended = f" ({one.remedy})" if one.remedy else ""
            lines.append(f"{one.name}: {one.fault}{mended}")
    return "\n".join(lines)


def _space_text(listing: Listing) -> str:
    space = listing.space
    if space is None:
        lines = [f"cannot be used: {listing.fault}", *(listing.remedy or "").split("; then ")]
    else:
        lines = [
            space.description,
            f"{listing.dim} dimensions; windows of {space.window:g} s every {space.hop:g} s; "
            f"{space.licence}",
            f"{space.fingerprint[:12]} from {listing.origin}",
        ]
    wrapped = [part for line in lines for part in _wrapped(line)]
    if len(listing.name) < INDENT:
        return "\n".join([listing.name.ljust(INDENT) + wrapped[0].lstrip(), *wrapped[1:]])
    return "\n".join([listing.name, *wrapped])


def _wrapped(line: str) -> list[str]:
    indent = " " * INDENT
    return textwrap.wrap(
        line,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _row(mark: str, name: str, size: str, licence: str, what: str) -> str:
    return f"{mark:<1} {name:<26} {size:>8}  {licence:<11} {what}"[:WIDTH].rstrip()


def _installed_facts(one: Model | None) -> dict[str, Any]:
    return {
        "installed": one is not None,
        "bytes": one.bytes if one else None,
        "origin": one.origin if one else None,
        "verified": one.verified if one else None,
    }


def _unpublished(one: Model) -> dict[str, Any]:
    return {
        "name": one.name,
        "checkpoint": one.checkpoint,
        "architecture": one.architecture or None,
        "fusion": one.fusion,
        "licence": one.licence,
        "description": f"heads for {one.checkpoint}" if one.kind == "heads" else None,
        "warning": None,
        "repository": None,
        "megabytes": None,
        "sha256": None,
    } | _installed_facts(one)
