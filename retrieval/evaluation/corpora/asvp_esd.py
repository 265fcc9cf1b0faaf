"""ASVP-ESD: emotional speech and other sounds of voices, found in films and online (Landry 2020).

    ASVP-ESD-Update/Audio/actor_12/03-01-06-01-02-12-02-01-01-16.wav

Numbers of a name: modality (03 sound), channel (01 speech, 02 other sounds), emotion, intensity
(01 normal, 02 high), statement, actor (even male, odd female), age group, source, language, and
in most names what it resembles, or 66 for several voices at once and 77 for loud noise. Checked
against the text of the release (zenodo.org/records/7132783) as public code quotes it, and
against felixbur/nkululeko, data/asvp-esd/process_database.py, which numbers languages otherwise.
Nothing was found of the names in the folder Bonus (babies): there, what looks like this is read.
The recordings are of strangers: nobody vouches that an actor is one person.
"""

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from retrieval.evaluation.corpora.row import Row

SHAPE = "ASVP-ESD: Audio/actor_N/03-01-06-01-02-12-02-01-01-16.wav"

#: The class of a number, and the word of the vocabulary for it; "" where it has none.
CLASSES = {
    "01": ("boredom", "bored"), "02": ("neutral", "neutral"), "03": ("happy", "happy"),
    "04": ("sad", "sad"), "05": ("angry", "angry"), "06": ("fearful", "fearful"),
    "07": ("disgust", "disgust"), "08": ("surprised", "surprised"), "09": ("excited", "excited"),
    "10": ("pleasure", ""), "11": ("pain", "pain"), "12": ("disappointment", "disappointed"),
    "13": ("breath", ""),
}  # fmt: skip

_NAME = re.compile(r"03-(01|02)-(\d\d)-(\d\d)-\d+-(\d+)-\d+-\d+-(\d\d)(?:-\d+)*")
_KINDS = {"01": "speech", "02": "nonverbal"}
_DEGREES = {"01": "normal", "02": "strong"}
_LANGUAGES = {"01": "zh", "02": "en", "04": "fr"}


def rows(_: Path, files: Sequence[PurePosixPath]) -> dict[str, list[Row]]:
    """Every clip as `asvp_esd`; those that are no speech as `asvp_esd_nonverbal`."""
    found = [row for file in files if (row := _row(file))]
    other = [row | {"corpus": "asvp_esd_nonverbal"} for row in found if row["kind"] == "nonverbal"]
    return {"asvp_esd": found, "asvp_esd_nonverbal": other} if found else {}


def _row(file: PurePosixPath) -> Row | None:
    match = _NAME.fullmatch(file.stem)
    if match is None or match[2] not in CLASSES:
        return None
    channel, code, degree, actor, language = match.groups()
    raw, emotion = CLASSES[code]
    return {
        "path": file.as_posix(),
        "corpus": "asvp_esd",
        "clip_id": file.stem,
        "speaker": f"asvp_esd_{int(actor)}",
        "gender": "female" if int(actor) % 2 else "male",
        "kind": _KINDS[channel],
        "language": _LANGUAGES.get(language, ""),
        "intensity": _DEGREES.get(degree, ""),
        "emotion": emotion,
        "emotion_raw": raw,
    }
