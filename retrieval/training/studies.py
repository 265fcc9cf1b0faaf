"""`affetto study recognition`: trainings that compare ways to recognise, part by part, in one file.

A part is written as soon as it is done, so a run that is stopped loses only the part it was in, and
one part can be made again without the others.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from retrieval.errors import PromptError
from retrieval.evaluation.report import read_study
from retrieval.evaluation.table import Table

Log = Callable[[str], None]

#: A part: its tables, from the corpora, the teachers, whether in haste, and where to tell progress.
Part = Callable[[Path, Path, bool, Log], Iterable[Table]]


def _alignment(corpora: Path, teachers: Path, quick: bool, log: Log) -> Iterable[Table]:
    from retrieval.training.alignment import study

    return study.tables(corpora, teachers, quick=quick, log=log)


def _fusion(corpora: Path, teachers: Path, quick: bool, log: Log) -> Iterable[Table]:
    from retrieval.training.fusion import study

    return study.tables(corpora, teachers, quick=quick, log=log)


PARTS: Mapping[str, Part] = {"alignment": _alignment, "fusion": _fusion}


def run_studies(
    corpora: Path,
    teachers: Path,
    out: Path,
    only: Collection[str] = (),
    *,
    quick: bool = False,
    log: Log = lambda _: None,
    parts: Mapping[str, Part] = PARTS,
) -> None:
    """Run the parts and write their tables to `out`, for `affetto evaluate recognition --study`.

    Args:
        only: names of parts, beside which the other tables of `out` stay; none for all, anew.
        quick: few clips and a few steps, to try the path.

    Raises:
        PromptError: `out` holds something else than a study, or cannot be written.
    """
    kept = {table.name: table for table in read_study(out)} if only and out.exists() else {}
    for name, part in parts.items():
        if only and name not in only:
            continue
        log(name)
        kept |= {table.name: table for table in part(corpora, teachers, quick, log)}
        _write(out, kept.values())


def _write(out: Path, tables: Iterable[Table]) -> None:
    plain = {"tables": [table.to_plain() for table in tables]}
    beside = out.with_name(out.name + ".part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps(plain, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        beside.replace(out)
    except OSError as fault:
        reason = f"the study cannot be written: {fault.strerror}"
        raise PromptError(reason, path=out, remedy="name another file") from fault
