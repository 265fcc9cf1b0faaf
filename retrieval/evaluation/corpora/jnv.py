"""JNV: Japanese vocalisations without words, four actors, six feelings (Xin et al. 2024).

    JNV/F1/F1_happy_01_F.wav

A name is the speaker (F1, F2, M1, M2), the feeling, a number, and the session: R, in which phrases
were given, or F, in which the actor was free. Checked against public code that reads the third
version of the corpus, and against felixbur/nkululeko, data/jnv/process_database.py. Whether one
number is one phrase was not found, so clips say nothing of their sentence.
"""

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from retrieval.evaluation.corpora.row import Row

SHAPE = "JNV: F1/F1_happy_01_F.wav"

_NAME = re.compile(r"([FM]\d)_(angry|disgust|fear|happy|sad|surprise)_\d+_([RF])")
_GENDERS = {"F": "female", "M": "male"}
_SESSIONS = {"R": "regular", "F": "free"}


def rows(_: Path, files: Sequence[PurePosixPath]) -> dict[str, list[Row]]:
    """Every clip as `jnv`."""
    found = [_row(file, *match.groups()) for file in files if (match := _NAME.fullmatch(file.stem))]
    return {"jnv": found} if found else {}


def _row(file: PurePosixPath, speaker: str, feeling: str, session: str) -> Row:
    return {
        "path": file.as_posix(),
        "corpus": "jnv",
        "clip_id": file.stem,
        "speaker": f"jnv_{speaker}",
        "gender": _GENDERS[speaker[0]],
        "session": _SESSIONS[session],
        "kind": "nonverbal",
        "language": "ja",
        "emotion": feeling,
        "emotion_raw": feeling,
    }
