"""VIVAE: eleven voices without words, six feelings in four strengths (Holz et al. 2022).

    VIVAE/core_set/S01_achievement_low_01.wav
    VIVAE/full_set/S01_achievement_low_01.wav

A name is the speaker, the feeling, its strength and an item. The core set, 480 of the 1,085 clips,
is balanced, and chosen for sounding authentic. Checked against the description of the release
(zenodo.org/records/4066235) and felixbur/nkululeko, data/vivae/process_database.py, which reads
full_set; the name core_set was found in a description of the sets only. Gender is not told.
"""

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from retrieval.evaluation.corpora.row import Row

SHAPE = "VIVAE: core_set/S01_achievement_low_01.wav"

#: The word of the vocabulary for a class; "" where it has none.
EMOTIONS = {
    "achievement": "triumphant", "anger": "angry", "fear": "fearful", "pain": "pain",
    "pleasure": "", "surprise": "surprised",
}  # fmt: skip

_NAME = re.compile(rf"(S\d\d)_({'|'.join(EMOTIONS)})_(low|moderate|strong|peak)_\d+")


def rows(_: Path, files: Sequence[PurePosixPath]) -> dict[str, list[Row]]:
    """The core set, or what lies in no set, as `vivae`; the full set as `vivae_full`."""
    found: dict[str, list[Row]] = {"vivae": [], "vivae_full": []}
    for file in files:
        if match := _NAME.fullmatch(file.stem):
            corpus = "vivae_full" if "full_set" in file.parts else "vivae"
            found[corpus].append(_row(file, corpus, *match.groups()))
    return {corpus: rows for corpus, rows in found.items() if rows}


def _row(file: PurePosixPath, corpus: str, speaker: str, feeling: str, strength: str) -> Row:
    return {
        "path": file.as_posix(),
        "corpus": corpus,
        "clip_id": file.stem,
        "speaker": f"vivae_{speaker}",
        "kind": "nonverbal",
        "intensity": strength,
        "emotion": EMOTIONS[feeling],
        "emotion_raw": feeling,
    }
