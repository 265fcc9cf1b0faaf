"""Everything that is asked of a space, from one table of clips.

Clips are heard once by each space; every section then takes what it needs from the same sounds.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from retrieval.encoders.adopted import base_of, load_adopted
from retrieval.encoders.builtin import load_folder
from retrieval.encoders.fused.space import load_fused, streams_of
from retrieval.encoders.registry import load_space
from retrieval.errors import PromptError
from retrieval.evaluation import (
    baselines,
    bench,
    groups,
    music,
    naming,
    order,
    phrasings,
    shape,
    trust,
)
from retrieval.evaluation import sounds as nonverbal
from retrieval.evaluation.clips import Clip, Sound, Unheard, hear, read_table
from retrieval.evaluation.report import Hearing
from retrieval.evaluation.scores import Scorer, by_loudness, heard_by
from retrieval.evaluation.table import Table
from retrieval.space import Space

#: Rankings that are no spaces.
BASELINES = ("spectral", "keyword", "loudness", "random")

#: The split that the spectral baseline learns from.
TRAIN = "train"

Watch = Callable[[int, int], None]
Tell = Callable[[str], None]


def evaluate(
    space: Space,
    corpora: Path,
    *,
    names: Sequence[str] = (),
    split: str | None = "test",
    beside: Mapping[str, Space] | None = None,
    studies: Sequence[Table] = (),
    only_trust: bool = False,
    jobs: int | None = None,
    watch: Watch | None = None,
    tell: Tell = lambda _: None,
) -> Hearing:
    """Put every question to the clips of a table and measure the answers.

    Args:
        space: what is evaluated.
        corpora: a folder with a clips.csv, or a CSV file: `retrieval.evaluation.clips.read_table`.
        names: which corpora of the table; none for all.
        split: which rows; None for all. The spectral baseline learns from the split train, and
            is left out where that split is absent or is itself evaluated.
        beside: other spaces by name, to compare with.
        studies: tables made elsewhere, shown after the others.
        only_trust: ask which score can be trusted, and nothing else.
        jobs: threads that decode and encode; None for as many as there are cores.
        watch: called with the clips heard and the clips in all, over all spaces.
        tell: called with what is measured next.

    Raises:
        PromptError: the table is unusable, none of its clips can be heard, or none carries what
            is asked for.
    """
    table = read_table(corpora, names, split)
    others = {} if only_trust else dict(beside or {})
    turns = _turns(watch, 1 + len(others), len(table.clips))
    sounds, unheard = hear(table.clips, space, jobs, next(turns))
    if not sounds:
        raise _deaf(unheard)
    if only_trust:
        found = trust.tables(space, sounds)
    else:
        rivals: dict[str, Scorer] = {}
        for name, other in others.items():
            rivals[name] = heard_by(other, hear(table.clips, other, jobs, next(turns))[0])
        train = _train_clips(corpora, names, split, table.clips)
        tell("the baselines")
        rivals |= _baselines(space, train, sounds, jobs)
        found = list(_sections(space, sounds, music.read_shares(corpora), rivals, tell))
    if not found:
        raise PromptError(
            "too few clips carry a feeling that is asked for",
            path=corpora,
            remedy=f"label clips with {', '.join(bench.PROMPTS)}",
        )
    told = (table.unlabelled, tuple(unheard))
    tables = (*found, *studies)
    return Hearing(space.name, space.fingerprint, split, len(sounds), tables, *told)


def choose_spaces(space: str, beside: Sequence[str]) -> tuple[Space, dict[str, Space]]:
    """The space to evaluate and those beside it, each by its name or its folder.

    Raises:
        SpaceError: there is no such space, or it is broken.
        PromptError: two of them, or one and a baseline, have the same name.
    """
    chosen = _load(space)
    others: dict[str, Space] = {}
    for word in beside:
        name = Path(word).resolve().name if _is_folder(word) else word
        if name in {chosen.name, *others, *BASELINES}:
            raise PromptError(
                f"two rankings would be called {name}",
                path=word,
                remedy="rename the folder of one",
            )
        others[name] = _load(word)
    return chosen, others


def _load(word: str) -> Space:
    folder = Path(word)
    base = base_of(folder)
    if base is not None:
        return load_adopted(folder, load_space(base))
    if streams_of(folder) is not None:
        return load_fused(folder, load_space)
    return load_folder(folder) if _is_folder(word) else load_space(word)


def _is_folder(word: str) -> bool:
    folder = Path(word)
    made = base_of(folder) is not None or streams_of(folder) is not None
    return made or (folder / "space.json").is_file()


def _sections(
    space: Space,
    sounds: Sequence[Sound],
    shares: Mapping[str, Mapping[str, float]],
    rivals: Mapping[str, Scorer],
    tell: Tell,
) -> Iterator[Table]:
    asked = (space, sounds, rivals)
    sections: dict[str, Callable[[], Iterable[Table]]] = {
        "finding by a feeling": lambda: bench.tables(*asked),
        "other wordings": lambda: phrasings.tables(*asked),
        "naming": lambda: naming.tables(*asked),
        "order": lambda: order.tables(*asked),
        "kinds of sound": lambda: nonverbal.tables(*asked),
        "music": lambda: music.tables(space, sounds, shares, rivals),
        "groups": lambda: groups.tables(space, sounds),
        "the shape of the space": lambda: shape.tables(space, sounds),
    }
    for number, (name, tables) in enumerate(sections.items(), start=1):
        tell(f"{name} ({number}/{len(sections)})")
        yield from tables()


def _baselines(
    space: Space, train: Sequence[Clip], sounds: Sequence[Sound], jobs: int | None
) -> dict[str, Scorer]:
    spectral = baselines.spectral(space.text, train, sounds, jobs) if train else None
    found: dict[str, Scorer] = {} if spectral is None else {"spectral": spectral}
    return found | {"keyword": baselines.by_keyword, "loudness": by_loudness}


def _deaf(unheard: Sequence[Unheard]) -> PromptError:
    first = unheard[0]
    return PromptError(
        f"none of {len(unheard)} clips could be heard; the first: {first.reason}",
        path=first.path,
        remedy="check that the paths of the table are relative to its folder",
    )


def _turns(watch: Watch | None, spaces: int, clips: int) -> Iterator[Watch | None]:
    """For each space in turn, what to call so that the clips of all are counted together."""
    for number in range(spaces):

        def count(done: int, _: int, before: int = number * clips) -> None:
            if watch is not None:
                watch(before + done, spaces * clips)

        yield count


def _train_clips(
    corpora: Path, names: Sequence[str], split: str | None, tested: Sequence[Clip]
) -> list[Clip]:
    """The clips to learn from, none of them among the tested; none when they are not told."""
    if split in (None, TRAIN):
        return []
    try:
        clips = read_table(corpora, names, TRAIN).clips
    except PromptError:  # the table is read already, so it has no such split
        return []
    known = {clip.path for clip in tested}  # a table without splits is tested whole
    return [clip for clip in clips if clip.path not in known]
